"""What a company sees of the alerts of its own products: by batch, and where print and upload may differ."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.http.portal.alerts import PRODUCT_CODES, STORED_SERIAL, analyse, ask_pack, raise_alerts
from tests.http.portal.test_alerts import act, text_of

from sinetti.rules.vocabulary import Operation

PRINTED_EXPIRY = "301130"
COMPANY = "mah_obp_investigator"


@pytest.fixture
async def alerts(portal):
    """One fault of a scanner at the own pharmacy, and the same wrong expiry date from both."""
    await raise_alerts(portal.world)
    for whose in ("own", "other"):
        await ask_pack(
            portal.world, whose, Operation.VERIFY, product_code=PRODUCT_CODES["own"], expiry=PRINTED_EXPIRY
        )
    await analyse(portal.world)


async def read(portal, path: str, person: str = COMPANY) -> str:
    async with portal.browser(person, language="en") as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return str(answer.text)


async def test_the_alerts_of_each_batch_are_counted_with_what_waits_and_by_when(portal, alerts, clock):
    page = text_of(await read(portal, "/product-alerts"))
    assert "3 open alerts 3 wait for your answer 0 past the deadline" in page
    assert "Batch B1 06412345678907 Revontul 10 mg 06412345678907 3" in page
    clock.now += timedelta(hours=49)
    await act(
        portal, COMPANY, portal.world.places["own"].alert_id, "investigation", answer="no_cause_on_my_side"
    )
    page = text_of(await read(portal, "/product-alerts?what=overdue"))
    assert "3 open alerts 2 wait for your answer 2 past the deadline" in page
    assert "2 overdue" in page
    assert "Nothing" in text_of(await read(portal, "/product-alerts?what=suspicions"))
    assert "Batch B1" not in text_of(await read(portal, "/product-alerts?q=B2"))


async def test_the_same_wrong_value_at_several_locations_says_that_the_print_differs(portal, alerts):
    page = await read(portal, "/product-alerts/near-misses")
    first, second = page.split('<section aria-labelledby="row-')[1:]
    assert "Print and upload differ?" in first, "what is most pressing comes first"
    assert "Alerts: 2. Locations: 2; with the same value at most: 2." in first
    assert "Only one location errs" in second
    marked = "<mark>aBcDeFgH</mark>", f"<mark>{STORED_SERIAL}</mark>"
    assert all(value in second for value in marked), "what was sent beside what is stored"
    narrowed = text_of(await read(portal, "/product-alerts/near-misses?q=B7"))
    assert "Print and upload" not in narrowed


async def test_closed_alerts_are_left_out_until_they_are_asked_for(portal, alerts):
    await act(
        portal,
        "location_user",
        portal.world.places["own"].alert_id,
        "status",
        to="closed",
        reason="reading_corrected",
    )
    assert ">One location<" not in await read(portal, "/product-alerts/near-misses?q=B1&sort=-alerts")
    assert ">One location<" in await read(portal, "/product-alerts/near-misses?status=any")


async def test_neither_a_name_of_a_location_nor_another_companys_alert_is_there(portal, alerts):
    pages = [
        await read(portal, path, person)
        for person in (COMPANY, "mah_obp_main_user")
        for path in ("/product-alerts", "/product-alerts/near-misses?status=any")
    ]
    for page in pages:
        for hidden in ("Metson", "Ärlan", "keskusta", "PharmacySystem", PRODUCT_CODES["other"]):
            assert hidden not in page
    others = await read(portal, "/product-alerts/near-misses?status=any", "other_mah_obp_main_user")
    assert PRODUCT_CODES["own"] not in others
