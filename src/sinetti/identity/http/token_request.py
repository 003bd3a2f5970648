"""What a request for a token says (RFC 6749 §2.3.1, §4.4.2), read from header and form. Pure: asks nobody."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from sinetti.identity.secrets import Credentials
from sinetti.kit.problems import Problem

FORM = "application/x-www-form-urlencoded"
FORM_FIELDS_MAX = 50
_CREDENTIAL_FIELDS = frozenset({"client_id", "client_secret", "client_assertion"})


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A well-formed request for a token. Whose it is, and whether the secret is right, is not known yet."""

    grant_type: str
    readings: tuple[Credentials, ...]
    """What the credentials may be, likeliest first; empty where none were sent. HTTP Basic has two readings
    where the sender may have form-encoded them before (RFC 6749 §2.3.1 asks for it, many clients do not)."""


def read_token_request(
    *, content_type: str | None, authorization: Sequence[str], query: str, body: bytes
) -> TokenRequest:
    """Return what the request asks for.

    Raises `Problem` 400 `token-request-…` for the first thing that is wrong with it.
    """
    if (content_type or "").partition(";")[0].strip().lower() != FORM:
        raise Problem("token-request-not-a-form", 400)
    form = _read_form(body)
    if _CREDENTIAL_FIELDS & {name for name, _ in _fields(query.encode("ascii", "replace"))}:
        raise Problem("token-request-secret-in-url", 400)
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise Problem("token-request-grant-type-missing", 400)
    return TokenRequest(grant_type=grant_type, readings=_readings(authorization, form))


def _fields(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            text.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS_MAX
        )
    except UnicodeDecodeError:
        raise Problem("token-request-not-utf8", 400) from None
    except ValueError:
        raise Problem("token-request-too-many-fields", 400) from None


def _read_form(body: bytes) -> dict[str, str]:
    form: dict[str, str] = {}
    for name, value in _fields(body):
        if not value:  # as if it were not there (RFC 6749 §3.2)
            continue
        if name in form:
            raise Problem("token-request-repeated-field", 400)
        form[name] = value
    return form


def _readings(authorization: Sequence[str], form: dict[str, str]) -> tuple[Credentials, ...]:
    """Return the credentials of header or form. A header of another scheme than Basic is passed by."""
    if len(authorization) > 1:
        raise Problem("token-request-two-authorizations", 400)
    scheme, _, parameter = (authorization[0] if authorization else "").strip().partition(" ")
    client_id, client_secret = form.get("client_id"), form.get("client_secret")
    if scheme.lower() != "basic":
        return (Credentials(client_id, client_secret),) if client_id and client_secret else ()
    if client_secret is not None:  # more than one mechanism (RFC 6749 §5.2)
        raise Problem("token-request-two-methods", 400)
    readings = _read_basic(parameter.strip())
    if client_id is not None:
        readings = tuple(reading for reading in readings if reading.client_id == client_id)
        if not readings:
            raise Problem("token-request-two-ids", 400)
    return readings


def _read_basic(parameter: str) -> tuple[Credentials, ...]:
    try:
        pair = base64.b64decode(parameter, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Problem("token-request-basic-malformed", 400) from None
    client_id, colon, client_secret = pair.partition(":")
    if not colon:
        raise Problem("token-request-basic-malformed", 400)
    sent = Credentials(client_id, client_secret)
    try:
        decoded = Credentials(*(unquote_plus(half, errors="strict") for half in (client_id, client_secret)))
    except UnicodeDecodeError:
        return (sent,)
    return (decoded, sent) if decoded != sent else (sent,)
