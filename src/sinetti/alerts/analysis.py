"""Gathers the facts of alerts and has them judged: of one alert, or of all open ones of a batch together.

Reads only; what becomes of an analysis is the caller's matter. Everything is read for many alerts at once, because a
batch that was uploaded late may settle a thousand of them: docs/adr/0013 has the figures.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from sinetti.alerts.findings import Analyser, Findings
from sinetti.alerts.root_cause.book import Book, book_of
from sinetti.alerts.root_cause.changed_values import explanations, guessed_serial_numbers
from sinetti.alerts.root_cause.identity import TECHNICAL_CAUSES
from sinetti.alerts.root_cause.judge import analyse, sign_of, taken_alone
from sinetti.alerts.root_cause.keyboard_layout import guesses as keyboard_guesses
from sinetti.alerts.root_cause.model import (
    DIFFERING_FIELD,
    UNKNOWN_PACK,
    AlertKind,
    Analysis,
    BatchAlerts,
    Facts,
    Field,
    Happened,
    Hypothesis,
    LocationAlerts,
    Photographed,
    SendingMode,
    Sent,
    StoredBatch,
    StoredPack,
)
from sinetti.alerts.root_cause.near import nearest
from sinetti.alerts.store import facts as store
from sinetti.alerts.store.facts import AlertRow, EventRow, KinRow, NeighbourRow
from sinetti.gs1.parse import parse_scan
from sinetti.kit.db import Transaction
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Cause, Operation, PackState

BATCH_PACKS_MAX = 300_000
"""A larger batch is not read as a whole: what was sent is then only looked for by guesses."""
_GUESSED_ALERTS_MAX = 50
"""Guesses are looked up in the database for so many alerts at most."""
_POSSIBLE_BATCHES_MAX = 3
_NEAR_FOLLOWED_MAX = 5
"""Of so many near packs it is looked what happened to them afterwards."""
_BEFORE = timedelta(days=400)
"""How far back the record is read before an alert about a state."""
_SHORTLY = timedelta(days=30)
"""And before any other: only to see who else had the pack in hand."""
_SETTLED = frozenset({Cause.MAH_TRANSACTION, Cause.LATE_UPLOAD, Cause.OUT_OF_SCOPE})
"""Causes that say nothing about a gap in what was uploaded."""
_KINDS = {
    "product_unknown": AlertKind.PRODUCT_UNKNOWN,
    "batch_and_serial_unknown": AlertKind.BATCH_AND_SERIAL_UNKNOWN,
    "serial_unknown": AlertKind.SERIAL_UNKNOWN,
    "batch_differs": AlertKind.BATCH_DIFFERS,
    "batch_length_differs": AlertKind.BATCH_DIFFERS,
    "batch_format_differs": AlertKind.BATCH_DIFFERS,
    "batch_length_and_format_differ": AlertKind.BATCH_DIFFERS,
    "serial_unknown_length_differs": AlertKind.SERIAL_UNKNOWN,
    "serial_unknown_format_differs": AlertKind.SERIAL_UNKNOWN,
    "serial_unknown_length_and_format_differ": AlertKind.SERIAL_UNKNOWN,
    "expiry_differs": AlertKind.EXPIRY_DIFFERS,
}


async def analyse_alert(tx: Transaction, alert_id: str, now: datetime, rules: Rules) -> Analysis:
    """What may have caused an alert, by all that is known now. LookupError where no such alert was taken in."""
    for analysis in await analyse_alerts(tx, [alert_id], now, rules):
        return analysis
    raise LookupError(alert_id)


async def analyse_batch(
    tx: Transaction, product_id: int, batch: str, now: datetime, rules: Rules
) -> list[Analysis]:
    """The same for all open alerts about a batch: those that name it, or name it with a fault that a rule explains."""
    names = await store.read_open_batch_names(tx, product_id)
    kinds = kinds_of_codes(rules)
    examples = await store.read_alerts(tx, list(names.values()))
    meant = {row.batch for row in examples if row.batch == batch or _may_mean(_sent(row, kinds), batch)}
    alert_ids = await store.read_open_alert_ids(tx, product_id, {name for name in meant if name})
    return await analyse_alerts(tx, alert_ids, now, rules)


async def analyse_alerts(
    tx: Transaction, alert_ids: Iterable[str], now: datetime, rules: Rules
) -> list[Analysis]:
    """The same for many alerts; those that were never taken in are left out."""
    rows = await store.read_alerts(tx, list(alert_ids))
    if not rows:
        return []
    book = book_of(rules)
    kinds = kinds_of_codes(rules)
    gathered = _Gathered(rows=rows, sent=[_sent(row, kinds) for row in rows])
    await _read_what_is_stored(tx, gathered, now)
    await _read_photographed(tx, gathered, now)
    await _find_near(tx, gathered)
    await _read_events(tx, gathered, now)
    first = [gathered.facts(index, now) for index in range(len(rows))]
    alone = [taken_alone(one, book) for one in first]
    around = await _read_around(tx, gathered, now, kinds, alone, book)
    return [
        analyse(msgspec.structs.replace(one, location_alerts=location, batch_alerts=batch), book, found)
        for one, found, (location, batch) in zip(first, alone, around, strict=True)
    ]


async def find(tx: Transaction, alert_ids: Iterable[str], now: datetime, rules: Rules) -> dict[str, Findings]:
    """What the intake of alerts needs to know of each of them, by their ids."""
    analyses = await analyse_alerts(tx, alert_ids, now, rules)
    return {analysis.alert_id: findings_of(analysis, rules) for analysis in analyses}


def analyser_of(rules: Rules) -> Analyser:
    """The analysis as the intake of alerts asks for it."""

    async def analyser(tx: Transaction, alert_ids: Sequence[str], now: datetime) -> Mapping[str, Findings]:
        return await find(tx, alert_ids, now, rules)

    return analyser


def findings_of(analysis: Analysis, rules: Rules) -> Findings:
    """An analysis in short, and whole to be kept."""
    first = analysis.first
    return Findings(
        cause=first.cause,
        cause_class=first.cause_class,
        rule_id=first.rule,
        confidence=first.confidence,
        is_high_risk=analysis.is_high_risk,
        closing_rule=analysis.closing_rule(rules.automatic_closing),
        meant_serial_number=None if first.corrected is None else first.corrected.serial_number,
        rules_version=analysis.rules_version,
        whole=msgspec.to_builtins(analysis),
    )


def analysis_from(whole: object) -> Analysis:
    """An analysis that was kept, as it was."""
    return msgspec.convert(whole, Analysis, strict=False)


def kinds_of_codes(rules: Rules) -> Mapping[str, AlertKind]:
    """What each operation code says does not agree, by the condition that gives it; all others are about states."""
    return {
        check.code.code: _KINDS[check.condition]
        for check in rules.identity_checks
        if check.condition in _KINDS
    }


def _sent(row: AlertRow, kinds: Mapping[str, AlertKind]) -> Sent:
    return Sent(
        alert_id=row.alert_id,
        at=row.recorded_at,
        kind=kinds.get(row.operation_code, AlertKind.ALREADY_DECOMMISSIONED),
        operation=Operation(row.operation) if row.operation in set(Operation) else None,
        scheme=row.scheme,
        product_code=row.product_code,
        serial_number=row.serial_number,
        batch=row.batch,
        expiry=row.expiry,
        place=row.place,
        entry_mode=row.entry_mode,
        user_agent=row.user_agent,
        state_before=None if row.state_before is None else PackState(row.state_before),
    )


class _Gathered:
    """What has been read so far, for all alerts of one run."""

    def __init__(self, *, rows: Sequence[AlertRow], sent: list[Sent]) -> None:
        self.rows = rows
        self.sent = sent
        self.pack_counts: dict[int, int] = {}
        self.batches: dict[tuple[int, int], StoredBatch] = {}
        self.by_name: dict[tuple[int, str], StoredBatch] = {}
        self.packs: dict[int, dict[str, StoredPack]] = {}
        self.exempted: set[tuple[str, str]] = set()
        self.near: dict[int, tuple[str, ...]] = {}
        self.incomplete: set[int] = set()
        self.events: dict[tuple[int, str], list[EventRow]] = {}
        self.photographed: dict[tuple[int, int], tuple[Photographed, ...]] = {}

    def add_near(self, index: int, serial_numbers: Iterable[str]) -> None:
        known = self.near.get(index, ())
        self.near[index] = (*known, *(one for one in serial_numbers if one not in known))

    @property
    def product_ids(self) -> set[int]:
        return {row.product_id for row in self.rows}

    def pack(self, index: int) -> StoredPack | None:
        return self.packs.get(self.rows[index].product_id, {}).get(self.sent[index].serial_number)

    def asked_batch(self, index: int) -> StoredBatch | None:
        return self.by_name.get((self.rows[index].product_id, self.sent[index].batch or ""))

    def facts(self, index: int, now: datetime) -> Facts:
        row, sent = self.rows[index], self.sent[index]
        stored = self.packs.get(row.product_id, {})
        near = tuple(stored[one] for one in self.near.get(index, ()) if one in stored)
        history = self.events.get((row.product_id, sent.serial_number), [])
        own = next((event for event in history if event.event_number == row.event_number), None)
        if own is not None and own.is_bulk:
            recovered = own.bulk_kind == SendingMode.RECOVERY.value
            mode = SendingMode.RECOVERY if recovered else SendingMode.BULK
            sent = msgspec.structs.replace(sent, mode=mode)
        return Facts(
            sent=sent,
            now=now,
            product_known=row.product_id in self.pack_counts,
            non_fmd=(sent.product_code, sent.batch or "") in self.exempted,
            asked_batch=self.asked_batch(index),
            pack=self.pack(index),
            near=near,
            near_is_complete=index not in self.incomplete,
            history=tuple(event.happened for event in history),
            later=tuple(self._later(row, (sent.serial_number, *(one.serial_number for one in near)))),
            photographed=self.photographed_with(index),
            product_packs=self.pack_counts.get(row.product_id, 0),
        )

    def photographed_with(self, index: int) -> tuple[Photographed, ...]:
        row = self.rows[index]
        return self.photographed.get((row.product_id, row.event_number), ())

    def _later(self, row: AlertRow, serial_numbers: Iterable[str]) -> Iterable[Happened]:
        """What the location did afterwards with the pack that was sent or may have been meant."""
        for one in serial_numbers:
            for event in self.events.get((row.product_id, one), ()):
                happened = event.happened
                is_later = event.event_number > row.event_number
                is_here = happened.place.same_location(row.place)
                if is_later and is_here and happened.confirmed and not happened.is_alert:
                    yield happened


async def _read_what_is_stored(tx: Transaction, gathered: _Gathered, now: datetime) -> None:
    products = gathered.product_ids
    gathered.pack_counts = await store.read_pack_counts(tx, products)
    batches = await store.read_batches(tx, products, now)
    for product_id in products:
        wanted = {
            sent.serial_number
            for row, sent in zip(gathered.rows, gathered.sent, strict=True)
            if row.product_id == product_id
        }
        gathered.packs[product_id] = await store.read_packs(tx, product_id, wanted, batches)
    for key in _batches_whose_print_is_doubted(gathered):
        count = await store.count_supplied_locations(tx, *key)
        batches[key] = msgspec.structs.replace(batches[key], supplied_locations=count)
    gathered.batches = batches
    gathered.by_name = {(product_id, one.batch): one for (product_id, _), one in reversed(batches.items())}
    for product_id, packs in gathered.packs.items():
        gathered.packs[product_id] = {
            serial: msgspec.structs.replace(pack, batch=batches[product_id, pack.batch.batch_id])
            for serial, pack in packs.items()
        }
    names = {sent.batch for sent in gathered.sent if sent.batch}
    codes = {sent.product_code for sent in gathered.sent}
    gathered.exempted = await store.read_exempted(tx, codes, names)


async def _read_photographed(tx: Transaction, gathered: _Gathered, now: datetime) -> None:
    for found in await store.read_photographed(tx, gathered.rows, now):
        scans = [parse_scan(code) for code in found.codes]
        gathered.photographed[found.product_id, found.event_number] = tuple(
            Photographed(
                product_code=scan.product_code,
                serial_number=scan.serial_number,
                batch=scan.batch,
                expiry=scan.expiry,
            )
            for scan in scans
        )


def _batches_whose_print_is_doubted(gathered: _Gathered) -> set[tuple[int, int]]:
    return {
        (row.product_id, pack.batch.batch_id)
        for index, (row, sent) in enumerate(zip(gathered.rows, gathered.sent, strict=True))
        if sent.kind in DIFFERING_FIELD and (pack := gathered.pack(index)) is not None
    }


async def _find_near(tx: Transaction, gathered: _Gathered) -> None:
    """For each unknown serial number the stored packs that may have been meant."""
    by_batch: dict[tuple[int, int], list[int]] = {}
    guessed: list[int] = []
    for index, sent in enumerate(gathered.sent):
        if sent.kind not in UNKNOWN_PACK or gathered.pack(index) is not None:
            continue
        product_id = gathered.rows[index].product_id
        possible = _possible_batches(gathered, index)
        for batch in possible:
            by_batch.setdefault((product_id, batch.batch_id), []).append(index)
        if not possible:
            guessed.append(index)
    for (product_id, batch_id), indices in by_batch.items():
        if gathered.batches[product_id, batch_id].pack_count > BATCH_PACKS_MAX:
            guessed += indices
            continue
        stored = await store.read_serial_numbers(tx, product_id, batch_id)
        _find_near_in_batch(gathered, indices, stored)
    await _look_up_guesses(tx, gathered, guessed[:_GUESSED_ALERTS_MAX])
    for index, sent in enumerate(gathered.sent):
        # The pack in a photograph may have been meant, however far from it what was sent is.
        shown = (code.serial_number for code in gathered.photographed_with(index))
        gathered.add_near(index, [one for one in shown if one and one != sent.serial_number])
    await _read_near_packs(tx, gathered)


def _possible_batches(gathered: _Gathered, index: int) -> list[StoredBatch]:
    """The stored batches that the alert may be about: the one it names, or those whose name it may have changed."""
    asked = gathered.asked_batch(index)
    if asked is not None:
        return [asked]
    sent, product_id = gathered.sent[index], gathered.rows[index].product_id
    if sent.batch is None:
        return []
    named = [batch for (product, _), batch in gathered.batches.items() if product == product_id]
    swapped = [batch for batch in named if batch.batch == sent.serial_number]
    return [*swapped, *(batch for batch in named if _may_mean(sent, batch.batch))][:_POSSIBLE_BATCHES_MAX]


def _may_mean(sent: Sent, batch: str) -> bool:
    """Whether a fault may have made the name that was sent of the batch's."""
    if sent.batch is None or sent.batch == batch:
        return False
    found = explanations(sent, Field.BATCH, batch, sent.batch)
    return any(one.how != "two_differ" for one in found)


