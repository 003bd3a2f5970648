"""Plays a plan against a running system over its interface, as the systems of pharmacies and companies do.

Steps come at their time, sped up as wanted; many at once, but those of one story one after the other, and none
before the upload that it needs. What the system is too busy for is repeated, as the guide for IT suppliers says;
what could not be done is told, and so is what was left out because of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sinetti.demo.traffic.plan import Answer, PackStep, Plan, StatesStep, Step, Story, UploadStep
from sinetti.demo.traffic.truth import Truth, truth_of
from sinetti.demo.traffic.wire import batch_head, kind_of_answer, master_data, states_upload
from sinetti.demo.traffic.world import Product
from sinetti.kit.clock import Clock, system_clock
from sinetti.rules.vocabulary import Operation, Scheme
from sinetti.sdk import Answer as SystemAnswer
from sinetti.sdk import AsyncSinetti, BusyError, Pack, SinettiError, UnreachableError
from sinetti.sdk.calls import new_idempotency_key

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, object]]

CONCURRENCY: Final = 64
"""Requests under way at once: as many as a country of this size has counters."""
PATIENCE_SECONDS: Final = 300.0
"""How long a step is tried again while the system is busy or cannot be reached."""
_PATIENCE_AT_FIRST_SECONDS: Final = 5.0
"""The same before the plan begins: a system that is not there then has most likely not been started."""
_PAUSE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A product or batch has been uploaded before the plan begins."""

    done: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A step was answered."""

    story: Story
    step: Step
    seconds: float
    """From asking to the answer, waiting because of a busy system included."""
    answer: Answer
    operation_code: str | None
    """`None` for an upload."""
    alert_id: str | None
    truth: Truth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A verification was sent and its answer never came: it may have raised an alert that nobody was told of."""

    story: Story
    step: PackStep
    truth: Truth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A step could not be done, and the rest of its story is left out."""

    story: Story
    step: Step
    reason: str
    left_out: int
    truth: Truth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The clock of the plan has come this far."""

    at: datetime
    late_seconds: float
    """How far the player lags behind: the system, or this program, is slower than the speed that was chosen."""


Event = Prepared | Answered | Lost | Failed | Told
ClientFactory = Callable[[str], AsyncSinetti]
"""Makes the client of a place, by the key of the place."""


async def play(
    plan: Plan,
    client_factory: ClientFactory,
    on_event: Callable[[Event], None],
    *,
    speed: float | None = None,
    stop: asyncio.Event | None = None,
    concurrency: int = CONCURRENCY,
    patience_seconds: float = PATIENCE_SECONDS,
    clock: Clock = system_clock,
) -> None:
    """Play a plan: so many times as fast as the clock, or as fast as it goes. Ends early, but cleanly, on `stop`.

    What is under way then is still answered, so that every alert has its truth.
    """
    stopping = stop or asyncio.Event()
    async with AsyncExitStack() as opened:
        clients = {
            place.key: await opened.enter_async_context(client_factory(place.key))
            for place in plan.world.places
        }
        player = _Player(plan, clients, on_event, stopping, concurrency, patience_seconds, clock)
        if await player.prepare():
            await player.run(speed)


