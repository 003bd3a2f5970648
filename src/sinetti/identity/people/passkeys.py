"""Passkeys (WebAuthn level 3): added, shown as second factor, and alone in place of password and second factor.

A challenge is sealed and given to the browser, so that nothing is kept for those who never answer. It is good for one
purpose, for some minutes, and once: those that came back are remembered for as long as they would open.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sinetti.identity.people import people
from sinetti.identity.people.model import Person
from sinetti.identity.people.sessions import Origin, begin_session
from sinetti.identity.people.sign_in import (
    Admitted,
    Refused,
    keep_device,
    let_in,
    note_sign_in,
)
from sinetti.identity.people.slow_down import attempt, bucket
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Database, Transaction, load_queries
from sinetti.kit.sealing import Sealer

CHALLENGE_LASTS = timedelta(minutes=15)
"""A page is left open while somebody looks for the security key; longer is a page that was forgotten."""
PASSKEYS_MAX = 20
NAME_CHARACTERS_MAX = 60

_SIGN_IN = "passkey that signs in"
_QUERIES = load_queries("sinetti.identity.people.store", "passkeys.sql")
_logger = structlog.get_logger(__name__)


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """The portal as browsers know it. A passkey belongs to the host name and works nowhere else."""

    host: str
    origin: str


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey as its owner sees it."""

    passkey_id: str
    name: str
    added_at: datetime
    last_used_at: datetime | None
    credential_id: bytes
    transports: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser is asked: `options` for its own function, `sealed` to come back with the answer."""

    options: str
    sealed: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: the credential as JSON, and the sealed challenge that it answers."""

    credential: str
    sealed: str

    def __repr__(self) -> str:
        """Show nothing of it: a representation can end in a log."""
        return "Answer()"


class _Challenge(msgspec.Struct, frozen=True, kw_only=True):
    challenge: bytes
    until: datetime
    name: str = ""


class _Credential(msgspec.Struct, frozen=True, kw_only=True):
    passkey_id: str
    user_id: int
    public_key: bytes
    sign_count: int
    passkey_handle: UUID
    lock_reason: str | None


def site_of(address: str) -> Site | None:
    """The site of an address such as `https://portal.example.fi`; `None` for a bare number, which can have none."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Site(host=host, origin=f"{parts.scheme}://{parts.netloc}") if host else None
    return None


async def passkeys_of(tx: Transaction, user_id: int) -> Sequence[Passkey]:
    """Those of a person, the oldest first."""
    cursor = await tx.cursor(row_factory=rows_as(Passkey)).execute(
        _QUERIES["list_passkeys"], {"user_id": user_id}
    )
    return await cursor.fetchall()


def plain_name(name: str) -> str | None:
    """The name of a passkey as it is kept; `None` for one that cannot be one."""
    name = " ".join(name.split())
    return name if 0 < len(name) <= NAME_CHARACTERS_MAX and name.isprintable() else None


async def ask_to_add(
    tx: Transaction, sealer: Sealer, site: Site, person: Person, *, session_id: str, name: str, now: datetime
) -> Question:
    """Ask the browser to make one. It can sign in alone where the device can ask its owner for a finger or a code."""
    known = await passkeys_of(tx, person.user_id)
    row = await (await tx.execute(_QUERIES["find_handle"], {"user_id": person.user_id})).fetchone()
    assert row is not None, "the person is signed in"
    challenge = secrets.token_bytes(32)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Sinetti",
        user_id=row[0].bytes,
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge,
        exclude_credentials=[_descriptor(one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    sealed = _seal(sealer, _adding(session_id), challenge, now, name=name)
    return Question(options=options_to_json(options), sealed=sealed)


async def add(
    tx: Transaction,
    sealer: Sealer,
    site: Site,
    answer: Answer,
    *,
    user_id: int,
    session_id: str,
    now: datetime,
) -> str | None:
    """The name of the passkey just added; `None` where the answer is not one to a question of this session."""
    asked = await _open(tx, sealer, _adding(session_id), answer.sealed, now)
    if asked is None or len(await passkeys_of(tx, user_id)) >= PASSKEYS_MAX:
        return None
    try:
        made = verify_registration_response(
            credential=answer.credential,
            expected_challenge=asked.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except Exception as error:  # noqa: BLE001 - bytes of strangers make its parsers raise anything
        _logger.info("passkey_not_added", fault=repr(error)[:300])
        return None
    values = {
        "passkey_id": secrets.token_hex(8),
        "user_id": user_id,
        "credential_id": made.credential_id,
        "public_key": made.credential_public_key,
        "sign_count": made.sign_count,
        "transports": _transports(answer.credential),
        "name": asked.name,
        "now": now,
    }
    added = await tx.execute(_QUERIES["add_passkey"], values)
    return asked.name if added.rowcount == 1 else None


async def ask_to_show(
    tx: Transaction, sealer: Sealer, site: Site, *, user_id: int, session_id: str, now: datetime
) -> Question | None:
    """Ask for one of the person's own, as second factor; `None` where there is none."""
    known = await passkeys_of(tx, user_id)
    if not known:
        return None
    challenge = secrets.token_bytes(32)
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=[_descriptor(one) for one in known],
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return Question(
        options=options_to_json(options), sealed=_seal(sealer, _showing(session_id), challenge, now)
    )


async def show(
    tx: Transaction,
    sealer: Sealer,
    site: Site,
    answer: Answer,
    *,
    user_id: int,
    session_id: str,
    now: datetime,
) -> str | Refused:
    """Token of the whole session that takes the place of the half one, once the answer is right."""
    asked = await _open(tx, sealer, _showing(session_id), answer.sealed, now)
    used = None if asked is None else await _use(tx, site, answer, asked, now, alone=False)
    if used is None or used.user_id != user_id:
        return Refused(user_id=user_id)
    return await let_in(tx, user_id=user_id, session_id=session_id, now=now)


