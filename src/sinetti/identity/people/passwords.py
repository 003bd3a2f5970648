"""Passwords: which are good enough, and how they are kept.

There are no rules about kinds of characters (NIST SP 800-63B-4, 3.1.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

CHARACTERS_MIN = 10
CHARACTERS_MAX = 128
"""Room for any sentence; more would only cost time."""
_JUDGED_CHARACTERS_MAX = 72
_STRENGTH_MIN = 3
"""zxcvbn: 10^8 guesses at least. It knows the passwords that leaked most often, names, keyboard rows and dates."""

_hasher = PasswordHasher()
"""Argon2id with the library's parameters, those of RFC 9106 for little memory: 64 MiB, three passes."""

# Two at a time: each takes 64 MiB, and a core for some fifty milliseconds.
_workers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


def fault_of_password(password: str, about: Sequence[str] = ()) -> str | None:
    """What is wrong with a new password: `short`, `long` or `easy`; `None` where nothing is.

    `about` are words that others know of the person; they make a password no harder to guess.
    """
    if len(password) < CHARACTERS_MIN:
        return "short"
    if len(password) > CHARACTERS_MAX:
        return "long"
    words = [word for text in (*about, "sinetti") for word in _words(text)]
    judged = zxcvbn(password[:_JUDGED_CHARACTERS_MAX], user_inputs=words, max_length=_JUDGED_CHARACTERS_MAX)
    return "easy" if judged["score"] < _STRENGTH_MIN else None


def _words(text: str) -> list[str]:
    """The words of a text, and all of them together, as in `maijametso`."""
    words = text.replace("@", " ").replace(".", " ").split()
    return [*words, "".join(words)]


async def hash_password(password: str) -> str:
    """What is kept of a password. Works in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_workers, _hasher.hash, password)


async def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password. Takes as long where there is nobody to have one."""
    # One character more than any password has: a longer one stays wrong, and costs no more than the longest.
    judged = password[: CHARACTERS_MAX + 1]
    return await asyncio.get_running_loop().run_in_executor(_workers, _verified, judged, kept)


def _verified(password: str, kept: str | None) -> bool:
    try:
        _hasher.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("a password that nobody has")