class _Player:
    def __init__(
        self,
        plan: Plan,
        clients: Mapping[str, AsyncSinetti],
        on_event: Callable[[Event], None],
        stop: asyncio.Event,
        concurrency: int,
        patience_seconds: float,
        clock: Clock,
    ) -> None:
        self._plan = plan
        self._clients = clients
        self._tell = on_event
        self._stop = stop
        self._slots = asyncio.Semaphore(concurrency)
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._before: dict[int, asyncio.Task[None]] = {}
        """The last step of each story that was begun."""
        self._broken: set[int] = set()
        self._uploads = _Uploads(plan)
        self._left = {story.number: len(story.steps) for story in plan.stories}

    # ---- before the plan begins

    async def prepare(self) -> bool:
        """Upload products and batches that have been there for long; whether all of it was done.

        Each company sends one thing after the other, as companies do, and as the system wants it.
        Raises `SinettiError` where that cannot be: without its batches a day is nothing but false alerts.
        """
        works: dict[str, list[Work]] = {}
        for product in self._plan.world.products:
            works.setdefault(product.company.key, []).append(self._product(product))
        for upload in self._plan.before:
            works.setdefault(upload.place.key, []).append(self._batch(upload))
        total = sum(len(of_company) for of_company in works.values())
        done = 0
        faults: list[SinettiError] = []

        async def all_of(company: list[Work]) -> None:
            nonlocal done
            for work in company:
                if self._stop.is_set() or faults:
                    return
                try:
                    await self._patiently(work, away_seconds=_PATIENCE_AT_FIRST_SECONDS)
                except SinettiError as error:
                    faults.append(error)
                    return
                done += 1
                self._tell(Prepared(done=done, of=total))

        async with asyncio.TaskGroup() as group:
            for company in works.values():
                group.create_task(all_of(company))
        if faults and not self._stop.is_set():
            raise faults[0]
        return done == total

    def _product(self, product: Product) -> Work:
        return lambda: self._clients[product.company.key].upload(master_data(product))

    def _batch(self, upload: UploadStep) -> Work:
        client = self._clients[upload.place.key]
        return lambda: client.upload_batch_lines(batch_head(upload), upload.serial_numbers)

    # ---- the plan

    async def run(self, speed: float | None) -> None:
        """Do all steps at their time.

        A slot is taken before the step's task begins, in the order of time. What a step waits for stands before it
        in that order, so it has its slot already, and steps that wait never keep each other waiting for ever.
        """
        started = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for story, step in self._plan.timed():
                late = await self._wait_until(step.at, started, speed)
                await self._slots.acquire()
                if self._stop.is_set():
                    break
                self._tell(Told(at=step.at, late_seconds=late))
                earlier = self._before.get(story.number)
                self._before[story.number] = group.create_task(self._one(story, step, earlier))

    async def _wait_until(self, at: datetime, started: float, speed: float | None) -> float:
        """Wait for the time of a step; how many seconds too late it is."""
        if speed is None:
            return 0.0
        due = (at - self._plan.starts_at).total_seconds() / speed
        wait = due - (time.monotonic() - started)
        if wait > 0:
            await _unless(self._stop, wait)
        return max(-wait, 0.0)

    async def _one(self, story: Story, step: Step, earlier: asyncio.Task[None] | None) -> None:
        """Do a step after the one before it, and after the upload of its pack."""
        try:
            if earlier is not None:
                await earlier
            self._left[story.number] -= 1
            if isinstance(step, PackStep):
                await self._uploads.wait_for(step)
            if story.number not in self._broken:
                self._tell(await self._done(story, step))
        except SinettiError as error:
            self._broken.add(story.number)
            truth = self._truth(story, step, None, None) if isinstance(step, PackStep) else None
            left = self._left[story.number]
            self._tell(Failed(story=story, step=step, reason=str(error), left_out=left, truth=truth))
        finally:
            self._uploads.done(step)
            self._slots.release()

    async def _done(self, story: Story, step: Step) -> Answered:
        begun = time.perf_counter()
        match step:
            case PackStep():
                told = await self._operation(story, step)
                return self._answered(story, step, told, time.perf_counter() - begun)
            case UploadStep():
                await self._patiently(self._batch(step))
            case StatesStep():
                client = self._clients[step.place.key]
                await self._patiently(lambda: client.upload(states_upload(step)))
        return Answered(
            story=story,
            step=step,
            seconds=time.perf_counter() - begun,
            answer=Answer.OK,
            operation_code=None,
            alert_id=None,
            truth=None,
        )

    async def _operation(self, story: Story, step: PackStep) -> SystemAnswer:
        client, pack = self._clients[step.place.key], _pack(step)
        state = step.state
        if state is None:
            assert step.operation is Operation.VERIFY, "only a verification asks for no state"
            return await self._patiently(lambda: client.verify(pack), lambda: self._lost(story, step))
        key = new_idempotency_key()
        match step.operation:
            case Operation.SUPPLY:
                return await self._patiently(lambda: client.supply(pack, idempotency_key=key))
            case Operation.REACTIVATE:
                return await self._patiently(lambda: client.reactivate(pack, idempotency_key=key))
            case _:
                return await self._patiently(lambda: client.decommission(pack, state, idempotency_key=key))

    async def _patiently(
        self,
        work: Callable[[], Coroutine[Any, Any, T]],
        on_lost: Callable[[], None] | None = None,
        *,
        away_seconds: float | None = None,
    ) -> T:
        """What the work gives, tried again for as long as patience lasts while the system is busy or away.

        A state change is repeated under its own key, an upload changes nothing the second time, and a
        verification is scanned again, as a person would.
        """
        begun = time.monotonic()
        until = begun + self._patience_seconds
        away_until = until if away_seconds is None else begun + away_seconds
        while True:
            try:
                return await work()
            except BusyError as error:
                if self._stop.is_set() or time.monotonic() + error.retry_after_seconds > until:
                    raise
                await _unless(self._stop, error.retry_after_seconds)
            except UnreachableError:
                if on_lost is not None:
                    on_lost()
                if self._stop.is_set() or time.monotonic() + _PAUSE_SECONDS > away_until:
                    raise
                await _unless(self._stop, _PAUSE_SECONDS)

    def _answered(self, story: Story, step: PackStep, told: SystemAnswer, seconds: float) -> Answered:
        return Answered(
            story=story,
            step=step,
            seconds=seconds,
            answer=kind_of_answer(told.http_status, told.colour, alert=told.wire.alert_id is not None),
            operation_code=told.operation_code,
            alert_id=told.wire.alert_id,
            truth=self._truth(story, step, told.wire.alert_id, told.operation_code),
        )

    def _lost(self, story: Story, step: PackStep) -> None:
        self._tell(Lost(story=story, step=step, truth=self._truth(story, step, None, None)))

    def _truth(self, story: Story, step: PackStep, alert_id: str | None, code: str | None) -> Truth | None:
        return truth_of(
            self._plan.options,
            story,
            step,
            alert_id=alert_id,
            operation_code=code,
            answered_at=self._clock(),
        )


