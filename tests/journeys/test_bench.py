"""The benchmarks themselves work: every one gives numbers, and the load client hides no waiting."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from bench.loadclient import Load, run
from bench.packs import Alphabet, Supplies, make_country

from sinetti.gs1.identifiers import is_gtin, is_serial_number
from sinetti.nmvs.store.serial_key import serial_key

ROOT = Path(__file__).parents[2]
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n{"operationCode":"11110100"}'
STALL_SECONDS = 0.4


@pytest.mark.slow
def test_every_benchmark_gives_a_ratio_and_every_answer_is_the_one_expected():
    command = [
        sys.executable,
        "-m",
        "bench",
        "--quick",
        "--seconds",
        "0.5",
        "--packs",
        "20000",
        "--json",
        "--no-write",
    ]
    # (8) and (9) need a hundred thousand alerts, which takes longer than a test may.
    only = ["--only", "1,2,3,4,5,6,7"]
    finished = subprocess.run(
        [*command, *only, "--connections", "1,16"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    findings = {finding["number"]: finding for finding in json.loads(finished.stdout)["findings"]}
    assert sorted(findings) == [1, 2, 3, 4, 5, 6, 7]
    assert all(ratio > 0 for ratio in findings[1]["values"]["ratio"].values())
    assert all(findings[number]["values"]["ratio"] > 0 for number in (2, 4, 6))
    assert findings[3]["values"]["p99_half"] > 0
    assert findings[5]["values"]["bytes"] > 0
    assert findings[7]["values"]["worst"]["page"] > 0
    assert len(findings[7]["rows"]) > 5
    assert "unexpected answers" not in finished.stderr


def test_made_up_packs_have_good_identifiers_and_the_keys_of_their_serial_numbers():
    alphabet = Alphabet()
    country = make_country(products=3, batches=7, packs=1000)
    assert country.pack_count == 1000
    assert all(is_gtin(code) for code in country.product_codes)
    serial_numbers: list[str] = []
    for batch in country.batches:
        keys = batch.keys(alphabet)
        found = batch.serial_numbers(alphabet)
        assert [keys[i : i + 16] for i in range(0, len(keys), 16)] == [serial_key(text) for text in found]
        assert found[3] == batch.serial_number(alphabet, 3)
        serial_numbers += found
    assert all(is_serial_number(text, "gs1") for text in serial_numbers)
    assert len(set(serial_numbers)) == 1000


def test_each_pack_is_handed_out_once():
    alphabet = Alphabet()
    country = make_country(products=2, batches=5, packs=100)
    supplies = Supplies(country, alphabet)
    first = list(supplies.peek(60))
    assert list(supplies.peek(60)) == first
    supplies.take(60)
    assert len(set(first) | set(supplies.peek(60))) == 100


class StallingServer(threading.Thread):
    """Answers at once, but stops for a while in the middle, as a server does that collects garbage."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._lock = threading.Lock()

    def run(self) -> None:
        while True:
            accepted, _ = self._listening.accept()
            threading.Thread(target=self._serve, args=[accepted], daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        with accepted:
            while accepted.recv(65536):
                with self._lock:
                    accepted.sendall(ANSWER)

    def stall(self) -> None:
        """Answer nobody for a while."""
        with self._lock:
            time.sleep(STALL_SECONDS)


def test_in_an_open_loop_the_requests_that_a_stall_kept_waiting_count_with_their_whole_wait(tmp_path: Path):
    server = StallingServer()
    server.start()
    threading.Timer(0.6, server.stall).start()
    targets = tmp_path / "targets"
    targets.write_text("/pack/1\n/pack/2\n", encoding="ascii")
    result = run(
        Load(
            host="127.0.0.1",
            port=server.port,
            method="GET",
            targets=str(targets),
            headers={},
            connections=4,
            seconds=1.5,
            rate=400,
            repeat=True,
        )
    )
    assert result.statuses == {"200": result.answered}
    assert result.codes == {"11110100": result.answered}
    assert (result.broken, result.unanswered) == (0, 0)
    # A quarter of the requests fell due in the stall, though only four connections were there to wait: a client
    # that counts from when it sends would have seen four slow answers out of six hundred.
    assert result.latency["p95"] > STALL_SECONDS * 1000 / 4


def test_a_closed_loop_sends_each_target_once_and_ends_when_they_are_used_up(tmp_path: Path):
    server = StallingServer()
    server.start()
    targets = tmp_path / "targets"
    targets.write_text("".join(f"/pack/{number}\n" for number in range(100)), encoding="ascii")
    result = run(
        Load(
            host="127.0.0.1",
            port=server.port,
            method="GET",
            targets=str(targets),
            headers={},
            connections=5,
            seconds=30,
        )
    )
    assert result.sent == 100
    assert result.answered >= 95
    assert result.seconds < 30
