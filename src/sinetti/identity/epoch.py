"""Watches the identity epoch: how each process learns that something about its callers has changed.

Polling, and not LISTEN, because silence must not be taken for "nothing has changed" (docs/adr/0005).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from sinetti.identity.store import tokens as store

POLL_SECONDS = 0.25
TRUST_SECONDS = 0.7
"""How long an answer holds, counted from the question: with what a request takes, less than a second."""
ANSWER_SECONDS = 2.0
"""How long one question may take before its connection is given up."""

_logger = structlog.get_logger(__name__)


class EpochWatch:
    """Asks for the identity epoch every 250 ms, on a connection of its own that no load can take away.

    `forget` is called whenever what was known before must not be used any more. `monotonic` gives seconds
    that never go back.
    """

    def __init__(self, url: str, *, forget: Callable[[], None], monotonic: Callable[[], float]) -> None:
        self._conninfo = make_conninfo(
            url,
            connect_timeout=2,
            application_name="sinetti identity epoch",
            options="-c statement_timeout=1s -c lock_timeout=1s",
        )
        self._forget = forget
        self._monotonic = monotonic
        self._task: asyncio.Task[None] | None = None
        self._first_answer = asyncio.Event()
        self._answered = True
        self.epoch: int | None = None
        self.confirmed_at = -math.inf
        """When the question was asked that has been answered last, by `monotonic`."""

    async def start(self) -> None:
        """Begin to watch. Returns with the first answer, or after two seconds without one."""
        assert self._task is None, "started twice"
        self._task = asyncio.create_task(self._watch(), name="identity epoch")
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._first_answer.wait()

    async def stop(self) -> None:
        """End watching. From now on nothing is trusted."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self.confirmed_at = -math.inf

    async def _watch(self) -> None:
        while True:
            try:
                await self._watch_over_one_connection()
            except (psycopg.Error, OSError) as error:
                self._note_silence(error)
            await asyncio.sleep(POLL_SECONDS)

    async def _watch_over_one_connection(self) -> None:
        """Ask again and again. Raises when the connection fails or an answer stays out."""
        async with asyncio.timeout(2 * ANSWER_SECONDS):
            connection = await AsyncConnection.connect(self._conninfo, autocommit=True, prepare_threshold=0)
        try:
            # Behind a new connection may be another server, or the same one after a restore from a backup.
            self.epoch = None
            while True:
                await self._ask(connection)
                await asyncio.sleep(POLL_SECONDS)
        finally:
            await connection.close()

    async def _ask(self, connection: AsyncConnection[TupleRow]) -> None:
        asked_at = self._monotonic()
        async with asyncio.timeout(ANSWER_SECONDS):
            epoch = await store.read_epoch(connection)
        if epoch != self.epoch:
            self._forget()
            self.epoch = epoch
        self.confirmed_at = asked_at
        self._first_answer.set()
        if not self._answered:
            self._answered = True
            _logger.info("identity epoch confirmed again", epoch=epoch)

    def _note_silence(self, error: BaseException) -> None:
        """Log the first failure of a row of them."""
        if self._answered:
            self._answered = False
            _logger.warning(
                "identity epoch not confirmed; every request is checked in the database",
                error=str(error),
                kind=type(error).__name__,
            )
