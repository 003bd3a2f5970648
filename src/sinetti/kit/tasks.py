"""Ends what a process does beside its requests."""

from __future__ import annotations

import asyncio
from typing import Any, Final

CANCEL_AGAIN_SECONDS: Final = 0.5


async def stop(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end, however it ends.

    A cancellation that comes just as PostgreSQL answers can get lost (asyncio.wait_for before Python 3.12, in
    psycopg), so it is said again until it has been heard.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_AGAIN_SECONDS)
