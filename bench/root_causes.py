"""`python -m bench.root_causes`: what the root-cause analysis is worth, against traffic whose truth is known.

Days of traffic are played through the use cases into a real database; each alert is taken in and analysed when the last
day is over, and what is named first is compared with what the traffic meant. `--write` makes the page of the
documentation. Seeds below 100 are for developing; those measured with are others, so that no rule is made to fit them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

import psutil  # type: ignore[import-untyped]

from bench import system
from bench.falsifications import falsifications
from sinetti.alerts.analysis import analyse_alert, analyse_alerts, analyse_batch
from sinetti.alerts.intake import take_in
from sinetti.alerts.root_cause.book import book_of
from sinetti.alerts.root_cause.judge import analyse
from sinetti.alerts.root_cause.model import Analysis
from sinetti.contracts.uploads import BatchHead, ProductUpload
from sinetti.demo.traffic.direct import play_directly, register_world
from sinetti.demo.traffic.plan import Options
from sinetti.demo.traffic.planner import make_plan
from sinetti.demo.traffic.truth import Truth
from sinetti.identity.model import Caller
from sinetti.kit.db import Database
from sinetti.kit.ids import new_transaction_id
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.nmvs.batches import upload_batch
from sinetti.nmvs.changes import Change
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.products import upload_products
from sinetti.nmvs.store.packs import ensure_event_months
from sinetti.nmvs.store.serial_set import SerialSet
from sinetti.rules.load import load_rules
from sinetti.rules.markdown import table
from sinetti.rules.vocabulary import Cause, ClientRole, Language, Operation, OrganisationKind

PAGE = Path(__file__).parents[1] / "docs" / "root-cause-quality.md"
_PAGE_WORDS = Path(__file__).with_name("root_causes_page.md")
SEEDS = (101, 102, 103, 104, 105)
HOURS = 62.0
PHARMACIES = 24
PACKS_PER_DAY = 30
ALERTS = 1500
MILLION = 1_000_000
_ZONE = ZoneInfo("Europe/Helsinki")
_RULES = load_rules("FI")
_NATION = Country(market="FI", rules=_RULES, zone=_ZONE)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_ALL_ON = {rule: True for rule, _ in _RULES.root_causes}
_BANDS = ((90, 99), (80, 89), (70, 79), (50, 69), (1, 49))
_FALSE = Cause.FALSIFICATION_PATTERN
_AIM = 0.9


@dataclass
class Measured:
    """What was named of alerts whose cause is known."""

    pairs: Counter[tuple[Cause, Cause]] = field(default_factory=Counter)
    """True cause and the one named first."""
    among_three: Counter[Cause] = field(default_factory=Counter)
    bands: Counter[tuple[int, bool]] = field(default_factory=Counter)
    escalated: Counter[Cause] = field(default_factory=Counter)
    closed: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    """By whether every rule was on, and whether the cause named was right."""
    falsifications_closed: Counter[bool] = field(default_factory=Counter)
    notes: Counter[tuple[Cause, Cause, str]] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, truth: Truth, analysis: Analysis) -> None:
        """Count one alert."""
        meant, first = Cause(truth.cause), analysis.first
        right = first.cause is meant
        self.pairs[meant, first.cause] += 1
        self.among_three[meant] += meant in {one.cause for one in analysis.hypotheses[:3]}
        low = next(low for low, high in _BANDS if low <= first.confidence <= high)
        self.bands[low, right] += 1
        self.escalated[meant] += analysis.is_high_risk
        if not right:
            self.notes[meant, first.cause, f"{first.rule}: {truth.note}"] += 1
        for every, automatic in ((False, _RULES.automatic_closing), (True, _ALL_ON)):
            if analysis.closing_rule(automatic) is not None:
                self.closed[every, right] += 1
                self.falsifications_closed[every] += meant is _FALSE

    @property
    def alerts(self) -> int:
        return self.pairs.total()

    def of_cause(self, cause: Cause) -> int:
        return sum(count for (meant, _), count in self.pairs.items() if meant is cause)

    def named(self, cause: Cause) -> int:
        return sum(count for (_, named), count in self.pairs.items() if named is cause)

    @property
    def right_of_false_alerts(self) -> float:
        """Share of false alerts of which the cause is named first."""
        false = {pair: count for pair, count in self.pairs.items() if pair[0] is not _FALSE}
        right = sum(count for (meant, named), count in false.items() if meant is named)
        return right / max(1, sum(false.values()))


async def measure(server: EmbeddedPostgres, seed: int, alerts: int, into: Measured) -> None:
    """Play a seed and analyse its alerts."""
    name = f"causes_{seed}"
    url = system.make_database(server, name)
    options = Options(
        seed=seed,
        hours=HOURS,
        pharmacies=PHARMACIES,
        packs_per_day=PACKS_PER_DAY,
        alerts=alerts,
        first_day=date(2026, 3, 2),
    )
    plan = make_plan(options, _ZONE)
    async with await Database.open(url, pool_max=4) as database:
        callers = await register_world(database, plan.world, datetime(2026, 1, 1, tzinfo=UTC))
        truths = await play_directly(plan, database, _NATION, callers)
        now = plan.ends_at.astimezone(UTC) + timedelta(days=1)
        async with database.transaction() as tx:
            while await take_in(tx, _RULES, now):
                pass
        by_alert = {truth.alert_id: truth for truth in truths if truth.alert_id is not None}
        began = time.perf_counter()
        async with database.transaction() as tx:
            for analysis in await analyse_alerts(tx, list(by_alert), now, _RULES):
                into.add(by_alert[analysis.alert_id], analysis)
        into.seconds += time.perf_counter() - began
    system.drop_database(server, name)


# ---------------------------------------------------------------- how long it takes

SPEED_PACKS = 100_000
SPEED_ALERTS = 1000
_SPEED_GTIN = "06412345678907"
_SPEED_LOCATIONS = 50
_SPEED_ROUNDS = 3


@dataclass(frozen=True)
class Speed:
    """How long the analysis of all open alerts of a batch takes, and of one of them."""

    packs: int
    alerts: int
    together: float
    """Seconds for all of them, the middle of three."""
    processor: float
    """Seconds of processor time of the analysing process in the same rounds."""
    server_processor: float
    """And of PostgreSQL's process for it."""
    alone: float
    """Seconds for one, the middle of ten."""
    load: float
    """What the machine had to do at that time, as it counts itself."""


