"""Passkeys: made after the password, shown after it or in its place, good at one site, each challenge good once."""

from __future__ import annotations

import asyncio
import html
import json
import re

import pytest
from tests.http.portal.authenticator import Authenticator
from tests.http.portal.mailbox import letters
from tests.http.portal.test_sign_in import OURS, PASSWORD, enter, enter_code, is_in, with_app, with_password
from tests.http.portal.world import send_form

from sinetti.identity.people import totp

CODE = re.compile(r'<code class="portal-code">([a-z0-9-]{19})</code>')


def question_of(page: str) -> tuple[str, str]:
    """What the form of a passkey asks the browser, and the sealed challenge."""
    options, sealed = (
        re.search(r'data-options="([^"]+)"', page),
        re.search(r'data-options.*?name="sealed" value="([^"]+)"', page, re.DOTALL),
    )
    assert options
    assert sealed
    return html.unescape(options[1]), sealed[1]


async def ask_to_make(client, name: str = "Kassan kone", password: str = PASSWORD):
    page = (await client.get("/profile/passkeys/new?lang=en")).text
    return await send_form(client, "/profile/passkeys/new", page, name=name, password=password)


async def make(client, device: Authenticator, **fields: str):
    page = await ask_to_make(client, **fields)
    assert page.status_code == 200, page.text
    options, sealed = question_of(page.text)
    return await send_form(
        client, "/profile/passkeys", page.text, sealed=sealed, credential=device.create(options)
    )


async def with_passkey(portal, person: str) -> tuple[str, Authenticator]:
    """The person's address; the password is PASSWORD."""
    email, device = await with_password(portal, person), Authenticator()
    async with portal.browser(person) as client:
        assert (await make(client, device)).status_code == 200
    return email, device


async def show(client, device: Authenticator):
    page = (await client.get("/sign-in/second-factor")).text
    options, sealed = question_of(page)
    credential = device.get(options)
    return await send_form(
        client, "/sign-in/second-factor/passkey", page, sealed=sealed, credential=credential
    )


async def enter_alone(client, device: Authenticator, **changes: str):
    client.cookies.set("sinetti_language", "en")
    options, sealed = question_of((await client.get("/sign-in")).text)
    data = {"sealed": sealed, "credential": device.get(options), **changes}
    return await client.post("/sign-in/passkey", data=data, headers=OURS)


