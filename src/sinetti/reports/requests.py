"""What clients of the two interfaces do: ask for a report or the alerts of a window, and find what was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from sinetti.identity.model import Caller
from sinetti.kit import jobs
from sinetti.kit.db import Database, Transaction
from sinetti.kit.ids import new_transaction_id
from sinetti.kit.problems import Problem
from sinetti.reports import estimate
from sinetti.reports.model import ALERTS, FoundRequest, NewRequest, ReportType, ValueKind, Window
from sinetti.reports.store import requests as store
from sinetti.reports.types import DAILY_SNAPSHOT, REPORT_TYPES
from sinetti.reports.windows import window_of, window_of_days
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language

MAKE: Final = "make_report"
MAKE_WORKBOOK: Final = "make_report_workbook"
TEXT_CHARACTERS_MAX: Final = 200
LIST_MAX: Final = 1000
RETRY_SECONDS_MIN: Final = 1
RETRY_SECONDS_MAX: Final = 60

_SYNTHETIC: Final = ("true", "false")
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_AHEAD: Final = datetime(9999, 1, 1, tzinfo=UTC)


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and how."""

    caller: Caller
    request_id: UUID
    """The transaction id, which names what was asked for from then on."""
    language: Language
    source_address: str | None
    at: datetime


async def ask_alerts(database: Database, rules: Rules, sender: Sender, start: str, end: str) -> UUID:
    """Ask for the alerts of a window. Problems: those of `window_of`, `report-requests-waiting`."""
    window = window_of(
        ("startTimestamp", start),
        ("endTimestamp", end),
        days_max=rules.parameters["alerts_window_days_max"].value,
    )
    lifetime = timedelta(hours=rules.parameters["alerts_lifetime_hours"].value)
    new = _new(sender, ALERTS, parameters={"startTimestamp": start, "endTimestamp": end}, window=window)
    async with database.transaction() as tx:
        await _refuse_too_many(tx, rules, sender)
        await _keep(tx, new, lifetime)
    return new.request_id


async def ask_full(database: Database, rules: Rules, sender: Sender, request_id: UUID | None) -> None:
    """Have a window made with all of its alerts. Asked again, it does nothing more.

    Problems: as of `find_alerts`, and `alerts-not-ready` while the first making goes on.
    """
    async with database.transaction() as tx:
        found = await find_alerts(tx, sender, request_id)
        if found.full_asked_at is not None:
            return
        if found.finished_at is None:
            raise _not_ready("alerts-not-ready", found, sender.at)
        if not found.is_truncated:
            return
        await _refuse_too_many(tx, rules, sender)
        events = await estimate.expected_events(tx, ALERTS, found.window, sender.at)
        eta = await estimate.expected_eta(tx, ALERTS, found.window, events, sender.at)
        if await store.ask_full(tx, found.request_id, eta=eta, now=sender.at):
            await jobs.defer(tx, MAKE, lock=ALERTS, request_id=str(found.request_id))


async def find_alerts(tx: Transaction, sender: Sender, request_id: UUID | None) -> FoundRequest:
    """A request of this client. Problems: `alerts-unknown` (404), `alerts-given-up` (410)."""
    found = None
    if request_id is not None:
        found = await store.find(tx, request_id, sender.caller.equipment_id, sender.at)
    if found is None or found.report_type != ALERTS:
        raise Problem("alerts-unknown", 404)
    if found.given_up_at is not None:
        raise Problem("report-given-up", 410)
    return found


async def made_alerts(database: Database, sender: Sender, request_id: UUID | None) -> FoundRequest:
    """A request that is made. Problems: as of `find_alerts`, `alerts-not-ready` (409)."""
    async with database.connection() as connection:
        found = await find_alerts(connection, sender, request_id)
    if found.finished_at is None:
        raise _not_ready("alerts-not-ready", found, sender.at)
    return found


async def ask_report(
    database: Database,
    rules: Rules,
    sender: Sender,
    *,
    report_type: str,
    title: str | None,
    requested_by: str | None,
    parameters: Mapping[str, object],
) -> NewlyAsked:
    """Ask for a report, and learn when it will be ready.

    Problems: `report-type-unknown`, `report-daily`, `report-parameter-missing`, `report-parameter-invalid`,
    `text-unusable`, those of `window_of`, `report-requests-waiting`.
    """
    known = REPORT_TYPES.get(report_type)
    if known is None:
        raise Problem("report-type-unknown", 422, report_type=report_type[:100], known=list(REPORT_TYPES))
    if known.is_daily:
        raise Problem("report-daily", 422, report_type=report_type)
    given = _parameters(known, parameters)
    window = _window(known, given, rules.parameters["report_window_days_max"].value)
    new = _new(
        sender,
        report_type,
        title=_text("name", title),
        requested_by=_text("requested By", requested_by),
        parameters=given,
        window=window,
    )
    lifetime = timedelta(hours=rules.parameters["report_lifetime_hours"].value)
    async with database.transaction() as tx:
        await _refuse_too_many(tx, rules, sender)
        eta = await _keep(tx, new, lifetime)
    return NewlyAsked(request_id=new.request_id, eta=eta)


class NewlyAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was asked for."""

    request_id: UUID
    eta: datetime


async def ask_snapshot(tx: Transaction, rules: Rules, now: datetime) -> None:
    """Ask for the snapshot of this day in UTC, unless it has been."""
    new = NewRequest(
        request_id=new_transaction_id(),
        report_type=DAILY_SNAPSHOT.report_type,
        title=f"{DAILY_SNAPSHOT.name} {now.date().isoformat()}",
        requested_by=None,
        parameters={},
        window=None,
        language=Language.EN,
        equipment_id=None,
        organisation_id=None,
        snapshot_day=now.date(),
        source_address=None,
        requested_at=now,
    )
    await _keep(tx, new, timedelta(days=rules.parameters["snapshot_lifetime_days"].value))


async def list_reports(
    database: Database,
    sender: Sender,
    *,
    between: tuple[datetime | None, datetime | None],
    report_type: str | None,
    requested_by: str | None,
    title: str | None,
) -> list[UUID]:
    """Reports of this client, and snapshots, that can be fetched; the latest first."""
    async with database.connection() as connection:
        return await store.list_made(
            connection,
            equipment_id=sender.caller.equipment_id,
            from_moment=between[0] or _LONG_AGO,
            to_moment=between[1] or _FAR_AHEAD,
            report_type=report_type,
            requested_by=requested_by,
            title=title,
            limit=LIST_MAX,
            now=sender.at,
        )


async def made_report(database: Database, sender: Sender, request_id: UUID | None) -> FoundRequest:
    """A report that is made. Problems: `report-unknown` (404), `report-not-ready` (409), `report-given-up` (410)."""
    found = None
    if request_id is not None:
        async with database.connection() as connection:
            found = await store.find(connection, request_id, sender.caller.equipment_id, sender.at)
    if found is None or found.report_type == ALERTS:
        raise Problem("report-unknown", 404)
    if found.given_up_at is not None:
        raise Problem("report-given-up", 410)
    if found.finished_at is None:
        raise _not_ready("report-not-ready", found, sender.at)
    return found


async def ask_workbook(database: Database, found: FoundRequest, now: datetime) -> None:
    """Have a workbook made of a report, once."""
    async with database.transaction() as tx:
        if await store.ask_workbook(tx, found.request_id, now):
            await jobs.defer(
                tx,
                MAKE_WORKBOOK,
                lock=MAKE_WORKBOOK,
                request_id=str(found.request_id),
                attempt=found.finished_attempt,
            )


async def _refuse_too_many(tx: Transaction, rules: Rules, sender: Sender) -> None:
    most = rules.parameters["report_requests_waiting_max"].value
    if await store.count_waiting(tx, sender.caller.equipment_id, sender.at) >= most:
        headers = {"Retry-After": str(RETRY_SECONDS_MAX)}
        raise Problem("report-requests-waiting", 429, headers=headers, most=most)


async def _keep(tx: Transaction, new: NewRequest, lifetime: timedelta) -> datetime:
    now = new.requested_at
    events = await estimate.expected_events(tx, new.report_type, new.window, now)
    eta = await estimate.expected_eta(tx, new.report_type, new.window, events, now)
    if await store.add(tx, new, events_expected=events, eta=eta, expires_at=eta + lifetime):
        lock = ALERTS if new.report_type == ALERTS else "reports"
        await jobs.defer(tx, MAKE, lock=lock, request_id=str(new.request_id))
    return eta


def _new(
    sender: Sender,
    report_type: str,
    *,
    parameters: Mapping[str, str],
    window: Window | None,
    title: str | None = None,
    requested_by: str | None = None,
) -> NewRequest:
    return NewRequest(
        request_id=sender.request_id,
        report_type=report_type,
        title=title,
        requested_by=requested_by,
        parameters=parameters,
        window=window,
        language=sender.language,
        equipment_id=sender.caller.equipment_id,
        organisation_id=sender.caller.organisation_id,
        snapshot_day=None,
        source_address=sender.source_address,
        requested_at=sender.at,
    )


def _parameters(known: ReportType, given: Mapping[str, object]) -> dict[str, str]:
    """What the request says of each parameter of the report type; others are passed by."""
    said: dict[str, str] = {}
    for parameter in known.parameters:
        value = given.get(parameter.name)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if value is None or value == "":
            if parameter.is_required:
                raise Problem("report-parameter-missing", 422, parameter=parameter.name)
            continue
        if not isinstance(value, str) or (parameter.kind is ValueKind.YES_NO and value not in _SYNTHETIC):
            raise Problem("report-parameter-invalid", 422, parameter=parameter.name)
        said[parameter.name] = value
    return said


def _window(known: ReportType, said: Mapping[str, str], days_max: int) -> Window | None:
    names = [
        parameter for parameter in known.parameters if parameter.kind in {ValueKind.MOMENT, ValueKind.DAY}
    ]
    if not names:
        return None
    first, last = names
    start, end = (first.name, said[first.name]), (last.name, said[last.name])
    if first.kind is ValueKind.DAY:
        return window_of_days(start, end, days_max=days_max)
    return window_of(start, end, days_max=days_max)


def _text(field: str, text: str | None) -> str | None:
    if text is not None and (len(text) > TEXT_CHARACTERS_MAX or not text.isprintable()):
        raise Problem("text-unusable", 422, field=field, length_max=TEXT_CHARACTERS_MAX)
    return text or None


def _not_ready(key: str, found: FoundRequest, now: datetime) -> Problem:
    seconds = (found.eta - now).total_seconds()
    wait = str(round(min(max(seconds, RETRY_SECONDS_MIN), RETRY_SECONDS_MAX)))
    return Problem(key, 409, headers={"Retry-After": wait})
