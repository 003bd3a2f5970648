"""The people of the demo country: one of each role, of organisations and locations that it has."""

from __future__ import annotations

import csv
from datetime import date
from importlib import resources

from sinetti.demo.load import load_country
from sinetti.identity.people.model import WITHOUT_ORGANISATION, PeopleRole


def test_there_is_somebody_of_every_role_and_everybody_belongs_somewhere():
    text = resources.files("sinetti.demo").joinpath("country", "people.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    assert sorted(row["role"] for row in rows) == sorted(role.value for role in PeopleRole)
    country = load_country(date(2026, 11, 20))
    organisations = {organisation.name for organisation in country.organisations}
    locations = {location.name for location in country.locations}
    for row in rows:
        assert (row["organisation"] == "") == (PeopleRole(row["role"]) in WITHOUT_ORGANISATION)
        assert row["organisation"] in organisations | {""}
        assert row["location"] in locations | {""}
        assert (row["role"] == "location_user") == bool(row["location"])
