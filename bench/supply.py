"""Benchmarks 1 to 3: supply beside its limit, verification beside supply, and how long answers take under load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import system
from bench.ground import Cost, Ground
from bench.loadclient import Result
from bench.report import Finding, middle, milliseconds, spread, whole

MAIN_CONNECTIONS = 64
HALF_CONNECTIONS = 256
TWICE_CONNECTIONS = 2048
"""So many that the service, and not the client, must say what is too much."""
SHOWN = ("p50", "p95", "p99")
WORKERS_TRIED = (1, 2)

PROCESSOR_NOTE = (
    "The last three columns are microseconds of processor time for one supply: in the service, in PostgreSQL for the"
    " service, and in PostgreSQL for pgbench (whose own time, like that of the load client, comes on top)."
)

AIM_SUPPLY = 1.0
AIM_VERIFY = 1.2
AIM_P99_MS = 15.0


def warm(ground: Ground, service: system.Service) -> None:
    """Touch most pages once: the first change of a page after a checkpoint writes all of it to the log."""
    seconds = 2 * ground.options.seconds
    if ground.limit_codes:
        ground.limit(MAIN_CONNECTIONS, seconds)
    ground.supply(service, MAIN_CONNECTIONS, seconds=seconds)


def best_workers(ground: Ground, services: Sequence[system.Service]) -> tuple[system.Service, str]:
    """The service whose number of processes supplies most, and a sentence that says so."""
    rates: dict[int, list[float]] = {service.workers: [] for service in services}
    for _ in range(ground.options.rounds):
        for service in services:
            rates[service.workers].append(ground.supply(service, MAIN_CONNECTIONS).rate)
    best = max(services, key=lambda service: middle(rates[service.workers]))
    compared = ", ".join(f"{n} {_processes(n)} {whole(middle(rates[n]))}" for n in rates)
    return best, (
        f"Server processes: supplies a second at {MAIN_CONNECTIONS} connections were {compared};"
        f" everything here was measured with {best.workers}."
    )


def _processes(number: int) -> str:
    return "process" if number == 1 else "processes"


@dataclass(slots=True)
class Level:
    """What was measured with one number of connections, round by round."""

    supplied: list[Result] = field(default_factory=list)
    supply_costs: list[Cost] = field(default_factory=list)
    limit_rates: list[float] = field(default_factory=list)
    limit_costs: list[Cost] = field(default_factory=list)

    def supply(self, ground: Ground, service: system.Service, connections: int) -> None:
        """Measure the service once."""
        self.supplied.append(ground.supply(service, connections))
        self.supply_costs.append(ground.cost)

    def limit(self, ground: Ground, connections: int) -> None:
        """Measure pgbench once."""
        self.limit_rates.append(ground.limit(connections).rate)
        self.limit_costs.append(ground.cost)

    @property
    def rates(self) -> list[float]:
        """Supplies a second."""
        return [result.rate for result in self.supplied]

    @property
    def ratio(self) -> float:
        """Service / pgbench."""
        return middle(self.rates) / middle(self.limit_rates)

    def row(self, connections: int) -> Sequence[str]:
        """For the table."""
        return (
            str(connections),
            whole(middle(self.rates)),
            spread(self.rates),
            whole(middle(self.limit_rates)),
            spread(self.limit_rates),
            f"{self.ratio:.2f}",
            *(milliseconds(middle([result.latency.get(p, 0.0) for result in self.supplied])) for p in SHOWN),
            f"{middle([cost.service_us for cost in self.supply_costs]):.0f}",
            f"{middle([cost.postgres_us for cost in self.supply_costs]):.0f}",
            f"{middle([cost.postgres_us for cost in self.limit_costs]):.0f}",
        )


def supply_against_limit(ground: Ground, service: system.Service) -> Finding:
    """(1) Durable supply of single packs over HTTP against the same transaction in pgbench, in turns."""
    levels = {connections: Level() for connections in ground.options.connections}
    for turn in range(ground.options.rounds):
        for connections, level in levels.items():
            if turn % 2:
                level.limit(ground, connections)
            level.supply(ground, service, connections)
            if not turn % 2:
                level.limit(ground, connections)
    shown = MAIN_CONNECTIONS if MAIN_CONNECTIONS in levels else max(levels)
    ratio = levels[shown].ratio
    return Finding(
        number=1,
        title="Supply over HTTP / pgbench",
        aim=f"at least {AIM_SUPPLY} at {MAIN_CONNECTIONS} connections",
        got=f"{ratio:.2f} at {shown} connections",
        met=ratio >= AIM_SUPPLY if shown == MAIN_CONNECTIONS else None,
        columns=(
            "connections", "supply, req/s", "least - most", "pgbench, tx/s", "least - most", "ratio",
            "p50 ms", "p95 ms", "p99 ms", "service us", "PostgreSQL us", "pgbench: PostgreSQL us",
        ),
        rows=[level.row(connections) for connections, level in levels.items()],
        notes=[PROCESSOR_NOTE],
        values={
            "ratio": {connections: level.ratio for connections, level in levels.items()},
            "supply_rate": {connections: middle(level.rates) for connections, level in levels.items()},
            "pgbench_rate": {connections: middle(level.limit_rates) for connections, level in levels.items()},
        },
    )  # fmt: skip


def verify_against_supply(ground: Ground, service: system.Service) -> Finding:
    """(2) Verification, which changes no pack but is recorded, against supply."""
    supplied: list[Result] = []
    verified: list[Result] = []
    for _ in range(ground.options.rounds):
        supplied.append(ground.supply(service, MAIN_CONNECTIONS))
        verified.append(ground.verify(service, MAIN_CONNECTIONS))
    rates = {"supply": [r.rate for r in supplied], "verify": [r.rate for r in verified]}
    ratio = middle(rates["verify"]) / middle(rates["supply"])
    return Finding(
        number=2,
        title="Verification / supply",
        aim=f"at least {AIM_VERIFY} at {MAIN_CONNECTIONS} connections",
        got=f"{ratio:.2f}",
        met=ratio >= AIM_VERIFY,
        columns=("operation", "req/s", "least - most", "p50 ms", "p95 ms", "p99 ms"),
        rows=[
            (
                name, whole(middle(rates[name])), spread(rates[name]),
                *(milliseconds(middle([r.latency.get(p, 0.0) for r in results])) for p in SHOWN),
            )
            for name, results in (("supply", supplied), ("verify", verified))
        ],
        values={"ratio": ratio, "rate": {name: middle(found) for name, found in rates.items()}},
    )  # fmt: skip


def peak_of(ground: Ground, service: system.Service) -> float:
    """The most that the service supplies a second, whatever the number of connections."""
    levels = [level for level in ground.options.connections if level >= MAIN_CONNECTIONS] or [
        MAIN_CONNECTIONS
    ]
    return max(ground.supply(service, level).rate for level in levels)


def latency_under_load(ground: Ground, service: system.Service, peak: float) -> Finding:
    """(3) Open loop: at half of what the service can take, and at twice."""
    half = [_open_loop(ground, service, peak / 2, HALF_CONNECTIONS) for _ in range(ground.options.rounds)]
    twice = [_open_loop(ground, service, peak * 2, TWICE_CONNECTIONS) for _ in range(ground.options.rounds)]
    p99 = middle([result.latency.get("p99", 0.0) for result in half])
    refused = middle([result.statuses.get("429", 0) / max(result.answered, 1) for result in twice])
    twice_p99 = middle([result.latency.get("p99", 0.0) for result in twice])
    return Finding(
        number=3,
        title="Time to answer, open loop",
        aim=f"p99 under {AIM_P99_MS:.0f} ms at half of peak",
        got=f"p99 {milliseconds(p99)} ms at half of peak; at twice {refused:.0%} answered 429,"
        f" p99 of the others {milliseconds(twice_p99)} ms",
        met=p99 < AIM_P99_MS,
        columns=(
            "load", "offered, req/s", "accepted, req/s", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms", "429",
            "p99 of 429, ms", "unanswered",
        ),
        rows=[
            _latency_row("half of peak", peak / 2, half),
            _latency_row("twice the peak", peak * 2, twice),
        ],
        notes=[_peak_note(peak, half, twice)],
        values={"peak": peak, "p99_half": p99, "p99_twice": twice_p99, "refused_twice": refused},
    )  # fmt: skip


def _peak_note(peak: float, half: Sequence[Result], twice: Sequence[Result]) -> str:
    late_half, late_twice = (
        milliseconds(middle([result.lag.get("p99", 0.0) for result in results])) for results in (half, twice)
    )
    return (
        f"Peak: {whole(peak)} supplies a second. When the client itself sends late, that is inside these times; the"
        f" p99 of it was {late_half} ms at half of peak and {late_twice} ms at twice."
    )


def _open_loop(ground: Ground, service: system.Service, rate: float, connections: int) -> Result:
    return ground.supply(service, connections, rate=rate)


def _latency_row(name: str, rate: float, results: Sequence[Result]) -> Sequence[str]:
    def shown(percentile: str) -> str:
        return milliseconds(middle([result.latency.get(percentile, 0.0) for result in results]))

    refused = middle([result.statuses.get("429", 0) / max(result.answered, 1) for result in results])
    return (
        name,
        whole(rate),
        whole(middle([result.rate for result in results])),
        *map(shown, (*SHOWN, "p99.9")),
        f"{refused:.0%}",
        milliseconds(middle([result.refused_latency.get("p99", 0.0) for result in results])),
        str(sum(result.unanswered for result in results)),
    )
