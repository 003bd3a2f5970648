"""Works off bulk and recovery requests in the background: one at a time in each process, chunk by chunk.

A chunk is judged, recorded and answered in one transaction, on the connection that holds the lock of the request.
So a crash at any moment loses nothing and repeats nothing: what was committed has its results, what was not is
done by whoever takes the request next, and the lock goes with the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import msgspec
import psycopg
import structlog

from sinetti.contracts.bulk import BulkPack, RecoveryPack
from sinetti.identity.usage import Usage
from sinetti.kit import metrics, tasks
from sinetti.kit.clock import Clock
from sinetti.kit.db import UNAVAILABLE, Database
from sinetti.nmvs.answers import render
from sinetti.nmvs.bulk import Kind
from sinetti.nmvs.bulk_requests import Pack, pack_requests
from sinetti.nmvs.model import Outcome
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.store import bulk as store
from sinetti.nmvs.store.bulk import Connection, StartedRequest

LOOK_SECONDS: Final = 0.5
"""How often a process without work looks for some that another process took in. Its own it knows at once."""
TRIES: Final = 3
"""For a chunk that fails because of what others did meanwhile."""
PUT_ASIDE_SECONDS: Final = 60.0
"""How long a request that fails is left alone, so that those behind it are worked off."""

_log = structlog.get_logger(__name__)
_decode_bulk: Final = msgspec.json.Decoder(list[BulkPack]).decode
_decode_recovery: Final = msgspec.json.Decoder(list[RecoveryPack]).decode
_encode: Final = msgspec.json.Encoder().encode


class BulkRunner:
    """The runner of one process, between `start` and `stop`."""

    def __init__(
        self,
        database: Database,
        country: Country,
        clock: Clock,
        *,
        usage: Usage | None = None,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._database = database
        self._country = country
        self._clock = clock
        self._usage = usage
        self._look_seconds = look_seconds
        self._woken = asyncio.Event()
        self._put_aside: dict[UUID, float] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def start(self) -> None:
        """Begin to look for work."""
        self._task = asyncio.create_task(self._run(), name="bulk runner")

    async def stop(self) -> None:
        """Stop at once. The chunk under work is rolled back, and done by another process or after the restart."""
        if self._task is not None:
            await tasks.stop(self._task)
            self._task = None

    def wake(self) -> None:
        """Say that there is work."""
        self._woken.set()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                worked = await self._take_one()
            except UNAVAILABLE as error:
                _log.warning("bulk_put_off", error=str(error))
                worked = False
            if not worked:
                with contextlib.suppress(TimeoutError):
                    # Not wait_for(): before Python 3.12 it forgets a cancellation that comes with the event.
                    async with asyncio.timeout(self._look_seconds):
                        await self._woken.wait()

    async def _take_one(self) -> bool:
        """Work off the oldest request that nobody else works on; returns whether there was one."""
        async with self._database.connection() as connection:
            for bulk_id in await store.waiting_requests(connection):
                if self._is_put_aside(bulk_id) or not await store.try_lock(connection, bulk_id):
                    continue
                try:
                    return await self._work_off(connection, bulk_id)
                finally:
                    await _let_go(connection, bulk_id)
        return False

    def _is_put_aside(self, bulk_id: UUID) -> bool:
        until = self._put_aside.get(bulk_id)
        if until is None:
            return False
        if until > asyncio.get_running_loop().time():
            return True
        del self._put_aside[bulk_id]
        return False

    async def _work_off(self, connection: Connection, bulk_id: UUID) -> bool:
        request = await store.start_request(connection, bulk_id, self._clock())
        if request is None:
            return False
        try:
            done = -1
            while (number := await self._do_next_chunk(connection, request, done)) is not None:
                done = number
                await asyncio.sleep(0)
        except UNAVAILABLE:
            raise
        except Exception as error:  # noqa: BLE001 - a bug in one request must not hold up all others
            _log.error("bulk_failed", bulk_id=str(bulk_id), exc_info=error)
            self._put_aside[bulk_id] = asyncio.get_running_loop().time() + PUT_ASIDE_SECONDS
            return True
        await store.finish_request(connection, request.bulk_id, self._clock())
        return True

    async def _do_next_chunk(self, connection: Connection, request: StartedRequest, after: int) -> int | None:
        """Do the next chunk and return its number, or `None` when all are done."""
        for tries_left in range(TRIES - 1, -1, -1):
            try:
                async with connection.transaction():
                    chunk = await store.next_chunk(connection, request.bulk_id, after)
                    if chunk is None:
                        return None
                    outcomes, results = await self._results(connection, request, chunk.packs)
                    await store.store_results(connection, request.bulk_id, chunk.chunk_number, results)
            except _WORTH_ANOTHER_TRY:
                if not tries_left:
                    raise
            else:
                for outcome in outcomes:
                    metrics.count_outcome(*outcome.judged)
                self._note_success(request, outcomes)
                return chunk.chunk_number
        raise AssertionError("the last try returns or raises")

    def _note_success(self, request: StartedRequest, outcomes: Sequence[Outcome]) -> None:
        if self._usage is not None and any(
            outcome.decision.code.message_field == "information" for outcome in outcomes
        ):
            self._usage.note(
                request.equipment_id, self._clock(), request.user_agent, request.api_version, worked=True
            )

    async def _results(
        self, connection: Connection, request: StartedRequest, sent: bytes
    ) -> tuple[Sequence[Outcome], bytes]:
        now = self._clock()
        packs: Sequence[Pack] = _decode_bulk(sent) if request.kind == Kind.BULK else _decode_recovery(sent)
        asked = pack_requests(self._country.rules, request, packs, now)
        outcomes = await perform(connection, self._country, asked, now)
        return outcomes, b",".join(
            _result(pack, outcome, self._country.portal_address)
            for pack, outcome in zip(packs, outcomes, strict=True)
        )


# What others did meanwhile, or an alert id that was drawn before.
_WORTH_ANOTHER_TRY: Final = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
)


async def _let_go(connection: Connection, bulk_id: UUID) -> None:
    """Give the lock back, or the connection with it."""
    try:
        await store.unlock(connection, bulk_id)
    except psycopg.Error:
        await connection.close()


def _result(pack: Pack, outcome: Outcome, portal_address: str | None) -> bytes:
    return b'{"pack":%b,"result":%b}' % (_encode(pack), render(outcome, portal_address)[1])
