"""`sinetti demo traffic` as somebody runs it: a short day against the demo, what it leaves, and how it is stopped."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.journeys.commands import Running, environment, running, sinetti

from sinetti.demo.traffic.truth import Truth, read_truths
from sinetti.kit.postgres import EmbeddedPostgres, start_embedded

pytestmark = pytest.mark.slow

READY = "reset throws them away"
SHORT = ("--pharmacies", "6", "--packs", "12", "--day", "2026-11-23")


@pytest.fixture(scope="module")
def demo(server: EmbeddedPostgres) -> Iterator[Running]:
    # Beside the shared server, where no other run of pytest closes folders to PostgreSQL's user.
    home = Path(tempfile.mkdtemp(dir=server.home.parent))
    with running(home, "demo", "start", "--port", "0", ready=READY) as started:
        yield started


def rows(home: Path, query: str) -> list[tuple[str, ...]]:
    """What the database of the demo says."""
    postgres = start_embedded(home)
    try:
        with psycopg.connect(postgres.url) as connection:
            return connection.execute(query.encode()).fetchall()
    finally:
        postgres.stop()


def alert_ids(home: Path) -> set[str]:
    return {row[0] for row in rows(home, "SELECT alert_id FROM alert")}


def truths(home: Path, seed: int, run: int = 1) -> list[Truth]:
    return list(read_truths(home / "traffic" / f"seed-{seed}-run-{run}.jsonl"))


def test_a_short_day_gives_each_alert_one_truth_and_again_with_the_same_seed(demo):
    before = alert_ids(demo.home)
    participants = []
    for run in (1, 2):
        ran = sinetti(demo.home, "demo", "traffic", *SHORT, "--seed", "3", "--speed", "max", "--alerts", "25")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        after = alert_ids(demo.home)
        told = [truth for truth in truths(demo.home, 3, run) if truth.planned == "alert"]
        assert Counter(truth.alert_id for truth in told) == Counter(after - before)
        assert all(truth.alert_id is None for truth in truths(demo.home, 3, run) if truth.planned != "alert")
        assert f"{len(told)} alerts" in ran.stdout
        assert len({truth.cause for truth in told}) > 5
        participants.append((demo.home / "traffic" / "participants.json").read_bytes())
        before = after
    assert participants[0] == participants[1]
    assert stat.S_IMODE((demo.home / "traffic" / "participants.json").stat().st_mode) == 0o600


def test_the_participants_are_made_once_and_those_of_the_demo_stay_as_they_are(demo):
    def others() -> list[tuple[str, ...]]:
        return rows(
            demo.home,
            "SELECT client_id, name, client_role::text, encode(secret_sha256, 'hex') FROM client_equipment"
            " WHERE client_id NOT LIKE 'demo-traffic-%' ORDER BY 1",
        )

    def ours() -> set[tuple[str, ...]]:
        return set(
            rows(demo.home, "SELECT client_id FROM client_equipment WHERE client_id LIKE 'demo-traffic-%'")
        )

    untouched = others()
    arguments = ("--pharmacies", "2", "--packs", "3", "--day", "2026-11-23", "--hours", "2", "--speed", "max")
    assert sinetti(demo.home, "demo", "traffic", *arguments, "--seed", "50").returncode == 0
    first = ours()
    (demo.home / "traffic" / "participants.json").unlink()
    ran = sinetti(demo.home, "demo", "traffic", *arguments, "--seed", "50")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    again = ours()
    assert {row[0] for row in again - first} == {
        f"{place}-again-1"
        for place in (row[0] for row in first)
        if f"{place}-again-1" in {row[0] for row in again}
    }
    assert again - first
    assert others() == untouched


def test_one_cause_alone(demo):
    ran = sinetti(
        demo.home,
        "demo",
        "traffic",
        *SHORT,
        "--seed",
        "4",
        "--speed",
        "max",
        "--alerts",
        "8",
        "--only",
        "case_swap",
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    alerts = [truth for truth in truths(demo.home, 4) if truth.alert_id]
    assert {truth.cause for truth in alerts} == {"case_swap"}
    for truth in alerts:
        assert truth.sent.serial_number.swapcase() == truth.printed.serial_number


def test_ctrl_c_stops_cleanly_and_every_alert_so_far_has_its_truth(demo):
    before = alert_ids(demo.home)
    arguments = ("demo", "traffic", *SHORT, "--seed", "5", "--speed", "20000", "--alerts", "30")
    process = subprocess.Popen(
        [sys.executable, "-m", "sinetti", *arguments],
        env=environment(demo.home),
        cwd=demo.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "ALERT" in line:
            break
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=60)[0]
    assert process.returncode == 130, said
    assert "Stopped at Mon" in said
    told = {truth.alert_id for truth in truths(demo.home, 5) if truth.alert_id}
    assert told == alert_ids(demo.home) - before
    assert len(told) == int(re.findall(r"(\d+) alerts;", said)[-1])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--speed", "fast"), "--speed should be a number above 0, or max; it is 'fast'"),
        (("--speed", "0"), "--speed should be a number above 0"),
        (("--only", "bad_luck"), "bad_luck"),
        (("--only", "out_of_scope"), "no alert is due to: out_of_scope"),
        (("--hours", "0.2"), "nobody is open in that time"),
    ],
)
def test_what_cannot_be_played_is_told(demo, arguments, told):
    ran = sinetti(demo.home, "demo", "traffic", "--day", "2026-11-29", *arguments)
    assert ran.returncode == 2
    assert told in ran.stderr


def test_without_a_demo_there_is_no_traffic(tmp_path):
    ran = sinetti(tmp_path, "demo", "traffic")
    assert ran.returncode == 2
    assert "Start one, and leave it running: sinetti demo start" in ran.stderr


def test_a_demo_that_does_not_run_is_told_of_and_a_reset_takes_the_credentials(home):
    with running(home, "demo", "start", "--port", "0", ready=READY) as started:
        arguments = (
            "--pharmacies",
            "1",
            "--packs",
            "1",
            "--speed",
            "max",
            "--day",
            "2026-11-23",
            "--hours",
            "2",
        )
        assert sinetti(home, "demo", "traffic", *arguments).returncode == 0
        assert started.stop() == 0
    kept = json.loads((home / "traffic" / "participants.json").read_text(encoding="utf-8"))
    assert "demo-traffic-pharmacy-001" in kept
    begun = time.monotonic()
    ran = sinetti(home, "demo", "traffic", *arguments)
    assert time.monotonic() - begun < 60
    assert ran.returncode == 2
    assert "Does the demo still run?" in ran.stderr
    assert sinetti(home, "demo", "reset", "--yes").returncode == 0
    assert not (home / "traffic" / "participants.json").exists()
