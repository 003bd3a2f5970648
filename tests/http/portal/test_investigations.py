"""Requests for investigation: what NMVO-0048 §6.1 demands, begun at an alert, at a refusal, or at the pack."""

from __future__ import annotations

import re

from tests.http.portal.alerts import (
    BATCH,
    EXPIRY,
    PRODUCT_CODES,
    STORED_SERIAL,
    ask_pack,
    raise_alerts,
)
from tests.http.portal.test_alerts import status, text_of
from tests.http.portal.world import PortalClient, send_form

from sinetti.gs1.encode import element_string
from sinetti.rules.vocabulary import Operation

PATH = "/investigations/new"
SENT = STORED_SERIAL.swapcase()
FIELDS = {
    "product_code": PRODUCT_CODES["own"],
    "batch": BATCH,
    "serial_number": SENT,
    "expiry": "12/2030",
    "alert": "Tuntematon sarjanumero.",
    "question": "Onko sarjanumero ladattu?",
    "send": "yes",
}


async def ask(portal: PortalClient, person: str, about: str = "", **fields: str):
    """The answer to the form, and the page that it leads to."""
    async with portal.browser(person, language="en") as client:
        page = (await client.get(f"{PATH}?about={about}" if about else PATH)).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key, text_of(page)
        given = FIELDS | {"about": about, "form_key": key[1]} | fields
        answer = await send_form(
            client, PATH, page, **{name: value for name, value in given.items() if value}
        )
        if answer.status_code == 303:
            return answer, (await client.get(answer.headers["location"])).text
        return answer, answer.text


async def refused_reactivation(portal: PortalClient, clock) -> str:
    """Operation code of a reactivation that came too late, at the own pharmacy."""
    await ask_pack(portal.world, "own", Operation.SUPPLY)
    clock.move(days=11)
    outcome = await ask_pack(portal.world, "own", Operation.REACTIVATE)
    assert outcome.alert_id is None
    return outcome.decision.code.code


async def test_begun_at_an_alert_the_form_holds_what_was_sent_and_the_company_reads_the_request(portal):
    await raise_alerts(portal.world)
    alert = portal.world.places["own"].alert_id
    async with portal.browser("location_user", language="en") as client:
        one = (await client.get(f"/alerts/{alert}")).text
        assert f'href="{PATH}?about={alert}"' in one
        page = (await client.get(f"{PATH}?about={alert}")).text
    for value in (PRODUCT_CODES["own"], BATCH, SENT, EXPIRY):
        assert f'value="{value}"' in page
    assert "have all serial numbers of the batch been uploaded?" in page, "asked as NMVO-0048 §6.2 has it"

    answer, page = await ask(portal, "location_user", about=alert, serial_number="AbCdEfGx")
    assert answer.headers["location"] == f"/alerts/{alert}#photos"
    assert "The request is sent. Add photos" in page
    assert await status(portal, alert) == ("under_investigation", None)
    async with portal.browser("mah_obp_investigator", language="en") as client:
        seen = text_of((await client.get(f"/alerts/{alert}")).text)
    assert f"Serial number (SN): AbCdEfGx (sent to the system: {SENT})" in seen
    assert "Expiry date (EXP): 301231 " not in seen, "as it is printed: the month alone"
    assert "Expiry date (EXP): 301200" in seen
    assert "company (OBP): an answer is expected by" in seen
    assert "own location user" not in seen, "a message is anonymous between end user and company"


async def test_a_refusal_without_an_alert_is_found_and_becomes_a_case_of_its_own(portal, clock):
    code = await refused_reactivation(portal, clock)
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(PATH)).text
    reference = re.search(rf'{PATH}\?about=(R\d+-\d+)"', page)
    assert reference, text_of(page)
    assert STORED_SERIAL not in reference[0]
    async with portal.browser("other_location_user", language="en") as client:
        assert "about=R" not in (await client.get(PATH)).text
        assert (await client.get(f"{PATH}?about={reference[1]}")).status_code == 404

    answer, page = await ask(portal, "location_user", about=reference[1], serial_number=STORED_SERIAL)
    assert answer.status_code == 303, text_of(page)
    assert code in text_of(page)
    async with portal.browser("operator_support", language="en") as client:
        listed = (await client.get("/alerts")).text
        assert f"/alerts/{reference[1]}" in listed
        seen = text_of((await client.get(f"/alerts/{reference[1]}")).text)
    assert "national medicines verification organisation: an answer is expected by" in seen
    async with portal.browser("location_user", language="en") as client:
        assert "about=R" not in (await client.get(PATH)).text, "what is asked for is not offered again"
    async with portal.browser("other_location_user", language="en") as client:
        assert (await client.get(f"/alerts/{reference[1]}")).status_code == 404


