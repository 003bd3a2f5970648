"""Benchmark 9: whether the worker keeps up with a thousand alerts a minute: taken over, analysed, and handed over."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import psycopg

from bench import system
from bench.ground import Options
from bench.report import Finding, whole
from bench.reports import a_worker
from sinetti.gs1.charset import character_classes
from sinetti.identity.model import Caller
from sinetti.kit.db import Database
from sinetti.kit.ids import new_transaction_text
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import ClientRole, Language, Operation, OrganisationKind

ALERTS_A_MINUTE = 1_000
SECONDS, QUICK_SECONDS = 120.0, 15.0
BURST, QUICK_BURST = 3_000, 300
FIRST = 20
AIM_SECONDS = 5.0
"""A worker that keeps up is never further behind than this."""
PHARMACIES, COMPANIES, PACKS = 200, 10, 5_000
WAITED_SECONDS_MAX = 600.0

NOTE = (
    f"{PHARMACIES} pharmacies with a person each, {COMPANIES} companies with a product of {whole(PACKS)} packs and two "
    "people each. Half of the alerts are a stored serial number with its case swapped, a quarter an unknown one, a "
    "quarter another batch. "
    "One worker process, as `sinetti serve worker`, on the same machine as PostgreSQL and whoever raises the alerts."
)


def _product_code(number: int) -> str:
    """A GTIN with its check digit."""
    digits = f"0641234567{number:03}"
    weighed = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


PRODUCT_CODES = tuple(map(_product_code, range(COMPANIES)))
COUNTRY = """
INSERT INTO organisation (name, kind)
SELECT 'Apteekki ' || n, 'pharmacy' FROM generate_series(1, %(pharmacies)s) AS n
 UNION ALL
SELECT 'Yritys ' || n, 'mah_obp' FROM generate_series(1, %(companies)s) AS n;
INSERT INTO location (organisation_id, name)
SELECT organisation_id, name FROM organisation WHERE kind = 'pharmacy' ORDER BY organisation_id;
INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role)
SELECT location_id, 'Kassa', 'bench-' || location_id, sha256('x'), 'full_access' FROM location;
INSERT INTO person (name, email, role, organisation_id, language, created_at, password_hash)
SELECT name, 'person' || organisation_id || '.' || n || '@example.fi',
       CASE WHEN kind = 'pharmacy' THEN 'organisation_main_user' WHEN n = 1 THEN 'mah_obp_main_user'
            ELSE 'mah_obp_investigator' END,
       organisation_id, 'fi', now(), 'none'
  FROM organisation, generate_series(1, CASE WHEN kind = 'pharmacy' THEN 1 ELSE 2 END) AS n;
INSERT INTO person (name, email, role, language, created_at, password_hash)
VALUES ('Aino', 'aino@example.fi', 'operator_administrator', 'fi', now(), 'none');
"""
LAGS = """
SELECT percentile_cont(ARRAY[0.5, 0.95, 1.0]) WITHIN GROUP (
           ORDER BY extract(epoch FROM notice.handed_over_at - file.recorded_at))
  FROM alert_notice AS notice JOIN alert_file AS file USING (product_id, event_number)
 WHERE notice.notice = 'alert_raised' AND notice.party = 'obp' AND file.recorded_at >= %(since)s
"""
ANALYSED = """
SELECT percentile_cont(ARRAY[0.5, 0.95, 1.0]) WITHIN GROUP (
           ORDER BY extract(epoch FROM first.analysed_at - file.recorded_at))
  FROM alert_file AS file
  JOIN (SELECT product_id, event_number, min(analysed_at) AS analysed_at
          FROM alert_analysis GROUP BY 1, 2) AS first USING (product_id, event_number)
 WHERE file.recorded_at >= %(since)s
