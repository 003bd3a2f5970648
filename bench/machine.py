"""What the numbers were measured on, and whether anybody else was using it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg

from sinetti.kit.postgres_config import memory_bytes

QUIET_SHARE = 0.1
LOOK_SECONDS = 0.25


def describe(connection: psycopg.Connection) -> Mapping[str, str]:
    """Names and values of everything that the numbers depend on."""
    row = connection.execute(
        "SELECT current_setting('server_version'), current_setting('shared_buffers'),"
        " current_setting('synchronous_commit'), current_setting('wal_compression')"
    ).fetchone()
    assert row is not None
    libraries = ("psycopg", "uvicorn", "uvloop", "starlette", "msgspec")
    return {
        "Date": f"{datetime.now(UTC):%Y-%m-%d}",
        "Processor": f"{_processor()}, {os.cpu_count()} cores",
        "Memory": f"{memory_bytes() / 2**30:.0f} GiB",
        "Operating system": f"{_system()}, {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "PostgreSQL": f"{row[0]}, embedded; shared_buffers {row[1]}, synchronous_commit {row[2]},"
        f" wal_compression {row[3]}",
        "Libraries": ", ".join(f"{name} {version(name)}" for name in libraries),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"


class Quiet:
    """Waits until the machine has little else to do, for no more than so many seconds in all."""

    def __init__(self, seconds_max: float) -> None:
        self._seconds_left = seconds_max
        self.disturbed = 0
        """How many measurements began though others were busy."""

    def wait(self) -> None:
        """Call while nothing of ours runs. Where the system does not tell (no /proc/stat), this does nothing."""
        began = time.monotonic()
        while (share := _busy_share(LOOK_SECONDS)) >= QUIET_SHARE:
            if time.monotonic() - began >= self._seconds_left:
                self.disturbed += 1
                break
        if share >= QUIET_SHARE or time.monotonic() - began > 2 * LOOK_SECONDS:
            self._seconds_left = max(0.0, self._seconds_left - (time.monotonic() - began))


def _busy_share(seconds: float) -> float:
    before = _processor_times()
    if before is None:
        return 0.0
    time.sleep(seconds)
    after = _processor_times()
    assert after is not None
    total = sum(after) - sum(before)
    idle = sum(after[3:5]) - sum(before[3:5])
    return 1 - idle / total if total else 0.0


def _processor_times() -> list[int] | None:
    """Ticks by kind: user, nice, system, idle, waiting for disks, interrupts (2), stolen."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    return [int(ticks) for ticks in stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
