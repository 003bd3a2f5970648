"""Where the pack benchmarks take place: a database of packs, some for the service and some for the limit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import psycopg

from bench import loadclient, system
from bench.limit import Limit, add_limit_function, pgbench_supply
from bench.loadclient import Load, Result
from bench.machine import Quiet
from bench.packs import Alphabet, Supplies, copy_country, make_country
from bench.processor_time import postmaster, spent_by
from sinetti.kit.postgres import EmbeddedPostgres

SUPPLIED_CODE = "11210200"
VERIFIED_PACKS = 50_000
RATE_EXPECTED = 15_000.0
"""Requests a second to have ready before any has been measured."""
PRODUCTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How much to measure."""

    packs: int
    seconds: float
    rounds: int
    connections: Sequence[int]
    workers: int | None
    """Server processes; `None`: find out what is best."""
    quiet: Quiet

    @property
    def warm_up(self) -> float:
        """Seconds before each measurement that are not counted."""
        return min(1.0, self.seconds / 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Microseconds of processor time for one request."""

    service_us: float
    postgres_us: float


@dataclass(slots=True, kw_only=True)
class Ground:
    """One database with its packs. Each pack is supplied once, by the service or by pgbench."""

    server: EmbeddedPostgres
    url: str
    equipment: system.Equipment
    supplies: Supplies
    limit_codes: Sequence[str]
    options: Options
    rate_expected: float = RATE_EXPECTED
    complaints: list[str] = field(default_factory=list)
    cost: Cost = Cost(service_us=0.0, postgres_us=0.0)
    """Of the last load."""

    def supply(
        self,
        service: system.Service,
        connections: int,
        *,
        rate: float | None = None,
        seconds: float | None = None,
    ) -> Result:
        """Supply packs through the service for the usual time."""
        seconds = seconds or self.options.seconds
        warm_up = self.options.warm_up
        count = int((seconds + warm_up) * (rate * 1.05 if rate else self.rate_expected)) + connections + 100
        result = self._run(
            service,
            self.supplies.peek(count),
            method="PATCH",
            body='{"state":"Supplied"}',
            connections=connections,
            seconds=seconds,
            warm_up_seconds=warm_up,
            rate=rate,
        )
        self.supplies.take(result.sent)
        if rate is None:
            self.rate_expected = max(self.rate_expected, result.rate * 1.5)
        odd = {code: count for code, count in result.codes.items() if code not in {SUPPLIED_CODE, "none"}}
        if rate is None and (odd or set(result.statuses) - {"200", "429"}):
            self.complaints.append(f"unexpected answers to supply: {result.statuses} {result.codes}")
        return result

    def verify(self, service: system.Service, connections: int) -> Result:
        """Verify active packs through the service for the usual time."""
        return self._run(
            service,
            self.supplies.last(VERIFIED_PACKS),
            method="GET",
            connections=connections,
            seconds=self.options.seconds,
            warm_up_seconds=self.options.warm_up,
            repeat=True,
        )

    def limit(self, clients: int, seconds: float | None = None) -> Limit:
        """Supply packs with pgbench for the usual time."""
        self.options.quiet.wait()
        with spent_by(postmaster(self.server)) as by_postgres:
            limit = pgbench_supply(
                self.server.bin_dir,
                self.url,
                self.limit_codes,
                clients=clients,
                seconds=seconds or self.options.seconds,
            )
        self.cost = Cost(service_us=0.0, postgres_us=by_postgres.seconds / limit.transactions * 1e6)
        return limit

    def _run(self, service: system.Service, targets: Iterable[str], **load: object) -> Result:
        with tempfile.NamedTemporaryFile("w", suffix=".targets", encoding="ascii") as file:
            file.write("\n".join(targets))
            file.flush()
            wanted = Load(
                host=service.host,
                port=service.port,
                targets=file.name,
                headers=service.headers(self.equipment),
                **load,  # type: ignore[arg-type]
            )
            self.options.quiet.wait()
            with spent_by(service.pid) as by_service, spent_by(postmaster(self.server)) as by_postgres:
                result = loadclient.run(wanted)
        self.cost = Cost(
            service_us=by_service.seconds / max(result.sent, 1) * 1e6,
            postgres_us=by_postgres.seconds / max(result.sent, 1) * 1e6,
        )
        return result


def prepare(
    server: EmbeddedPostgres,
    name: str,
    options: Options,
    alphabet: Alphabet,
    *,
    packs: int,
    limit_packs: int = 0,
) -> Ground:
    """A database `name` with this many packs for the service and for pgbench, analysed and written to disk."""
    url = system.make_database(server, name)
    country = make_country(products=PRODUCTS, batches=5 * PRODUCTS, packs=packs, seed=1)
    limit_codes: Sequence[str] = ()
    with psycopg.connect(url, autocommit=True) as connection:
        equipment = system.add_equipment(connection, "pharmacy", "Vertailuapteekki")
        owner = system.add_equipment(connection, "mah_obp", "Vertailulääke").organisation_id
        copy_country(connection, country, alphabet, owner)
        if limit_packs:
            add_limit_function(connection)
            limit_country = make_country(products=PRODUCTS, batches=5 * PRODUCTS, packs=limit_packs, seed=2)
            limit_codes = limit_country.product_codes
            copy_country(connection, limit_country, alphabet, owner)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return Ground(
        server=server,
        url=url,
        equipment=equipment,
        supplies=Supplies(country, alphabet),
        limit_codes=limit_codes,
        options=options,
    )
