"""Sessions of the portal: begun, found by the browser's token, ended. A session that has ended is so everywhere."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sinetti.identity.people.model import SignedIn
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries

SESSION_HOURS = 12
"""A working day: nobody signs in twice at the counter, and nothing is open the next morning."""

_QUERIES = load_queries("sinetti.identity.people.store", "sessions.sql")


async def begin_session(
    tx: Transaction,
    user_id: int,
    now: datetime,
    *,
    second_factor_done: bool,
    must_set_second_factor: bool,
) -> str:
    """The token of a new session, for the browser's cookie: 256 random bits that are kept only as a digest."""
    token = secrets.token_urlsafe(32)
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
        },
    )
    return token


async def find_session(tx: Transaction, token: str, now: datetime) -> SignedIn | None:
    """Who holds the token; `None` where the session is unknown, ended or too old, or the person is locked."""
    cursor = await tx.cursor(row_factory=rows_as(SignedIn)).execute(
        _QUERIES["find_session"], {"token_sha256": _digest(token), "now": now}
    )
    return await cursor.fetchone()


async def end_session(tx: Transaction, session_id: str, now: datetime) -> None:
    """End a session, this one or another of the same person."""
    await tx.execute(_QUERIES["end_session"], {"session_id": session_id, "now": now})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
