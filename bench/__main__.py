"""`python -m bench` (`make bench`): run the benchmarks, print the ratios, write `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from bench import alert_intake, alert_pages, portal, report, scale, supply, system, upload
from bench.client_limit import client_limit
from bench.ground import Ground, Options, prepare
from bench.machine import Quiet, describe
from bench.packs import Alphabet
from bench.report import Finding
from sinetti.kit.postgres import EmbeddedPostgres

EVERY = (1, 2, 3, 4, 5, 6, 7, 8, 9)
PACK_BENCHMARKS = {1, 2, 3}
LEVELS = (1, 16, 64, 256)
QUIET_SECONDS_MAX = 120.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line asks for."""
    chosen = _parser().parse_args(arguments)
    options = Options(
        packs=chosen.packs or (100_000 if chosen.quick else 1_000_000),
        seconds=chosen.seconds or (3.0 if chosen.quick else 6.0),
        rounds=chosen.rounds or (1 if chosen.quick else 3),
        connections=chosen.connections or LEVELS,
        workers=chosen.workers or (1 if chosen.quick else None),
        quiet=Quiet(0.0 if chosen.quick else QUIET_SECONDS_MAX),
    )
    only = set(chosen.only or EVERY)
    began = time.monotonic()
    findings: list[Finding] = []
    alphabet = Alphabet()
    with system.postgres() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            machine = describe(connection)
        for finding in _findings(server, options, alphabet, only):
            findings.append(finding)
            _say(report.as_text([finding]))
    if options.quiet.disturbed:
        machine = {
            **machine,
            "Disturbed": f"{options.quiet.disturbed} measurements began while others were busy",
        }
        _say(f"WARNING: {machine['Disturbed']}")
    _say(f"All in {time.monotonic() - began:.0f} s.")
    if chosen.json:
        print(report.as_json(machine, findings))
    if chosen.write or (set(EVERY) == only and not chosen.quick and not chosen.no_write):
        command = (
            "make bench"
            if not arguments and len(sys.argv) == 1
            else "python -m bench " + " ".join(sys.argv[1:])
        )
        report.PAGE.write_text(report.as_page(machine, findings, command), encoding="utf-8")
        _say(f"Written to {report.PAGE.relative_to(Path.cwd())}")


def _findings(
    server: EmbeddedPostgres, options: Options, alphabet: Alphabet, only: set[int]
) -> Iterator[Finding]:
    workers = options.workers or 1
    note = _client_note()
    _say(note)
    if only & PACK_BENCHMARKS:
        _say("Loading packs …")
        ground = prepare(
            server, "packs", options, alphabet, packs=3 * options.packs, limit_packs=options.packs
        )
        with _service(ground) as (service, workers_note):
            workers = service.workers
            yield from _pack_findings(ground, service, [workers_note, note], only)
        for complaint in ground.complaints:
            _say(f"WARNING: {complaint}")
        system.drop_database(server, "packs")
    if only & {4, 5}:
        yield from upload.findings(server, options, alphabet, workers, only)
    if 6 in only:
        yield scale.small_against_large(server, options, alphabet, workers)
    if 7 in only:
        yield portal.pages(server, options)
    if 8 in only:
        yield alert_pages.pages(server, options)
    if 9 in only:
        yield alert_intake.keeps_up(server, options)


def _client_note() -> str:
    alone = client_limit()
    return (
        f"The load client takes about {alone.cpu_us_per_request:.0f} us of a core for a request: against a server"
        f" that only answers it gets {report.whole(alone.rate)} req/s."
    )


@contextmanager
def _service(ground: Ground) -> Iterator[tuple[system.Service, str]]:
    """The service with its best number of processes, warmed up, and what to say of it."""
    wanted = ground.options.workers
    with ExitStack() as running:
        if wanted:
            service = running.enter_context(system.serve(ground.url, wanted))
            supply.warm(ground, service)
            yield service, f"Server processes: {wanted}."
            return
        with ExitStack() as tried:
            services = [
                tried.enter_context(system.serve(ground.url, count)) for count in supply.WORKERS_TRIED
            ]
            supply.warm(ground, services[0])
            best, note = supply.best_workers(ground, services)
        _say(note)
        yield running.enter_context(system.serve(ground.url, best.workers)), note


def _pack_findings(
    ground: Ground, service: system.Service, notes: list[str], only: set[int]
) -> Iterator[Finding]:
    peak = 0.0
    if 1 in only:
        finding = supply.supply_against_limit(ground, service)
        rates = finding.values["supply_rate"]
        assert isinstance(rates, dict)
        peak = max(rates.values())
        yield report.with_notes(finding, notes)
    if 2 in only:
        yield supply.verify_against_supply(ground, service)
    if 3 in only:
        yield supply.latency_under_load(ground, service, peak or supply.peak_of(ground, service))


def _parser() -> argparse.ArgumentParser:
    def numbers(text: str) -> list[int]:
        return [int(number) for number in text.split(",")]

    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=numbers, help="benchmarks to run, such as 1,5")
    parser.add_argument("--connections", type=numbers, help="of benchmark 1, such as 1,64")
    parser.add_argument("--packs", type=int, help="packs in the tables (default 1 000 000)")
    parser.add_argument("--seconds", type=float, help="of each measurement (default 6)")
    parser.add_argument(
        "--rounds", type=int, help="measurements of each kind, of which the median counts (default 3)"
    )
    parser.add_argument("--workers", type=int, help="server processes (default: what turns out best)")
    parser.add_argument("--quick", action="store_true", help="one short round with few packs")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON on standard output")
    parser.add_argument(
        "--write", action="store_true", help="write docs/benchmarks.md though this is not the whole"
    )
    parser.add_argument("--no-write", action="store_true", help="do not write docs/benchmarks.md")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