class TestMaking:
    async def test_who_must_have_a_second_factor_takes_a_passkey(self, portal):
        email, device = await with_password(portal, "operator_administrator"), Authenticator()
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            assert (await client.get("/")).headers["location"] == "/profile/second-factor"
            half = client.cookies["sinetti_session"]
            page = (await client.get("/profile/passkeys/new")).text
            assert 'name="password"' not in page, "it was shown a moment ago"
            codes = await make(client, device, password="")
            assert len(CODE.findall(codes.text)) == totp.RECOVERY_CODES
            assert client.cookies["sinetti_session"] != half
            assert await is_in(client)
            await send_form(client, "/sign-out", codes.text)
            assert (await enter(client, email, PASSWORD)).headers["location"] == "/sign-in/second-factor"
            assert (await show(client, device)).headers["location"] == "/"
            assert await is_in(client)
        [letter] = await letters(portal)
        assert letter.kind == "second_factor.passkey_added"
        assert "Kassan kone" in letter.text

    async def test_recovery_codes_stand_in_for_it(self, portal):
        email, device = await with_password(portal, "organisation_main_user"), Authenticator()
        async with portal.browser("organisation_main_user") as client:
            codes = CODE.findall((await make(client, device)).text)
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            assert (await enter_code(client, codes[0])).status_code == 303
            assert await is_in(client)

    async def test_the_first_one_alone_brings_codes(self, portal):
        await with_passkey(portal, "organisation_main_user")
        async with portal.browser("organisation_main_user") as client:
            second = await make(client, Authenticator(), name="Puhelin")
            assert (second.status_code, second.headers["location"]) == (303, "/profile/second-factor")
            page = (await client.get("/profile/second-factor")).text
            assert "Kassan kone" in page
            assert "Puhelin" in page

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"name": " "}, "Enter a name of 1 to 60"),
            ({"name": "x" * 61}, "Enter a name of 1 to 60"),
            ({"password": "guess guess"}, "This is not your present password"),
        ],
    )
    async def test_without_name_or_password_the_browser_is_not_asked(self, portal, fields, says):
        await with_password(portal, "organisation_main_user")
        async with portal.browser("organisation_main_user") as client:
            answer = await ask_to_make(client, **fields)
            assert (answer.status_code, says in answer.text) == (422, True)
            assert "data-options" not in answer.text

    @pytest.mark.parametrize("wrong", ["origin", "twice", "late", "another session", "nonsense", "empty"])
    async def test_a_wrong_answer_adds_nothing(self, portal, clock, wrong):
        await with_password(portal, "organisation_main_user")
        device = Authenticator(origin="http://evil.test" if wrong == "origin" else "http://portal.test")
        async with (
            portal.browser("organisation_main_user") as client,
            portal.browser("organisation_main_user") as other,
        ):
            page = await ask_to_make(client)
            options, sealed = question_of(page.text)
            credential = device.create(options)
            sender, sent_page = client, page.text
            if wrong == "twice":
                broken = json.dumps({"rawId": "AA", "response": {}})
                await send_form(client, "/profile/passkeys", sent_page, sealed=sealed, credential=broken)
            elif wrong == "late":
                clock.move(minutes=15)
            elif wrong == "another session":
                sender, sent_page = other, (await other.get("/profile")).text
            elif wrong == "nonsense":
                credential = "[" * 5000
            elif wrong == "empty":
                sealed = credential = ""
            answer = await send_form(
                sender, "/profile/passkeys", sent_page, sealed=sealed, credential=credential
            )
            assert (answer.status_code, "Kassan kone" in answer.text) == (422, False)
            assert (await client.get("/profile/second-factor")).text.count("<tbody") == 0
        assert await letters(portal) == []

    async def test_a_portal_that_is_reached_by_a_number_says_why_there_are_none(self, portal):
        async with portal.browser("organisation_main_user") as client:
            client.base_url = "http://127.0.0.1:8081"
            page = (await client.get("/profile/passkeys/new?lang=en")).text
            assert "opened by a number" in page
            client.cookies.clear()
            assert "data-passkey" not in (await client.get("/sign-in")).text


class TestShowing:
    @pytest.mark.parametrize(
        ("device", "lets_in"),
        [
            ({}, True),
            ({"verifies": False}, True),
            ({"origin": "http://evil.test"}, False),
            ({"origin": "https://portal.test"}, False),
            ({"key": Authenticator().key}, False),
            ({"credential_id": b"another one"}, False),
        ],
        ids=["right", "not unlocked", "another site", "another scheme", "another key", "unknown"],
    )
    async def test_after_the_password(self, portal, device, lets_in):
        email, own = await with_passkey(portal, "organisation_main_user")
        for name, value in device.items():
            setattr(own, name, value)
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            assert (await show(client, own)).status_code == (303 if lets_in else 422)
            assert await is_in(client) is lets_in

    async def test_another_person_s_passkey_is_not_enough(self, portal):
        email, _ = await with_passkey(portal, "organisation_main_user")
        _, others = await with_passkey(portal, "location_user")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            assert (await show(client, others)).status_code == 422
            assert not await is_in(client)

    async def test_an_answer_is_good_once(self, portal):
        email, device = await with_passkey(portal, "organisation_main_user")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            page = (await client.get("/sign-in/second-factor")).text
            options, sealed = question_of(page)
            fields = {"sealed": sealed, "credential": device.get(options)}
            answers = await asyncio.gather(
                *[send_form(client, "/sign-in/second-factor/passkey", page, **fields) for _ in range(3)]
            )
            inside = [one for one in answers if "set-cookie" in one.headers and one.status_code == 303]
            assert len([one for one in inside if "sinetti_session" in one.headers["set-cookie"]]) == 1

    async def test_a_copy_shows_by_its_count(self, portal):
        email, device = await with_passkey(portal, "organisation_main_user")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            device.count = 10
            assert (await show(client, device)).status_code == 303
        for count, lets_in in ((5, False), (11, False), (12, True)):
            async with portal.browser() as client:
                await enter(client, email, PASSWORD)
                device.count = count - 1
                assert (await show(client, device)).status_code == (303 if lets_in else 422)

    async def test_one_that_does_not_count_is_used_again_and_again(self, portal):
        email, device = await with_passkey(portal, "organisation_main_user")
        device.counts = False
        for _ in range(3):
            async with portal.browser() as client:
                await enter(client, email, PASSWORD)
                assert (await show(client, device)).status_code == 303


