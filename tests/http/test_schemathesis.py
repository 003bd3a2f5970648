"""The description of the interface, tried by machine: thousands of good, bad and absurd requests.

None may be answered with a 5xx, nor with a status, a shape, a header or a content type that is not described. How it
is tried stands in `schemathesis.toml`.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from tests.http.running import SECRET, a_running_system

HERE = Path(__file__).parent
SECONDS_MAX = 240


@pytest.fixture
def system(server):
    with a_running_system(server, ["7K2/9aQ-0001"]) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "codes_min"),
    [("--exclude-path-regex", 18), ("--include-path-regex", 0)],
    ids=["all others", "uploads"],
)
def test_what_is_described_is_what_is_answered(system, tmp_path, which, codes_min):
    """Uploads are tried on their own: a recall or two, and no pack could be supplied any more."""
    basic = base64.b64encode(f"{system.pharmacy_id}:{SECRET}".encode()).decode()
    program = Path(sys.executable).parent / "schemathesis"
    config = ["--config-file", str(HERE / "schemathesis.toml")]
    # A program of its own: it makes warnings that are not ours, and pytest would take them for errors.
    run = subprocess.run(
        [str(program), *config, "run", f"{system.address}/openapi.json", which, "^/upload"],
        cwd=tmp_path,
        env=os.environ
        | {
            "PHARMACY_TOKEN": system.pharmacy_token,
            "UPLOADER_TOKEN": system.uploader_token,
            "OPERATOR_TOKEN": system.operator_token,
            "CLIENT_BASIC": f"Basic {basic}",
        },
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    with psycopg.connect(system.database_url) as connection:
        rows = connection.execute("SELECT DISTINCT operation_code FROM pack_event").fetchall()
    assert len(rows) >= codes_min, f"it did not come far into what can be answered: {rows}"
