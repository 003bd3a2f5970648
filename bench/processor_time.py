"""Processor time that a service and PostgreSQL take for one request: says more than requests a second where others
use the machine too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from sinetti.kit.postgres import EmbeddedPostgres


@dataclass(slots=True)
class Spent:
    """Seconds of processor time, filled in when the block ends."""

    seconds: float = 0.0


@contextmanager
def spent_by(pid: int) -> Iterator[Spent]:
    """Measure what a process and all its descendants take, those that end meanwhile included."""
    spent = Spent()
    before = _seconds(pid)
    yield spent
    spent.seconds = _seconds(pid) - before


def _seconds(pid: int) -> float:
    """A process has the time of its ended children added to its own, where the system does that."""
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.Error):
            total += sum(process.cpu_times()[:4])
    return total


def postmaster(server: EmbeddedPostgres) -> int:
    """Process id of the database server."""
    text = (server.home / "postgres" / "postmaster.pid").read_text(encoding="utf-8")
    return int(text.split("\n", 1)[0])
