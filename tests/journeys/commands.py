"""Runs the command `sinetti` as a person does: a process of its own, with a folder of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 30
_ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Variables of a person who speaks English and has set nothing but their folder."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SINETTI_", "LC_", "LANG"))
    }
    return kept | {"SINETTI_HOME": str(home), "LANG": "en_GB.UTF-8", "PYTHONUTF8": "1"} | more


def sinetti(home: Path, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "sinetti", *arguments],
        env=environment(home, **more),
        cwd=home,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=START_SECONDS_MAX,
        check=False,
    )


@dataclass
class Running:
    """A server that a command has started."""

    process: subprocess.Popen[str]
    address: str
    said: str
    """Everything it printed until it was ready."""
    home: Path

    @property
    def demo(self) -> dict[str, Any]:
        """What its `demo.json` says now."""
        content: dict[str, Any] = json.loads((self.home / "demo.json").read_text(encoding="utf-8"))
        return content

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Tell it to stop, and wait until it has."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS_MAX)


@contextmanager
def running(home: Path, *arguments: str, ready: str, **more: str) -> Iterator[Running]:
    """A command that serves, from the line with the word `ready` on; stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sinetti", *arguments],
        env=environment(home, **more),
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(START_SECONDS_MAX, process.kill)
    watchdog.start()
    try:
        said, address = _until_ready(process, ready)
        watchdog.cancel()
        # What is printed from now on must not fill the pipe.
        reader = threading.Thread(target=lambda: [None for _ in process.stdout or ()], daemon=True)
        reader.start()
        yield Running(process, address, said, home)
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout:
            process.stdout.close()


def _until_ready(process: subprocess.Popen[str], ready: str) -> tuple[str, str]:
    said: list[str] = []
    assert process.stdout is not None
    address = ""
    for line in process.stdout:
        said.append(line)
        found = _ADDRESS.search(line)
        address = address or (found[0] if found else "")
        if ready in line:
            return "".join(said), address
    raise AssertionError(f"it ended with {process.wait()}: {''.join(said)}")


def token_of(address: str, client_id: str, client_secret: str) -> str:
    """An access token, asked for as any OAuth2 client asks."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    answer = httpx.post(f"{address}/identity/connect/token", data=form, timeout=20)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token