def _find_near_in_batch(gathered: _Gathered, indices: Sequence[int], stored: Sequence[str]) -> None:
    """Near ones are compared with; for those that find none, what a keyboard may have changed is guessed."""
    everything = set(stored)
    asked: dict[str, list[int]] = {}
    for index in indices:
        sent = gathered.sent[index]
        asked.setdefault(sent.serial_number, []).append(index)
        if sent.batch in everything:
            gathered.add_near(index, [sent.batch])
    for value, near in nearest(asked, stored).items():
        for index in asked[value]:
            gathered.add_near(index, near.serial_numbers)
            if not near.is_complete:
                gathered.incomplete.add(index)
            if not near.serial_numbers:
                guesses = set(keyboard_guesses(gathered.sent[index], Field.SERIAL_NUMBER, value))
                gathered.add_near(index, sorted(guesses & everything))


async def _look_up_guesses(tx: Transaction, gathered: _Gathered, indices: Sequence[int]) -> None:
    wanted: dict[int, dict[str, list[int]]] = {}
    for index in indices:
        for guess in guessed_serial_numbers(gathered.sent[index]):
            wanted.setdefault(gathered.rows[index].product_id, {}).setdefault(guess, []).append(index)
    for product_id, guesses in wanted.items():
        for serial in await store.read_packs(tx, product_id, guesses, gathered.batches):
            for index in guesses[serial]:
                gathered.add_near(index, [serial])


