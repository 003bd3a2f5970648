"""The background work: begins what was asked for, has it made, and says that it is there."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

import structlog

from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.jobs import Task
from sinetti.nmvs.packs import Country
from sinetti.reports import requests
from sinetti.reports.content import CsvReport, PieceWriter, by_themselves, read_pieces
from sinetti.reports.making import (
    alerts,
    exceptions,
    organisations_summary,
    snapshot,
    transactions,
    user_activity,
)
from sinetti.reports.model import ALERTS, FoundRequest, Made
from sinetti.reports.reading import reading
from sinetti.reports.store import requests as store
from sinetti.reports.types import (
    DAILY_SNAPSHOT,
    EXCEPTIONS_AUDIT_TRAIL,
    ORGANISATIONS_SUMMARY,
    REPORT_TYPES,
    TRANSACTIONS,
    USER_ACTIVITY,
)
from sinetti.reports.windows import shown_moment
from sinetti.reports.workbook import write_workbook

ATTEMPTS_MAX: Final = 4
EXPIRED_AT_A_TIME: Final = 100
_FILE_BYTES: Final = 256 * 1024

_Maker = Callable[[Transaction, Country, FoundRequest, CsvReport], Awaitable[Made]]
_MAKERS: Final[Mapping[str, _Maker]] = {
    DAILY_SNAPSHOT.report_type: snapshot.make,
    ORGANISATIONS_SUMMARY.report_type: organisations_summary.make,
    EXCEPTIONS_AUDIT_TRAIL.report_type: exceptions.make,
    USER_ACTIVITY.report_type: user_activity.make,
    TRANSACTIONS.report_type: transactions.make,
}

_logger = structlog.get_logger(__name__)


def report_tasks(database: Database, country: Country, clock: Clock) -> list[Task]:
    """All background work of this part."""
    making = _Making(database, country, clock)
    return [
        Task(name=requests.MAKE, run=making.make, attempts_max=ATTEMPTS_MAX),
        Task(name=requests.MAKE_WORKBOOK, run=making.make_workbook, attempts_max=ATTEMPTS_MAX),
        Task(name="ask_snapshot", run=making.ask_snapshot, every="*/5 * * * *", attempts_max=1),
        Task(name="forget_reports", run=making.forget, every="*/10 * * * *", attempts_max=1),
    ]


class _Making:
    """What the tasks share. Each bears to be done twice: content belongs to an attempt, and the last one counts."""

    def __init__(self, database: Database, country: Country, clock: Clock) -> None:
        self._database = database
        self._country = country
        self._clock = clock

    async def make(self, request_id: str) -> None:
        """Make what was asked for, unless it is there already."""
        number = UUID(request_id)
        async with self._database.transaction() as tx:
            asked = await store.begin(tx, number, self._clock())
            if asked is None:
                return
            await store.remove_pieces(tx, number, _form(asked))
        try:
            made = await self._content(asked)
        except Exception:
            if asked.attempts >= ATTEMPTS_MAX:
                # Otherwise whoever asked would wait for as long as the request is kept.
                async with self._database.transaction() as tx:
                    await store.give_up(tx, number, self._clock())
            raise
        now = self._clock()
        async with self._database.transaction() as tx:
            await store.finish(tx, number, asked.attempts, made, now)
        log = _logger.info if now <= asked.eta else _logger.warning
        log(
            "report_made" if now <= asked.eta else "report_late",
            request_id=request_id,
            report_type=asked.report_type,
            rows=made.row_count,
            seconds_before_eta=round((asked.eta - now).total_seconds(), 1),
        )

    async def _content(self, asked: FoundRequest) -> Made:
        form = _form(asked)
        writer = PieceWriter(by_themselves(self._database, asked.request_id, form, asked.attempts))
        async with reading(self._database) as tx:
            if form == "alerts":
                return await alerts.make(tx, self._country, asked, writer)
            report = CsvReport(writer)
            await report.begin(self._banner(asked))
            made = await _MAKERS[asked.report_type](tx, self._country, asked, report)
        await report.end()
        return made

    def _banner(self, asked: FoundRequest) -> tuple[str, str, str]:
        said = "".join(f"; {name}: {value}" for name, value in asked.parameters.items())
        return (
            f"{REPORT_TYPES[asked.report_type].name}, {self._country.market}: {asked.title or asked.report_type}",
            f"Generated: {shown_moment(self._clock())}; times are UTC",
            f"Requested by: {asked.requested_by or 'Sinetti'}{said}",
        )

    async def make_workbook(self, request_id: str, attempt: int) -> None:
        """Make a workbook of a report that is there. In a thread, and with files: a million rows take minutes."""
        number = UUID(request_id)
        async with self._database.transaction() as tx:
            await store.remove_pieces(tx, number, "xlsx")
            report_type = await store.report_type_of(tx, number)
        with tempfile.TemporaryDirectory(prefix="sinetti-workbook-") as folder:
            source, target = Path(folder, "report.csv"), Path(folder, "report.xlsx")
            async for piece in read_pieces(self._database, number, "csv", attempt):
                await asyncio.to_thread(_add_to_file, source, piece)
            await asyncio.to_thread(write_workbook, REPORT_TYPES[report_type], source, target)
            writer = PieceWriter(by_themselves(self._database, number, "xlsx", attempt))
            at = 0
            while some := await asyncio.to_thread(_part_of_file, target, at):
                await writer.write(some)
                at += len(some)
            await writer.end_piece()
        async with self._database.transaction() as tx:
            await store.finish_workbook(tx, number, self._clock())

    async def ask_snapshot(self) -> None:
        """Ask for the snapshot of this day (UTC), once."""
        async with self._database.transaction() as tx:
            await requests.ask_snapshot(tx, self._country.rules, self._clock())

    async def forget(self) -> None:
        """Forget content whose time is over."""
        async with self._database.transaction() as tx:
            await store.remove_expired(tx, self._clock(), limit=EXPIRED_AT_A_TIME)


def _form(asked: FoundRequest) -> Literal["csv", "alerts"]:
    return "alerts" if asked.report_type == ALERTS else "csv"


def _add_to_file(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def _part_of_file(path: Path, at: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(_FILE_BYTES)