async def test_the_pack_alone_leads_to_its_attempt_or_to_a_choice_or_to_the_text(portal, clock):
    await refused_reactivation(portal, clock)
    answer, page = await ask(portal, "location_user", serial_number=STORED_SERIAL)
    assert answer.status_code == 303, text_of(page)

    await raise_alerts(portal.world)
    answer, page = await ask(portal, "location_user", serial_number="AbCdEfGx")
    assert answer.status_code == 200, (
        "what was sent is not on the pack: the user chooses the alert of the product"
    )
    assert f'name="about" value="{portal.world.places["own"].alert_id}"' in page
    assert portal.world.places["other"].alert_id not in page

    answer, page = await ask(portal, "location_user", product_code=PRODUCT_CODES["other"])
    assert answer.status_code == 422
    assert "No alert or refusal is known" in page
    assert f"Serial number (SN): {SENT}" in page, "as text it can be sent another way"


async def test_a_scan_of_the_whole_code_fills_the_fields_and_sends_nothing(portal):
    await raise_alerts(portal.world)
    scan = element_string(PRODUCT_CODES["own"], "S1", "LOT7", "281100", prefix="]d2")
    answer, page = await ask(
        portal, "location_user", product_code=scan, serial_number="", batch="", expiry="", send=""
    )
    assert answer.status_code == 200
    for value in (PRODUCT_CODES["own"], "S1", "LOT7", "281100"):
        assert f'value="{value}"' in page
    assert "The fields are filled in from the code" in page
    answer, page = await ask(portal, "location_user", send="")
    assert answer.status_code == 200
    assert "Nothing is missing. Send the request" in page, "Enter in a field sends nothing either"
    assert await status(portal, portal.world.places["own"].alert_id) == ("new", None)


async def test_as_text_nothing_is_sent_and_the_sender_is_named(portal):
    await raise_alerts(portal.world)
    alert = portal.world.places["own"].alert_id
    answer, page = await ask(portal, "location_user", about=alert, as_text="yes", send="")
    assert answer.status_code == 200
    shown = text_of(page)
    assert (
        f"Product code (PC / GTIN): {PRODUCT_CODES['own']} Batch (Lot): B1 Serial number (SN): {SENT}"
        in shown
    )
    assert "own location user, Metson apteekki, keskusta" in shown
    assert await status(portal, alert) == ("new", None)


async def test_the_request_says_that_the_pack_is_kept_apart_only_where_the_register_has_it(portal):
    await raise_alerts(portal.world)
    alert = portal.world.places["own"].alert_id
    _, before = await ask(portal, "location_user", about=alert, as_text="yes", send="")
    assert "register does not have the pack as set aside." in text_of(before)
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"/alerts/{alert}")).text
        await send_form(client, f"/alerts/{alert}/set-aside", page, place="Shelf 3")
    _, after = await ask(portal, "location_user", about=alert, as_text="yes", send="")
    assert "register of packs set aside." in text_of(after)
    for said in (before, after):
        assert "not to be returned to the wholesaler before the cause is known" in text_of(said)
    _, unknown = await ask(portal, "location_user", product_code=PRODUCT_CODES["other"])
    assert "register" not in text_of(unknown), "nothing is known of a pack that is no alert"


WRONG = [
    ("product_code", "123456", "This is a Nordic article number (Vnr), not a product code."),
    ("product_code", "06412345678906", "The check digit at the end should be 7"),
    ("product_code", "", "Enter the product code"),
    ("batch", "", "Enter the batch"),
    ("batch", "ä", "A batch has at most 20 letters, digits and signs"),
    ("serial_number", "", "Enter the serial number"),
    ("serial_number", "x" * 21, "A serial number has at most 20 letters, digits and signs"),
    ("expiry", "", "Enter the expiry date"),
    ("expiry", "13/2030", "Enter the expiry date as YYMMDD"),
    ("alert", "", "Write what the alert or error message says"),
    ("alert", "x" * 501, "Write at most 500 characters"),
    ("question", "", "Write what should be found out"),
]


async def test_what_is_missing_is_said_at_its_field(portal):
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(PATH)).text
        for field, given, said in WRONG:
            answer = await send_form(client, PATH, page, **(FIELDS | {field: given}))
            assert answer.status_code == 422
            assert f'href="#{field}">{said}' in answer.text, text_of(answer.text)


async def test_two_submits_ask_once_and_a_closed_alert_is_not_asked_about(portal):
    await raise_alerts(portal.world)
    alert = portal.world.places["own"].alert_id
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(f"{PATH}?about={alert}")).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key
        for _ in range(2):
            answer = await send_form(client, PATH, page, **FIELDS, about=alert, form_key=key[1])
            assert answer.status_code == 303
        seen = (await client.get(f"/alerts/{alert}")).text
        assert seen.count("Request for investigation (NMVO-0048 6.1)") == 1
        answer = await send_form(
            client, f"/alerts/{alert}/status", seen, to="closed", reason="reading_corrected"
        )
        assert answer.status_code == 303
    answer, page = await ask(portal, "location_user", about=alert)
    assert answer.status_code == 422
    assert "The alert is closed. Reopen it first." in text_of(page)
