"""The contracts of the demo country: made once, with right GLNs, and left alone where somebody has changed them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from sinetti.demo.contracts import PLANNED_IN_DAYS, make_contracts
from sinetti.demo.people import make_people
from sinetti.demo.seed import seed
from sinetti.gs1.identifiers import has_gs1_check_digit
from sinetti.kit.sealing import sealer_of
from sinetti.nmvs.packs import Country
from sinetti.portal.location_form import LocationKind, faults_of
from sinetti.portal.pages.changes.progress import steps_of, waiting_for
from sinetti.portal.pages.changes.store import EVERYWHERE, changes_under_way
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
HELSINKI = ZoneInfo("Europe/Helsinki")


def table(name: str) -> list[dict[str, str]]:
    text = resources.files("sinetti.demo").joinpath("country", f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


def test_each_location_of_the_table_is_one_of_the_country_and_could_be_entered_in_the_form():
    locations = {row["key"]: row["name"] for row in table("locations")}
    for row in table("location_details"):
        assert has_gs1_check_digit(row["gln"]), row
        assert row["kind"] in set(LocationKind)
        values = {**row, "name": locations[row["location"]], "languages": row["languages"].split()}
        del values["location"]
        assert faults_of(values, Language.EN) == {}, row  # type: ignore[arg-type]
    glns = [row["gln"] for row in table("location_details")]
    assert len(set(glns)) == len(glns)


@pytest.fixture
async def demo(database, tmp_path):
    rules = load_rules("FI")
    made = await seed(
        database,
        Country(market="FI", rules=rules, zone=HELSINKI),
        NOW,
        "http://127.0.0.1:8080",
        lambda _demo: None,
    )
    await make_people(database, sealer_of(tmp_path), made, NOW)
    return made


async def test_an_application_waits_and_a_change_is_under_way_also_after_the_second_start(database, demo):
    for start in (NOW, NOW + timedelta(days=1)):
        await make_contracts(database, demo, start, HELSINKI)
    async with database.transaction() as tx:
        applications = await (await tx.execute("SELECT kind, state FROM application ORDER BY 1")).fetchall()
        (change,) = await changes_under_way(tx, EVERYWHERE)
        described = await (await tx.execute("SELECT count(*) FROM location_details")).fetchone()
    assert applications == [("change_of_it_system", "approved"), ("new_location", "applied")]
    assert described == (len(table("location_details")),)
    assert change.asks.planned_on == (NOW + timedelta(days=PLANNED_IN_DAYS)).date()
    assert [one.client_id for one in change.old] == ["demo-metso"]
    waiting = waiting_for(change, steps_of(change, load_rules().applications.waits_for))
    assert waiting is not None
    assert (waiting.step, waiting.waits_for) == ("equipment", "main_user")


async def test_what_somebody_has_changed_stays(database, demo):
    await make_contracts(database, demo, NOW, HELSINKI)
    async with database.transaction() as tx:
        await tx.execute("UPDATE location_details SET city = 'Toisaalla'")
    await make_contracts(database, demo, NOW + timedelta(days=1), HELSINKI)
    async with database.transaction() as tx:
        rows = await (await tx.execute("SELECT DISTINCT city FROM location_details")).fetchall()
    assert rows == [("Toisaalla",)]
