"""A forgotten password: the same answer for everybody, a link by mail that works once, and nothing ends before it is used."""

from __future__ import annotations

import re

import pytest
from tests.http.portal.mailbox import letters
from tests.http.portal.test_sign_in import OURS, PASSWORD, enter, is_in, with_app, with_password

from sinetti.identity.people import people
from sinetti.kit.settings import Settings
from sinetti.portal.pages.forgotten.task import send_password_link_task

NEW = "another good password"


async def ask(client, email: str):
    client.cookies.set("sinetti_language", "en")
    return await client.post("/sign-in/forgotten", data={"email": email}, headers=OURS)


async def asked_for(portal) -> list[str]:
    """What waits for the worker."""
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT args->>'sealed' FROM procrastinate_jobs WHERE task_name = 'send_password_link' ORDER BY id"
        )
        return [row[0] for row in await cursor.fetchall()]


async def work(portal, clock) -> None:
    """Do what a worker does with it, the newest last."""
    world = portal.world
    task = send_password_link_task(world.database, Settings(), portal.application.portal.sealer, clock)
    for sealed in await asked_for(portal):
        await task.run(sealed=sealed)


def bare(page: str) -> str:
    """The page without what is different each time."""
    return re.sub(r'nonce="[^"]*"', "", page)


async def test_from_the_form_to_the_new_password(portal, clock):
    email = await with_password(portal, "operator_support")
    await with_app(portal, "operator_support")
    async with portal.browser() as client, portal.browser("operator_support") as before:
        assert (await ask(client, f" {email.upper()} ")).status_code == 200
        await work(portal, clock)
        [letter] = await letters(portal)
        assert (letter.kind, letter.recipient, letter.language) == ("forgotten.link", email, "fi")
        assert await is_in(before), "nothing ends until the link is used"
        page = (await client.get(letter.path)).text
        assert "Your second factor stays as it is" in page
        done = await client.post(letter.path, data={"password": NEW}, headers=OURS)
        assert done.status_code == 303
        assert not await is_in(before)
        again = await client.post(letter.path, data={"password": PASSWORD}, headers=OURS)
        assert (again.status_code, "used already" in again.text) == (410, True)
        assert (await enter(client, email, PASSWORD)).status_code == 422
        inside = await enter(client, email, NEW)
        assert inside.headers["location"] == "/sign-in/second-factor"
    assert [letter.kind for letter in await letters(portal)] == [
        "forgotten.link",
        "invitation.password_changed",
    ]
    async with portal.world.database.transaction() as tx:
        rows = await (await tx.execute("SELECT action, actor FROM audit_entry ORDER BY 1")).fetchall()
    assert ("password_link_asked", "system") in rows
    assert ("password_changed", "system") in rows


async def test_the_link_ends_after_an_hour(portal, clock):
    email = await with_password(portal, "location_user")
    async with portal.browser() as client:
        await ask(client, email)
        await work(portal, clock)
        [letter] = await letters(portal)
        clock.move(hours=1)
        late = await client.get(letter.path)
        assert (late.status_code, "works for an hour" in late.text) == (410, True)


@pytest.mark.parametrize("person", ["known", "unknown", "locked", "not yet"])
async def test_the_answer_and_what_is_done_before_it_are_the_same_for_everybody(portal, clock, person):
    email = await with_password(portal, "organisation_main_user")
    async with portal.world.database.transaction() as tx:
        if person == "locked":
            user_id = portal.world.people["organisation_main_user"]
            await people.lock_person(tx, user_id, reason="Left", now=clock())
    given = {"unknown": "nobody@example.fi", "not yet": "own-location_user@example.fi"}.get(person, email)
    async with portal.browser() as client:
        reference = bare((await ask(client, "reference@example.fi")).text)
        answer = await ask(client, given)
        assert (answer.status_code, bare(answer.text)) == (200, reference)
        assert given not in answer.text
    waiting = await asked_for(portal)
    assert len(waiting) == 2
    assert not any("@" in one for one in waiting), "what strangers typed is sealed"
    await work(portal, clock)
    sent = {"known": ["forgotten.link"], "not yet": ["forgotten.not_yet"]}.get(person, [])
    assert [letter.kind for letter in await letters(portal)] == sent


async def test_a_mailbox_is_not_flooded_and_nobody_is_told(portal, clock):
    email = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        answers = [bare((await ask(client, email)).text) for _ in range(10)]
        assert len(set(answers)) == 1
        assert len(await asked_for(portal)) == 3
        clock.move(hours=1, seconds=1)
        await ask(client, email)
        assert len(await asked_for(portal)) == 4


async def test_a_place_that_asks_for_ever_more_addresses_waits(portal):
    async with portal.browser() as client:
        for number in range(50):
            assert (await ask(client, f"{number}@example.fi")).status_code == 200
        answer = await ask(client, "next@example.fi")
        assert (answer.status_code, "Try again in" in answer.text) == (422, True)


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 250 + "@example.fi"])
async def test_what_is_no_address_comes_back(portal, email):
    async with portal.browser() as client:
        answer = await ask(client, email)
        assert (answer.status_code, "Enter an e-mail address" in answer.text) == (422, True)
    assert await asked_for(portal) == []
