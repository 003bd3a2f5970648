"""What is known of the demo country's locations, an application that waits, and a change of IT system under way."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import msgspec

from sinetti.demo.demo_file import DemoFile
from sinetti.identity.people import people
from sinetti.kit.db import Database, Transaction
from sinetti.portal.location_form import Value
from sinetti.portal.pages.applications import store
from sinetti.portal.pages.applications.model import Asks
from sinetti.portal.store.locations import hold_location, keep_fields
from sinetti.rules.applications.vocabulary import (
    ApplicationKind,
    ApplicationState,
    ApplicationStep,
    LocationField,
    Side,
)

PLANNED_IN_DAYS = 5
"""The change of IT system is planned for a day that is near."""
_REPLACED = "demo-metso"


async def make_contracts(database: Database, demo: DemoFile, now: datetime, zone: ZoneInfo) -> None:
    """Make them where there are none. What somebody has changed in a demo stays as it is."""
    numbers = {
        location.name: (organisation.organisation_id, location.location_id)
        for organisation in demo.organisations
        for location in organisation.locations
    }
    names = {row["key"]: row["name"] for row in _rows("locations")}
    async with database.transaction() as tx:
        for row in _rows("location_details"):
            if known := numbers.get(names[row["location"]]):
                await _describe(tx, known[1], row, now)
        if await store.has_applications(tx):
            return
        for row in _rows("applications"):
            await _apply(tx, demo, numbers, row, now, zone)


def _rows(table: str) -> Iterator[dict[str, str]]:
    text = resources.files("sinetti.demo").joinpath("country", f"{table}.csv").read_text("utf-8")
    return csv.DictReader(text.splitlines(), strict=True)


async def _describe(tx: Transaction, location_id: int, row: Mapping[str, str], now: datetime) -> None:
    held = await hold_location(tx, location_id)
    if held.kind is not None:
        return
    values: dict[str, Value] = {
        field.value: row[field.value] or None for field in LocationField if field.value in row
    }
    values[LocationField.LANGUAGES.value] = row["languages"].split()
    await keep_fields(tx, location_id, values, now)


async def _apply(
    tx: Transaction,
    demo: DemoFile,
    numbers: Mapping[str, tuple[int, int]],
    row: Mapping[str, str],
    now: datetime,
    zone: ZoneInfo,
) -> None:
    kind, state = ApplicationKind(row["kind"]), ApplicationState(row["state"])
    organisation_id = next(
        one.organisation_id for one in demo.organisations if one.name == row["organisation"]
    )
    location_id = numbers[row["location"]][1] if row["location"] else None
    asks = msgspec.json.decode(row["asks"], type=Asks)
    if kind is ApplicationKind.CHANGE_OF_IT_SYSTEM:
        assert location_id is not None, "the table names the location"
        replaced = [one for one in await store.list_equipment(tx, location_id) if one.client_id == _REPLACED]
        asks = msgspec.structs.replace(
            asks,
            planned_on=(now + timedelta(days=PLANNED_IN_DAYS)).astimezone(zone).date(),
            equipment_ids=[one.equipment_id for one in replaced],
            equipment_names=[one.name for one in replaced],
        )
    applicant = await people.person_of_email(tx, row["applied_by"])
    applied_at = now - timedelta(days=int(row["days_ago"]))
    number = await store.add_application(
        tx,
        kind=kind,
        organisation_id=organisation_id,
        location_id=location_id,
        state=ApplicationState.APPLIED,
        asks=asks,
        user_id=applicant.user_id,
        now=applied_at,
    )
    await store.keep_equipment(tx, number, asks)
    await store.add_step(
        tx,
        number,
        ApplicationStep.APPLY,
        Side.APPLICANT,
        user_id=applicant.user_id,
        user_name=applicant.name,
        reason=row["note"],
        asks=asks,
        now=applied_at,
    )
    if state is ApplicationState.APPROVED:
        operator = await people.person_of_email(tx, row["decided_by"])
        decided_at = now - timedelta(days=int(row["decided_days_ago"]))
        await store.set_state(tx, number, state, asks, decided_at)
        await store.add_step(
            tx,
            number,
            ApplicationStep.APPROVE,
            Side.OPERATOR,
            user_id=operator.user_id,
            user_name=operator.name,
            reason=None,
            asks=asks,
            now=decided_at,
        )
