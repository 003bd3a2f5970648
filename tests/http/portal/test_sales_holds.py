"""Sales holds: asked by a company, answered by wholesalers, lifted; and neither side learns the other's name."""

from __future__ import annotations

import pytest
from tests.http.portal.alerts import PRODUCT_CODES, raise_alerts
from tests.http.portal.mailbox import letters
from tests.http.portal.test_alerts import text_of
from tests.http.portal.world import PortalClient, send_form

from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings
from sinetti.portal.pages.sales_holds.newcomers import ask_newcomers_task

COMPANY = "mah_obp_investigator"
REASON = "Two packs with one serial number"
PATH = "/sales-holds/1"


@pytest.fixture
async def wholesalers(portal):
    """Both pharmacies of the world are wholesalers here."""
    await raise_alerts(portal.world)
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE organisation SET kind = 'wholesaler' WHERE kind = 'pharmacy'")
        await tx.execute("UPDATE person SET language = 'en'")
    return portal


async def send(portal: PortalClient, person: str, path: str, form_at: str = "", **fields: str):
    """A form as its page has it, and the page that it leads to."""
    async with portal.browser(person, language="en") as client:
        page = (await client.get(form_at or path)).text
        key = page.partition('name="form_key" value="')[2].partition('"')[0]
        answer = await send_form(client, path, page, **({"form_key": key} if key else {}), **fields)
        if answer.status_code == 303:
            return answer, (await client.get(answer.headers["location"])).text
        return answer, answer.text


async def ask(portal: PortalClient, **fields: str):
    given = {"product_code": PRODUCT_CODES["own"], "batch": "B1", "reason": REASON, **fields}
    return await send(portal, COMPANY, "/sales-holds/new", **given)


def held_by(portal: PortalClient, whose: str) -> str:
    return f"/held-batches/1/{portal.world.places[whose].location.location_id}"


async def read(portal: PortalClient, person: str, path: str) -> str:
    async with portal.browser(person, language="en") as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return str(answer.text)


async def test_wholesalers_are_asked_answer_and_release_after_the_hold_is_lifted(wholesalers):
    portal = wholesalers
    answer, page = await ask(portal, alert=portal.world.places["own"].alert_id)
    assert answer.status_code == 303
    assert "The wholesalers are asked" in page
    assert "2 locations asked 0 have answered 0 hold packs 0 packs held" in text_of(page)
    assert portal.world.places["own"].alert_id in page
    for person in ("location_user", "organisation_main_user"):
        assert "Batches to hold, or to release, that wait for your answer" in await read(portal, person, "/")
    mine, others = held_by(portal, "own"), held_by(portal, "other")
    answer, page = await send(portal, "location_user", mine, step="hold", packs="1 200")
    assert answer.status_code == 303
    assert "Packs held: 1" in text_of(page)
    await send(portal, "other_location_user", others, step="none_in_stock")
    page = text_of(await read(portal, COMPANY, PATH))
    assert "2 locations asked 2 have answered 1 hold packs 1,200 packs held 1 have none in stock" in page
    answer, page = await send(portal, "location_user", mine, step="release")
    assert answer.status_code == 422, "not while the hold is in force"
    answer, page = await send(portal, COMPANY, PATH)
    assert (answer.status_code, "Write the reason" in page) == (422, True)
    answer, page = await send(portal, COMPANY, PATH, reason="Printed twice; recalled otherwise")
    assert answer.status_code == 303
    answer, _ = await send(portal, "location_user", mine, step="release")
    assert answer.status_code == 303
    page = text_of(await read(portal, "operator_support", PATH))
    for told in (
        "Metson apteekki, keskusta",
        "Ärlan apteekki",
        "packs: 1,200",
        "Revontuli Oy",
        "Printed twice",
    ):
        assert told in page
    audited = text_of(await read(portal, "operator_administrator", "/audit"))
    for action in ("Asked the wholesalers", "Lifted a sales hold", "Held packs of a batch", "Released packs"):
        assert action in audited


