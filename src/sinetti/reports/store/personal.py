"""What people wait for, in PostgreSQL: the rows of reports, with the person that each is for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sinetti.kit.db import Transaction, load_queries
from sinetti.reports.model import Window

LIST_MAX: Final = 20

_SQL = load_queries(__package__, "personal.sql")


class FoundPersonal(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person waits for, or has got, as it stands."""

    request_id: UUID
    report_type: str
    title: str | None
    parameters: dict[str, Any]
    starts_at: datetime | None
    ends_at: datetime | None
    language: str
    user_id: int
    requested_at: datetime
    eta: datetime
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    given_up_at: datetime | None
    finished_attempt: int | None
    row_count: int | None
    is_truncated: bool
    progress_percent: int
    expires_at: datetime

    @property
    def is_waited_for(self) -> bool:
        """Whether it is still to be made."""
        return self.finished_at is None and self.given_up_at is None


_FOUND = class_row(FoundPersonal)


async def add(
    tx: Transaction,
    *,
    request_id: UUID,
    report_type: str,
    title: str,
    parameters: dict[str, Any],
    window: Window | None,
    language: str,
    user_id: int,
    source_address: str | None,
    events_expected: int,
    eta: datetime,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Keep what somebody asks for."""
    values = {
        "request_id": request_id,
        "report_type": report_type,
        "title": title,
        "parameters": Jsonb(parameters),
        "starts_at": None if window is None else window.starts_at,
        "ends_at": None if window is None else window.ends_at,
        "language": language,
        "user_id": user_id,
        "source_address": source_address,
        "events_expected": events_expected,
        "eta": eta,
        "expires_at": expires_at,
        "now": now,
    }
    await tx.execute(_SQL["add_personal"], values)


async def count_waiting(tx: Transaction, user_id: int, now: datetime) -> int:
    """How much the person waits for."""
    row = await (await tx.execute(_SQL["count_waiting"], {"user_id": user_id, "now": now})).fetchone()
    assert row is not None, "counting gives one row"
    return int(row[0])


async def last_waiting_eta(tx: Transaction, kind: str, now: datetime) -> datetime | None:
    """When all of a kind that people wait for will be made."""
    row = await (await tx.execute(_SQL["last_waiting_eta"], {"kind": kind, "now": now})).fetchone()
    return None if row is None else row[0]


async def find(tx: Transaction, request_id: UUID, user_id: int, now: datetime) -> FoundPersonal | None:
    """What this person asked for, until it expires."""
    values = {"request_id": request_id, "user_id": user_id, "now": now}
    return await (await tx.cursor(row_factory=_FOUND).execute(_SQL["find_personal"], values)).fetchone()


async def list_of(tx: Transaction, user_id: int, kind: str, now: datetime) -> list[FoundPersonal]:
    """What this person asked for of a kind and can still see, the latest first."""
    values = {"user_id": user_id, "kind": kind, "now": now, "limit": LIST_MAX}
    return await (await tx.cursor(row_factory=_FOUND).execute(_SQL["list_personal"], values)).fetchall()


async def begin(tx: Transaction, request_id: UUID, now: datetime) -> FoundPersonal | None:
    """One more attempt, with what earlier ones stored forgotten; `None` where nothing is to be made any more."""
    values = {"request_id": request_id, "now": now}
    begun = await (await tx.cursor(row_factory=_FOUND).execute(_SQL["begin"], values)).fetchone()
    if begun is not None:
        await tx.execute(_SQL["remove_pieces"], {"request_id": request_id, "attempt": begun.attempts})
    return begun


async def note_progress(tx: Transaction, request_id: UUID, attempt: int, percent: int) -> None:
    """How far an attempt has come; nothing where another has overtaken it."""
    values = {"request_id": request_id, "attempt": attempt, "percent": percent}
    await tx.execute(_SQL["note_progress"], values)


async def expire(tx: Transaction, request_id: UUID, user_id: int, now: datetime) -> bool:
    """The person wants it no more; `False` where there is nothing."""
    values = {"request_id": request_id, "user_id": user_id, "now": now}
    return (await tx.execute(_SQL["expire"], values)).rowcount == 1
