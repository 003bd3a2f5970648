"""Client ids, client secrets and access tokens: how they are made, digested and compared.

Why SHA-256 is enough for them, and what is asked of a secret that comes from elsewhere: docs/adr/0005.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

import msgspec

CLIENT_ID_CHARACTERS_MAX = 100
CLIENT_SECRET_CHARACTERS_MIN = 16
CLIENT_SECRET_CHARACTERS_MAX = 500
CLIENT_SECRET_DIFFERENT_MIN = 8

# Digits and small letters that a person cannot mistake for one another on paper or by telephone.
_CLEAR_CHARACTERS = "23456789abcdefghjkmnpqrstvwxyz"
_CLIENT_ID_GROUPS = 3
_CLIENT_ID_GROUP_CHARACTERS = 4
_RANDOM_BYTES = 32

# The prefixes say what was found when one turns up in a log or a repository, and keep "-" from standing
# first, where a command line would take it for an option.
_SECRET_PREFIX = "sinsec_"  # noqa: S105
_TOKEN_PREFIX = "sintok_"  # noqa: S105
_TOKEN = re.compile(rf"{_TOKEN_PREFIX}[A-Za-z0-9_-]{{43}}")

# What OAuth lets an id and a secret consist of (RFC 6749 appendix A.1, A.2: VSCHAR).
_VISIBLE = re.compile(r"[\x20-\x7e]+")

DIGEST_OF_NOTHING = bytes(32)
"""Stands in for the digest of a client that does not exist, so that comparing takes the same time."""


class Credentials(msgspec.Struct, frozen=True):
    """Client id and client secret of one piece of client equipment, as its system sends them."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        """Show the client id only: a secret must not reach a log by way of an error message."""
        return f"Credentials(client_id={self.client_id!r}, client_secret=…)"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        """Show the client id only in tracebacks on the command line too."""
        return [("client_id", self.client_id)]


def new_client_id(market: str) -> str:
    """Return a client id that can be read aloud, such as `fi-7kd3-m9qx-2w4b`: unique (58 bits), no secret."""
    groups = (
        "".join(secrets.choice(_CLEAR_CHARACTERS) for _ in range(_CLIENT_ID_GROUP_CHARACTERS))
        for _ in range(_CLIENT_ID_GROUPS)
    )
    return "-".join((market.lower(), *groups))


def new_credentials(market: str) -> Credentials:
    """Return a new client id with a client secret of 256 random bits."""
    return Credentials(new_client_id(market), _SECRET_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES))


def new_token() -> str:
    """Return an access token of 256 random bits. It says nothing of its holder (RFC 6750: opaque)."""
    return _TOKEN_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def looks_like_token(text: str) -> bool:
    """Say whether the text has the form that `new_token` gives, so that nonsense costs no question."""
    return _TOKEN.fullmatch(text) is not None


def digest(secret: str) -> bytes:
    """Return what is stored of a secret or token: its SHA-256."""
    return hashlib.sha256(secret.encode()).digest()


def matches(secret: str, stored: bytes | None) -> bool:
    """Say whether a secret is the stored one; takes as long when it is not, or when nothing is stored."""
    return hmac.compare_digest(digest(secret), stored or DIGEST_OF_NOTHING) and stored is not None


def could_be_client_id(client_id: str) -> bool:
    """Say whether any client could have this id: visible ASCII, not overlong, no space at either end."""
    return (
        len(client_id) <= CLIENT_ID_CHARACTERS_MAX
        and _VISIBLE.fullmatch(client_id) is not None
        and client_id == client_id.strip()
    )


def fault_of_imported(credentials: Credentials) -> str | None:
    """Return why credentials from elsewhere cannot be used, as the key of a problem; `None` where they can.

    A fast hash protects a secret only as far as it cannot be guessed. A machine's random secret of 16
    characters cannot; what a person thought of can, and is refused as far as this can be seen.
    """
    secret = credentials.client_secret
    if not could_be_client_id(credentials.client_id):
        return "client-id-unusable"
    if (
        len(secret) > CLIENT_SECRET_CHARACTERS_MAX
        or _VISIBLE.fullmatch(secret) is None
        or secret != secret.strip()
    ):
        return "client-secret-unusable"
    if len(secret) < CLIENT_SECRET_CHARACTERS_MIN or len(set(secret)) < CLIENT_SECRET_DIFFERENT_MIN:
        return "client-secret-weak"
    return None
