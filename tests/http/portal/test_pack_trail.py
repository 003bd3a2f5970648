"""The trail of a pack: read on a ground, recorded before it is shown; and what was uploaded of a batch."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx
import pytest
from tests.http import country
from tests.http.country import GTIN
from tests.http.portal.world import send_form

from sinetti.asgi import create_nmvs
from sinetti.kit.settings import Settings
from sinetti.portal.pack_codes import PackCode, read_pack_code

SERIAL = "UO3LZ7LJM2LH8G"


@dataclass
class Happened:
    """What the national system has on record."""

    alert_id: str
    """Of the second supply of the pack, at another pharmacy."""
    other_alert_id: str
    """Of a pack that nobody uploaded."""


@pytest.fixture
async def happened(portal, clock, database_url) -> Happened:
    """A pack supplied at one pharmacy and asked for at another, over the real interface."""
    system = create_nmvs(Settings(database_url=database_url, log_level="ERROR"), clock=clock)
    async with (
        system.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=system), base_url="http://test") as client,
    ):
        made = country.TestCountry(client, portal.world.database)
        await made.batch("LOT-42/A", "291200", [SERIAL, "OTHER1"])
        first, second = await made.pharmacy("Eka"), await made.pharmacy("Toka")
        for pharmacy, serial in ((first, SERIAL), (second, SERIAL), (second, "UNKNOWN1")):
            await pharmacy.patch(serial, "Supplied", batch="LOT-42/A", expiry="291200")
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")
        rows = await (await tx.execute("SELECT alert_id FROM alert ORDER BY event_number")).fetchall()
    assert len(rows) == 2, "both raise an alert"
    return Happened(rows[0][0], rows[1][0])


async def asked(portal, person: str = "operator_support", **fields: str) -> httpx.Response:
    async with portal.browser(person) as client:
        page = (await client.get("/pack-trail")).text
        return await send_form(client, "/pack-trail", page, **fields)


async def readings(portal) -> list[tuple[str, str, str]]:
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute("SELECT action, object_id, ground FROM audit_entry ORDER BY audit_number")
        found: list[tuple[str, str, str]] = await cursor.fetchall()
        return found


def shown(page: str) -> list[str]:
    """Each event's answer and place."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


async def test_an_alert_is_the_ground_to_read_its_pack(portal, happened):
    answer = await asked(portal, ground="alert", alert_id=f" {happened.alert_id.lower()} ")
    assert answer.status_code == 200
    first, second = shown(answer.text)
    assert "Supply" in first
    assert "Eka" in first
    assert "active → supplied" in first
    assert "LOT-42/A, 12/2029 (291200), scanned" in first
    assert "Toka" in second
    assert happened.alert_id in second
    assert "Testilääke 10 mg" in answer.text
    assert await readings(portal) == [
        ("trail_read", f"{GTIN} {SERIAL}", f"Art. 38(2), alert {happened.alert_id}")
    ]


async def test_the_alert_of_another_pack_is_no_ground(portal, happened):
    for serial, alert_id, says in (
        ("OTHER1", happened.alert_id, "This alert is about another pack"),
        (SERIAL.lower(), happened.alert_id, "This alert is about another pack"),
        (SERIAL, "FI-222-222-222-222-222", "There is no alert with this id"),
        (SERIAL, "", "Enter the alert id"),
        (SERIAL, "'; DROP TABLE alert --", "There is no alert with this id"),
    ):
        answer = await asked(
            portal, ground="alert", alert_id=alert_id, product_code=GTIN, serial_number=serial
        )
        assert answer.status_code == 422
        assert says in answer.text
        assert "Eka" not in answer.text
    assert await readings(portal) == []


async def test_a_written_consent_is_named(portal, happened):
    fields = {"ground": "consent", "product_code": GTIN, "serial_number": SERIAL}
    missing = await asked(portal, **fields)
    assert (missing.status_code, "Say which written consent" in missing.text) == (422, True)
    answer = await asked(portal, reference="Revontuli Oy,  24.11.2026", **fields)
    assert len(shown(answer.text)) == 2
    assert await readings(portal) == [
        ("trail_read", f"{GTIN} {SERIAL}", "Art. 38(2), consent: Revontuli Oy, 24.11.2026")
    ]


async def test_the_authority_says_for_which_purpose(portal, happened):
    fields = {"product_code": GTIN, "serial_number": SERIAL}
    for ground in ("", "alert", "consent", "d"):
        answer = await asked(portal, "authority_inspector", ground=ground, reference="x", **fields)
        assert (answer.status_code, "Choose a ground" in answer.text) == (422, True), ground
    for ground in ("a", "b", "c"):
        assert (await asked(portal, ground=ground, **fields)).status_code == 422, (
            "those are not the operator's"
        )
    answer = await asked(portal, "authority_inspector", ground="b", reference="FIMEA/2026/1", **fields)
    assert len(shown(answer.text)) == 2
    assert await readings(portal) == [("trail_read", f"{GTIN} {SERIAL}", "Art. 39(b), FIMEA/2026/1")]


