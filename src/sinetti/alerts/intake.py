"""Takes deviations over from the national system: each alert gets a file and a case, is analysed, and watched for news.

The pack path writes `deviation_outbox` in its own transaction and knows nothing of this. What is taken off the outbox
and what is made of it are one transaction here, so that a crash loses and repeats nothing. The analysis comes after it,
in a transaction of its own: a fault in it must not hold up an alert. Nothing here costs the pack path anything: that
something is new about an open alert is found by asking for its packs and its batch, the young alerts each second and
all of them in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import structlog
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from sinetti.alerts import files
from sinetti.alerts.deadlines import tell_of_deadlines, tell_of_late_requests, warn_of_deadlines
from sinetti.alerts.decide import decide_status
from sinetti.alerts.files import Change
from sinetti.alerts.findings import Analyser, Findings
from sinetti.alerts.kin import KinKey, kin_of, kin_of_pack
from sinetti.alerts.model import SYSTEM, AlertFile, CaseKey, FileKey
from sinetti.alerts.notices.asking import ask_for_hand_over
from sinetti.kit import metrics, tasks
from sinetti.kit.clock import Clock
from sinetti.kit.db import UNAVAILABLE, Database, Transaction, load_queries
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.alerts.vocabulary import AlertStatus, Deadline, Notice, Refusal, Side
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import CauseClass, Level

TAKEN_AT_ONCE: Final = 200
ANALYSED_AT_ONCE: Final = 100
LOOKED_AT_ONCE: Final = 5000
IDLE_SECONDS: Final = 0.25
"""An alert becomes a case within a second: a quarter of it is waited at most before it is seen."""
LOOK_SECONDS: Final = 1.0
TELL_SECONDS: Final = 10.0
YOUNG: Final = timedelta(minutes=15)
"""Most of what settles an alert, such as another scan or a reactivation, happens while the pack is in the hand."""
PUT_ASIDE_SECONDS: Final = 60.0

_SQL = load_queries("sinetti.alerts.store", "intake.sql")
_ALERT_LEVEL: Final = int(Level.L5[1])
_LONG_AGO: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
_log = structlog.get_logger(__name__)


# ---------------------------------------------------------------- taking over


async def take_in(
    tx: Transaction,
    rules: Rules,
    now: datetime,
    *,
    at_once: int = TAKEN_AT_ONCE,
    put_aside: Sequence[int] = (),
) -> int:
    """Take deviations off the outbox, and make of them what has to be; how many there were."""
    async with tx.cursor(row_factory=dict_row) as cursor:
        values = {"at_once": at_once, "put_aside": list(put_aside)}
        await cursor.execute(_SQL["take_deviations"], values, prepare=True)
        events = await cursor.fetchall()
    await open_files(tx, rules, [event for event in events if event["level"] == _ALERT_LEVEL], now)
    deviations = [
        {
            "product_id": event["product_id"], "event_number": event["event_number"],
            "notice": Notice.DEVIATION_RAISED, "party": party, "organisation_id": None, "location_id": None,
            "now": now,
        }
        for event in events
        if event["level"] != _ALERT_LEVEL
        for party in sorted(rules.alerts.notices[Notice.DEVIATION_RAISED])
    ]  # fmt: skip
    await tx.cursor().executemany(_SQL["add_notice"], deviations)
    if deviations:
        await ask_for_hand_over(tx)
    return len(events)


async def open_files(
    tx: Transaction, rules: Rules, events: Sequence[dict[str, Any]], now: datetime
) -> list[FileKey]:
    """Bring events under management, each in the case of its pack; the keys of those that were not there yet."""
    if not events:
        return []
    kin = [
        kin_of_pack(event["product_id"], event["product_code"], event["serial_number"]) for event in events
    ]
    cases = await _join_cases(
        tx, [(key, event["recorded_at"]) for key, event in zip(kin, events, strict=True)], now
    )
    rows = [
        {
            **event,
            "kind": rules.alerts.kinds[event["operation_code"]],
            "case_product_id": cases[key].product_id,
            "case_id": cases[key].case_id,
            "rules_version": rules.version,
            "now": now,
        }
        for key, event in zip(kin, events, strict=True)
    ]
    cursor = tx.cursor()
    added = []
    await cursor.executemany(_SQL["add_file"], rows, returning=True)
    for row in rows:
        if cursor.rowcount == 1:
            added.append(row)
        cursor.nextset()
    await cursor.executemany(_SQL["add_received"], added)
    await cursor.executemany(
        _SQL["add_deadline"],
        [
            {
                **row, "deadline": Deadline.EXPECTED_ANSWER, "side": side,
                "due_at": row["recorded_at"] + timedelta(hours=rules.alerts.deadlines[Deadline.EXPECTED_ANSWER]),
            }
            for row in added
            for side in (Side.END_USER, Side.OBP)
            if side is Side.END_USER or row["obp_organisation_id"] is not None
        ],
    )  # fmt: skip
    keys = [FileKey(row["product_id"], row["event_number"]) for row in added]
    notices = [
        {"product_id": file.key.product_id, "event_number": file.key.event_number, "notice": Notice.ALERT_RAISED,
         "now": now, **msgspec.to_builtins(recipient)}
        for file in await files.read_files(tx, keys)
        if file.alert_id is not None
        for recipient in files.recipients(rules, file, Notice.ALERT_RAISED)
    ]  # fmt: skip
    await cursor.executemany(_SQL["add_notice"], notices)
    if notices:
        await ask_for_hand_over(tx)
    return keys


async def _join_cases(
    tx: Transaction, wanted: Sequence[tuple[KinKey, datetime]], now: datetime
) -> dict[KinKey, CaseKey]:
    latest: dict[KinKey, datetime] = {}
    for kin, at in wanted:
        latest[kin] = max(at, latest.get(kin, at))
    cursor = await tx.execute(
        _SQL["join_cases"],
        {
            "product_ids": [kin.product_id for kin in latest],
            "kins": [kin.kin.value for kin in latest],
            "kin_keys": [kin.key for kin in latest],
            "alert_ats": list(latest.values()),
            "now": now,
        },
        prepare=True,
    )
    found = {(row[0], row[1]): CaseKey(row[0], row[2]) for row in await cursor.fetchall()}
    return {kin: found[kin.product_id, kin.key] for kin in latest}


# ---------------------------------------------------------------- analysing


class _Wanted(msgspec.Struct, frozen=True):
    key: FileKey
    events: int
    pack_count: int | None
    corrections: int | None


async def analyse_waiting(
    tx: Transaction, rules: Rules, analyser: Analyser, now: datetime, *, at_once: int = ANALYSED_AT_ONCE
) -> int:
    """Analyse alerts that wait for it, and do what follows by itself; how many there were."""
    cursor = await tx.execute(_SQL["take_for_analysis"], {"now": now, "at_once": at_once}, prepare=True)
    wanted = {
        key: _Wanted(key, row[2], row[3], row[4])
        for row in await cursor.fetchall()
        for key in [FileKey(row[0], row[1])]
    }
    found = await files.read_files(tx, list(wanted))
    try:
        await _analyse(tx, rules, analyser, found, wanted, now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001 - a bug with one alert must not hold up all others
        _log.error("analysis_failed", alerts=len(found), exc_info=error)
        for file in found:
            await _analyse_one(tx, rules, analyser, file, wanted, now)
    return len(wanted)


async def _analyse_one(
    tx: Transaction,
    rules: Rules,
    analyser: Analyser,
    file: AlertFile,
    wanted: Mapping[FileKey, _Wanted],
    now: datetime,
) -> None:
    try:
        await _analyse(tx, rules, analyser, [file], wanted, now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001 - the same
        _log.error("analysis_of_one_failed", alert_id=file.alert_id, exc_info=error)
        values = {"product_id": file.key.product_id, "event_number": file.key.event_number, "now": now}
        await tx.execute(_SQL["put_off_analysis"], values)


async def _analyse(
    tx: Transaction,
    rules: Rules,
    analyser: Analyser,
    found: Sequence[AlertFile],
    wanted: Mapping[FileKey, _Wanted],
    now: datetime,
) -> None:
    """Analyse alerts and do what follows, all of them or none."""
    async with tx.transaction():
        by_id = await analyser(tx, [file.alert_id for file in found if file.alert_id is not None], now)
        for file in found:
            assert file.alert_id is not None, "only alerts are analysed"
            await _apply(tx, rules, file, wanted[file.key], by_id[file.alert_id], now)


async def _apply(
    tx: Transaction, rules: Rules, file: AlertFile, wanted: _Wanted, findings: Findings, now: datetime
) -> None:
    of_file = {"product_id": file.key.product_id, "event_number": file.key.event_number, "now": now}
    before = await (await tx.execute(_SQL["explained_before"], of_file)).fetchone()
    latest = await (await tx.execute(_SQL["latest_analysis"], of_file)).fetchone()
    if latest is None or _without_time(latest[0]) != _without_time(findings.whole):
        values = {"rules_version": findings.rules_version, "analysis": Jsonb(findings.whole)}
        await tx.execute(_SQL["add_analysis"], of_file | values)
    meant = None if findings.meant_serial_number is None else serial_key(findings.meant_serial_number)
    await tx.execute(
        _SQL["note_analysis"],
        {
            **of_file,
            "cause": findings.cause,
            "cause_class": findings.cause_class,
            "rule_id": findings.rule_id,
            "confidence": findings.confidence,
            "watched_key": None if meant is None else meant.hex(),
            "events": wanted.events,
            "pack_count": wanted.pack_count,
            "corrections": wanted.corrections,
        },
    )
    if file.status is AlertStatus.CLOSED and not findings.is_high_risk:
        return
    doer = msgspec.structs.replace(SYSTEM, rule_id=findings.rule_id)
    change = Change(rules=rules, doer=doer, now=now)
    if findings.cause is not file.cause:
        file = await _join_kin(tx, change, file, findings)
    changed = False
    if findings.is_high_risk:
        changed = await _change_automatically(
            tx, change, file, AlertStatus.ESCALATED, comment=findings.rule_id
        )
    elif findings.closing_rule is not None:
        closing = msgspec.structs.replace(
            change, doer=msgspec.structs.replace(doer, rule_id=findings.closing_rule)
        )
        changed = await _change_automatically(tx, closing, file, AlertStatus.CLOSED)
    if before is not None and not changed:
        # Whoever is told that it is closed or escalated looks at it anyway.
        await _tell_of_news(tx, change, file, CauseClass(before[0]), findings, was_high_risk=before[1])


async def _tell_of_news(
    tx: Transaction,
    change: Change,
    file: AlertFile,
    was: CauseClass,
    findings: Findings,
    *,
    was_high_risk: bool,
) -> None:
    """Tell those to whom it matters that an alert is explained otherwise than it was."""
    now = CauseClass(findings.cause_class)
    if findings.is_high_risk and not was_high_risk:
        await files.add_notices(tx, change, file, Notice.HIGH_RISK_FOUND)
    elif was is not now:
        news = change.rules.alerts.cause_news
        await files.add_notices(tx, change, file, Notice.CAUSE_CHANGED, only=news[was] | news[now])


def _without_time(analysis: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in analysis.items() if key != "analysed_at"}


async def _change_automatically(
    tx: Transaction, change: Change, file: AlertFile, to: AlertStatus, comment: str | None = None
) -> bool:
    """Change the status where the tables let Sinetti do so; where not, people decide. Whether it was changed."""
    reason = None
    if to is AlertStatus.CLOSED:
        reason = change.rules.alerts.automatic_reasons.get(change.doer.rule_id or "")
        if reason is None:
            return False
    decided = decide_status(
        change.rules.alerts, file, change.doer, to, change.now, reason=reason, comment=comment
    )
    if isinstance(decided, Refusal):
        return False
    await files.set_status(tx, change, file, decided)
    return True


async def _join_kin(tx: Transaction, change: Change, file: AlertFile, findings: Findings) -> AlertFile:
    """Move the alert to the case of its kin, for as long as no person has done anything in the one where it is."""
    kin = kin_of(change.rules.alerts, file, findings.cause)
    if await files.case_is_touched(tx, file.case):
        return file
    case = (await _join_cases(tx, [(kin, file.recorded_at)], change.now))[kin]
    if case == file.case:
        return file
    await files.move_to_case(tx, change, file, case)
    return msgspec.structs.replace(file, case=case)


# ---------------------------------------------------------------- looking for news


class Place(msgspec.Struct, frozen=True):
    """Where looking goes on: after this alert, in the order of age."""

    recorded_at: datetime = _LONG_AGO
    event_number: int = 0


async def look_for_news(
    tx: Transaction, after: Place, now: datetime, *, at_once: int = LOOKED_AT_ONCE
) -> tuple[Place | None, int]:
    """Have open alerts analysed again of whose packs or batch something is new.

    Returns where to go on, `None` at the end, and of how many something was new.
    """
    values = {"after": after.recorded_at, "after_number": after.event_number, "at_once": at_once, "now": now}
    row = await (await tx.execute(_SQL["look_for_news"], values, prepare=True)).fetchone()
    assert row is not None, "an aggregate has one row"
    looked, changed, recorded_at, event_number = row
    return (Place(recorded_at, event_number) if looked == at_once else None), changed


async def want_batch(tx: Transaction, product_id: int, batch: str, now: datetime) -> int:
    """Have all open alerts of a batch analysed again; how many there are."""
    values = {"product_id": product_id, "batch": batch, "now": now}
    return (await tx.execute(_SQL["want_batch"], values)).rowcount


# ---------------------------------------------------------------- the runner


class AlertIntake:
    """Does all of this in a worker process, for as long as the block runs. Several workers share the work."""

    def __init__(self, database: Database, rules: Rules, analyser: Analyser, clock: Clock) -> None:
        self._database = database
        self._rules = rules
        self._analyser = analyser
        self._clock = clock
        self._put_aside: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="alert intake")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        await tasks.stop(self._task)

    async def work_once(self) -> bool:
        """Take over and analyse what waits, one portion of each; whether there was anything."""
        taken = await self._take_in()
        if taken:
            metrics.count_alerts_taken(taken)
        async with self._database.transaction() as tx:
            analysed = await analyse_waiting(tx, self._rules, self._analyser, self._clock())
        return bool(taken or analysed)

    async def look(self, after: Place) -> Place | None:
        """Look for news of some open alerts; where to go on."""
        async with self._database.transaction() as tx:
            place, _ = await look_for_news(tx, after, self._clock())
        return place

    async def tell(self) -> None:
        """Tell of deadlines that are near or have passed, and of other countries that have not answered."""
        for tell in (warn_of_deadlines, tell_of_deadlines, tell_of_late_requests):
            async with self._database.transaction() as tx:
                await tell(tx, self._rules, self._clock())

    async def _take_in(self) -> int:
        running = asyncio.get_running_loop().time()
        self._put_aside = {number: until for number, until in self._put_aside.items() if until > running}
        try:
            return await self._take_portion(TAKEN_AT_ONCE)
        except UNAVAILABLE:
            raise
        except Exception as error:  # noqa: BLE001 - a bug with one of them must not hold up all others
            _log.error("intake_failed", exc_info=error)
            return await self._take_one_by_one()

    async def _take_one_by_one(self) -> int:
        taken = 0
        for _ in range(TAKEN_AT_ONCE):
            first = await self._first_waiting()
            if first is None:
                break
            try:
                taken += await self._take_portion(1)
            except UNAVAILABLE:
                raise
            except Exception as error:  # noqa: BLE001 - the same
                _log.error("intake_of_one_failed", event_number=first, exc_info=error)
                self._put_aside[first] = asyncio.get_running_loop().time() + PUT_ASIDE_SECONDS
        return taken

    async def _take_portion(self, at_once: int) -> int:
        async with self._database.transaction() as tx:
            return await take_in(
                tx, self._rules, self._clock(), at_once=at_once, put_aside=list(self._put_aside)
            )

    async def _first_waiting(self) -> int | None:
        async with self._database.transaction() as tx:
            cursor = await tx.execute(_SQL["first_waiting"], {"put_aside": list(self._put_aside)})
            row = await cursor.fetchone()
        return None if row is None else row[0]

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        look_at = tell_at = loop.time()
        all_in_turn: Place | None = Place()
        while True:
            worked = False
            try:
                worked = await self.work_once()
                if loop.time() >= look_at:
                    look_at = loop.time() + LOOK_SECONDS
                    young: Place | None = Place(self._clock() - YOUNG)
                    while young is not None:
                        young = await self.look(young)
                    all_in_turn = await self.look(all_in_turn or Place())
                if loop.time() >= tell_at:
                    tell_at = loop.time() + TELL_SECONDS
                    await self.tell()
            except UNAVAILABLE as error:
                _log.warning("alerts_put_off", error=str(error))
            except Exception as error:  # noqa: BLE001 - alerts must go on being taken in
                _log.error("alerts_failed", exc_info=error)
            if not worked:
                await asyncio.sleep(IDLE_SECONDS)
