"""Benchmark 6: supply where there are ten times as many packs."""

from __future__ import annotations

from bench import system
from bench.ground import Ground, Options, prepare
from bench.loadclient import Result
from bench.packs import Alphabet
from bench.report import Finding, middle, milliseconds, spread, whole
from bench.supply import MAIN_CONNECTIONS, SHOWN, warm
from sinetti.kit.postgres import EmbeddedPostgres

TIMES = 10
AIM_RATIO = 1.3


def small_against_large(
    server: EmbeddedPostgres, options: Options, alphabet: Alphabet, workers: int
) -> Finding:
    """(6) The same load on both, in turns."""
    sizes = (options.packs, TIMES * options.packs)
    grounds = {size: prepare(server, f"packs_{size}", options, alphabet, packs=size) for size in sizes}
    results = _measure(grounds, workers)
    for size in sizes:
        system.drop_database(server, f"packs_{size}")
    rates = {size: [result.rate for result in results[size]] for size in sizes}
    p99 = {size: middle([result.latency.get("p99", 0.0) for result in results[size]]) for size in sizes}
    small, large = sizes
    ratio = middle(rates[small]) / middle(rates[large])
    return Finding(
        number=6,
        title=f"{whole(small)} packs / {whole(large)} packs",
        aim=f"at most {AIM_RATIO} (supplies a second)",
        got=f"{ratio:.2f}; p99 {p99[large] / p99[small]:.2f} times as long",
        met=ratio <= AIM_RATIO,
        columns=("packs", "supply, req/s", "least - most", "p50 ms", "p95 ms", "p99 ms"),
        rows=[
            (
                whole(size), whole(middle(rates[size])), spread(rates[size]),
                *(milliseconds(middle([r.latency.get(p, 0.0) for r in results[size]])) for p in SHOWN),
            )
            for size in sizes
        ],
        values={"ratio": ratio, "rate": {size: middle(rates[size]) for size in sizes}, "p99": p99},
    )  # fmt: skip


def _measure(grounds: dict[int, Ground], workers: int) -> dict[int, list[Result]]:
    results: dict[int, list[Result]] = {size: [] for size in grounds}
    small, large = grounds
    with (
        system.serve(grounds[small].url, workers) as of_small,
        system.serve(grounds[large].url, workers) as of_large,
    ):
        services = {small: of_small, large: of_large}
        for size, ground in grounds.items():
            warm(ground, services[size])
        for _ in range(grounds[small].options.rounds):
            for size, ground in grounds.items():
                results[size].append(ground.supply(services[size], MAIN_CONNECTIONS))
    return results