async def measure_speed(server: EmbeddedPostgres) -> Speed:
    """A thousand open alerts about one batch of a hundred thousand packs."""
    url = system.make_database(server, "causes_speed")
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    rng = Random(5)
    serials = sorted({"".join(rng.choices(_LETTERS, k=14)) for _ in range(SPEED_PACKS)})
    async with await Database.open(url, pool_max=4) as database:
        callers = await _batch_and_callers(database, serials, now)
        alert_ids = []
        for start in range(0, SPEED_ALERTS, 100):
            requests = [_wrong_request(rng, callers, serials, start + number, now) for number in range(100)]
            async with database.transaction() as tx:
                outcomes = await perform(tx, _NATION, requests, now)
            alert_ids += [outcome.alert_id for outcome in outcomes if outcome.alert_id is not None]
        async with database.transaction() as tx:
            while await take_in(tx, _RULES, now):
                pass
        await _settle(database)
        together, processor, server_processor, alone = [], [], [], []
        for _ in range(_SPEED_ROUNDS):
            async with database.transaction() as tx:
                row = await (await tx.execute("SELECT pg_backend_pid()")).fetchone()
                assert row is not None
                backend = psutil.Process(row[0])
                began, used, used_there = (
                    time.perf_counter(),
                    time.process_time(),
                    sum(backend.cpu_times()[:2]),
                )
                analyses = await analyse_batch(tx, 1, "LOT1", now + timedelta(hours=1), _RULES)
                together.append(time.perf_counter() - began)
                processor.append(time.process_time() - used)
                server_processor.append(sum(backend.cpu_times()[:2]) - used_there)
        for alert_id in alert_ids[:10]:
            began = time.perf_counter()
            async with database.transaction() as tx:
                await analyse_alert(tx, alert_id, now + timedelta(hours=1), _RULES)
            alone.append(time.perf_counter() - began)
    load = os.getloadavg()[0]
    system.drop_database(server, "causes_speed")
    return Speed(
        len(serials),
        len(analyses),
        median(together),
        median(processor),
        median(server_processor),
        median(alone),
        load,
    )


