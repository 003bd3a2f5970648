"""Real servers as an operator starts them: `sinetti serve nmvs` in processes of its own, which can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SINETTI = Path(sys.executable).with_name("sinetti")
START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server with its worker processes, which are all in one process group."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    log: Path

    def said(self) -> str:
        """The end of what the server wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def kill(self) -> None:
        """kill -9 of every process at once. Nothing is finished, nothing is said."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(
    home: Path, *, database_url: str | None = None, workers: int = 1, port: int = 0
) -> Iterator[Server]:
    """Serve on a free port; without `database_url` with the embedded PostgreSQL in `home`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SINETTI_")}
    environment |= {"SINETTI_HOME": str(home), "SINETTI_LOG_LEVEL": "ERROR"}
    if database_url is not None:
        environment["SINETTI_DATABASE_URL"] = database_url
    command = [str(SINETTI), "serve", "nmvs", "--port", str(port), "--workers", str(workers)]
    log = home / f"server-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
    try:
        yield Server(process, "127.0.0.1", _port(process, log), log)
    finally:
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS_MAX)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever did not stop
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until and process.poll() is None:
        said = re.search(r"http://[0-9.]+:([0-9]+)", log.read_text(encoding="utf-8", errors="replace"))
        if said:
            return int(said[1])
        time.sleep(0.02)
    raise AssertionError(
        f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
    )
