"""Runs a worker until it is told to stop. What it does is put together in `sinetti.worker`."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from typing import Final

import structlog

from sinetti.cli.server import environment_of
from sinetti.kit.db import UNAVAILABLE
from sinetti.kit.metrics import share_metrics
from sinetti.kit.settings import Settings

AGAIN_SECONDS: Final = 5.0

_logger = structlog.get_logger(__name__)

_ROOT: Final = "sinetti.worker"
"""Named, not imported: commands and composition roots stand side by side and do not know each other."""


def run_worker(settings: Settings, on_ready: Callable[[], None] | None = None) -> None:
    """Do background work until SIGINT or SIGTERM. The settings must name a database that runs and is migrated."""
    os.environ.update(environment_of(settings))
    share_metrics(settings.home)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_work(settings, on_ready))


async def _work(settings: Settings, on_ready: Callable[[], None] | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if (parent := multiprocessing.parent_process()) is not None:
        # Whoever started it may be killed: nobody would stop it then.
        def watch() -> None:
            parent.join()
            loop.call_soon_threadsafe(stopped.set)

        threading.Thread(target=watch, daemon=True).start()
    a_worker = importlib.import_module(_ROOT).a_worker
    begun = False
    while not stopped.is_set():
        try:
            async with a_worker(settings) as worker:
                if on_ready is not None and not begun:
                    on_ready()
                begun = True
                await _first(worker, stopped)
        except UNAVAILABLE as error:
            if not begun:
                raise
            _logger.warning("worker_waits", error=str(error))
        if not stopped.is_set():
            # PostgreSQL went away, say for an update: what was asked for is still there when it comes back.
            _logger.warning("worker_begins_anew", seconds=AGAIN_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), AGAIN_SECONDS)


async def _first(worker: asyncio.Task[None], stopped: asyncio.Event) -> None:
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait([waiting, worker], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
