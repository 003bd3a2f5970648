"""What a person waits for on a page: made in the background, kept for a while, shown to that person alone.

It is a row like a report that an operator's tool asks for, and its content is pieces like a report's (docs/adr/0027).
Who shows it brings what makes it; nothing here knows what it is. What takes a moment is made at once, by the same code.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from sinetti.kit import jobs
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.ids import new_transaction_id
from sinetti.kit.jobs import Task
from sinetti.kit.problems import Problem
from sinetti.reports import estimate
from sinetti.reports.content import Form, PieceWriter, by_themselves, pieces_of, within
from sinetti.reports.model import Made, Window
from sinetti.reports.reading import reading
from sinetti.reports.store import personal as store
from sinetti.reports.store import requests
from sinetti.reports.store.personal import FoundPersonal
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language, ParameterName

MAKE: Final = "make_for_person"
ATTEMPTS_MAX: Final = 4
NOTED_SECONDS: Final = 1.0
"""Between two notes of how far it has come."""

_logger = structlog.get_logger(__name__)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for."""

    kind: str
    """Which maker makes it; one of each kind is made at a time."""
    name: str
    """What of that kind; what was made before of the same name tells how long it takes."""
    parameters: Mapping[str, Any]
    """All that its maker needs, as JSON."""
    user_id: int
    language: Language
    source_address: str | None = None
    window: Window | None = None
    steps: int = 0
    """How much there is to read: events of the record, alerts. It is 0 for what takes the same time each time."""
    steps_a_second: float = 1_000.0
    """Until it has been measured."""

    @property
    def report_type(self) -> str:
        """As the row says it."""
        return f"{self.kind}:{self.name}"


class Making:
    """One making: what it reads from, where its content goes, and how it says how far it has come."""

    def __init__(
        self,
        tx: Transaction,
        asked: FoundPersonal,
        now: datetime,
        writer: Callable[[Form], PieceWriter],
        note: Callable[[int], Awaitable[None]] | None,
    ) -> None:
        self.tx = tx
        self.asked = asked
        self.now = now
        self.writer = writer
        """Takes the content of a form."""
        self._note = note
        self._noted_at = time.monotonic()

    @property
    def in_background(self) -> bool:
        """Whether nobody waits for the answer of a request meanwhile."""
        return self._note is not None

    async def come(self, done: float, of: float) -> None:
        """Say how far it has come; shown to whoever waits, and noted once a second at most."""
        if self._note is None or time.monotonic() - self._noted_at < NOTED_SECONDS:
            return
        await self._note(min(99, int(100 * done / max(of, 1))))
        self._noted_at = time.monotonic()


Maker = Callable[[Making], Awaitable[Made]]
"""Makes what was asked for. It may be done twice, and after whoever asked has lost a right: it looks again."""


class GivenUpError(Exception):
    """It cannot be made, however often it is tried: such as where whoever asked may see it no more."""


# ---------------------------------------------------------------- asking


async def ask(tx: Transaction, rules: Rules, wanted: Wanted, now: datetime) -> UUID:
    """Have it made in the background. Problem 429: `results-waiting`, where the person waits for enough already."""
    most = rules.parameters[ParameterName.RESULTS_WAITING_MAX].value
    if await store.count_waiting(tx, wanted.user_id, now) >= most:
        raise Problem("results-waiting", 429, most=most)
    measured = await requests.measured_speed(tx, wanted.report_type, now, events_min=estimate.EVENTS_MIN)
    waits_until = await store.last_waiting_eta(tx, wanted.kind, now)
    seconds = estimate.BEGIN_SECONDS + estimate.MARGIN * wanted.steps / (measured or wanted.steps_a_second)
    request_id = await _add(tx, rules, wanted, now, max(now, waits_until or now) + timedelta(seconds=seconds))
    await jobs.defer(tx, MAKE, lock=wanted.kind, request_id=str(request_id))
    return request_id


