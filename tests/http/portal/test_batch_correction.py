"""The correction of an uploaded batch by its company: seen before it is done, done once, and nobody else's matter."""

from __future__ import annotations

import pytest
from tests.http.portal.alerts import PRODUCT_CODES, raise_alerts
from tests.http.portal.test_alerts import text_of
from tests.http.portal.test_sales_holds import read, send

COMPANY = "mah_obp_investigator"
PATH = "/batches/correct"


@pytest.fixture
async def company(portal):
    await raise_alerts(portal.world)
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")
    return portal


def form_at(whose: str = "own", batch: str = "B1") -> str:
    return f"{PATH}?product_code={PRODUCT_CODES[whose]}&batch={batch}"


async def correct(portal, person: str = COMPANY, whose: str = "own", **fields: str):
    given = {"product_code": PRODUCT_CODES[whose], "batch": "B1", "new_batch": "B1", "reason": "Upload error"}
    return await send(portal, person, PATH, form_at("own"), **{**given, **fields})


async def corrections(portal) -> list[dict[str, str]]:
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute("SELECT master_data FROM batch_event WHERE change = 'batch_corrected'")
        return [row[0] for row in await cursor.fetchall()]


async def test_a_wrong_expiry_is_previewed_then_corrected_and_shown_with_what_was_before(company):
    stored = await read(company, COMPANY, form_at())
    before = stored.partition('name="new_expiry"')[2].partition('value="')[2].partition('"')[0]
    assert len(before) == 6
    answer, page = await correct(company, new_expiry="310500")
    assert answer.status_code == 200
    assert "Check the correction" in page
    assert before in page
    assert await corrections(company) == [], "a preview changes nothing"
    answer, page = await correct(company, new_expiry="310500", step="confirm")
    assert (answer.status_code, "and say so" in page) == (422, True)
    answer, page = await correct(company, new_expiry="310500", step="confirm", compared="yes")
    assert answer.status_code == 303
    assert "The batch is corrected." in page
    assert f"({before}). Reason: Upload error" in text_of(page)
    (one,) = await corrections(company)
    assert (one["previous_expiry"], one["expiry"]) == (before, "310500")
    audit = text_of(await read(company, "mah_obp_main_user", "/audit"))
    assert "Corrected an uploaded batch" in audit
    alert = await read(company, COMPANY, f"/alerts/{company.world.places['own'].alert_id}")
    assert "The company corrected this" in alert


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"new_expiry": "310532"}, "Give a date that exists"),
        ({"new_expiry": "31-05-01"}, "Give a date that exists"),
        ({"new_batch": "B 1", "new_expiry": "310500"}, "No batch looks like this"),
        ({"new_expiry": "310500", "reason": " "}, "Write the reason"),
        ({"new_expiry": "310500", "reason": "x" * 501}, "at most 500"),
        ({}, "Nothing would be changed"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_changes_nothing(company, fields, says):
    answer, page = await correct(company, **{"step": "confirm", "compared": "yes", **fields})
    assert (answer.status_code, says in page) == (422, True)
    assert await corrections(company) == []


async def test_the_number_of_another_batch_is_refused(company):
    async with company.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min,"
            " serial_length_max, serial_format) SELECT product_id, 'B9', expiry, uploaded_at, 0, 1, 1, 0"
            " FROM batch WHERE batch = 'B1'"
        )
    answer, page = await correct(company, new_batch="B9", step="confirm", compared="yes")
    assert (answer.status_code, "has a batch B9 already" in page) == (422, True)
    assert await corrections(company) == []


async def test_another_company_s_batch_is_none(company):
    async with company.browser(COMPANY, language="en") as client:
        assert (await client.get(form_at("other"))).status_code == 404
        assert (await client.get(form_at(batch="NONE"))).status_code == 404
        assert "Look the batch up" in (await client.get(PATH)).text
    answer, _ = await correct(company, whose="other", new_expiry="310500", step="confirm", compared="yes")
    assert answer.status_code == 404
    assert await corrections(company) == []


async def test_a_recalled_batch_offers_no_correction(company):
    path = f"/batches?product_code={PRODUCT_CODES['own']}"
    assert "/batches/correct?" in await read(company, COMPANY, path)
    assert "/batches/correct?" not in await read(company, "operator_support", path)
    async with company.world.database.transaction() as tx:
        await tx.execute("UPDATE batch SET recalled_at = now(), recall_reason = 'x'")
    assert "/batches/correct?" not in await read(company, COMPANY, path)
    answer, page = await correct(company, new_expiry="310500", step="confirm", compared="yes")
    assert (answer.status_code, "can no longer be changed" in page) == (422, True)
