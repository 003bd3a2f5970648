"""Checks of legitimacy: what is due, what was recorded, and that the organisation is told once before."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from tests.http.portal.world import send_form

from sinetti.kit.jobs import working
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings
from sinetti.mail.queue import send_mail_task
from sinetti.mail.transport import transport_of
from sinetti.portal.legitimacy_notices import send_notices

FORM = {"checked_on": "2026-01-31", "method": "Rekisteristä", "document_reference": "DN 12/2026"}


@pytest.fixture(autouse=True)
async def in_english(portal, clock):
    clock.now = datetime(2026, 11, 25, 10, tzinfo=UTC)
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en' WHERE role NOT LIKE 'organisation%'")


def path_of(portal, whose: str = "own") -> str:
    return f"/locations/{portal.world.places[whose].location.location_id}/legitimacy"


async def recorded(portal, whose: str = "own", **fields):
    async with portal.browser("operator_support") as client:
        page = (await client.get(path_of(portal, whose))).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key
        return await send_form(client, path_of(portal, whose), page, form_key=key[1], **{**FORM, **fields})


async def listed(portal, query: str = "") -> list[tuple[str, str]]:
    """Location and how it stands."""
    async with portal.browser("operator_support") as client:
        page = (await client.get(f"/legitimacy{query}")).text
    return re.findall(
        r'<th scope="row"[^>]*><a[^>]*>([^<]+)</a>.*?<strong[^>]*>([^<]+)</strong>', page, re.DOTALL
    )


async def test_a_check_is_recorded_with_who_when_and_how(portal):
    answer = await recorded(portal)
    assert answer.status_code == 303
    async with portal.browser("organisation_main_user") as client:
        page = (await client.get(f"{path_of(portal)}?lang=en")).text
        for word in ("31 Jan 2026", "own operator support", "Rekisteristä", "DN 12/2026", "Due 31 Jan 2027"):
            assert word in page
        assert "Record a check" not in page
        location = (await client.get(path_of(portal).removesuffix("/legitimacy"))).text
        assert "Checked 31 Jan 2026, next check due 31 Jan 2027" in location
    async with portal.world.database.transaction() as tx:
        row = await (await tx.execute("SELECT action, new_values, location_id FROM audit_entry")).fetchone()
    assert row == ("legitimacy_recorded", FORM, portal.world.places["own"].location.location_id)


async def test_how_each_location_stands_today(portal):
    # A year after the last check, on the day itself, it is not late yet; 30 days before, it comes.
    for whose, day in {
        "own": "2025-11-24",
        "other": "2025-11-25",
        "own_obp": "2025-12-25",
        "other_obp": "2025-12-26",
    }.items():
        await recorded(portal, whose, checked_on=day)
    assert await listed(portal) == [
        ("Metson apteekki, keskusta", "Overdue"),
        ("Ärlan apteekki, keskusta", "Due soon"),
        ("Revontuli Oy, keskusta", "Due soon"),
        ("Nordlicht GmbH, keskusta", "Checked"),
    ]
    assert await listed(portal, "?standing=coming&q=arlan") == [("Ärlan apteekki, keskusta", "Due soon")]
    await recorded(portal, "own", checked_on="2026-11-25")
    assert await listed(portal, "?standing=overdue") == []


async def test_the_newest_check_counts_and_not_the_last_that_was_entered(portal):
    await recorded(portal, checked_on="2026-11-20")
    await recorded(portal, checked_on="2024-01-01")
    assert ("Metson apteekki, keskusta", "Checked") in await listed(portal)
    assert ("Ärlan apteekki, keskusta", "Never checked") in await listed(portal, "?standing=never")


async def test_a_location_whose_contract_is_over_waits_for_no_check(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO location_details (location_id, state, state_at) VALUES (%s, 'closed', now())",
            (portal.world.places["own"].location.location_id,),
        )
    assert "Metson apteekki, keskusta" not in [name for name, _ in await listed(portal)]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"checked_on": ""}, "Enter a day"),
        ({"checked_on": "31.1.2026"}, "Enter a day"),
        ({"checked_on": "2026-02-30"}, "Enter a day"),
        ({"checked_on": "2026-11-26"}, "Enter today or an earlier day"),
        ({"method": " "}, "Say in 1 to 1000"),
        ({"method": "x" * 1001}, "Say in 1 to 1000"),
        ({"document_reference": "x" * 201}, "Enter at most 200"),
    ],
)
async def test_a_form_with_a_mistake_records_nothing(portal, fields, says):
    answer = await recorded(portal, **fields)
    assert answer.status_code == 422
    assert says in answer.text
    async with portal.world.database.transaction() as tx:
        assert await (await tx.execute("SELECT count(*) FROM legitimacy_check")).fetchone() == (0,)


async def test_today_is_the_day_of_the_country(portal, clock):
    clock.now = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)  # half past midnight in Helsinki
    assert (await recorded(portal, checked_on="2026-11-26")).status_code == 303


async def test_a_record_cannot_be_changed(portal):
    from psycopg.errors import InsufficientPrivilege

    await recorded(portal)
    with pytest.raises(InsufficientPrivilege):
        async with portal.world.database.transaction() as tx:
            await tx.execute("UPDATE legitimacy_check SET checked_on = %s", (date(2020, 1, 1),))


async def test_the_main_users_are_told_once_a_month_before_each_in_the_own_language(
    portal, clock, database_url, tmp_path: Path
):
    settings = Settings(
        database_url=database_url, home=tmp_path, portal_url="https://portal.example", log_level="ERROR"
    )
    sealer, database = sealer_of(tmp_path), portal.world.database

    async def send() -> int:
        return await send_notices(database, sealer, settings, clock)

    await recorded(portal, "own", checked_on="2025-12-26")
    await recorded(portal, "own_obp", checked_on="2026-06-01")
    assert await send() == 0
    clock.now += timedelta(days=1)
    assert await send() == 1
    assert await send() == 0, "once for each check"
    async with working(
        database_url, [send_mail_task(database, sealer, transport_of(settings), settings.mail_from, clock)]
    ):
        await _until(lambda: mails_in(tmp_path))
    [written] = mails_in(tmp_path)
    mail = message_from_bytes(written, policy=default)
    assert mail["To"] == "own-organisation_main_user@example.fi"
    assert mail["Subject"] == "Oikeutuksen tarkistus viimeistään 26.12.2026"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Metson apteekki, keskusta" in " ".join(body.get_content().split())
    assert "https://portal.example/locations" in body.get_content()


async def test_without_a_main_user_the_contact_is_told_and_without_both_nobody_until_there_is_one(
    portal, clock, database_url, tmp_path
):
    settings = Settings(database_url=database_url, home=tmp_path, log_level="ERROR")
    sealer, database = sealer_of(tmp_path), portal.world.database
    await recorded(portal, "own", checked_on="2025-11-01")
    organisation_id = portal.world.places["own"].organisation.organisation_id
    async with database.transaction() as tx:
        await tx.execute(
            "UPDATE person SET locked_at = now(), lock_reason = 'x' WHERE organisation_id = %s",
            (organisation_id,),
        )
    assert await send_notices(database, sealer, settings, clock) == 0
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO organisation_details (organisation_id, contact_email) VALUES (%s, 'yhteys@example.fi')",
            (organisation_id,),
        )
    assert await send_notices(database, sealer, settings, clock) == 1


def mails_in(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("*.eml")]


async def _until(there) -> None:
    import asyncio

    for _ in range(200):
        if there():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")
