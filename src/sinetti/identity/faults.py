"""Why a caller is not let in, as problems with the headers that RFC 6749 §5.2 and RFC 6750 §3 ask for."""

from __future__ import annotations

import unicodedata

from sinetti.identity.model import Lock
from sinetti.kit.problems import Problem

REALM = "sinetti"

# English, because these stand in a header field. The body of the answer says it in the user's language.
_DESCRIPTIONS = {
    "unauthorised-malformed": "The Authorization header does not have the form Bearer, space, token",
    "unauthorised-unknown": "The access token is not known",
    "unauthorised-expired": "The access token has expired",
    "unauthorised-locked": "The client equipment, its location or its organisation is locked",
}


def ascii_text(text: str) -> str:
    """Return the text as an `error_description` may have it (RFC 6749 §5.2): ASCII, letters without marks."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    printable = "".join(character if character.isprintable() else " " for character in plain)
    return " ".join(printable.replace('"', "'").replace("\\", "/").split())


def token_missing() -> Problem:
    """Nobody said who is calling: a challenge, and by RFC 6750 §3.1 no error."""
    return Problem("unauthorised-missing", 401, headers={"WWW-Authenticate": f'Bearer realm="{REALM}"'})


def token_malformed() -> Problem:
    """The header says `Bearer`, and what follows cannot be a token."""
    return _invalid_token("unauthorised-malformed")


def token_unknown() -> Problem:
    """The token was never issued, was taken back, or its equipment has been deleted."""
    return _invalid_token("unauthorised-unknown")


def token_expired() -> Problem:
    """The token was good once."""
    return _invalid_token("unauthorised-expired")


def token_locked(lock: Lock) -> Problem:
    """The token is good, and its client is locked. The user reads the reason."""
    return _invalid_token("unauthorised-locked", **_told_of(lock))


def client_refused() -> Problem:
    """No client has these credentials."""
    return _invalid_client("client-refused")


def credentials_missing() -> Problem:
    """A token was asked for without client id and client secret."""
    return _invalid_client("client-credentials-missing")


def client_locked(lock: Lock) -> Problem:
    """The credentials are right, and their client is locked. The user reads the reason."""
    return _invalid_client("unauthorised-locked", **_told_of(lock))


def _told_of(lock: Lock) -> dict[str, object]:
    return {"locked_part": lock.part.value, "lock_reason": lock.reason, "locked_at": lock.locked_at}


def _invalid_token(key: str, **values: object) -> Problem:
    challenge = f'Bearer realm="{REALM}", error="invalid_token", error_description="{_DESCRIPTIONS[key]}"'
    return Problem(key, 401, headers={"WWW-Authenticate": challenge}, **values)


def _invalid_client(key: str, **values: object) -> Problem:
    challenge = f'Basic realm="{REALM}", charset="UTF-8"'
    return Problem(key, 401, headers={"WWW-Authenticate": challenge}, **values)
