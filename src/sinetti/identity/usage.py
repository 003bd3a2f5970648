"""When client equipment was last used, by which software, when it first worked and was last refused: noted beside the
requests, written once a second.

It is for people who look after equipment, so it may lag by a second and lose one at a crash; what was done to packs
is in the record. The table stands beside `client_equipment`, whose changes make every process ask again who its
callers are.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from sinetti.kit import tasks
from sinetti.kit.db import UNAVAILABLE, Database, load_queries

WRITE_SECONDS: Final = 1.0
NOTED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""A pharmacy scans all day; that it still does is worth a write a minute."""
_TEXT_CHARACTERS_MAX: Final = 300

_QUERIES = load_queries("sinetti.identity.store", "usage.sql")
_log = structlog.get_logger(__name__)


class Use(msgspec.Struct, frozen=True):
    """One use that is worth writing down."""

    used_at: datetime
    user_agent: str | None
    api_version: str | None
    worked: bool = False
    """Whether an operation succeeded, and was not only answered."""


class Usage:
    """What one process has seen of client equipment."""

    def __init__(self) -> None:
        self._noted: dict[int, Use] = {}
        self._unwritten: dict[int, Use] = {}
        self._refused: dict[int, datetime] = {}
        self._unwritten_refusals: dict[int, datetime] = {}

    def note(
        self,
        equipment_id: int,
        now: datetime,
        user_agent: str | None,
        api_version: str | None,
        *,
        worked: bool = False,
    ) -> None:
        """Equipment has just been used. Called with each request: it does next to nothing."""
        last = self._noted.get(equipment_id)
        if (
            last is not None
            and now - last.used_at < NOTED_AGAIN_AFTER
            and last.user_agent == user_agent
            and last.api_version == api_version
            and last.worked >= worked
        ):
            return
        worked = worked or (last is not None and last.worked)
        use = Use(now, user_agent, api_version, worked)
        self._noted[equipment_id] = self._unwritten[equipment_id] = use

    def note_refusal(self, equipment_id: int, now: datetime) -> None:
        """Equipment has just been refused because of a lock."""
        last = self._refused.get(equipment_id)
        if last is None or now - last >= NOTED_AGAIN_AFTER:
            self._refused[equipment_id] = self._unwritten_refusals[equipment_id] = now

    async def write(self, database: Database) -> None:
        """Write what is new. What cannot be written now is written later."""
        uses, self._unwritten = self._unwritten, {}
        refusals, self._unwritten_refusals = self._unwritten_refusals, {}
        if not uses and not refusals:
            return
        values = {
            "equipment_ids": list(uses),
            "times": [use.used_at for use in uses.values()],
            "user_agents": [_short(use.user_agent) for use in uses.values()],
            "api_versions": [_short(use.api_version) for use in uses.values()],
            "worked": [use.worked for use in uses.values()],
        }
        refused = {"equipment_ids": list(refusals), "times": list(refusals.values())}
        try:
            async with database.transaction() as tx:
                if uses:
                    await tx.execute(_QUERIES["write_uses"], values)
                if refusals:
                    await tx.execute(_QUERIES["write_refusals"], refused)
        except UNAVAILABLE as error:
            _log.warning("usage_put_off", error=str(error))
            self._unwritten = uses | self._unwritten
            self._unwritten_refusals = refusals | self._unwritten_refusals

    async def keep_writing(self, database: Database, seconds: float = WRITE_SECONDS) -> None:
        """Write now and then, until cancelled."""
        while True:
            await asyncio.sleep(seconds)
            await self.write(database)


def _short(text: str | None) -> str | None:
    """PostgreSQL's text takes no NUL, and nobody reads a page of a user agent."""
    return None if text is None else text.replace("\x00", "")[:_TEXT_CHARACTERS_MAX]


@asynccontextmanager
async def written_usage(database: Database) -> AsyncIterator[Usage]:
    """Notes that are written while the block runs, and once more at its end."""
    usage = Usage()
    task = asyncio.create_task(usage.keep_writing(database), name="usage")
    try:
        yield usage
    finally:
        await tasks.stop(task)
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await usage.write(database)
