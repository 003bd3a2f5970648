"""Handing a secret over: a link and a code, opened once, burnt by everything that it should burn by."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest
from tests.http.portal.test_equipment import CLIENT_ID, SECRET, made, the_made
from tests.http.portal.world import send_form

OURS = {"Origin": "http://portal.test", "Sec-Fetch-Site": "same-origin"}


async def send(portal, client: httpx.AsyncClient, **changes: str) -> httpx.Response:
    page = (await made(portal, client)).text
    equipment_id, *_ = await the_made(portal)
    form = page[page.index("data-keeps-secret") :]
    key = re.search(r'name="form_key" value="([^"]+)"', form)
    assert key
    fields = {"client_secret": SECRET.findall(page)[0], "days": "3", "form_key": key[1], **changes}
    return await send_form(client, f"/equipment/{equipment_id}/handover", page, **fields)


async def sent(portal, client: httpx.AsyncClient) -> tuple[str, str]:
    """Path of the link, and the code."""
    answer = await send(portal, client)
    link = re.search(r"http://portal\.test(/handover/[A-Za-z0-9_-]{43})", answer.text)
    code = re.search(r'id="handover-code">([a-z0-9]{4}-[a-z0-9]{4})<', answer.text)
    assert link
    assert code
    assert SECRET.search(answer.text) is None
    return link[1], code[1]


async def open_it(
    client: httpx.AsyncClient, path: str, code: str, by: str = "Ilkka, Maxx Oy"
) -> httpx.Response:
    client.cookies.set("sinetti_language", "en")
    return await client.post(path, data={"code": code, "opened_by": by}, headers=OURS)


async def test_link_and_code_show_the_secret_once(portal):
    async with portal.browser("organisation_main_user") as sender, portal.browser() as supplier:
        path, code = await sent(portal, sender)
        for _ in range(2):
            page = await supplier.get(path)
            assert (page.status_code, SECRET.search(page.text)) == (200, None), "looking burns nothing"
        answer = await open_it(supplier, path, code.upper().replace("-", " "))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert len(SECRET.findall(answer.text)) == 1
        assert CLIENT_ID.search(answer.text)
        again = await open_it(supplier, path, code)
        assert (again.status_code, "opened already" in again.text) == (410, True)
        equipment_id, *_ = await the_made(portal)
        shown = (await sender.get(f"/equipment/{equipment_id}")).text
        assert "Ilkka, Maxx Oy" in shown
        assert "127.0.0.1" in shown


async def test_nothing_in_the_database_opens_it(portal):
    async with portal.browser("organisation_main_user") as sender:
        path, code = await sent(portal, sender)
        async with portal.world.database.transaction() as tx:
            rows = await (await tx.execute("SELECT h::text FROM equipment_handover h")).fetchall()
            audit = await (await tx.execute("SELECT a::text FROM audit_entry a")).fetchall()
    kept = str(rows) + str(audit)
    assert "handover_sent" in kept
    for secret in (path.rpartition("/")[2], code, code.replace("-", "")):
        assert secret not in kept


async def test_five_wrong_codes_burn_it(portal):
    async with portal.browser("organisation_main_user") as sender, portal.browser() as supplier:
        path, code = await sent(portal, sender)
        for left in (4, 3, 2, 1):
            answer = await open_it(supplier, path, "aaaa-aaaa")
            assert (answer.status_code, f"Attempts left: {left}" in answer.text) == (422, True)
        assert (await open_it(supplier, path, "aaaa-aaaa")).status_code == 410
        assert (await open_it(supplier, path, code)).status_code == 410
    async with portal.world.database.transaction() as tx:
        rows = await (await tx.execute("SELECT sealed_secret FROM equipment_handover")).fetchall()
    assert rows == [(None,)]


async def test_two_who_open_it_at_once(portal):
    async with (
        portal.browser("organisation_main_user") as sender,
        portal.browser() as one,
        portal.browser() as two,
    ):
        path, code = await sent(portal, sender)
        answers = await asyncio.gather(open_it(one, path, code), open_it(two, path, code))
    assert sorted(answer.status_code for answer in answers) == [200, 410]


async def test_it_grows_old(portal, clock):
    async with portal.browser("organisation_main_user") as sender, portal.browser() as supplier:
        path, code = await sent(portal, sender)
        clock.move(days=3, seconds=1)
        answer = await open_it(supplier, path, code)
        assert (answer.status_code, "too old" in answer.text) == (410, True)


async def test_the_sender_can_withdraw_it(portal):
    async with portal.browser("organisation_main_user") as sender, portal.browser() as supplier:
        path, code = await sent(portal, sender)
        equipment_id, *_ = await the_made(portal)
        page = (await sender.get(f"/equipment/{equipment_id}")).text
        answer = await send_form(sender, f"/equipment/{equipment_id}/handover/withdraw", page)
        assert answer.status_code == 303
        assert (await open_it(supplier, path, code)).status_code == 410


async def test_deleted_equipment_hands_nothing_over(portal):
    async with portal.browser("organisation_main_user") as sender, portal.browser() as supplier:
        path, code = await sent(portal, sender)
        equipment_id, *_ = await the_made(portal)
        page = (await sender.get(f"/equipment/{equipment_id}/delete")).text
        await send_form(sender, f"/equipment/{equipment_id}/delete", page, reason="Wrong one")
        assert (await open_it(supplier, path, code)).status_code == 404


@pytest.mark.parametrize("changes", [{"client_secret": "sinsec_" + "a" * 43}, {"days": "400"}, {"days": ""}])
async def test_only_the_secret_of_the_equipment_is_sent_and_only_for_so_long(portal, changes):
    async with portal.browser("organisation_main_user") as sender:
        assert (await send(portal, sender, **changes)).status_code == 422
    async with portal.world.database.transaction() as tx:
        assert await (await tx.execute("SELECT 1 FROM equipment_handover")).fetchall() == []


async def test_who_opens_it_must_say_a_name(portal):
    async with portal.browser("organisation_main_user") as sender, portal.browser() as supplier:
        path, code = await sent(portal, sender)
        answer = await open_it(supplier, path, code, by=" ")
        assert (answer.status_code, "Enter your name and company" in answer.text) == (422, True)
        assert (await open_it(supplier, path, code)).status_code == 200


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_supplier_reads_it_in_three_languages(portal, language):
    async with portal.browser("organisation_main_user") as sender, portal.browser() as supplier:
        path, _ = await sent(portal, sender)
        page = await supplier.get(f"{path}?lang={language}")
        assert f'<html lang="{language}">' in page.text
        unknown = await supplier.get(f"/handover/nobodys?lang={language}")
        assert unknown.status_code == 404