async def _read_near_packs(tx: Transaction, gathered: _Gathered) -> None:
    wanted: dict[int, set[str]] = {}
    for index, near in gathered.near.items():
        wanted.setdefault(gathered.rows[index].product_id, set()).update(near)
    for product_id, serials in wanted.items():
        known = gathered.packs.setdefault(product_id, {})
        known.update(await store.read_packs(tx, product_id, serials - set(known), gathered.batches))


async def _read_events(tx: Transaction, gathered: _Gathered, now: datetime) -> None:
    """The history of what was sent, and what happened afterwards to what may have been meant."""
    for product_id in gathered.product_ids:
        indices = [index for index, row in enumerate(gathered.rows) if row.product_id == product_id]
        sent = {gathered.sent[index].serial_number for index in indices}
        meant = {one for index in indices for one in gathered.near.get(index, ())[:_NEAR_FOLLOWED_MAX]}
        since = min(gathered.rows[index].recorded_at for index in indices)
        about_state = {
            gathered.sent[index].serial_number
            for index in indices
            if gathered.sent[index].kind is AlertKind.ALREADY_DECOMMISSIONED
        }
        for wanted, begins in (
            (about_state, since - _BEFORE),
            ((sent | meant) - about_state, since - _SHORTLY),
        ):
            if wanted:
                for event in await store.read_events(tx, product_id, wanted, begins, now):
                    key = product_id, event.happened.serial_number
                    gathered.events.setdefault(key, []).append(event)


