"""Hands notices over, once and never lost: what comes of a notice is written in the transaction that marks it.

Systems of an OBP are told with a message, people with a row that waits for their next mail. What other operators must
hear stays where it is until the EU Hub carries it. docs/adr/0016 has the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import structlog

from sinetti.alerts import files
from sinetti.alerts.model import Doer, FileKey
from sinetti.alerts.notices.asking import HAND_OVER, MAIL_NOTICES
from sinetti.alerts.notices.choosing import pace_of
from sinetti.alerts.notices.contacts import pace_for_contact, unheard, write_to_contact
from sinetti.alerts.notices.telling import told_by_webhook
from sinetti.alerts.reading import read_whole
from sinetti.kit import jobs
from sinetti.kit.clock import Clock
from sinetti.kit.db import UNAVAILABLE, Database, Transaction, load_queries
from sinetti.nmvs.packs import Country
from sinetti.rules.alerts.vocabulary import Notice, Pace, Party
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import ParameterName
from sinetti.webhooks.messages import tell, tell_together

HANDED_AT_ONCE = 100

_SQL = load_queries("sinetti.alerts.store", "notices.sql")
_log = structlog.get_logger(__name__)


class WaitingNotice(msgspec.Struct, frozen=True):
    """A row of `alert_notice`."""

    product_id: int
    notice_number: int
    event_number: int
    notice: Notice
    party: Party
    organisation_id: int | None
    location_id: int | None
    made_at: datetime

    @property
    def file_key(self) -> FileKey:
        """The alert that it is about; deviations that are no alerts have no file."""
        return FileKey(self.product_id, self.event_number)


class Reader(msgspec.Struct, frozen=True):
    """Somebody who may hear of a notice."""

    product_id: int
    notice_number: int
    party: Party
    user_id: int
    is_main: bool
    in_charge: bool
    chosen: Mapping[str, str]
    """How soon this person wants to hear of a group, where it is not as usual."""


def hand_over_task(database: Database, country: Country, clock: Clock) -> jobs.Task:
    """Asked for with each transaction that makes notices. Done twice it does nothing twice: what is handed over is
    marked in the same transaction.
    """

    async def run() -> None:
        await hand_over_all(database, country, clock)

    return jobs.Task(name=HAND_OVER, run=run)


async def hand_over_all(database: Database, country: Country, clock: Clock) -> int:
    """Hand over everything that waits; how many notices. Each portion at its own time: many take minutes."""
    handed = 0
    while more := await hand_over_portion(database, country, clock()):
        handed += more
    return handed


async def hand_over_portion(
    database: Database, country: Country, now: datetime, *, at_once: int = HANDED_AT_ONCE
) -> int:
    """Hand some notices over; how many. One that cannot be is put off, and holds up nothing else."""
    try:
        async with database.transaction() as tx:
            return await hand_over(tx, country, await _take(tx, now, at_once), now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001 - a bug with one of them must not hold up all others
        _log.error("hand_over_failed", exc_info=error)
    handed = 0
    for _ in range(at_once):
        async with database.transaction() as tx:
            taken = await _take(tx, now, 1)
            if not taken:
                break
            handed += await _hand_over_one(tx, country, taken, now)
    return handed


async def _hand_over_one(
    tx: Transaction, country: Country, taken: Sequence[WaitingNotice], now: datetime
) -> int:
    try:
        async with tx.transaction():
            return await hand_over(tx, country, taken, now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # noqa: BLE001 - the same
        (one,) = taken
        _log.error("hand_over_of_one_failed", notice_number=one.notice_number, exc_info=error)
        values = {"product_id": one.product_id, "notice_number": one.notice_number, "now": now}
        await tx.execute(_SQL["put_off_notice"], values)
        return 0


async def _take(tx: Transaction, now: datetime, at_once: int) -> list[WaitingNotice]:
    cursor = await tx.execute(_SQL["take_notices"], {"now": now, "at_once": at_once}, prepare=True)
    return [
        WaitingNotice(row[0], row[1], row[2], Notice(row[3]), Party(row[4]), *row[5:])
        for row in await cursor.fetchall()
    ]


async def hand_over(tx: Transaction, country: Country, taken: Sequence[WaitingNotice], now: datetime) -> int:
    """Tell systems, have people told with their next mail, and mark the notices; how many they were."""
    if not taken:
        return 0
    await _tell_systems(tx, country, taken)
    await _tell_people(tx, country, taken, now)
    await tx.execute(_SQL["note_handed_over"], {**_numbers(taken), "now": now})
    return len(taken)


# ---------------------------------------------------------------- systems


async def _tell_systems(tx: Transaction, country: Country, taken: Sequence[WaitingNotice]) -> None:
    to_tell = [one for one in taken if one.party is Party.OBP]
    known = {file.key: file for file in await files.read_files(tx, [one.file_key for one in to_tell])}
    await tell_together(tx, [one.organisation_id for one in to_tell if one.organisation_id is not None])
    analysed = await _analysed(tx, to_tell)
    for one in to_tell:
        assert one.organisation_id is not None, "an OBP is an organisation"
        doer = Doer(party=Party.OBP, organisation_id=one.organisation_id)
        whole = await read_whole(tx, country.market, doer, known[one.file_key])
        kind, body = told_by_webhook(
            country.rules.alerts,
            doer,
            whole,
            one.notice,
            one.made_at,
            is_analysed=one.file_key in analysed,
            link=None if country.portal_address is None else f"{country.portal_address}/alerts",
        )
        await tell(tx, one.organisation_id, kind, body, one.made_at)


async def _analysed(tx: Transaction, told: Sequence[WaitingNotice]) -> set[FileKey]:
    values = {
        "product_ids": [one.product_id for one in told],
        "event_numbers": [one.event_number for one in told],
    }
    cursor = await tx.execute(_SQL["analysed_files"], values)
    return {FileKey(*row) for row in await cursor.fetchall()}


# ---------------------------------------------------------------- people


async def _tell_people(
    tx: Transaction, country: Country, taken: Sequence[WaitingNotice], now: datetime
) -> None:
    by_number = {one.notice_number: one for one in taken}
    values = {
        **_numbers(taken),
        "parties": [one.party.value for one in taken],
        "organisation_ids": [one.organisation_id for one in taken],
        "location_ids": [one.location_id for one in taken],
        "market": country.market,
    }
    rows = await (await tx.execute(_SQL["readers_of_notices"], values, prepare=True)).fetchall()
    readers = in_charge(Reader(row[0], row[1], Party(row[2]), *row[3:]) for row in rows)
    waiting = [
        {
            "user_id": reader.user_id,
            "product_id": one.product_id,
            "notice_number": one.notice_number,
            "event_number": one.event_number,
            "notice": one.notice,
            "pace": pace,
            "made_at": one.made_at,
            "due_at": due_at(country, pace, now),
        }
        for reader in readers
        for one in [by_number[reader.notice_number]]
        for pace in [pace_for(country.rules, reader, one.notice)]
        if pace is not Pace.NONE
    ]
    await tx.cursor().executemany(_SQL["add_for_person"], waiting)
    written = await _write_to_contacts(
        tx, country, unheard(taken, {one.notice_number for one in readers}), now
    )
    if Pace.AT_ONCE in {row["pace"] for row in waiting} | written:
        await jobs.defer(tx, MAIL_NOTICES)


async def _write_to_contacts(
    tx: Transaction, country: Country, nobodys: Sequence[WaitingNotice], now: datetime
) -> set[Pace]:
    """Have addresses told what no person hears of; at which paces."""
    written: set[Pace] = set()
    for one in nobodys:
        pace = pace_for_contact(country.rules.alerts, one.party, one.notice)
        if pace is not Pace.NONE and await write_to_contact(tx, one, pace, due_at(country, pace, now)):
            written.add(pace)
    return written


def in_charge(readers: Iterable[Reader]) -> list[Reader]:
    """Those whose teams take care of this market; where no team does, the main users: somebody must hear. Pure."""
    of_party: dict[tuple[int, Party], list[Reader]] = {}
    for reader in readers:
        of_party.setdefault((reader.notice_number, reader.party), []).append(reader)
    return [
        reader
        for together in of_party.values()
        for reader in [one for one in together if one.in_charge] or [one for one in together if one.is_main]
    ]


def pace_for(rules: Rules, reader: Reader, notice: Notice) -> Pace:
    """How soon somebody hears of it by mail, by the table and the person's own choice. Pure."""
    return pace_of(rules.alerts, reader.party, rules.alerts.notice_groups[notice], reader.chosen)


def due_at(country: Country, pace: Pace, now: datetime) -> datetime:
    """When a mail of this pace goes out at the latest. Pure."""
    parameters = country.rules.parameters
    if pace is Pace.GATHERED:
        return now + timedelta(minutes=parameters[ParameterName.NOTICE_GATHER_MINUTES].value)
    if pace is Pace.DAILY:
        return _next_morning(now, country.zone, parameters[ParameterName.NOTICE_DAILY_HOURS].value)
    return now


def _next_morning(now: datetime, zone: ZoneInfo, hour: int) -> datetime:
    here = now.astimezone(zone)
    morning = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    return morning if morning > here else morning + timedelta(days=1)


def _numbers(taken: Sequence[WaitingNotice]) -> dict[str, list[int]]:
    return {
        "product_ids": [one.product_id for one in taken],
        "notice_numbers": [one.notice_number for one in taken],
    }