async def test_a_pack_that_nobody_uploaded_is_found_by_its_alert(portal, happened):
    answer = await asked(portal, ground="alert", alert_id=happened.other_alert_id)
    assert len(shown(answer.text)) == 1
    assert "No pack with this serial number has been uploaded." in answer.text
    assert (await readings(portal))[0][1] == f"{GTIN} UNKNOWN1"


async def test_what_was_asked_before_the_product_was_uploaded_belongs_to_its_trail(portal, happened):
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO pack_event (product_id, recorded_at, serial_key, transaction_id, operation, operation_code, scheme,"
            " product_code, serial_number, rules_version) SELECT 0, now() - interval '1 day', serial_key, transaction_id,"
            " 'verify', '41020001', scheme, product_code, serial_number, rules_version FROM pack_event"
            " WHERE serial_number = %s LIMIT 1",
            (SERIAL,),
        )
    answer = await asked(portal, ground="alert", alert_id=happened.alert_id)
    assert len(shown(answer.text)) == 3


async def test_a_pack_that_nobody_asked_for_is_told_apart_from_one_that_nobody_uploaded(portal, happened):
    for serial, says in (
        ("OTHER1", "Nobody has asked about this pack in this country yet."),
        ("other1", "none was uploaded. Compare each character"),
    ):
        answer = await asked(portal, ground="consent", reference="x", product_code=GTIN, serial_number=serial)
        assert says in answer.text
    assert len(await readings(portal)) == 2, "that nothing is there was read, too"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"product_code": ""}, "Enter the product code"),
        ({"product_code": "123456"}, "This is a Nordic article number (Vnr)"),
        ({"product_code": "06412345678908"}, "The check digit at the end should be 7"),
        ({"product_code": "hello"}, "This is no product code"),
        ({"serial_number": ""}, "Enter the serial number"),
        ({"serial_number": "a b"}, "No serial number looks like this"),
        ({"serial_number": "x" * 21}, "No serial number looks like this"),
        (
            {"serial_number": "OTHER1", "product_code": f"01{GTIN}21{SERIAL}\x1d10LOT-42/A\x1d17291200"},
            "another serial",
        ),
        ({"reference": "x" * 201}, "Enter at most 200"),
    ],
)
async def test_what_cannot_be_a_pack_is_told_and_not_recorded(portal, happened, fields, says):
    wanted = {"ground": "consent", "reference": "x", "product_code": GTIN, "serial_number": SERIAL, **fields}
    answer = await asked(portal, **wanted)
    assert answer.status_code == 422
    assert says in answer.text
    assert await readings(portal) == []


async def test_a_whole_code_may_be_scanned_into_the_first_field(portal, happened):
    scanned = f"]d201{GTIN}21{SERIAL}\x1d10LOT-42/A\x1d17291200"
    answer = await asked(portal, ground="consent", reference="x", product_code=scanned)
    assert len(shown(answer.text)) == 2


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("6412345678907", PackCode(product_code=GTIN)),
        ("0641 2345 678907", PackCode(product_code=GTIN)),
        ("111234567842", PackCode(scheme="ifa", product_code="111234567842")),
        ("6412345678908", PackCode(fault="check_digit", expected="7")),
        ("١٢٣٤٥٦", PackCode(fault="other")),
    ],
)
def test_product_codes_as_people_give_them(given, understood):
    assert read_pack_code(given) == understood


async def test_nothing_of_the_pack_stands_in_an_address(portal, happened):
    answer = await asked(portal, ground="alert", alert_id=happened.alert_id)
    assert answer.headers["cache-control"] == "no-store"
    assert not [link for link in re.findall(r'(?:href|action)="([^"]+)"', answer.text) if SERIAL in link]


async def test_uploaded_batches_are_told_without_a_ground(portal, happened):
    async with portal.browser("operator_support") as client:
        page = (await client.get(f"/batches?product_code={GTIN}&batch=LOT-42/A")).text
        assert "Testilääke 10 mg" in page
        assert "291200" in page
        assert ">2<" in page
        assert SERIAL not in page
        for query, says in (
            (f"product_code={GTIN}&batch=lot-42/a", "has not been uploaded"),
            ("product_code=04006381333931", "No product with the code 04006381333931"),
            (f"product_code={GTIN}", "LOT-42/A"),
            (f"product_code=01{GTIN}21X%1D10LOT-42/A%1D17291200", "291200"),
        ):
            assert says in (await client.get(f"/batches?{query}")).text, query
        for query, says in (
            ("batch=LOT-42/A", "Enter the product code"),
            (f"product_code={GTIN}&batch=a+b", "No batch looks like this"),
        ):
            answer = await client.get(f"/batches?{query}")
            assert (answer.status_code, says in answer.text) == (422, True)
    assert await readings(portal) == []


async def test_a_company_sees_the_batches_of_its_own_products(portal, happened):
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE product SET organisation_id = %s",
            (portal.world.places["own_obp"].organisation.organisation_id,),
        )
    for person, found in {"mah_obp_investigator": True, "other_mah_obp_investigator": False}.items():
        async with portal.browser(person) as client:
            page = (await client.get(f"/batches?product_code={GTIN}")).text
        assert ("LOT-42/A" in page) is found
        assert ("No product with the code" in page) is not found