async def _batch_and_callers(database: Database, serials: Sequence[str], now: datetime) -> list[Caller]:
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO organisation (name, kind) VALUES ('OBP', 'mah_obp')")
        await tx.execute(
            "INSERT INTO organisation (name, kind)"
            " SELECT 'Pharmacy ' || number, 'pharmacy' FROM generate_series(1, %s) AS number",
            (_SPEED_LOCATIONS,),
        )
        await tx.execute(
            "INSERT INTO location (organisation_id, name) SELECT organisation_id, name FROM organisation"
            " WHERE kind = 'pharmacy'"
        )
        await ensure_event_months(tx, now)
        rows = await (await tx.execute("SELECT location_id, organisation_id FROM location")).fetchall()
    change = Change(organisation_id=1, transaction_id=new_transaction_id(), at=now - timedelta(days=30))
    product = ProductUpload(product_code_scheme="gs1", product_code=_SPEED_GTIN, name="Example 10 mg")
    await upload_products(database, change, [product])
    packs = SerialSet("gs1")
    assert packs.add(serials) == []
    await packs.sort()
    head = BatchHead(
        product_code_scheme="gs1", product_code=_SPEED_GTIN, batch_id="LOT1", expiry_date="301231"
    )
    await upload_batch(database, change, head, packs)
    return [
        Caller(
            equipment_id=location_id,
            location_id=location_id,
            organisation_id=organisation_id,
            organisation_kind=OrganisationKind.PHARMACY,
            client_role=ClientRole.FULL_ACCESS,
        )
        for location_id, organisation_id in rows
    ]


def _wrong_request(
    rng: Random, callers: Sequence[Caller], serials: Sequence[str], number: int, now: datetime
) -> PackRequest:
    """A pack that is got wrong in one of four ways, or that is in no upload."""
    serial = rng.choice(serials)
    at = rng.randrange(len(serial))
    other = rng.choice(_LETTERS.replace(serial[at], ""))
    wrong = (
        serial.swapcase(),
        serial[:-2],
        serial[:at] + other + serial[at + 1 :],
        "".join(rng.choices(_LETTERS, k=14)),
    )[number % 4]
    return PackRequest(
        caller=callers[number % len(callers)],
        operation=Operation.VERIFY,
        requested_state=None,
        scheme="gs1",
        product_code=_SPEED_GTIN,
        serial_number=wrong,
        batch="LOT1",
        expiry="301231",
        entry_mode="non-manual",
        language=Language.FI,
        transaction_id=str(new_transaction_id()),
        received_at=now,
    )


async def _settle(database: Database) -> None:
    """What autovacuum would have done by the time that so many alerts have come in."""
    async with database.connection() as connection:
        await connection.execute("VACUUM ANALYZE pack, pack_event, alert, alert_file, batch")


# ---------------------------------------------------------------- the page


def rows_by_cause(measured: Measured) -> list[list[str]]:
    """A row for each cause that there was: alerts, precision, recall, recall among three, what it was taken for."""
    rows = []
    for cause in Cause:
        there, named = measured.of_cause(cause), measured.named(cause)
        if not there and not named:
            continue
        right = measured.pairs[cause, cause]
        others = Counter({
            other: count for (meant, other), count in measured.pairs.items() if meant is cause and other is not cause
        })  # fmt: skip
        rows.append(
            [
                f"`{cause}`",
                f"{there:,}",
                _percent(right, named),
                _percent(right, there),
                _percent(measured.among_three[cause], there),
                ", ".join(f"`{other}` {count}" for other, count in others.most_common(3)),
            ]
        )
    return rows


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


@dataclass(frozen=True)
class Forged:
    """What became of made-up falsified packs."""

    seed: int
    count: int
    closed_as_delivered: int
    closed_all_on: int
    escalated: Mapping[str, tuple[int, int]]
    seconds: float


def judge_falsifications(seed: int, count: int) -> Forged:
    """Have so many falsified packs judged by the pure analysis."""
    book = book_of(_RULES)
    delivered = all_on = 0
    there: Counter[str] = Counter()
    escalated: Counter[str] = Counter()
    began = time.perf_counter()
    for pattern, facts in falsifications(seed, count):
        analysis = analyse(facts, book)
        delivered += analysis.closing_rule(_RULES.automatic_closing) is not None
        all_on += analysis.closing_rule(_ALL_ON) is not None
        there[pattern] += 1
        escalated[pattern] += analysis.is_high_risk
    return Forged(
        seed,
        count,
        delivered,
        all_on,
        {pattern: (number, escalated[pattern]) for pattern, number in there.items()},
        time.perf_counter() - began,
    )


