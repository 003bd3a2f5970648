"""What the load client itself can do, so that its own part in the numbers is known."""

from __future__ import annotations

import subprocess
import sys
import tempfile

from bench import loadclient
from bench.loadclient import ROOT, Load, Result

CONNECTIONS = 64
SECONDS = 2.0


def client_limit() -> Result:
    """The load client against a server that only answers."""
    with (
        tempfile.NamedTemporaryFile("w", suffix=".targets", encoding="ascii") as targets,
        subprocess.Popen(
            [sys.executable, "-m", "bench.trivial_server"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as server,
    ):
        assert server.stdout is not None
        targets.write("\n".join(f"/pack/{number:020}?batch=B1&expiry=301231" for number in range(1000)))
        targets.flush()
        try:
            return loadclient.run(
                Load(
                    host="127.0.0.1",
                    port=int(server.stdout.readline()),
                    method="PATCH",
                    targets=targets.name,
                    headers={"Authorization": f"Bearer {'x' * 43}", "Accept-Language": "fi"},
                    body='{"state":"Supplied"}',
                    connections=CONNECTIONS,
                    seconds=SECONDS,
                    repeat=True,
                )
            )
        finally:
            server.terminate()
