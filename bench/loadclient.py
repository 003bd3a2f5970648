"""A lean HTTP/1.1 load generator that leaves the cores to the server it measures: about ten microseconds a request.

It runs as a process of its own: a specification as JSON on standard input, the result as JSON on standard output. Two
modes. *Closed loop*: each of N connections sends its next request when its answer has come, which finds what the
server can do. *Open loop*: requests fall due by the clock whatever the server does, as pharmacies do, and latency
counts from the moment a request was due, so that a server that stalls cannot hide it (no coordinated omission).

It reads no more of HTTP than it must: status, Content-Length, operation code. It knows nothing of Sinetti's modules.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from array import array
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.wire import ConnectionEndedError, Connections, is_accepted, outcome, will_close

DRAIN_SECONDS = 10.0
PERCENTILES = (50.0, 95.0, 99.0, 99.9)
ROOT = Path(__file__).parents[1]

clock = time.perf_counter_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send where. Targets are used in order, each once, unless `repeat` lets them begin again."""

    host: str
    port: int
    method: str
    targets: str
    """File with one request target a line."""
    headers: dict[str, str]
    body: str = ""
    connections: int
    """Closed loop: how many requests at once. Open loop: at most so many."""
    seconds: float
    warm_up_seconds: float = 0.0
    """Sent before, and not counted."""
    rate: float | None = None
    """Requests a second; set, it is an open loop with independent (Poisson) arrivals."""
    repeat: bool = False


@dataclass(slots=True, kw_only=True)
class Result:
    """What came of it. Times in milliseconds; `latency` by percentile of the answers with status 200."""

    seconds: float
    sent: int
    """Targets used up, warm-up included."""
    answered: int
    """Answers inside the counted time."""
    accepted: int
    """Of these, with status 200."""
    rate: float
    """Accepted answers a second."""
    statuses: dict[str, int]
    codes: dict[str, int]
    """Operation codes of the counted answers."""
    latency: dict[str, float]
    refused_latency: dict[str, float]
    """The same of all other answers."""
    lag: dict[str, float]
    """Open loop: how late the client itself sent, which is inside `latency`."""
    broken: int
    """Connections that ended in the middle of an answer."""
    unanswered: int
    """Open loop: requests due in the counted time without an answer when the client gave up."""
    cpu_us_per_request: float
    """Processor time that the client itself took."""


class TargetsUsedUpError(Exception):
    """Every request has been sent: the load ends early."""


class Requests:
    """The requests as bytes, one after the other."""

    def __init__(self, load: Load) -> None:
        headers = {"Host": f"{load.host}:{load.port}", **load.headers}
        if load.body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(load.body.encode()))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        tail = f" HTTP/1.1\r\n{lines}\r\n{load.body}".encode()
        head = f"{load.method} ".encode()
        self._ready = [head + target + tail for target in Path(load.targets).read_bytes().splitlines()]
        self._repeat = load.repeat
        self.sent = 0

    def take(self) -> bytes:
        """The next one; `TargetsUsedUpError` when all have been sent and none may be repeated."""
        place = self.sent
        if place >= len(self._ready):
            if not self._repeat:
                raise TargetsUsedUpError
            place %= len(self._ready)
        request = self._ready[place]
        self.sent += 1
        return request


@dataclass(slots=True)
class Tally:
    """What is noted of each answer; times in nanoseconds."""

    accepted: array[int] = field(default_factory=lambda: array("q"))
    refused: array[int] = field(default_factory=lambda: array("q"))
    lags: array[int] = field(default_factory=lambda: array("q"))
    outcomes: dict[bytes, int] = field(default_factory=dict)

    def note(self, answer: bytes, latency: int) -> None:
        """Count one answer."""
        (self.accepted if is_accepted(answer) else self.refused).append(latency)
        kind = outcome(answer)
        self.outcomes[kind] = self.outcomes.get(kind, 0) + 1


def closed_loop(load: Load, requests: Requests) -> Result:
    """Each connection sends its next request as soon as its answer has come."""
    connections = Connections(load.host, load.port)
    tally = Tally()
    sent_at: dict[int, int] = {}
    cpu = time.process_time()
    begin = clock() + int(load.warm_up_seconds * 1e9)
    finish = begin + int(load.seconds * 1e9)
    with suppress(TargetsUsedUpError):
        for _ in range(load.connections):
            fd = connections.open()
            connections.send[fd](requests.take())
            sent_at[fd] = clock()
        while clock() < finish:
            _answer_and_ask_again(connections, requests, tally, sent_at, begin)
    now = clock()
    cpu = time.process_time() - cpu
    _drain(connections, len(sent_at))
    return _result(tally, requests.sent, (now - begin) / 1e9, cpu, connections.broken)


def _answer_and_ask_again(
    connections: Connections, requests: Requests, tally: Tally, sent_at: dict[int, int], begin: int
) -> None:
    """Read what has come, and send the next request where it came from."""
    for ready in connections.poller.wait(1.0):
        fd = ready
        try:
            answer = connections.answer(fd)
        except ConnectionEndedError:
            answer = b""
        if answer is None:
            continue
        now = clock()
        latency = now - sent_at.pop(fd)
        if answer and now >= begin:
            tally.note(answer, latency)
        if not answer or will_close(answer):
            connections.drop(fd)
            fd = connections.open()
        connections.send[fd](requests.take())
        sent_at[fd] = now