async def _read_around(
    tx: Transaction,
    gathered: _Gathered,
    now: datetime,
    kinds: Mapping[str, AlertKind],
    alone: Sequence[Sequence[Hypothesis]],
    book: Book,
) -> list[tuple[LocationAlerts, BatchAlerts]]:
    """The other alerts of each location and of each batch. What this run says of an alert counts for what was said."""
    signs = {row.event_number: sign_of(found) for row, found in zip(gathered.rows, alone, strict=True)}
    names = {sent.batch for sent in gathered.sent if sent.batch}
    kin = await store.read_kin(tx, gathered.product_ids, names, now)
    batches = batch_alerts(
        kin, kinds, signs, {row.event_number for row in gathered.rows if _is_stored(gathered, row)}
    )
    window = timedelta(days=book.limits.location_burst_days)
    locations = {row.location_id for row in gathered.rows if row.location_id is not None}
    times = [row.recorded_at for row in gathered.rows]
    until = min(now, max(times) + window)
    neighbours = await store.read_neighbours(tx, locations, min(times) - window, until)
    by_location: dict[int, list[NeighbourRow]] = {}
    for neighbour in neighbours:
        by_location.setdefault(neighbour.location_id, []).append(neighbour)
    nothing = BatchAlerts()
    return [
        (
            location_alerts(row, by_location.get(row.location_id or 0, ()), kinds, signs, window, book),
            batches.get((row.product_id, row.batch or ""), nothing),
        )
        for row in gathered.rows
    ]