class TestAlone:
    async def test_it_stands_for_password_and_second_factor(self, portal):
        _, device = await with_passkey(portal, "operator_support")
        async with portal.browser() as client:
            answer = await enter_alone(client, device, next="/locations")
            assert (answer.status_code, answer.headers["location"]) == (303, "/locations")
            assert await is_in(client)
            page = (await client.get("/profile/second-factor")).text
            assert "Kassan kone" in page
            assert page.count("–</td>") == 0, "it says when it was used last"

    @pytest.mark.parametrize(
        ("device", "changes"),
        [
            ({"verifies": False}, {}),
            ({"origin": "http://evil.test"}, {}),
            ({"handle": b""}, {}),
            ({"handle": bytes(16)}, {}),
            ({"credential_id": b"another one"}, {}),
            ({}, {"sealed": "AAAA"}),
            ({}, {"sealed": ""}),
            ({}, {"credential": "{}"}),
            ({}, {"credential": ""}),
        ],
    )
    async def test_not_unlocked_or_wrong_it_lets_nobody_in(self, portal, device, changes):
        _, own = await with_passkey(portal, "organisation_main_user")
        for name, value in device.items():
            setattr(own, name, value)
        async with portal.browser() as client:
            answer = await enter_alone(client, own, **changes)
            assert (answer.status_code, "The passkey was not accepted" in answer.text) == (422, True)
            assert not await is_in(client)

    async def test_a_challenge_is_good_once_and_for_a_while_and_for_one_purpose(self, portal, clock):
        email, device = await with_passkey(portal, "organisation_main_user")
        async with portal.browser() as client, portal.browser() as other:
            client.cookies.set("sinetti_language", "en")
            options, sealed = question_of((await client.get("/sign-in")).text)
            for expected in (303, 422):
                device.count += 1
                data = {"sealed": sealed, "credential": device.get(options)}
                answer = await other.post("/sign-in/passkey", data=data, headers=OURS)
                assert answer.status_code == expected
                other.cookies.clear()
            options, sealed = question_of((await client.get("/sign-in")).text)
            clock.move(minutes=15)
            data = {"sealed": sealed, "credential": device.get(options)}
            assert (await other.post("/sign-in/passkey", data=data, headers=OURS)).status_code == 422
            await enter(client, email, PASSWORD)
            options, sealed = question_of((await client.get("/sign-in/second-factor")).text)
            data = {"sealed": sealed, "credential": device.get(options)}
            assert (await other.post("/sign-in/passkey", data=data, headers=OURS)).status_code == 422

    async def test_who_is_locked_is_told_why(self, portal):
        _, device = await with_passkey(portal, "location_user")
        user = portal.world.people["location_user"]
        async with portal.browser("operator_administrator") as operator, portal.browser() as client:
            page = (await operator.get(f"/users/{user}/lock")).text
            await send_form(operator, f"/users/{user}/lock", page, reason="Lähtenyt")
            answer = await enter_alone(client, device)
            assert (answer.status_code, "Reason: Lähtenyt" in answer.text) == (422, True)
            assert not await is_in(client)

    async def test_another_site_signs_nobody_in(self, portal):
        _, device = await with_passkey(portal, "location_user")
        async with portal.browser() as client:
            options, sealed = question_of((await client.get("/sign-in")).text)
            answer = await client.post(
                "/sign-in/passkey",
                data={"sealed": sealed, "credential": device.get(options)},
                headers={"Origin": "http://evil.test", "Sec-Fetch-Site": "cross-site"},
            )
            assert answer.status_code == 403


async def path_of_passkey(client) -> str:
    page = (await client.get("/profile/second-factor?lang=en")).text
    found = re.search(r'href="(/profile/passkeys/(?!new)\w+)"', page)
    assert found
    return found[1]


