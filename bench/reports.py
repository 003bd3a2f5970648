"""`python -m bench.reports`: what operators' reports take, and what they take away from supplies in the same minutes.

A month with a million events, a hundred thousand of them alerts, is read by a worker while pharmacies supply at a
steady rate. Supplies are measured alone first, then beside each report; the worker's memory is the most that it had.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from bench import system
from bench.ground import Ground, Options, prepare
from bench.machine import Quiet, describe
from bench.packs import Alphabet
from bench.report import middle

MONTH = datetime(2026, 10, 1, tzinfo=UTC)
SUPPLIES_A_SECOND = 100.0
CONNECTIONS = 64
ALONE_SECONDS = 20.0
POLL_SECONDS = 0.25

EVENTS = """
INSERT INTO pack_event (product_id, recorded_at, serial_key, transaction_id, equipment_id, location_id, organisation_id,
                        operation, requested_state, operation_code, hub_code, level, state_before, state_after, scheme,
                        product_code, serial_number, batch, expiry, entry_mode, api_version, user_agent, source_address,
                        alert_id, rules_version)
SELECT pack.product_id, %(month)s::timestamptz + make_interval(secs => number * 2678000.0 / %(events)s),
       pack.serial_key, gen_random_uuid(), 1, 1, 1, 'supply', 'Supplied',
       CASE WHEN number %% %(every)s = 0 THEN '51220201' ELSE '11210200' END,
       CASE WHEN number %% %(every)s = 0 THEN 'A7' END, CASE WHEN number %% %(every)s = 0 THEN 5 END,
       CASE WHEN number %% %(every)s = 0 THEN 'Supplied' ELSE 'Active' END, 'Supplied', 'gs1', product.product_code,
       'SERIAL' || number, 'BATCH', '301231', 'non-manual', '3.1', 'Vertailu/1.0 (pharmacy system)', '192.0.2.7',
       CASE WHEN number %% %(every)s = 0 THEN 'FI-' || number END, 'bench'
  FROM (SELECT *, row_number() OVER () AS number FROM pack LIMIT %(events)s) AS pack
  JOIN product USING (product_id)
 ORDER BY number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A report beside supplies."""

    what: str
    seconds: float
    eta_seconds: float
    rows: int
    kilobytes: int
    worker_megabytes: float
    alone_p95: float
    """Of supplies just before, in milliseconds."""
    p50: float
    p95: float
    p99: float
    """Of supplies beside it: the middle of spans of five seconds."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=10, help="every so manyth event is an alert")
    chosen = parser.parse_args()
    options = Options(
        packs=chosen.events, seconds=ALONE_SECONDS, rounds=1, connections=(64,), workers=1, quiet=Quiet(0.0)
    )
    with system.postgres() as server:
        ground = prepare(server, "reports", options, Alphabet(), packs=chosen.events + 200_000)
        with psycopg.connect(ground.url, autocommit=True) as connection:
            machine = describe(connection)
            tool = system.add_equipment(connection, "operator", "Työkalu")
            connection.execute("SELECT ensure_pack_event_month(%s)", (MONTH,))
            connection.execute(EVENTS, {"month": MONTH, "events": chosen.events, "every": chosen.every})
            connection.execute("VACUUM ANALYZE")
        with system.serve(ground.url) as service, a_worker(ground.url) as worker:
            ground.supply(service, CONNECTIONS, rate=SUPPLIES_A_SECOND, seconds=5)
            alone = ground.supply(service, CONNECTIONS, rate=SUPPLIES_A_SECOND, seconds=ALONE_SECONDS).latency
            print("machine:", json.dumps(dict(machine)))
            print(f"alone: p50 {alone['p50']:.1f} p95 {alone['p95']:.1f} p99 {alone['p99']:.1f} ms")
            client = Tool(service, tool)
            for what, path, body in jobs():
                print(beside_supplies(ground, service, worker, client, what, path, body), flush=True)
            again = ground.supply(service, CONNECTIONS, rate=SUPPLIES_A_SECOND, seconds=ALONE_SECONDS).latency
            print(f"alone again: p50 {again['p50']:.1f} p95 {again['p95']:.1f} p99 {again['p99']:.1f} ms")


