"""Takes requests that arrive while a transaction runs together into the next one.

There is no timer and no wait: alone, a request goes at once. The more requests arrive, the larger the rounds and the
fewer the commits for each; that is how one process answers more supplies than the database can commit one by one
(docs/adr/0002).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

import psycopg
import structlog

from sinetti.kit.problems import Problem

Request = TypeVar("Request")
Reply = TypeVar("Reply")

ROUND_MAX = 64
"""Requests in one round. Larger rounds gain nothing: at twice the load that a process can take, rounds of 64 let in
half as many again as rounds of 256, in a third of the time, because the first in a round wait for the last."""

_log = structlog.get_logger(__name__)


class TooManyWaitingError(Exception):
    """So many requests wait already that another would only grow slow: say no at once instead."""


class Coalescer(Generic[Request, Reply]):
    """Runs `work` on lists of requests, one list at a time.

    `work` must do the whole list in one transaction, or nothing of it. Requests with a `conflict` in common, such as
    two for the same pack, go into different rounds, in the order in which they came.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Request]], Awaitable[Sequence[Reply]]],
        conflicts: Callable[[Request], Sequence[Hashable]],
        *,
        waiting_max: int,
        observe_round: Callable[[int], None] = lambda _size: None,
    ) -> None:
        self._work = work
        self._conflicts = conflicts
        self._waiting_max = waiting_max
        self._observe_round = observe_round
        self._waiting: deque[tuple[Request, asyncio.Future[Reply]]] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def waiting(self) -> int:
        """Requests that no round has taken yet."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether `submit` would refuse now. Ask before a request costs anything."""
        return len(self._waiting) >= self._waiting_max or self._stopping

    def submit(self, request: Request) -> asyncio.Future[Reply]:
        """Queue a request; the future holds its reply once that is committed.

        Raises `TooManyWaitingError` where the queue is full. A future that nobody awaits any longer changes nothing:
        a request once taken is carried out and recorded.
        """
        if self.is_full:
            raise TooManyWaitingError
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        self._arrived.set()
        return future

    def start(self) -> None:
        """Begin to work; call once, inside the running loop."""
        self._task = asyncio.create_task(self._run(), name="coalescer")

    async def stop(self) -> None:
        """Finish what waits and end."""
        self._stopping = True
        self._arrived.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while True:
            if not self._waiting:
                if self._stopping:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._perform(self._take_round())

    def _take_round(self) -> list[tuple[Request, asyncio.Future[Reply]]]:
        taken: list[tuple[Request, asyncio.Future[Reply]]] = []
        left: list[tuple[Request, asyncio.Future[Reply]]] = []
        claimed: set[Hashable] = set()
        waiting = self._waiting
        while waiting and len(taken) < ROUND_MAX:
            entry = waiting.popleft()
            conflicts = self._conflicts(entry[0])
            if claimed.isdisjoint(conflicts):
                taken.append(entry)
            else:
                left.append(entry)
            claimed.update(conflicts)
        waiting.extendleft(reversed(left))
        return taken

    async def _perform(self, entries: list[tuple[Request, asyncio.Future[Reply]]]) -> None:
        self._observe_round(len(entries))
        try:
            replies = await self._work([request for request, _ in entries])
        except Exception as error:  # noqa: BLE001 - one bad row must not fail, or silence, the others of its round
            await self._recover(entries, error)
        else:
            for (_, future), reply in zip(entries, replies, strict=True):
                if not future.done():
                    future.set_result(reply)

    async def _recover(self, entries: list[tuple[Request, asyncio.Future[Reply]]], error: Exception) -> None:
        """Do a failed round again one by one, unless its fate is unknown or it was one already."""
        if _fate_unknown(error):
            _log.error("database_lost", requests=len(entries), error=str(error))
            for _, future in entries:
                _fail(future, Problem("database-unavailable", 503, headers={"Retry-After": "5"}))
            return
        if len(entries) > 1:
            _log.warning("round_split", requests=len(entries), error=repr(error))
            for entry in entries:
                await self._perform_alone(entry, attempts=1)
        else:
            await self._perform_alone(
                entries[0], attempts=1 if isinstance(error, _WORTH_ANOTHER_TRY) else 0, error=error
            )

    async def _perform_alone(
        self,
        entry: tuple[Request, asyncio.Future[Reply]],
        *,
        attempts: int,
        error: Exception | None = None,
    ) -> None:
        request, future = entry
        while attempts > 0:
            attempts -= 1
            try:
                (reply,) = await self._work([request])
            except Exception as failure:  # noqa: BLE001 - handed on to whoever asked
                error = failure
                continue
            if not future.done():
                future.set_result(reply)
            return
        assert error is not None
        if _fate_unknown(error):
            error = Problem("database-unavailable", 503, headers={"Retry-After": "5"})
        _fail(future, error)


def _fate_unknown(error: Exception) -> bool:
    """Whether the connection broke, so that the round may have been committed and must not be done again."""
    return isinstance(error, psycopg.OperationalError) and error.sqlstate in {None, "57P01", "57P02", "57P03"}


_WORTH_ANOTHER_TRY = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,  # an alert id drawn twice
)
"""Failures caused by what others did meanwhile, so that the same again may well succeed."""


def _fail(future: asyncio.Future[Reply], error: Exception) -> None:
    with contextlib.suppress(asyncio.InvalidStateError):
        future.set_exception(error)