"""
WAITING = """
SELECT (SELECT count(*) FROM deviation_outbox)
     + (SELECT count(*) FROM alert_file WHERE analysis_wanted_at IS NOT NULL)
     + (SELECT count(*) FROM alert_notice WHERE handed_over_at IS NULL AND party <> 'other_operator')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How far behind the worker was, in seconds: the middle, 95 of 100, the most."""

    raised: int
    raised_seconds: float
    done_seconds: float
    """From the first alert until nothing waited any more."""
    analysed: tuple[float, float, float]
    handed: tuple[float, float, float]


def keeps_up(server: EmbeddedPostgres, options: Options) -> Finding:
    """(9) A thousand alerts a minute for a while, and then many at once."""
    quick = options.rounds == 1
    url = system.make_database(server, "intake")
    serials = _furnish(url)
    options.quiet.wait()
    with a_worker(url):
        # The first ones wait until the worker has started, and nobody counts them.
        asyncio.run(_measure(url, serials, FIRST, steady=False))
        steady = asyncio.run(
            _measure(
                url, serials, int(ALERTS_A_MINUTE / 60 * (QUICK_SECONDS if quick else SECONDS)), steady=True
            )
        )
        burst = asyncio.run(_measure(url, serials, QUICK_BURST if quick else BURST, steady=False))
    system.drop_database(server, "intake")
    a_minute = burst.raised / burst.done_seconds * 60
    behind = max(steady.handed[2], steady.analysed[2])
    return Finding(
        number=9,
        title="Alerts taken over, analysed and handed over",
        aim=f"{whole(ALERTS_A_MINUTE)} alerts a minute, never {AIM_SECONDS:.0f} s behind",
        got=f"at most {behind:.1f} s behind; {whole(a_minute)} a minute of many at once",
        met=behind < AIM_SECONDS and a_minute > ALERTS_A_MINUTE,
        columns=(
            "alerts",
            "raised in s",
            "all done after s",
            "analysed p50 / p95 / most s",
            "OBP told p50 / p95 / most s",
        ),
        rows=[_row(steady), _row(burst)],
        notes=[NOTE],
        values={"steady": _values(steady), "burst": _values(burst), "a_minute": a_minute},
    )


def _row(measured: Measured) -> tuple[str, ...]:
    def three(times: tuple[float, float, float]) -> str:
        return " / ".join(f"{one:.2f}" for one in times)

    return (
        whole(measured.raised),
        f"{measured.raised_seconds:.1f}",
        f"{measured.done_seconds:.1f}",
        three(measured.analysed),
        three(measured.handed),
    )


def _values(measured: Measured) -> dict[str, object]:
    return {
        "raised": measured.raised,
        "raised_seconds": measured.raised_seconds,
        "done_seconds": measured.done_seconds,
        "analysed": list(measured.analysed),
        "handed": list(measured.handed),
    }


def _furnish(url: str) -> list[str]:
    """The country, and the serial numbers that each product has."""
    chance = random.Random(9)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"
    serials = ["".join(chance.choices(letters, k=14)) for _ in range(PACKS)]
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in COUNTRY.split(";\n"):
            if statement.strip():
                connection.execute(statement, {"pharmacies": PHARMACIES, "companies": COMPANIES})
        owners = connection.execute(
            "SELECT organisation_id FROM organisation WHERE kind = 'mah_obp' ORDER BY 1"
        ).fetchall()
        for code, (owner,) in zip(PRODUCT_CODES, owners, strict=True):
            product = _number(
                connection,
                "INSERT INTO product (scheme, product_code, organisation_id, name, uploaded_at)"
                " VALUES ('gs1', %s, %s, 'Esimerkki 10 mg', now()) RETURNING product_id",
                code,
                owner,
            )
            batch = _number(
                connection,
                "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min,"
                " serial_length_max, serial_format) VALUES (%s, 'B1', '301231', now(), %s, 14, 14, %s)"
                " RETURNING batch_id",
                product,
                PACKS,
                character_classes("Aa1"),
            )
            with connection.cursor().copy("COPY pack (serial_key, product_id, batch_id) FROM STDIN") as copy:
                for serial in serials:
                    key = serial_key(serial)
                    assert key is not None
                    copy.write_row((key.hex(), product, batch))
        connection.execute("VACUUM ANALYZE")
    return serials


def _number(connection: psycopg.Connection, statement: str, *values: object) -> int:
    row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


async def _measure(url: str, serials: list[str], count: int, *, steady: bool) -> Measured:
    """Raise alerts, steadily or as fast as one can, and wait until the worker has done all that follows."""
    rules = load_rules("FI")
    country = Country(market="FI", rules=rules, zone=ZoneInfo("Europe/Helsinki"))
    async with await Database.open(url, pool_max=2) as database:
        callers = await _callers(database)
        since, began = datetime.now(UTC), time.monotonic()
        for number in range(count):
            if steady:
                await asyncio.sleep(max(0.0, began + number * 60 / ALERTS_A_MINUTE - time.monotonic()))
            request = _request(callers[number % len(callers)], serials, number)
            async with database.transaction() as tx:
                (outcome,) = await perform(tx, country, [request], request.received_at)
            assert outcome.alert_id is not None, "each of them raises an alert"
        raised = time.monotonic() - began
        async with asyncio.timeout(WAITED_SECONDS_MAX):
            while await _value(database, WAITING):  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.2)
        done = time.monotonic() - began
        async with database.transaction() as tx:
            (handed,) = await (await tx.execute(LAGS, {"since": since})).fetchone() or (None,)
            (analysed,) = await (await tx.execute(ANALYSED, {"since": since})).fetchone() or (None,)
    assert handed is not None, "every alert was told"
    assert analysed is not None, "every alert was analysed"
    return Measured(
        raised=count, raised_seconds=raised, done_seconds=done, analysed=tuple(analysed), handed=tuple(handed)
    )


async def _callers(database: Database) -> list[Caller]:
    async with database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT equipment_id, location_id, organisation_id FROM client_equipment JOIN location USING (location_id)"
            " ORDER BY equipment_id"
        )
        rows = await cursor.fetchall()
    return [
        Caller(
            equipment_id=row[0],
            location_id=row[1],
            organisation_id=row[2],
            organisation_kind=OrganisationKind.PHARMACY,
            client_role=ClientRole.FULL_ACCESS,
        )
        for row in rows
    ]


async def _value(database: Database, statement: str) -> int:
    async with database.transaction() as tx:
        row = await (await tx.execute(statement.encode())).fetchone()
    assert row is not None
    return int(row[0])


def _request(caller: Caller, serials: list[str], number: int) -> PackRequest:
    serial, batch = serials[(number * 7919) % PACKS].swapcase(), "B1"
    if number % 4 == 1:
        serial = hashlib.sha256(f"{number} {time.monotonic()}".encode()).hexdigest()[:14].upper()
    elif number % 4 == 3:
        serial, batch = serials[(number * 7919) % PACKS], "B2"
    return PackRequest(
        caller=caller,
        operation=Operation.VERIFY,
        requested_state=None,
        scheme="gs1",
        product_code=PRODUCT_CODES[number // 4 % COMPANIES],
        serial_number=serial,
        batch=batch,
        expiry="301231",
        entry_mode="non-manual",
        language=Language.FI,
        transaction_id=new_transaction_text(),
        received_at=datetime.now(UTC),
        user_agent="Kassa/1.0",
    )
