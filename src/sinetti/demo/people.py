"""People of the demo country: one of each role, ready to sign in to the portal."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Mapping
from datetime import datetime
from importlib import resources

from sinetti.demo.demo_file import DemoFile, DemoPerson
from sinetti.identity import registry
from sinetti.identity.people import people, totp
from sinetti.identity.people.model import NEEDS_SECOND_FACTOR, PeopleRole, Person
from sinetti.kit.db import Database, Transaction
from sinetti.kit.problems import Problem
from sinetti.kit.sealing import Sealer

_CLEAR_CHARACTERS = "23456789abcdefghjkmnpqrstvwxyz"
_GROUPS, _GROUP_CHARACTERS = 3, 5


async def make_people(
    database: Database, sealer: Sealer, demo: DemoFile, now: datetime
) -> tuple[DemoPerson, ...]:
    """Make the people of the table, each with a new password; who is there already gets a new one, too."""
    async with database.transaction() as tx:
        return tuple([await _make(tx, sealer, demo, row, now) for row in _rows()])


def _rows() -> list[dict[str, str]]:
    text = resources.files("sinetti.demo").joinpath("country", "people.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


async def _make(
    tx: Transaction, sealer: Sealer, demo: DemoFile, row: Mapping[str, str], now: datetime
) -> DemoPerson:
    role = PeopleRole(row["role"])
    try:
        person = await people.person_of_email(tx, row["email"])
    except Problem:
        person = await _add(tx, demo, row, role, now)
    password = "-".join(
        "".join(secrets.choice(_CLEAR_CHARACTERS) for _ in range(_GROUP_CHARACTERS)) for _ in range(_GROUPS)
    )
    await people.set_password(tx, person.user_id, password, now)
    secret = None
    if role in NEEDS_SECOND_FACTOR:
        secret = totp.new_secret()
        await people.set_totp(tx, sealer, person.user_id, secret, last_step=0, now=now)
    return DemoPerson(
        name=person.name,
        email=person.email,
        role=role.value,
        organisation=person.organisation_name,
        password=password,
        totp_secret=secret,
    )


async def _add(
    tx: Transaction, demo: DemoFile, row: Mapping[str, str], role: PeopleRole, now: datetime
) -> Person:
    known = [one for one in demo.organisations if one.name == row["organisation"]]
    location_ids = [
        location.location_id
        for one in known
        for location in one.locations
        if location.name == row["location"]
    ]
    organisation = await registry.organisation(tx, known[0].organisation_id) if known else None
    return await people.add_person(
        tx,
        name=row["name"],
        email=row["email"],
        role=role,
        organisation=organisation,
        location_ids=location_ids,
        language=row["language"],
        now=now,
    )