def ask_to_sign_in(sealer: Sealer, site: Site, now: datetime) -> Question:
    """Ask for any passkey of this site whose owner has unlocked it: that is something had and something known."""
    challenge = secrets.token_bytes(32)
    options = generate_authentication_options(
        rp_id=site.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Question(options=options_to_json(options), sealed=_seal(sealer, _SIGN_IN, challenge, now))


async def sign_in(
    tx: Transaction,
    sealer: Sealer,
    site: Site,
    answer: Answer,
    *,
    origin: Origin,
    device_token: str | None,
    now: datetime,
) -> Admitted | Refused:
    """Begin a whole session for whoever has the passkey and has unlocked it."""
    # Not against guesses, for there is nothing to guess, but against a flood: a whole hospital may have one address.
    flood = bucket("passkeys", origin.source_address or "", free=500, wait_max=timedelta(minutes=1))
    if wait := await attempt(tx, [flood], now):
        return Refused(wait_seconds=wait)
    asked = await _open(tx, sealer, _SIGN_IN, answer.sealed, now)
    used = None if asked is None else await _use(tx, site, answer, asked, now, alone=True)
    if used is None:
        return Refused()
    if used.lock_reason is not None:
        return Refused(lock_reason=used.lock_reason, user_id=used.user_id)
    token = await begin_session(
        tx,
        used.user_id,
        now,
        second_factor_done=True,
        must_set_second_factor=False,
        origin=origin,
    )
    await note_sign_in(tx, used.user_id, now)
    device_token = device_token or secrets.token_urlsafe(32)
    await keep_device(tx, used.user_id, device_token, now)
    return Admitted(session_token=token, device_token=device_token, second_factor_done=True)


async def rename(tx: Transaction, user_id: int, passkey_id: str, name: str) -> None:
    """Call one's own passkey otherwise."""
    values = {"user_id": user_id, "passkey_id": passkey_id, "name": name}
    await tx.execute(_QUERIES["rename_passkey"], values)


async def remove(tx: Transaction, user_id: int, passkey_id: str) -> None:
    """Take one's own passkey out of use. The recovery codes go with the last thing that they stand in for."""
    await tx.execute(_QUERIES["remove_passkey"], {"user_id": user_id, "passkey_id": passkey_id})
    await people.remove_idle_recovery_codes(tx, user_id)


async def remove_old_challenges(database: Database, now: datetime) -> None:
    """Forget the challenges that are too old to be good."""
    async with database.transaction() as tx:
        await tx.execute(_QUERIES["remove_old_challenges"], {"before": now - CHALLENGE_LASTS})


async def _use(
    tx: Transaction, site: Site, answer: Answer, asked: _Challenge, now: datetime, *, alone: bool
) -> _Credential | None:
    """The passkey that answered rightly; `None` for a wrong answer. `alone`: nothing else has been shown."""
    try:
        given: dict[str, Any] = json.loads(answer.credential)
        cursor = await tx.cursor(row_factory=rows_as(_Credential)).execute(
            _QUERIES["find_credential"], {"credential_id": base64url_to_bytes(given["rawId"])}
        )
        known: _Credential | None = await cursor.fetchone()
        if known is None:
            return None
        shown = verify_authentication_response(
            credential=given,
            expected_challenge=asked.challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=alone,
        )
        handle = given["response"].get("userHandle")
        # WebAuthn 3, 7.2 step 6: it must be there where nobody has said yet who signs in.
        if (alone or handle) and base64url_to_bytes(handle) != known.passkey_handle.bytes:
            return None
    except Exception as error:  # noqa: BLE001 - bytes of strangers make its parsers raise anything
        _logger.info("passkey_refused", fault=repr(error)[:300])
        return None
    values = {"passkey_id": known.passkey_id, "sign_count": shown.new_sign_count, "now": now}
    await tx.execute(_QUERIES["note_use"], values)
    return known


def _seal(sealer: Sealer, purpose: str, challenge: bytes, now: datetime, *, name: str = "") -> str:
    asked = _Challenge(challenge=challenge, until=now + CHALLENGE_LASTS, name=name)
    return base64.urlsafe_b64encode(sealer.seal(msgspec.json.encode(asked).decode(), purpose)).decode()


async def _open(
    tx: Transaction, sealer: Sealer, purpose: str, sealed: str, now: datetime
) -> _Challenge | None:
    """The challenge, which is used by asking; `None` for one of another purpose, an old one, and one used before."""
    try:
        opened = sealer.open(base64.urlsafe_b64decode(sealed), purpose)
    except ValueError:
        return None
    asked = None if opened is None else msgspec.json.decode(opened, type=_Challenge)
    if asked is None or asked.until <= now:
        return None
    values = {"challenge_sha256": hashlib.sha256(asked.challenge).digest(), "now": now}
    used = await tx.execute(_QUERIES["use_challenge"], values)
    return asked if used.rowcount == 1 else None


def _adding(session_id: str) -> str:
    return f"passkey being added in session {session_id}"


def _showing(session_id: str) -> str:
    return f"passkey being shown in session {session_id}"


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=passkey.credential_id,
        transports=[AuthenticatorTransport(one) for one in passkey.transports] or None,
    )


def _transports(credential: str) -> list[str]:
    """How the browser can reach it, as far as we know the words. They help the browser, and prove nothing."""
    given = json.loads(credential)["response"].get("transports")
    known = {transport.value for transport in AuthenticatorTransport}
    return [word for word in sorted(known) if isinstance(given, list) and word in given]
