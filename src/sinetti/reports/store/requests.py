"""Requests for reports and their content in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from sinetti.kit.db import Transaction, load_queries
from sinetti.reports.model import ALERTS, FoundRequest, Made, NewRequest

_SQL = load_queries(__package__, "requests.sql")
_FOUND = class_row(FoundRequest)


async def count_waiting(tx: Transaction, equipment_id: int, now: datetime) -> int:
    """Requests of one client that are not made yet."""
    found: int = await _value(tx, "count_waiting", equipment_id=equipment_id, now=now)
    return found


async def last_waiting_eta(tx: Transaction, report_type: str, now: datetime) -> datetime | None:
    """When all that waits before a new request will be made."""
    found: datetime | None = await _value(tx, "last_waiting_eta", is_alerts=report_type == ALERTS, now=now)
    return found


async def measured_speed(
    tx: Transaction, report_type: str, now: datetime, *, events_min: int
) -> float | None:
    """Expected events for each second of making, from the requests lately that were large enough to tell."""
    found: float | None = await _value(
        tx, "measured_speed", report_type=report_type, now=now, events_min=events_min
    )
    return found


async def add(
    tx: Transaction, new: NewRequest, *, events_expected: int, eta: datetime, expires_at: datetime
) -> bool:
    """Keep a request; `False` for a snapshot of a day that has one."""
    window = new.window
    cursor = await tx.execute(
        _SQL["add_request"],
        {
            "request_id": new.request_id,
            "report_type": new.report_type,
            "title": new.title,
            "requested_by": new.requested_by,
            "parameters": Jsonb(dict(new.parameters)),
            "starts_at": None if window is None else window.starts_at,
            "ends_at": None if window is None else window.ends_at,
            "language": new.language,
            "equipment_id": new.equipment_id,
            "organisation_id": new.organisation_id,
            "snapshot_day": new.snapshot_day,
            "source_address": new.source_address,
            "requested_at": new.requested_at,
            "events_expected": events_expected,
            "eta": eta,
            "expires_at": expires_at,
        },
    )
    return cursor.rowcount == 1


async def find(
    connection: AsyncConnection[TupleRow], request_id: UUID, equipment_id: int, now: datetime
) -> FoundRequest | None:
    """A request that this client may see."""
    cursor = await connection.cursor(row_factory=_FOUND).execute(
        _SQL["find_request"], {"request_id": request_id, "equipment_id": equipment_id, "now": now}
    )
    return await cursor.fetchone()


async def list_made(
    connection: AsyncConnection[TupleRow],
    *,
    equipment_id: int,
    from_moment: datetime,
    to_moment: datetime,
    report_type: str | None,
    requested_by: str | None,
    title: str | None,
    limit: int,
    now: datetime,
) -> list[UUID]:
    """Reports that this client can fetch, the latest first."""
    cursor = await connection.execute(
        _SQL["list_requests"],
        {
            "equipment_id": equipment_id,
            "from_moment": from_moment,
            "to_moment": to_moment,
            "report_type": report_type,
            "requested_by": requested_by,
            "title": title,
            "limit": limit,
            "now": now,
        },
    )
    return [request_id for (request_id,) in await cursor.fetchall()]


async def ask_full(tx: Transaction, request_id: UUID, *, eta: datetime, now: datetime) -> bool:
    """Have it made with everything; `False` where that has been asked for, or it is not made yet."""
    return await _change(tx, "ask_full", request_id=request_id, eta=eta, now=now) == 1


async def ask_workbook(tx: Transaction, request_id: UUID, now: datetime) -> bool:
    """Have a workbook made; `False` where that has been asked for."""
    return await _change(tx, "ask_workbook", request_id=request_id, now=now) == 1


async def begin(tx: Transaction, request_id: UUID, now: datetime) -> FoundRequest | None:
    """One more attempt; `None` where there is nothing to be made any more."""
    cursor = await tx.cursor(row_factory=_FOUND).execute(
        _SQL["begin"], {"request_id": request_id, "now": now}
    )
    return await cursor.fetchone()


async def remove_pieces(tx: Transaction, request_id: UUID, form: str) -> None:
    """Forget what earlier attempts stored."""
    await _change(tx, "remove_pieces", request_id=request_id, form=form)


async def finish(tx: Transaction, request_id: UUID, attempt: int, made: Made, now: datetime) -> bool:
    """It is made; `False` for an attempt that another has overtaken."""
    changed = await _change(
        tx,
        "finish",
        request_id=request_id,
        attempt=attempt,
        row_count=made.row_count,
        events_read=made.events_read,
        is_truncated=made.is_truncated,
        is_over_limit=made.is_over_limit,
        now=now,
    )
    return changed == 1


async def finish_workbook(tx: Transaction, request_id: UUID, now: datetime) -> None:
    """Its workbook is made."""
    await _change(tx, "finish_workbook", request_id=request_id, now=now)


async def give_up(tx: Transaction, request_id: UUID, now: datetime) -> None:
    """It will not be made."""
    await _change(tx, "give_up", request_id=request_id, now=now)


async def add_piece(
    tx: Transaction, request_id: UUID, form: str, attempt: int, piece_number: int, content: bytes
) -> None:
    """Keep a piece of the content."""
    await _change(
        tx,
        "add_piece",
        request_id=request_id,
        form=form,
        attempt=attempt,
        piece_number=piece_number,
        content=content,
    )


async def read_piece(
    connection: AsyncConnection[TupleRow], request_id: UUID, form: str, attempt: int, piece_number: int
) -> bytes | None:
    """A piece of the content; `None` after the last."""
    cursor = await connection.execute(
        _SQL["read_piece"],
        {"request_id": request_id, "form": form, "attempt": attempt, "piece_number": piece_number},
        binary=True,
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def report_type_of(tx: Transaction, request_id: UUID) -> str:
    """The report type of a request that is there."""
    found: str = await _value(tx, "report_type_of", request_id=request_id)
    return found


async def remove_expired(tx: Transaction, now: datetime, *, limit: int) -> None:
    """Forget the content of some requests whose time is over."""
    await _change(tx, "remove_expired", now=now, limit=limit)


async def _value(tx: Transaction, query: str, **values: object) -> Any:  # noqa: ANN401 - as the query has it
    row = await (await tx.execute(_SQL[query], values)).fetchone()
    assert row is not None, "an aggregate has one row"
    return row[0]


async def _change(tx: Transaction, query: str, **values: object) -> int:
    return (await tx.execute(_SQL[query], values)).rowcount