class TestKeeping:
    async def test_it_is_renamed_and_removed_with_the_password(self, portal):
        email, device = await with_passkey(portal, "organisation_main_user")
        async with portal.browser("organisation_main_user") as client:
            path = await path_of_passkey(client)
            page = (await client.get(path)).text
            assert (await send_form(client, path, page, name="")).status_code == 422
            assert (await send_form(client, path, page, name="Takahuone")).status_code == 303
            page = (await client.get(path)).text
            assert "Takahuone" in page
            wrong = await send_form(client, f"{path}/remove", page, password="guess guess")
            assert (wrong.status_code, "not your present password" in wrong.text) == (422, True)
            assert (await send_form(client, f"{path}/remove", page, password=PASSWORD)).status_code == 303
            assert (await client.get(path)).status_code == 404
        async with portal.browser() as client:
            assert (await enter_alone(client, device)).status_code == 422
            assert (await enter(client, email, PASSWORD)).headers["location"] == "/"
        assert [letter.kind for letter in await letters(portal)][-1] == "second_factor.passkey_removed"

    async def test_nobody_sees_another_s(self, portal):
        await with_passkey(portal, "organisation_main_user")
        async with portal.browser("organisation_main_user") as own, portal.browser("location_user") as other:
            path = await path_of_passkey(own)
            assert (await other.get(path)).status_code == 404
            page = (await other.get("/profile")).text
            assert (await send_form(other, path, page, name="Minun")).status_code == 404
            assert (await send_form(other, f"{path}/remove", page, password=PASSWORD)).status_code == 404

    async def test_the_last_one_stays_where_the_role_demands_a_second_factor(self, portal, clock):
        await with_passkey(portal, "operator_administrator")
        async with portal.browser("operator_administrator") as client:
            path = await path_of_passkey(client)
            page = (await client.get(path)).text
            refused = await send_form(client, f"{path}/remove", page, password=PASSWORD)
            assert (refused.status_code, "this is the only one" in refused.text) == (422, True)
            page = (await client.get("/profile/second-factor/app")).text
            secret = re.search(r'<code class="portal-code">([A-Z2-7 ]+)</code>', page)
            sealed = re.search(r'name="sealed" value="([^"]+)"', page)
            assert secret
            assert sealed
            code = totp.code_at(secret[1].replace(" ", ""), clock())
            fields = {"sealed": sealed[1], "code": code}
            without = await send_form(client, "/profile/second-factor", page, **fields)
            assert (without.status_code, "not your present password" in without.text) == (422, True)
            done = await send_form(client, "/profile/second-factor", page, password=PASSWORD, **fields)
            assert len(CODE.findall(done.text)) == totp.RECOVERY_CODES
            answers = await asyncio.gather(
                send_form(client, f"{path}/remove", done.text or page, password=PASSWORD),
                send_form(client, "/profile/second-factor/app/off", await csrf(client), password=PASSWORD),
            )
            assert sorted(answer.status_code for answer in answers) == [303, 422]

    async def test_the_app_is_turned_off_where_the_role_lets_one(self, portal):
        email = await with_password(portal, "organisation_main_user")
        await with_app(portal, "organisation_main_user")
        async with portal.browser("organisation_main_user") as client:
            page = (await client.get("/profile/second-factor/app/off?lang=en")).text
            wrong = await send_form(client, "/profile/second-factor/app/off", page, password="guess")
            assert wrong.status_code == 422
            done = await send_form(client, "/profile/second-factor/app/off", page, password=PASSWORD)
            assert done.status_code == 303
        async with portal.browser() as client:
            assert (await enter(client, email, PASSWORD)).headers["location"] == "/"
        await with_password(portal, "operator_support")
        await with_app(portal, "operator_support")
        async with portal.browser("operator_support") as client:
            page = (await client.get("/profile/second-factor/app/off?lang=en")).text
            refused = await send_form(client, "/profile/second-factor/app/off", page, password=PASSWORD)
            assert (refused.status_code, "this is the only one" in refused.text) == (422, True)


async def csrf(client) -> str:
    """A page with the token of the session as it is now."""
    return str((await client.get("/profile")).text)
