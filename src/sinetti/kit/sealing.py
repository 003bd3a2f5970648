"""Seals what must be read again, such as secrets of authenticator apps, with a key that is not in the database."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12


class Sealer:
    """Seals and opens with the key of one installation."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, purpose: str) -> bytes:
        """Encrypt a text. It opens only under the same purpose, so that one row cannot be put in another's place."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> str | None:
        """The text; `None` where it was sealed with another key or for another purpose, or was changed."""
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode()
            ).decode()
        except (InvalidTag, ValueError):
            return None


def sealer_of(home: Path) -> Sealer:
    """The sealer of the installation whose folder this is; its key is made when there is none yet.

    The file `seal.key` belongs with the backup of the database: without it, people set up their second factor anew.
    """
    path = home / "seal.key"
    home.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".seal.key.{os.getpid()}")
    if not path.exists():
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(os.urandom(KEY_BYTES))
        try:
            # Of two processes that start together one wins, and both go on with its key.
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return Sealer(path.read_bytes())