async def make_at_once(
    tx: Transaction, rules: Rules, wanted: Wanted, maker: Maker, now: datetime
) -> tuple[UUID, Made]:
    """Make it in the caller's transaction, for what takes a moment."""
    request_id = await _add(tx, rules, wanted, now, now)
    begun = await store.begin(tx, request_id, now)
    assert begun is not None, "it has just been added"

    def writer(form: Form) -> PieceWriter:
        return PieceWriter(within(tx, request_id, form, begun.attempts))

    made = await maker(Making(tx, begun, now, writer, None))
    await requests.finish(tx, request_id, begun.attempts, made, now)
    return request_id, made


async def _add(tx: Transaction, rules: Rules, wanted: Wanted, now: datetime, eta: datetime) -> UUID:
    request_id = new_transaction_id()
    lifetime = timedelta(hours=rules.parameters[ParameterName.RESULTS_LIFETIME_HOURS].value)
    await store.add(
        tx,
        request_id=request_id,
        report_type=wanted.report_type,
        title=wanted.name,
        parameters=dict(wanted.parameters),
        window=wanted.window,
        language=wanted.language,
        user_id=wanted.user_id,
        source_address=wanted.source_address,
        events_expected=wanted.steps,
        eta=eta,
        expires_at=eta + lifetime,
        now=now,
    )
    return request_id


# ---------------------------------------------------------------- looking


async def find(tx: Transaction, request_id: str, user_id: int, kind: str, now: datetime) -> FoundPersonal:
    """What this person asked for. Problem 404, also for what is another's: `page-missing`."""
    try:
        number = UUID(request_id)
    except ValueError:
        raise Problem("page-missing", 404) from None
    found = await store.find(tx, number, user_id, now)
    if found is None or found.report_type.partition(":")[0] != kind:
        raise Problem("page-missing", 404)
    return found


def content(tx: Transaction, found: FoundPersonal, form: Form) -> AsyncIterator[bytes]:
    """What was made, in one of its forms; nothing where it has no such form."""
    assert found.finished_attempt is not None, "only what is made has content"
    return pieces_of(tx, found.request_id, form, found.finished_attempt)


# ---------------------------------------------------------------- making


def personal_tasks(database: Database, makers: Mapping[str, Maker], clock: Clock) -> list[Task]:
    """The background work, with what makes each kind."""
    making = _Background(database, makers, clock)
    return [Task(name=MAKE, run=making.make, attempts_max=ATTEMPTS_MAX)]


class _Background:
    """Bears to be done twice: content belongs to an attempt, and the last one counts."""

    def __init__(self, database: Database, makers: Mapping[str, Maker], clock: Clock) -> None:
        self._database = database
        self._makers = makers
        self._clock = clock

    async def make(self, request_id: str) -> None:
        """Make what was asked for, unless it is there already."""
        number = UUID(request_id)
        async with self._database.transaction() as tx:
            asked = await store.begin(tx, number, self._clock())
        if asked is None:
            return
        try:
            made = await self._made(asked)
        except GivenUpError as error:
            _logger.info("result_given_up", request_id=request_id, reason=str(error))
            await self._give_up(number)
            return
        except Exception:
            if asked.attempts >= ATTEMPTS_MAX:
                # Otherwise whoever asked would wait for as long as the request is kept.
                await self._give_up(number)
            raise
        now = self._clock()
        async with self._database.transaction() as tx:
            await requests.finish(tx, number, asked.attempts, made, now)
        seconds = round((now - (asked.started_at or now)).total_seconds(), 1)
        _logger.info(
            "result_made", request_id=request_id, kind=asked.report_type, rows=made.row_count, seconds=seconds
        )

    async def _made(self, asked: FoundPersonal) -> Made:
        def writer(form: Form) -> PieceWriter:
            return PieceWriter(by_themselves(self._database, asked.request_id, form, asked.attempts))

        async def note(percent: int) -> None:
            async with self._database.transaction() as tx:
                await store.note_progress(tx, asked.request_id, asked.attempts, percent)

        maker = self._makers[asked.report_type.partition(":")[0]]
        async with reading(self._database) as tx:
            # Whole registers are read here, and a plan is made for each statement as it is.
            await tx.execute("SET LOCAL enable_seqscan = on")
            await tx.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            return await maker(Making(tx, asked, self._clock(), writer, note))

    async def _give_up(self, number: UUID) -> None:
        async with self._database.transaction() as tx:
            await requests.give_up(tx, number, self._clock())