def jobs() -> Iterator[tuple[str, str, dict[str, object]]]:
    start, end = f"{MONTH:%Y-%m-%dT%H:%M:%SZ}", "2026-10-31T23:59:59Z"
    yield "alerts", "/alerts", {"startTimestamp": start, "endTimestamp": end}
    yield "alerts, full", "/alerts/fulldataset", {}
    yield (
        "ExceptionsAuditTrailReport",
        "/report/report-request",
        {
            "report Type Id": "ExceptionsAuditTrailReport",
            "parameters": {"startDateTime": start, "endDateTime": end},
        },
    )
    yield (
        "TransactionsByTransactionTypeReport",
        "/report/report-request",
        {
            "report Type Id": "TransactionsByTransactionTypeReport",
            "parameters": {"startDate": "2026-10-01", "endDate": "2026-10-31"},
        },
    )


class Tool:
    """The operator's tool."""

    def __init__(self, service: system.Service, equipment: system.Equipment) -> None:
        self._service = service
        self._headers = {
            "Authorization": f"Bearer {service.token(equipment)}",
            "Content-Type": "application/json",
        }
        self.path = ""

    def ask(self, path: str, body: dict[str, object]) -> tuple[str, str]:
        """Ask; returns the path of the result, and the eta if there is one."""
        if path.endswith("fulldataset"):
            path = self.path.replace("/data/", "/fulldataset/")
        answer, content = self._call("POST", path, json.dumps(body))
        assert answer.status == 202, content
        location = answer.headers["Location"]
        self.path = re.sub(r"^https?://[^/]+", "", location)
        return self.path, json.loads(content).get("eta", "")

    def wait(self, path: str) -> int:
        """Wait until it is there; returns its size in kilobytes."""
        query = "?pageSize=1" if path.startswith("/alerts") else ""
        while True:
            answer, _ = self._call("GET", path + query, read=False)
            if answer.status == 200:
                break
            assert answer.status == 409, answer.status
            time.sleep(POLL_SECONDS)
        return 0

    def size(self, path: str) -> int:
        _, content = self._call("GET", path + ("?pageSize=10000" if path.startswith("/alerts") else ""))
        return len(content) // 1024

    def _call(
        self, method: str, path: str, body: str | None = None, *, read: bool = True
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(self._service.host, self._service.port, timeout=120)
        connection.request(method, path, body, self._headers)
        answer = connection.getresponse()
        content = answer.read() if read or answer.status != 200 else b""
        connection.close()
        return answer, content


def beside_supplies(
    ground: Ground,
    service: system.Service,
    worker: subprocess.Popen[bytes],
    client: Tool,
    what: str,
    path: str,
    body: dict[str, object],
) -> Measured:
    """Make it while supplies go on for as long as it takes."""
    alone = ground.supply(service, CONNECTIONS, rate=SUPPLIES_A_SECOND, seconds=ALONE_SECONDS).latency
    asked_at = datetime.now(UTC)
    result, eta = client.ask(path, body)
    began = time.monotonic()
    latencies: list[dict[str, float]] = []
    done = threading.Event()

    def supply() -> None:
        while not done.is_set():
            latencies.append(ground.supply(service, CONNECTIONS, rate=SUPPLIES_A_SECOND, seconds=5).latency)

    supplying = threading.Thread(target=supply)
    supplying.start()
    client.wait(result)
    seconds = time.monotonic() - began
    done.set()
    supplying.join()
    eta_seconds = (datetime.fromisoformat(eta) - asked_at) / timedelta(seconds=1) if eta else float("nan")
    with psycopg.connect(ground.url) as connection:
        (rows,) = connection.execute(
            "SELECT row_count FROM report_request WHERE request_id = %s", (result.rsplit("/", 1)[1],)
        ).fetchone() or (0,)
    shown = {name: middle([one.get(name, 0.0) for one in latencies]) for name in ("p50", "p95", "p99")}
    return Measured(
        what=what,
        seconds=round(seconds, 1),
        eta_seconds=round(eta_seconds, 1) if eta else float("nan"),
        rows=rows,
        kilobytes=client.size(result),
        worker_megabytes=round(peak_megabytes(worker.pid), 1),
        alone_p95=round(alone["p95"], 1),
        **{name: round(value, 1) for name, value in shown.items()},
    )


def peak_megabytes(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def a_worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """`sinetti serve worker` over the database, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="sinetti-bench-worker-") as home:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("sinetti")), "serve", "worker"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "SINETTI_HOME": home,
                "SINETTI_DATABASE_URL": url,
                "SINETTI_LOG_LEVEL": "WARNING",
            },
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
