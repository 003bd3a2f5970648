"""The description of the interface, tried by machine: thousands of good, bad and absurd requests.

None may be answered with a 5xx, nor with a status, a shape, a header or a content type that is not described. How it
is tried stands in `schemathesis.toml`.
"""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from tests.http.country import GTIN
from tests.http.running import SECRET, Running, a_running_system

from sinetti.alerts.analysis import analyser_of
from sinetti.alerts.intake import analyse_waiting, take_in
from sinetti.kit.db import Database
from sinetti.rules.load import load_rules

HERE = Path(__file__).parent
SECONDS_MAX = 240


@pytest.fixture
def system(server):
    with a_running_system(server, ["7K2/9aQ-0001"]) as running:
        yield running


async def an_alert(system: Running) -> str:
    """An alert of the pharmacy, taken over by the alert management."""
    rules = load_rules("FI")
    async with (
        await Database.open(system.database_url, pool_max=1) as database,
        httpx.AsyncClient(base_url=system.address) as client,
    ):
        headers = {"Authorization": system.pharmacy_token, "emvs-data-entry-mode": "manual"}
        pack = f"/product/gs1/{GTIN}/pack/7k2%2f9AQ-0001?batch=LOT-42%2FA&expiry=291200"
        alert_id: str = (await client.get(pack, headers=headers)).json()["alertId"]
        async with database.transaction() as tx:
            await take_in(tx, rules, datetime.now(UTC))
            await analyse_waiting(tx, rules, analyser_of(rules), datetime.now(UTC))
    return alert_id


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
            "ALERT_ID": asyncio.run(an_alert(system)),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    with psycopg.connect(system.database_url) as connection:
        changed = connection.execute("SELECT FROM alert_history WHERE equipment_id IS NOT NULL").fetchall()
        rows = connection.execute("SELECT DISTINCT operation_code FROM pack_event").fetchall()
    assert changed or not codes_min, "it did not come as far as the alert"
    assert len(rows) >= codes_min, f"it did not come far into what can be answered: {rows}"
