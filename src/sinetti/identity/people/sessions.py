"""Sessions of the portal: begun, found by the browser's token, ended. A session that has ended is so everywhere."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from sinetti.identity.people.model import SignedIn
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Database, Transaction, load_queries

SESSION_HOURS = 12
"""A working day: nobody signs in twice at the counter, and nothing is open the next morning."""
SEEN_EVERY = timedelta(minutes=1)
"""When somebody was last seen is not worth a write for each request."""
OLD_AFTER = timedelta(days=7)
USER_AGENT_CHARACTERS_MAX = 300

_QUERIES = load_queries("sinetti.identity.people.store", "sessions.sql")


class EndReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    ENDED_ELSEWHERE = "ended_elsewhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    LOCKED = "locked"


EXPIRED = "expired"
"""What `why_ended` says of a session that came to its time."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a session begins, for its list."""

    source_address: str | None = None
    user_agent: str | None = None


class ListedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session as its owner sees it."""

    session_id: str
    started_at: datetime
    last_seen_at: datetime | None
    source_address: str | None
    user_agent: str | None


async def begin_session(
    tx: Transaction,
    user_id: int,
    now: datetime,
    *,
    second_factor_done: bool,
    must_set_second_factor: bool,
    origin: Origin | None = None,
) -> str:
    """The token of a new session, for the browser's cookie: 256 random bits that are kept only as a digest."""
    token = secrets.token_urlsafe(32)
    origin = origin or Origin()
    await tx.execute(
        _QUERIES["add_session"],
        {
            "session_id": secrets.token_hex(8),
            "user_id": user_id,
            "token_sha256": _digest(token),
            "csrf_token": secrets.token_urlsafe(32),
            "now": now,
            "expires_at": now + timedelta(hours=SESSION_HOURS),
            "second_factor_done": second_factor_done,
            "must_set_second_factor": must_set_second_factor,
            "source_address": origin.source_address,
            "user_agent": (origin.user_agent or "")[:USER_AGENT_CHARACTERS_MAX] or None,
        },
    )
    return token


async def find_session(tx: Transaction, token: str, now: datetime) -> SignedIn | None:
    """Who holds the token; `None` where the session is unknown, ended or too old, or the person is locked."""
    cursor = await tx.cursor(row_factory=rows_as(SignedIn)).execute(
        _QUERIES["find_session"],
        {"token_sha256": _digest(token), "now": now, "seen_before": now - SEEN_EVERY},
    )
    return await cursor.fetchone()


async def see_session(tx: Transaction, session_id: str, now: datetime) -> None:
    """Note that a session is used. In a transaction of its own: nobody who ends sessions has to wait for it."""
    await tx.execute(_QUERIES["see_session"], {"session_id": session_id, "now": now})


async def renew_session(tx: Transaction, session_id: str) -> str:
    """The token that takes the place of a session's own once more has been shown (OWASP ASVS 5.0, 7.2.4)."""
    token = secrets.token_urlsafe(32)
    values = {
        "session_id": session_id,
        "token_sha256": _digest(token),
        "csrf_token": secrets.token_urlsafe(32),
    }
    await tx.execute(_QUERIES["renew_session"], values)
    return token


async def list_sessions(tx: Transaction, user_id: int, now: datetime) -> Sequence[ListedSession]:
    """Where somebody is signed in, the newest first."""
    cursor = await tx.cursor(row_factory=rows_as(ListedSession)).execute(
        _QUERIES["list_sessions"], {"user_id": user_id, "now": now}
    )
    return await cursor.fetchall()


async def end_session(
    tx: Transaction, *, user_id: int, session_id: str, because: EndReason, now: datetime
) -> bool:
    """End a session of this person; whether there was such a one."""
    values = {"user_id": user_id, "session_id": session_id, "because": because.value, "now": now}
    cursor = await tx.execute(_QUERIES["end_session"], values)
    return cursor.rowcount == 1


async def end_sessions(
    tx: Transaction, user_id: int, *, because: EndReason, now: datetime, except_id: str | None = None
) -> int:
    """End all sessions of this person, but perhaps one; how many there were."""
    values = {"user_id": user_id, "because": because.value, "now": now, "except_id": except_id}
    return (await tx.execute(_QUERIES["end_sessions"], values)).rowcount


async def why_ended(tx: Transaction, token: str, now: datetime) -> str | None:
    """An `EndReason` or `EXPIRED`; `None` where the token is unknown or its session lives."""
    cursor = await tx.execute(_QUERIES["find_end"], {"token_sha256": _digest(token), "now": now})
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def remove_old_sessions(database: Database, now: datetime) -> None:
    """Remove what nobody asks about any more."""
    async with database.transaction() as tx:
        await tx.execute(_QUERIES["remove_old_sessions"], {"before": now - OLD_AFTER})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