class _Uploads:
    """Uploads that happen during the plan, and who has to wait for them."""

    def __init__(self, plan: Plan) -> None:
        self._events: dict[tuple[str, str], tuple[datetime, asyncio.Event]] = {
            (step.product.product_code, serial_number): (step.at, event)
            for step, event in _with_events(plan.stories)
            for serial_number in step.serial_numbers
        }

    async def wait_for(self, step: PackStep) -> None:
        """Wait for the upload of the pack, where the plan has it before this step."""
        found = self._events.get((step.printed.product.product_code, step.printed.serial_number))
        if found is not None and found[0] <= step.at:
            await found[1].wait()

    def done(self, step: Step) -> None:
        """An upload has been made, or cannot be: nobody need wait any longer."""
        if isinstance(step, UploadStep) and step.serial_numbers:
            self._events[step.product.product_code, step.serial_numbers[0]][1].set()


def _with_events(stories: Iterable[Story]) -> Iterable[tuple[UploadStep, asyncio.Event]]:
    for story in stories:
        for step in story.steps:
            if isinstance(step, UploadStep):
                yield step, asyncio.Event()


def _pack(step: PackStep) -> Pack:
    sent = step.sent
    return Pack(
        product_code=sent.product_code,
        serial_number=sent.serial_number,
        batch=sent.batch,
        expiry=sent.expiry,
        scheme=Scheme.GS1,
        entry_mode=sent.entry_mode,
    )


async def _unless(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not when it is time to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
