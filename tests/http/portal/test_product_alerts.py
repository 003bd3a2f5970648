"""What a company sees of the alerts of its own products: by batch, and where print and upload may differ."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from tests.http.portal.alerts import PRODUCT_CODES, STORED_SERIAL, analyse, ask_pack, raise_alerts
from tests.http.portal.test_alerts import act, text_of

from sinetti.alerts.company_sums import CompanySums
from sinetti.alerts.day_sums import count_days, count_hours
from sinetti.alerts.intake import Place, look_for_news
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.vocabulary import Operation

PRINTED_EXPIRY = "301130"
COMPANY = "mah_obp_investigator"
ZONE = ZoneInfo("Europe/Helsinki")


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


async def test_a_batch_too_large_to_count_for_a_page_is_shown_as_it_was_and_the_page_says_so(portal, alerts):
    assert "being counted anew" not in await read(portal, "/product-alerts")
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_batch_sum SET alerts = 123456")
        await tx.execute("UPDATE alert_file SET classification = 'suspicion'")
    page = text_of(await read(portal, "/product-alerts"))
    assert "Some numbers are being counted anew" in page
    assert "123,456 open alerts" in page
    await CompanySums(portal.world.database, portal.world.clock).count_once()
    page = text_of(await read(portal, "/product-alerts"))
    assert "being counted anew" not in page
    assert "3 open alerts 3 wait for your answer 0 past the deadline of your answer 3 under suspicion" in page


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


GAP = f"/product-alerts/upload-gaps/batch?product_code={PRODUCT_CODES['own']}&batch=B99"


@pytest.fixture
async def gap(portal, alerts):
    """Packs of a batch that nobody uploaded come up at both pharmacies."""
    for whose in ("own", "other"):
        for number in range(2):
            serial_number = f"QW12ZX{number}{whose}"[:9]
            await ask_pack(
                portal.world,
                whose,
                Operation.VERIFY,
                serial_number,
                product_code=PRODUCT_CODES["own"],
                batch="B99",
            )
    await analyse(portal.world)


async def test_a_batch_that_is_not_uploaded_says_what_exactly_to_upload_and_never_by_the_list_alone(
    portal, gap
):
    listed = text_of(await read(portal, "/product-alerts/upload-gaps"))
    assert "Batch B99 06412345678907 Not uploaded Revontul 10 mg 06412345678907 Not uploaded 4 4 2" in listed
    assert "Expiry date differs" in listed
    page = text_of(await read(portal, GAP))
    assert (
        "Upload the whole batch, not only the packs on the list: product code 06412345678907, batch B99"
        in page
    )
    assert "Never upload a serial number because it is on the list" in page
    assert "Serial numbers as sent: 4, of which missing still: 4." in page
    expiry = text_of(await read(portal, GAP.replace("B99", "B1")))
    assert "Uploaded is the expiry date 31 Dec 2030 (301231), sent was 30 Nov 2030 (301130)" in expiry
    assert "/batches/correct?product_code=" in await read(portal, GAP.replace("B99", "B1"))
    assert "Upload the whole batch" not in expiry


async def test_after_the_upload_the_alerts_are_analysed_again_and_the_page_shows_it(portal, gap, clock):
    clock.now += timedelta(hours=3)
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min, serial_length_max,"
            " serial_format) SELECT product_id, 'B99', '301231', now(), 2, 9, 9, 7 FROM product WHERE product_code = %s"
            " RETURNING product_id, batch_id",
            (PRODUCT_CODES["own"],),
        )
        product_id, batch_id = await cursor.fetchone()
        for serial_number in ("QW12ZX0ow", "QW12ZX1ow"):
            key = serial_key(serial_number)
            assert key is not None
            await tx.execute(
                "INSERT INTO pack (serial_key, product_id, batch_id) VALUES (%s, %s, %s)",
                (key.hex(), product_id, batch_id),
            )
        _, changed = await look_for_news(tx, Place(), clock())
    assert changed == 4, "those of the new batch"
    waiting = text_of(await read(portal, GAP))
    assert "Waiting to be analysed again: 4." in waiting
    await analyse(portal.world)
    page = text_of(await read(portal, GAP))
    assert "Waiting to be analysed again: 0." in page
    assert "Explained by an upload since: 2." in page


async def test_the_list_of_serial_numbers_leaves_out_what_is_under_suspicion(portal, gap):
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE alert_file SET classification = 'suspicion' WHERE serial_number = 'QW12ZX0ow'"
        )
    file = await read(portal, GAP.replace("batch?", "serial-numbers.csv?"))
    assert file.splitlines()[0] == (
        "\ufeffscheme,productCode,batch,expiry,serialNumber,firstAlertAt,alerts,uploadedSince"
    )
    listed = {line.split(",")[4] for line in file.splitlines()[1:]}
    assert listed == {"QW12ZX1ow", "QW12ZX0ot", "QW12ZX1ot"}
    assert "Packs under suspicion: 1." in text_of(await read(portal, GAP))


async def test_another_company_learns_nothing_of_a_gap(portal, gap):
    page = await read(portal, GAP, "other_mah_obp_main_user")
    assert "QW12" not in page
    assert "No alert points to a gap" in page
    assert "QW12" not in await read(
        portal, GAP.replace("batch?", "serial-numbers.csv?"), "other_mah_obp_main_user"
    )
    own = await read(portal, GAP)
    assert not any(hidden in own for hidden in ("Metson", "Ärlan", "keskusta"))


async def test_the_overview_says_whose_side_the_causes_are_on_and_what_waits_for_longest(portal, gap, clock):
    await count_days(portal.world.database, ZONE, clock())
    await count_hours(portal.world.database, clock())
    page = await read(portal, "/product-alerts/overview")
    shown = text_of(page)
    assert "Alerts 7 Of these open 7 Errors of reading and typing, of those analysed 14 %" in shown
    sides = shown.partition("Where the causes are")[2].partition("By likely cause")[0]
    assert "Users: reading and typing 1 14 % 1" in sides
    assert "Own data or product 6 86 % 6" in sides
    assert "Alerts, the oldest first: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6." in sides
    numbers = page.partition("Numbers over time: Where the cause is")[2].partition("</table>")[0]
    assert numbers.count('<th scope="col"') == 14, "what, and thirteen weeks"
    assert "24 Feb 2026" in numbers, "the first day of the week that ends today"
    assert "Batch B99 Revontul 10 mg 06412345678907 4" in shown
    for address, count in re.findall(r'href="(/alerts\?[^"]*status=any[^"]*)">(\d+)<', page):
        found = await read(portal, unescape(address))
        assert len(re.findall(r'<th scope="row"[^>]*><a', found)) == int(count), address
    assert "No answer of yours is overdue." in shown
    clock.now += timedelta(hours=49)
    shown = text_of(await read(portal, "/product-alerts/overview?days=7"))
    assert "Alerts past the deadline of your answer: 7." in shown
    assert "Nothing has been counted for a day" in shown
    assert "By day" in shown


async def test_the_overview_shows_neither_a_location_nor_anything_of_another_company(portal, gap, clock):
    await count_days(portal.world.database, ZONE, clock())
    for person, hidden in (
        (COMPANY, PRODUCT_CODES["other"]),
        ("mah_obp_main_user", PRODUCT_CODES["other"]),
        ("other_mah_obp_main_user", PRODUCT_CODES["own"]),
    ):
        page = await read(portal, "/product-alerts/overview", person)
        for name in (hidden, "Metson", "Ärlan", "keskusta", "PharmacySystem"):
            assert name not in page
    for stranger in ("operator_support", "location_user", "authority_inspector"):
        async with portal.browser(stranger) as client:
            assert (await client.get("/product-alerts/overview")).status_code == 403


async def test_an_overview_without_alerts_says_so(portal):
    shown = text_of(await read(portal, "/product-alerts/overview"))
    for said in (
        "Nothing has been counted for a day",
        "No alerts about your products in this period.",
        "No answer of yours is overdue.",
        "There are no open alerts about your products.",
    ):
        assert said in shown