async def test_what_is_given_wrongly_is_said_and_changes_nothing(wholesalers):
    portal = wholesalers
    for fields, why in (
        ({"product_code": PRODUCT_CODES["other"]}, "This product is not one of your company"),
        ({"product_code": "06412345678908"}, "check digit"),
        ({"batch": ""}, "Write the batch"),
        ({"batch": "ä" * 30}, "Write the batch"),
        ({"reason": " "}, "Write the reason"),
        ({"reason": "x" * 1001}, "Write at most 1000 characters"),
    ):
        answer, page = await ask(portal, **fields)
        assert (answer.status_code, why in page) == (422, True), (fields, text_of(page))
    assert "No sales hold is in force." in await read(portal, COMPANY, "/sales-holds")
    await ask(portal)
    answer, page = await ask(portal)
    assert (answer.status_code, "The batch is under a sales hold already" in page) == (422, True)
    assert f'href="{PATH}"' in page
    mine = held_by(portal, "own")
    for fields, why in (
        ({}, "Choose what you have in stock"),
        ({"step": "lift"}, "Choose what you have in stock"),
        ({"step": "hold"}, "Write how many packs you hold"),
        ({"step": "hold", "packs": "0"}, "Write how many packs you hold"),
        ({"step": "hold", "packs": "-5"}, "Write how many packs you hold"),
        ({"step": "hold", "packs": "9" * 40}, "Write how many packs you hold"),
    ):
        answer, page = await send(portal, "location_user", mine, **fields)
        assert (answer.status_code, why in page) == (422, True), fields
    await send(portal, COMPANY, PATH, reason="done")
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get("/profile")).text
        late = await send_form(client, mine, page, step="hold", packs="3")
    assert (late.status_code, "The request stands otherwise now" in late.text) == (422, True)


async def test_neither_side_learns_the_others_name_on_a_page_or_by_mail(wholesalers):
    portal = wholesalers
    await ask(portal)
    await send(portal, "location_user", held_by(portal, "own"), step="hold", packs="7")
    await send(portal, COMPANY, PATH, reason="done")
    company = [await read(portal, COMPANY, path) for path in (PATH, "/sales-holds?state=any")]
    for page in company:
        assert not any(name in page for name in ("Metson", "Ärlan", "keskusta", "own location user"))
    wholesaler = [
        await read(portal, person, path)
        for person in ("location_user", "organisation_main_user")
        for path in (held_by(portal, "own"), "/held-batches?state=any", "/")
    ]
    sent = [letter.text for letter in await letters(portal)]
    assert len(sent) == 8, "four people when it was asked, the same when it was lifted"
    for text in (*wholesaler, *sent):
        assert not any(name in text for name in ("Revontuli Oy", "Nordlicht", "own mah"))
    assert REASON in wholesaler[0]


@pytest.fixture
async def ask_newcomers(wholesalers, tmp_path):
    """What the worker does each minute: asks those who were not asked; to whom it wrote."""
    portal = wholesalers
    settings = Settings(database_url="unused", home=tmp_path)
    task = ask_newcomers_task(portal.world.database, settings, sealer_of(tmp_path), portal.world.clock)

    async def run() -> list[str]:
        async with portal.world.database.transaction() as tx:
            await tx.execute("DELETE FROM mail")
        await task.run()
        await task.run()
        async with portal.world.database.transaction() as tx:
            return [
                row[0] for row in await (await tx.execute("SELECT recipient FROM mail ORDER BY 1")).fetchall()
            ]

    return run


async def be(portal: PortalClient, whose: str, kind: str) -> None:
    organisation_id = portal.world.places[whose].organisation.organisation_id
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE organisation SET kind = %s WHERE organisation_id = %s", (kind, organisation_id)
        )


async def test_a_location_that_comes_later_is_asked_and_told_once_of_the_hold_in_force(
    wholesalers, ask_newcomers
):
    portal = wholesalers
    await be(portal, "own", "pharmacy")
    await ask(portal)
    assert await ask_newcomers() == [], "all there are were asked"
    await be(portal, "own", "wholesaler")
    told = await ask_newcomers()
    assert len(told) == 2, "the location's user and the main user, each once, and nobody of the other"
    assert await ask_newcomers() == []
    assert "Batches to hold, or to release, that wait for your answer" in await read(
        portal, "location_user", "/"
    )
    answer, _ = await send(portal, "location_user", held_by(portal, "own"), step="hold", packs="12")
    assert answer.status_code == 303
    operator = text_of(await read(portal, "operator_support", PATH))
    assert "Asked later, when the location was added, Metson apteekki, keskusta, Sinetti" in operator
    company = await read(portal, COMPANY, PATH)
    assert "2 locations asked 1 have answered" in text_of(company)
    assert "Asked later" not in company
    assert "Metson" not in company
    audited = text_of(await read(portal, "operator_administrator", "/audit"))
    assert "that was added during a sales hold" in audited


async def test_a_lifted_hold_is_asked_of_nobody_and_neither_is_a_closed_location(wholesalers, ask_newcomers):
    portal = wholesalers
    await be(portal, "own", "pharmacy")
    await ask(portal)
    own = portal.world.places["own"].location.location_id
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO location_details (location_id, state, state_at) VALUES (%s, 'closed', now())"
            " ON CONFLICT (location_id) DO UPDATE SET state = 'closed'",
            (own,),
        )
    await be(portal, "own", "wholesaler")
    assert await ask_newcomers() == []
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE location_details SET state = 'approved' WHERE location_id = %s", (own,))
    await send(portal, COMPANY, PATH, reason="done")
    assert await ask_newcomers() == []
