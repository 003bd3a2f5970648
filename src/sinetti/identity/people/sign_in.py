"""Signing in: address and password, then a code; guesses are slowed down without shutting anybody out.

Attempts are counted per address and place, per address, and per place. Somebody who has signed in with this browser
before is counted by the browser instead, so that nobody can lock another out by guessing (OWASP ASVS 5.0, 6.3.1).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from sinetti.identity.people import people
from sinetti.identity.people.model import NEEDS_SECOND_FACTOR, PeopleRole
from sinetti.identity.people.passwords import is_password
from sinetti.identity.people.sessions import begin_session, end_session
from sinetti.identity.secrets import digest
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Database, Transaction, load_queries
from sinetti.kit.sealing import Sealer

FORGET_AFTER = timedelta(hours=1)
"""Without further attempts."""

_QUERIES = load_queries("sinetti.identity.people.store", "sign_in.sql")


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Attempts that have something in common: how many are free, and how long the wait grows after them."""

    key: bytes
    free: int
    wait_max: timedelta


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed, and from where."""

    email: str
    password: str
    source_address: str
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
    """How long no attempt is looked at; 0: address or password are wrong, or the person is locked."""
    user_id: int | None = None
    """Whose address it was, for the audit; the one who tries is not told."""


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    user_id: int
    role: PeopleRole
    password_hash: str | None
    is_locked: bool
    has_totp: bool
    device_known: bool


async def sign_in(tx: Transaction, given: Credentials, now: datetime) -> Admitted | Refused:
    """Begin a session for whoever has the password. An unknown address is answered as a wrong password is."""
    device = digest(given.device_token) if given.device_token else bytes(32)
    cursor = await tx.cursor(row_factory=rows_as(_Known)).execute(
        _QUERIES["find_to_sign_in"], {"email": given.email.strip(), "device": device}
    )
    known = await cursor.fetchone()
    buckets = _buckets(given, device_known=known is not None and known.device_known)
    wait = await _attempt(tx, buckets, now)
    user_id = None if known is None else known.user_id
    if wait:
        return Refused(wait_seconds=wait, user_id=user_id)
    right = await is_password(given.password, None if known is None else known.password_hash)
    if known is None or not right or known.is_locked:
        return Refused(user_id=user_id)
    await _forget(tx, buckets)
    token = await begin_session(
        tx,
        known.user_id,
        now,
        second_factor_done=not known.has_totp,
        must_set_second_factor=known.role in NEEDS_SECOND_FACTOR and not known.has_totp,
    )
    device_token = (
        given.device_token if known.device_known and given.device_token else secrets.token_urlsafe(32)
    )
    values = {"device": digest(device_token), "user_id": known.user_id, "now": now}
    await tx.execute(_QUERIES["keep_device"], values)
    return Admitted(session_token=token, device_token=device_token, second_factor_done=not known.has_totp)


async def show_second_factor(
    tx: Transaction, sealer: Sealer, *, user_id: int, session_id: str, typed: str, now: datetime
) -> str | Refused:
    """Token of the whole session that takes the place of the half one, once the code is right."""
    buckets = [_Bucket(_key("code", str(user_id)), 5, timedelta(minutes=15))]
    if wait := await _attempt(tx, buckets, now):
        return Refused(wait_seconds=wait, user_id=user_id)
    if not await people.accepts_code(tx, sealer, user_id, typed, now):
        return Refused(user_id=user_id)
    await _forget(tx, buckets)
    return await renew(tx, user_id=user_id, session_id=session_id, now=now)


async def renew(tx: Transaction, *, user_id: int, session_id: str, now: datetime) -> str:
    """Token of a new session with everything shown, in place of this one (OWASP ASVS 5.0, 7.2.4)."""
    await end_session(tx, session_id, now)
    return await begin_session(tx, user_id, now, second_factor_done=True, must_set_second_factor=False)


def _buckets(given: Credentials, *, device_known: bool) -> Sequence[_Bucket]:
    email = given.email.strip().lower()
    if device_known:
        return [_Bucket(_key("device", email, given.device_token or ""), 5, timedelta(minutes=15))]
    return [
        _Bucket(_key("address and place", email, given.source_address), 5, timedelta(minutes=15)),
        _Bucket(_key("address", email), 20, timedelta(minutes=1)),
        _Bucket(_key("place", given.source_address), 50, timedelta(minutes=1)),
    ]


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


async def _attempt(tx: Transaction, buckets: Sequence[_Bucket], now: datetime) -> int:
    """Count an attempt before it is looked at; seconds to wait where it may not be looked at.

    The rows stay locked until the transaction ends: guesses sent all at once are judged one after the other.
    """
    wait = timedelta()
    for bucket in sorted(buckets, key=lambda bucket: bucket.key):
        values = {"bucket": bucket.key, "now": now, "forget_before": now - FORGET_AFTER}
        cursor = await tx.execute(_QUERIES["count_attempt"], values)
        row = await cursor.fetchone()
        assert row is not None, "INSERT … RETURNING gives a row"
        attempts, open_at = row
        if open_at > now:
            wait = max(wait, open_at - now)
            continue
        over = attempts - bucket.free
        if over >= 0:
            closed = min(timedelta(seconds=2 ** min(over, 20)), bucket.wait_max)
            await tx.execute(_QUERIES["close_bucket"], {"bucket": bucket.key, "open_at": now + closed})
    return -(-wait // timedelta(seconds=1))


async def _forget(tx: Transaction, buckets: Sequence[_Bucket]) -> None:
    """A success clears what only this person can have done: the first bucket, never those that others share."""
    await tx.execute(_QUERIES["forget_bucket"], {"bucket": buckets[0].key})


async def remove_old_attempts(database: Database, now: datetime) -> None:
    """Remove what counts no more."""
    async with database.transaction() as tx:
        await tx.execute(_QUERIES["remove_old_attempts"], {"forget_before": now - FORGET_AFTER})
