"""One's own profile: name and language, a new password, and where one is signed in."""

from __future__ import annotations

import asyncio
import re

import pytest
from tests.http.portal.mailbox import letters
from tests.http.portal.test_sign_in import PASSWORD, enter, is_in, with_password
from tests.http.portal.world import send_form

from sinetti.identity.people import people

NEW = "another good password"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


async def test_name_and_language_are_changed(portal):
    async with portal.browser("location_user") as client:
        page = (await client.get("/profile?lang=en")).text
        assert "own-location_user@example.fi" in page
        for fields, says in (
            ({"name": " ", "language": "sv"}, "Enter a name"),
            ({"name": "Nils", "language": "xx"}, "Choose a language"),
        ):
            wrong = await send_form(client, "/profile", page, **fields)
            assert (wrong.status_code, says in wrong.text) == (422, True)
        done = await send_form(client, "/profile", page, name=" Nils  Norppa ", language="sv")
        assert done.status_code == 303
        page = (await client.get("/profile")).text
        assert '<html lang="sv">' in page, "in this browser, too"
        assert 'value="Nils Norppa"' in page
    async with portal.world.database.transaction() as tx:
        person = await people.person(tx, portal.world.people["location_user"])
        assert (person.name, person.language, len(person.location_ids)) == ("Nils Norppa", "sv", 1)


class TestPassword:
    async def test_a_new_one_ends_all_other_sessions_and_is_told(self, portal):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as client, portal.browser("organisation_main_user") as other:
            await enter(client, email, PASSWORD)
            before = client.cookies["sinetti_session"]
            page = (await client.get("/profile/password")).text
            done = await send_form(client, "/profile/password", page, present=PASSWORD, new=NEW)
            assert (done.status_code, done.headers["location"]) == (303, "/profile")
            assert client.cookies["sinetti_session"] != before
            assert await is_in(client)
            assert not await is_in(other)
            assert "Your password was changed" in (await other.get("/sign-in?lang=en")).text
            assert (await enter(other, email, PASSWORD)).status_code == 422
            assert (await enter(other, email, NEW)).status_code == 303
        [letter] = await letters(portal)
        assert (letter.kind, letter.recipient) == ("profile.password_changed", email)
        assert NEW not in letter.text

    @pytest.mark.parametrize(
        ("present", "new", "says"),
        [
            ("wrong wrong", NEW, "This is not your present password"),
            ("", NEW, "This is not your present password"),
            (PASSWORD, "short", "Enter at least 10 characters"),
            (PASSWORD, "x" * 129, "Enter at most 128 characters"),
            (PASSWORD, "password1234", "too easy to guess"),
            (PASSWORD, "qwertyuiop1", "too easy to guess"),
        ],
    )
    async def test_a_mistake_changes_nothing(self, portal, present, new, says):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            page = (await client.get("/profile/password")).text
            answer = await send_form(client, "/profile/password", page, present=present, new=new)
            assert (answer.status_code, says in answer.text) == (422, True)
            assert NEW not in answer.text
        async with portal.browser() as client:
            assert (await enter(client, email, PASSWORD)).status_code == 303
        assert await letters(portal) == []

    async def test_the_present_one_cannot_be_guessed_at_an_open_screen(self, portal):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            page = (await client.get("/profile/password")).text
            for _ in range(5):
                await send_form(client, "/profile/password", page, present="guess guess", new=NEW)
            answer = await send_form(client, "/profile/password", page, present=PASSWORD, new=NEW)
            assert (answer.status_code, "Try again in" in answer.text) == (422, True)

    async def test_two_tabs_at_once_change_it_once(self, portal):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            page = (await client.get("/profile/password")).text
            answers = await asyncio.gather(
                *[
                    send_form(client, "/profile/password", page, present=PASSWORD, new=f"{NEW} {tab}")
                    for tab in range(2)
                ]
            )
        assert min(answer.status_code for answer in answers) == 303
        assert len(await letters(portal)) == sum(answer.status_code == 303 for answer in answers)


class TestSessions:
    async def test_one_sees_where_one_is_signed_in_and_ends_it(self, portal, clock):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as here, portal.browser() as there:
            there.headers["User-Agent"] = FIREFOX
            await enter(here, email, PASSWORD)
            await enter(there, email, PASSWORD)
            clock.move(minutes=5)
            assert await is_in(there)
            page = (await here.get("/profile")).text
            assert page.count("You are here") == 1
            assert "Firefox, Windows" in page
            assert "127.0.0.1" in page
            [end] = re.findall(r'action="(/profile/sessions/\w+/end)"', page)
            assert (await send_form(here, end, page)).status_code == 303
            assert not await is_in(there)
            assert "This session was ended" in (await there.get("/sign-in")).text
            assert await is_in(here)
            assert (await send_form(here, end, page)).status_code == 404

    async def test_all_others_end(self, portal):
        async with (
            portal.browser("organisation_main_user") as here,
            portal.browser("organisation_main_user") as there,
            portal.browser("location_user") as stranger,
        ):
            page = (await here.get("/profile")).text
            assert (await send_form(here, "/profile/other-sessions/end", page)).status_code == 303
            assert await is_in(here)
            assert not await is_in(there)
            assert await is_in(stranger)

    async def test_nobody_ends_another_s(self, portal):
        async with (
            portal.browser("location_user") as stranger,
            portal.browser("organisation_main_user") as own,
        ):
            async with portal.world.database.transaction() as tx:
                row = await (
                    await tx.execute(
                        "SELECT session_id FROM person_session WHERE user_id = %s",
                        (portal.world.people["organisation_main_user"],),
                    )
                ).fetchone()
            page = (await stranger.get("/profile")).text
            answer = await send_form(stranger, f"/profile/sessions/{row[0]}/end", page)
            assert answer.status_code == 404
            assert await is_in(own)


async def test_somebody_chooses_how_soon_mails_come_but_never_for_what_goes_at_once(portal):
    async with portal.browser("mah_obp_investigator", language="en") as client:
        page = (await client.get("/profile/notices")).text
        assert "Always at once" in page
        assert 'name="suspicions"' not in page
        assert 'name="deviations"' not in page, "an OBP never hears of those"
        wrong = await send_form(client, "/profile/notices", page, alerts="hourly")
        assert (wrong.status_code, "Choose one of" in wrong.text) == (422, True)
        empty = await send_form(client, "/profile/notices", page, suspicions="none")
        assert empty.status_code == 422
        done = await send_form(
            client, "/profile/notices", page, alerts="none", messages="at_once", suspicions="none"
        )
        assert done.status_code == 303
        page = (await client.get("/profile/notices")).text
        assert '<option value="none" selected>' in page
    async with portal.world.database.transaction() as tx:
        rows = await (await tx.execute("SELECT user_id, notice_group, pace FROM notice_choice")).fetchall()
        audited = await (
            await tx.execute("SELECT new_values FROM audit_entry WHERE action = 'notices_chosen'")
        ).fetchall()
    user_id = portal.world.people["mah_obp_investigator"]
    assert sorted(rows) == [(user_id, "alerts", "none"), (user_id, "messages", "at_once")]
    assert audited == [({"notices_alerts": "none", "notices_messages": "at_once"},)]