def document(measured: Measured, seeds: Sequence[int], forged: Forged, speed: Speed) -> str:
    """The page with what was measured."""
    right = measured.right_of_false_alerts
    met = "met" if right >= _AIM else "not met"
    bands = [
        [f"{low}–{high}", f"{measured.bands[low, True] + measured.bands[low, False]:,}",
         _percent(measured.bands[low, True], measured.bands[low, True] + measured.bands[low, False])]
        for low, high in _BANDS
    ]  # fmt: skip
    closing = [
        [words, f"{measured.closed[every, True] + measured.closed[every, False]:,}",
         f"{measured.closed[every, False]:,}", f"{measured.falsifications_closed[every]:,}"]
        for every, words in ((False, "as delivered: R20 alone"), (True, "every rule switched on"))
    ]  # fmt: skip
    patterns = [
        [pattern, f"{count:,}", _percent(escalated, count)]
        for pattern, (count, escalated) in sorted(forged.escalated.items())
    ]
    there = measured.of_cause(_FALSE)
    return _PAGE_WORDS.read_text("utf-8").format(
        seeds=", ".join(map(str, seeds)),
        alerts=f"{measured.alerts:,}",
        version=_RULES.version,
        right=f"{100 * right:.1f} %",
        met=met,
        causes=table(
            ("Cause", "Alerts", "Precision", "Recall", "Among three", "Taken for"), rows_by_cause(measured)
        ),
        bands=table(("Confidence", "Alerts", "Cause was right"), bands),
        closing=table(("Parameters", "Closed", "Wrong cause", "Falsifications"), closing),
        falsified=f"{there:,}",
        escalated=_percent(measured.escalated[_FALSE], there),
        escalated_others=f"{sum(measured.escalated.values()) - measured.escalated[_FALSE]:,}",
        others=f"{measured.alerts - there:,}",
        forged=f"{forged.count:,}",
        forged_seed=forged.seed,
        forged_seconds=f"{forged.seconds:,.0f}",
        closed_as_delivered=forged.closed_as_delivered,
        closed_all_on=forged.closed_all_on,
        speed_alerts=f"{speed.alerts:,}",
        speed_packs=f"{speed.packs:,}",
        speed_together=f"{speed.together:.2f}",
        speed_processor=f"{speed.processor:.2f}",
        speed_server=f"{speed.server_processor:.2f}",
        speed_alone=f"{1000 * speed.alone:.0f}",
        processors=os.cpu_count(),
        load=f"{speed.load:.1f}",
        patterns=table(("Pattern", "Alerts", "Escalated"), patterns),
    )


_SPEED_HEADING = "## How long it takes"


def _write_speed(speed: Speed, *, write: bool) -> None:
    """Say it, and put it in the place of what the page says."""
    whole = document(Measured(), [], Forged(0, 0, 0, 0, {}, 0.0), speed)
    section = whole[whole.index(_SPEED_HEADING) :]
    print(section)
    if write:
        text = PAGE.read_text("utf-8")
        PAGE.write_text(text[: text.index(_SPEED_HEADING)] + section, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.root_causes", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--alerts", type=int, default=ALERTS, help="of each seed")
    parser.add_argument("--forged", type=int, default=MILLION, help="falsified packs to make up")
    parser.add_argument("--write", action="store_true", help="write docs/root-cause-quality.md")
    parser.add_argument(
        "--mistakes", action="store_true", help="list what was taken for what, and by which rule"
    )
    parser.add_argument("--speed", action="store_true", help="only measure how long it takes")
    chosen = parser.parse_args(arguments)
    if chosen.speed:
        with system.postgres() as server:
            _write_speed(asyncio.run(measure_speed(server)), write=chosen.write)
        return
    measured = Measured()
    with system.postgres() as server:
        speed = asyncio.run(measure_speed(server))
        sys.stderr.write(f"{speed}\n")
        for seed in chosen.seeds:
            asyncio.run(measure(server, seed, chosen.alerts, measured))
            sys.stderr.write(f"seed {seed}: {measured.alerts} alerts, {measured.right_of_false_alerts:.3f}\n")
    forged = judge_falsifications(seed=7, count=chosen.forged)
    if chosen.mistakes:
        for (meant, named, note), count in measured.notes.most_common(60):
            print(f"{count:5} {meant} taken for {named} by {note}")
    text = document(measured, chosen.seeds, forged, speed)
    print(text)
    sys.stderr.write(f"analysed in {measured.seconds:.1f} s\n")
    if chosen.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