def _is_stored(gathered: _Gathered, row: AlertRow) -> bool:
    return row.serial_number in gathered.packs.get(row.product_id, {})


def batch_alerts(
    kin: Iterable[KinRow],
    kinds: Mapping[str, AlertKind],
    signs: Mapping[int, Cause | None],
    stored: Collection[int],
) -> dict[tuple[int, str], BatchAlerts]:
    """The alerts of each batch, counted. `stored` are events whose pack is stored by now: they are no gap."""
    grouped: dict[tuple[int, str], list[KinRow]] = {}
    for row in kin:
        grouped.setdefault((row.product_id, row.batch), []).append(row)
    return {key: _batch_alerts(rows, kinds, signs, stored) for key, rows in grouped.items()}


def _batch_alerts(
    rows: Iterable[KinRow],
    kinds: Mapping[str, AlertKind],
    signs: Mapping[int, Cause | None],
    stored: Collection[int],
) -> BatchAlerts:
    values: dict[tuple[AlertKind, str, str], dict[int, int]] = {}
    unexplained: dict[int, set[str]] = {}
    twice: set[str] = set()
    for row in rows:
        kind = kinds.get(row.operation_code, AlertKind.ALREADY_DECOMMISSIONED)
        location_id, organisation_id = row.location_id, row.organisation_id
        if location_id is None or organisation_id is None:
            continue
        if kind in UNKNOWN_PACK:
            sign = signs[row.event_number] if row.event_number in signs else store.cause_of(row.cause)
            is_explained = sign in TECHNICAL_CAUSES or sign in _SETTLED or row.event_number in stored
            if not is_explained:
                unexplained.setdefault(location_id, set()).add(row.serial_number)
        elif kind is AlertKind.ALREADY_DECOMMISSIONED:
            if row.earlier_organisation_id not in {None, organisation_id}:
                twice.add(row.serial_number)
        else:
            of_value = values.setdefault((kind, row.batch, row.expiry or ""), {})
            of_value.setdefault(organisation_id, location_id)
    return BatchAlerts(
        locations_of_value={key: frozenset(found.values()) for key, found in values.items()},
        packs_at_location={location_id: len(serials) for location_id, serials in unexplained.items()},
        unexplained_packs=len(set().union(*unexplained.values())),
        packs_supplied_twice=len(twice),
    )


def location_alerts(
    row: AlertRow,
    neighbours: Sequence[NeighbourRow],
    kinds: Mapping[str, AlertKind],
    signs: Mapping[int, Cause | None],
    window: timedelta,
    book: Book,
) -> LocationAlerts:
    """The other alerts of the alert's location in the days before and after it. `neighbours` are in order of time."""
    times = [one.recorded_at for one in neighbours]
    begin = bisect_left(times, row.recorded_at - window)
    end = bisect_right(times, row.recorded_at + window)
    others = [one for one in neighbours[begin:end] if one.event_number != row.event_number]
    found: Counter[Cause] = Counter()
    replayed = {row.serial_number}
    for one in others:
        sign = signs[one.event_number] if one.event_number in signs else store.cause_of(one.cause)
        if sign in TECHNICAL_CAUSES:
            found[sign] += 1
        is_near = abs(one.recorded_at - row.recorded_at) <= book.limits.replay_window
        about_state = one.operation_code not in kinds
        if is_near and about_state and one.equipment_id == row.equipment_id:
            replayed.add(one.serial_number)
    return LocationAlerts(alerts=len(others), signs=found, replayed_packs=len(replayed))
