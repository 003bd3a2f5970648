"""The register of packs set aside: from the alert into it, with a label, and out of it as the rules let it."""

from __future__ import annotations

import pytest
from tests.http.portal.alerts import STORED_SERIAL, raise_alerts, set_packs_aside
from tests.http.portal.test_alerts import act, text_of
from tests.http.portal.world import PortalClient, send_form

SENT = STORED_SERIAL.swapcase()


@pytest.fixture
async def entry(portal: PortalClient) -> str:
    """Path of the own pharmacy's pack in the register."""
    await raise_alerts(portal.world)
    await set_packs_aside(portal.world)
    return "/set-aside/{}/{}".format(*portal.world.places["own"].set_aside)


async def end(portal: PortalClient, entry: str, **fields: str):
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(entry)).text
        answer = await send_form(client, entry, page, **fields)
        if answer.status_code == 303:
            return answer, (await client.get(answer.headers["location"])).text
        return answer, answer.text


async def test_what_was_set_aside_on_the_alerts_page_is_in_the_register_with_a_label(portal):
    await raise_alerts(portal.world)
    alert = portal.world.places["own"].alert_id
    _, page = await act(portal, "location_user", alert, "set-aside", place="Cold store")
    assert 'href="/set-aside/' in page, "from the alert to the pack in the register"
    async with portal.browser("location_user", language="en") as client:
        listed = (await client.get("/set-aside")).text
        path = listed.partition('href="/set-aside/')[2].partition('"')[0]
        one = text_of((await client.get(f"/set-aside/{path}")).text)
        label = (await client.get(f"/set-aside/{path}/label?size=small")).text
    assert SENT in listed
    assert "Cold store" in listed
    assert "The pack must not be supplied: the cause of the alert is not known yet." in one
    assert "Do not return it to the wholesaler before the cause is known" in one
    for words in ("DO NOT SUPPLY", "Do not return to the wholesaler before the cause is known", SENT, "B1"):
        assert words in label
    assert 'class="portal-label portal-label--small"' in label
    assert "data:image/svg+xml" in label


async def test_the_list_is_searched_and_filtered_within_reach(portal, entry):
    async with portal.browser("operator_support", language="en") as client:
        for query, rows in (("", 2), ("?q=B1", 2), ("?q=revontul", 2), ("?q=Ärlan", 1), ("?q=nothing", 0),
                            ("?state=gone", 0), ("?state=any", 2)):  # fmt: skip
            page = (await client.get(f"/set-aside{query}")).text
            assert page.count('<th scope="row"') == rows, query
        for column in ("product", "-location", "expiry", "-set_aside_at"):
            assert (await client.get(f"/set-aside?sort={column}")).text.count('<th scope="row"') == 2
    async with portal.browser("organisation_main_user", language="en") as client:
        assert "Ärlan" not in (await client.get("/set-aside")).text


async def test_the_pack_leaves_only_as_the_rules_let_it(portal, entry):
    answer, page = await end(portal, entry)
    assert (answer.status_code, "Choose what becomes of the pack" in page) == (422, True)
    answer, page = await end(portal, entry, end="back_to_stock", comment="found")
    assert answer.status_code == 422
    assert "so the pack stays apart" in page
    answer, page = await end(portal, entry, end="returned_to_wholesaler")
    assert answer.status_code == 422, "not before the cause is known"
    answer, page = await end(portal, entry, end="returned_to_wholesaler", agreed="yes")
    assert (answer.status_code, "Write with whom and when it was agreed" in page) == (422, True)
    answer, page = await end(
        portal, entry, end="returned_to_wholesaler", agreed="yes", comment="Revontuli, 2 March"
    )
    assert answer.status_code == 303
    shown = text_of(page)
    assert "The pack is taken out of the register." in shown
    assert "returned to the wholesaler, agreed with the marketing authorisation holder" in shown
    assert "Revontuli, 2 March" in shown
    answer, page = await end_again(portal, entry)
    assert (answer.status_code, "The pack is not set aside." in page) == (422, True)
    async with portal.browser("operator_administrator", language="en") as client:
        audited = text_of((await client.get("/audit")).text)
    assert "Took a pack out of the register of packs set aside" in audited


async def end_again(portal: PortalClient, entry: str):
    """From a page that was opened before somebody else took the pack out."""
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get("/set-aside")).text
        answer = await send_form(client, entry, page, end="sent_to_mah")
        return answer, answer.text


async def test_when_the_cause_is_known_it_goes_back_into_the_stock_and_can_be_set_aside_again(portal, entry):
    alert = portal.world.places["own"].alert_id
    await act(portal, "location_user", alert, "status", to="closed", reason="reading_corrected")
    async with portal.browser("location_user", language="en") as client:
        shown = text_of((await client.get(entry)).text)
        label = (await client.get(f"{entry}/label")).text
    assert "The pack can be supplied" in shown
    assert "must not be supplied before" not in shown
    assert "DO NOT SUPPLY" not in label
    answer, _ = await end(portal, entry, end="back_to_stock")
    assert answer.status_code == 303
    await set_packs_aside_again(portal)
    again = "/set-aside/{}/{}".format(*portal.world.places["own"].set_aside)
    async with portal.browser("location_user", language="en") as client:
        history = text_of((await client.get(again)).text).partition("What was done")[2]
    assert history.count("set aside as number") == 2
    assert "back in the stock for sale" in history


async def set_packs_aside_again(portal: PortalClient) -> None:
    other = portal.world.places["other"]
    _, number = other.set_aside
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE set_aside_pack SET ended_at = now(), ended_as = 'destroyed', ended_by = 1 WHERE set_aside_id = %s",
            (number,),
        )
    await set_packs_aside(portal.world)
