"""Signing in: address and password, then a code; guesses are slowed down without shutting anybody out.

Attempts are counted per address and place, per address, and per place. Somebody who has signed in with this browser
before is counted by the browser instead, so that nobody can lock another out by guessing (OWASP ASVS 5.0, 6.3.1).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from sinetti.identity.people import people
from sinetti.identity.people.model import NEEDS_SECOND_FACTOR, PeopleRole
from sinetti.identity.people.passwords import is_password
from sinetti.identity.people.sessions import Origin, begin_session, renew_session
from sinetti.identity.people.slow_down import Bucket, attempt, bucket, forget
from sinetti.identity.secrets import digest
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.sealing import Sealer

_QUERIES = load_queries("sinetti.identity.people.store", "sign_in.sql")


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed, and from where."""

    email: str
    password: str
    source_address: str
    user_agent: str | None = None
    device_token: str | None
    """The browser's own, from an earlier sign-in."""

    def __repr__(self) -> str:
        """Show nothing that was typed: a representation can end in a log."""
        return f"Credentials(source_address={self.source_address!r})"


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """The password was right."""

    session_token: str
    device_token: str
    second_factor_done: bool

    def __repr__(self) -> str:
        """Show neither token."""
        return f"Admitted(second_factor_done={self.second_factor_done})"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Wrong, or too many attempts."""

    wait_seconds: int = 0
    """How long no attempt is looked at; 0: what was shown is wrong, or the person is locked."""
    lock_reason: str | None = None
    """Why the person is locked. Only somebody who has shown the password is told."""
    user_id: int | None = None
    """Whose address it was, for the audit; the one who tries is not told."""


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    user_id: int
    role: PeopleRole
    password_hash: str | None
    lock_reason: str | None
    has_second_factor: bool
    device_known: bool


async def sign_in(tx: Transaction, given: Credentials, now: datetime) -> Admitted | Refused:
    """Begin a session for whoever has the password. An unknown address is answered as a wrong password is."""
    device = digest(given.device_token) if given.device_token else bytes(32)
    cursor = await tx.cursor(row_factory=rows_as(_Known)).execute(
        _QUERIES["find_to_sign_in"], {"email": given.email.strip(), "device": device}
    )
    known = await cursor.fetchone()
    buckets = _buckets(given, device_known=known is not None and known.device_known)
    wait = await attempt(tx, buckets, now)
    user_id = None if known is None else known.user_id
    if wait:
        return Refused(wait_seconds=wait, user_id=user_id)
    right = await is_password(given.password, None if known is None else known.password_hash)
    if known is None or not right:
        return Refused(user_id=user_id)
    await forget(tx, buckets[0])
    if known.lock_reason is not None:
        return Refused(lock_reason=known.lock_reason, user_id=user_id)
    token = await begin_session(
        tx,
        known.user_id,
        now,
        second_factor_done=not known.has_second_factor,
        must_set_second_factor=known.role in NEEDS_SECOND_FACTOR and not known.has_second_factor,
        origin=Origin(source_address=given.source_address, user_agent=given.user_agent),
    )
    if not known.has_second_factor:
        await note_sign_in(tx, known.user_id, now)
    device_token = (
        given.device_token if known.device_known and given.device_token else secrets.token_urlsafe(32)
    )
    await keep_device(tx, known.user_id, device_token, now)
    return Admitted(
        session_token=token, device_token=device_token, second_factor_done=not known.has_second_factor
    )


async def show_second_factor(
    tx: Transaction, sealer: Sealer, *, user_id: int, session_id: str, typed: str, now: datetime
) -> str | Refused:
    """Token of the whole session that takes the place of the half one, once the code is right."""
    codes = code_bucket(user_id)
    if wait := await attempt(tx, [codes], now):
        return Refused(wait_seconds=wait, user_id=user_id)
    if not await people.accepts_code(tx, sealer, user_id, typed, now):
        return Refused(user_id=user_id)
    await forget(tx, codes)
    return await let_in(tx, user_id=user_id, session_id=session_id, now=now)


async def let_in(tx: Transaction, *, user_id: int, session_id: str, now: datetime) -> str:
    """The session's new token, now that everything has been shown."""
    await note_sign_in(tx, user_id, now)
    return await renew_session(tx, session_id)


async def shows_password(tx: Transaction, user_id: int, password: str, now: datetime) -> bool | Refused:
    """Whether somebody who is signed in knows the password: an open screen must not be enough to take it over."""
    guesses = bucket("password of a session", str(user_id), free=5, wait_max=timedelta(minutes=15))
    if wait := await attempt(tx, [guesses], now):
        return Refused(wait_seconds=wait, user_id=user_id)
    row = await (await tx.execute(_QUERIES["find_password"], {"user_id": user_id})).fetchone()
    right = await is_password(password, None if row is None else row[0])
    if right:
        await forget(tx, guesses)
    return right


async def note_sign_in(tx: Transaction, user_id: int, now: datetime) -> None:
    """Note that somebody is in."""
    await tx.execute(_QUERIES["note_sign_in"], {"user_id": user_id, "now": now})


async def keep_device(tx: Transaction, user_id: int, device_token: str, now: datetime) -> None:
    """Know the browser the next time."""
    values = {"device": digest(device_token), "user_id": user_id, "now": now}
    await tx.execute(_QUERIES["keep_device"], values)


def code_bucket(user_id: int) -> Bucket:
    """Guesses at one person's second factor."""
    return bucket("code", str(user_id), free=5, wait_max=timedelta(minutes=15))


def place_bucket(source_address: str) -> Bucket:
    """Attempts of everybody at one network address, which may be a whole hospital's."""
    return bucket("place", source_address, free=50, wait_max=timedelta(minutes=1))


def _buckets(given: Credentials, *, device_known: bool) -> Sequence[Bucket]:
    """The first is one that only this person can have filled; a success clears it."""
    email = given.email.strip().lower()
    if device_known:
        return [bucket("device", email, given.device_token or "", free=5, wait_max=timedelta(minutes=15))]
    return [
        bucket("address and place", email, given.source_address, free=5, wait_max=timedelta(minutes=15)),
        bucket("address", email, free=20, wait_max=timedelta(minutes=1)),
        place_bucket(given.source_address),
    ]
