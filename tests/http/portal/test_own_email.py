"""Another mail address for oneself: who may take it, when it counts, and who hears of it."""

from __future__ import annotations

import pytest
from tests.http.portal.mailbox import letters
from tests.http.portal.test_sign_in import PASSWORD, enter, with_password
from tests.http.portal.world import send_form

NEW = "Maija.Uusi@example.fi"


async def ask(client, email=NEW, present=PASSWORD):
    page = (await client.get("/profile/email?lang=en")).text
    return await send_form(client, "/profile/email", page, email=email, present=present)


async def test_the_new_address_counts_once_its_link_is_followed_and_the_old_one_is_told(portal):
    old = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        await enter(client, old, PASSWORD)
        assert NEW in (await ask(client)).text
        assert old in (await client.get("/profile")).text, "nothing changes yet"
        [letter] = await letters(portal)
        assert (letter.kind, letter.recipient) == ("own_email.confirm", NEW)
        page = (await client.get(letter.path)).text
        assert NEW in page
        assert old in (await client.get("/profile")).text, "programs follow links, too"
        done = await send_form(client, letter.path, page)
        assert (done.status_code, done.headers["location"]) == (303, "/profile")
        assert NEW in (await client.get("/profile")).text
        again = await send_form(client, letter.path, page)
        assert (again.status_code, "This link does not work" in again.text) == (404, True)
    told = {one.kind: one.recipient for one in await letters(portal)}
    assert told == {"own_email.confirm": NEW, "own_email.changed": old}
    async with portal.browser() as client:
        assert (await enter(client, old, PASSWORD)).status_code == 422
        assert (await enter(client, NEW.upper(), PASSWORD)).status_code == 303
        audit = (await client.get("/audit?lang=en")).text
        assert "Own e-mail address changed" in audit
        assert NEW in audit


@pytest.mark.parametrize(
    ("email", "present", "says"),
    [
        ("maija", PASSWORD, "Enter an e-mail address"),
        ("a@b.fi\r\nBcc: x@y.fi", PASSWORD, "Enter an e-mail address"),
        ("own-organisation_main_user@example.fi", PASSWORD, "This is your present address"),
        (NEW, "wrong", "This is not your present password"),
    ],
)
async def test_what_cannot_be_is_said_and_nothing_is_sent(portal, email, present, says):
    old = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        await enter(client, old, PASSWORD)
        answer = await ask(client, email, present)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert await letters(portal) == []


async def test_anothers_address_is_told_to_whoever_reads_its_mail_alone(portal):
    old = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        await enter(client, old, PASSWORD)
        taken = "own-location_user@example.fi"
        assert (await ask(client, taken)).status_code == 200, "as for any other address"
        path = (await letters(portal))[0].path
        answer = await send_form(client, path, (await client.get(path)).text)
        assert (answer.status_code, "Somebody else signs in with this address" in answer.text) == (409, True)
        assert old in (await client.get("/profile")).text


async def test_a_link_is_no_good_to_anybody_else_nor_too_late(portal):
    old = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client, portal.browser("location_user") as other:
        await enter(client, old, PASSWORD)
        await ask(client)
        path = (await letters(portal))[0].path
        assert (await other.get(path)).status_code == 404
        assert (await client.get(path[:-6] + "AAAAAA")).status_code == 404
        page = (await client.get(path)).text
        portal.world.clock.move(hours=24)
        late = await client.get(path)
        assert late.status_code in {303, 404}, "the session may have ended by then"
        assert (await send_form(client, path, page)).status_code in {303, 404}
    async with portal.browser() as client:
        assert (await enter(client, old, PASSWORD)).status_code == 303


async def test_mail_to_addresses_that_nobody_confirmed_gets_rarer(portal):
    old = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        await enter(client, old, PASSWORD)
        for number in range(5):
            answer = await ask(client, f"stranger{number}@example.fi")
        assert "too many attempts" in answer.text
    assert len(await letters(portal)) < 5
