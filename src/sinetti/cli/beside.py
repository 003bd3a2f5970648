"""Processes beside the demo's national system: the portal and the worker, each of its own, as in earnest."""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sinetti.cli.errors import UserError
from sinetti.cli.server import GRACE_SECONDS, run_portal
from sinetti.cli.worker import run_worker
from sinetti.kit.settings import Settings

START_SECONDS_MAX: Final = 90


@contextmanager
def portal_beside(settings: Settings, bound: socket.socket) -> Iterator[None]:
    """Serve the portal on this socket for as long as the block runs. The settings must name a database.

    Returns to the block when the portal answers. Raises `UserError` where it does not.
    """
    with _process("portal", _serve, settings, bound) as process:
        host, port = bound.getsockname()[:2]
        # The child has it now; an open copy here would take connections that nobody answers.
        bound.close()
        _wait(process, host, port)
        yield


@contextmanager
def worker_beside(settings: Settings) -> Iterator[None]:
    """Do background work for as long as the block runs. The settings must name a database."""
    with _process("worker", run_worker, settings):
        yield


@contextmanager
def _process(
    name: str, target: Callable[..., None], *arguments: object
) -> Iterator[multiprocessing.process.BaseProcess]:
    process = multiprocessing.get_context("spawn").Process(
        target=target, args=arguments, name=name, daemon=True
    )
    process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join(GRACE_SECONDS + 1)
        process.kill()
        process.join()


def _wait(process: multiprocessing.process.BaseProcess, host: str, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        if not process.is_alive():
            raise UserError("the portal could not start; the lines above say why")
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise UserError(f"the portal did not start within {START_SECONDS_MAX} seconds")


def _serve(settings: Settings, bound: socket.socket) -> None:
    run_portal(settings, bound, lambda: None)