def _drain(connections: Connections, waiting: int) -> None:
    """Read the answers that are still to come, so that the server is idle when the next measurement begins."""
    until = time.monotonic() + DRAIN_SECONDS
    while waiting and time.monotonic() < until:
        for fd in connections.poller.wait(0.2):
            try:
                waiting -= connections.answer(fd) is not None
            except ConnectionEndedError:
                connections.drop(fd)
                waiting -= 1
    connections.close()


class OpenLoop:
    """Requests fall due by the clock; one that finds no free connection waits, and the wait counts."""

    def __init__(self, load: Load, requests: Requests) -> None:
        assert load.rate is not None
        self._load = load
        self._requests = requests
        self._connections = Connections(load.host, load.port)
        self._gap = 1e9 / load.rate
        self._chance = random.Random(7)
        self._tally = Tally()
        self._free = [self._connections.open() for _ in range(load.connections)]
        self._due_at: dict[int, int] = {}
        self._backlog: deque[int] = deque()
        self._counted = 0
        self._begin = self._finish = 0

    def run(self) -> Result:
        """Send the load and wait for its last answers."""
        cpu = time.process_time()
        due = float(clock())
        self._begin = int(due + self._load.warm_up_seconds * 1e9)
        self._finish = self._begin + int(self._load.seconds * 1e9)
        give_up = self._finish + int(DRAIN_SECONDS * 1e9)
        while (now := clock()) < give_up and (due < self._finish or self._backlog or self._due_at):
            while due <= now and due < self._finish:
                self._ask(int(due), now)
                due += self._chance.expovariate(1.0) * self._gap
            patience = (due - clock()) / 1e9 if due < self._finish else 0.01
            for fd in self._connections.poller.wait_briefly(patience):
                self._hear(fd)
        cpu = time.process_time() - cpu
        result = _result(self._tally, self._requests.sent, self._load.seconds, cpu, self._connections.broken)
        result.lag = percentiles(self._tally.lags)
        result.unanswered = len(self._backlog) + self._counted - result.answered
        self._connections.close()
        return result

    def _ask(self, due_at: int, now: int) -> None:
        if self._free:
            self._send(self._free.pop(), due_at, now)
        else:
            self._backlog.append(due_at)

    def _send(self, fd: int, due_at: int, now: int) -> None:
        self._due_at[fd] = due_at
        if due_at >= self._begin:
            self._counted += 1
            self._tally.lags.append(now - due_at)
        self._connections.send[fd](self._requests.take())

    def _hear(self, fd: int) -> None:
        try:
            answer = self._connections.answer(fd)
        except ConnectionEndedError:
            if self._due_at.pop(fd, None) is None:
                self._free.remove(fd)
            self._renew(fd)
            return
        if answer is None:
            return
        now = clock()
        due_at = self._due_at.pop(fd)
        if due_at >= self._begin:
            self._tally.note(answer, now - due_at)
        if will_close(answer):
            self._renew(fd)
        elif self._backlog:
            self._send(fd, self._backlog.popleft(), now)
        else:
            self._free.append(fd)

    def _renew(self, fd: int) -> None:
        self._connections.drop(fd)
        self._free.append(self._connections.open())


def percentiles(latencies: Sequence[int]) -> dict[str, float]:
    """Milliseconds by percentile, and the greatest; empty when there are none."""
    if not latencies:
        return {}
    ordered = sorted(latencies)
    last = len(ordered) - 1
    found = {f"p{p:g}": ordered[min(last, int(len(ordered) * p / 100))] / 1e6 for p in PERCENTILES}
    return {**found, "max": ordered[-1] / 1e6}


def _result(tally: Tally, sent: int, seconds: float, cpu: float, broken: int) -> Result:
    statuses: dict[str, int] = {}
    codes: dict[str, int] = {}
    for kind, count in tally.outcomes.items():
        status, code = kind[:3].decode(), kind[3:].decode("ascii", "replace") or "none"
        statuses[status] = statuses.get(status, 0) + count
        codes[code] = codes.get(code, 0) + count
    return Result(
        seconds=seconds,
        sent=sent,
        answered=len(tally.accepted) + len(tally.refused),
        accepted=len(tally.accepted),
        rate=len(tally.accepted) / seconds,
        statuses=statuses,
        codes=codes,
        latency=percentiles(tally.accepted),
        refused_latency=percentiles(tally.refused),
        lag={},
        broken=broken,
        unanswered=0,
        cpu_us_per_request=cpu / max(sent, 1) * 1e6,
    )


def run(load: Load) -> Result:
    """Run one load in a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-m", "bench.loadclient"],
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if finished.returncode != 0:
        raise RuntimeError(finished.stderr[-2000:])
    return Result(**json.loads(finished.stdout))


def main() -> None:
    """Read a specification, send its load, print the result."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  (there is none on Windows)

        limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit, min(most, 65536)), most))
    load = Load(**json.load(sys.stdin))
    requests = Requests(load)
    result = closed_loop(load, requests) if load.rate is None else OpenLoop(load, requests).run()
    json.dump(asdict(result), sys.stdout)


if __name__ == "__main__":
    main()
