"""Signing in: invitation, password, second factor, recovery codes, guesses, and the end of a session."""

from __future__ import annotations

import asyncio
import html
import re

import httpx
import pytest
from tests.http.portal.world import csrf_token, send_form

from sinetti.identity.people import people, totp
from sinetti.identity.people.sessions import EndReason, end_sessions

PASSWORD = "neljä harmaata siiliä"
OURS = {"Origin": "http://portal.test", "Sec-Fetch-Site": "same-origin"}


async def invitation(portal, person: str) -> str:
    async with portal.world.database.transaction() as tx:
        return await people.invite(tx, portal.world.people[person], portal.world.clock())


async def with_password(portal, person: str) -> str:
    """The person's address; the password is PASSWORD."""
    async with portal.world.database.transaction() as tx:
        user_id = portal.world.people[person]
        await people.set_password(tx, user_id, PASSWORD, portal.world.clock())
        return (await people.person(tx, user_id)).email


async def with_app(portal, person: str) -> tuple[str, list[str]]:
    """Secret of the person's app, and the recovery codes."""
    secret = totp.new_secret()
    async with portal.world.database.transaction() as tx:
        codes = await people.set_totp(
            tx,
            portal.application.portal.sealer,
            portal.world.people[person],
            secret,
            last_step=0,
            now=portal.world.clock(),
        )
    return secret, codes


async def enter(client: httpx.AsyncClient, email: str, password: str, **fields: str) -> httpx.Response:
    client.cookies.set("sinetti_language", "en")
    return await client.post("/sign-in", data={"email": email, "password": password, **fields}, headers=OURS)


async def enter_code(client: httpx.AsyncClient, code: str) -> httpx.Response:
    page = await client.get("/sign-in/second-factor")
    if page.status_code != 200:
        return page
    return await send_form(client, "/sign-in/second-factor", page.text, code=code)


async def is_in(client: httpx.AsyncClient) -> bool:
    return (await client.get("/")).status_code == 200


async def test_from_the_invitation_to_the_start_page(portal):
    path = f"/invitation/{await invitation(portal, 'organisation_main_user')}"
    async with portal.browser() as client:
        page = await client.get(path)
        assert page.status_code == 200
        assert "own-organisation_main_user@example.fi" in page.text
        easy = await client.post(path, data={"password": "password1234"}, headers=OURS)
        assert easy.status_code == 422
        assert "too easy to guess" in easy.text
        assert "password1234" not in easy.text
        done = await client.post(path, data={"password": PASSWORD}, headers=OURS)
        assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
        assert "Your password is set" in (await client.get("/sign-in")).text
        used = await client.get(path)
        assert (used.status_code, "used already" in used.text) == (410, True)
        again = await client.post(path, data={"password": "another good password"}, headers=OURS)
        assert again.status_code == 410
        inside = await enter(client, "OWN-organisation_main_user@example.fi ", PASSWORD)
        assert (inside.status_code, inside.headers["location"]) == (303, "/")
        assert await is_in(client)


async def test_a_link_ends_after_a_week_and_when_a_newer_one_is_made(portal, clock):
    first = await invitation(portal, "location_user")
    second = await invitation(portal, "location_user")
    async with portal.browser() as client:
        assert (await client.get(f"/invitation/{first}")).status_code == 410
        assert (await client.get(f"/invitation/{second}")).status_code == 200
        clock.move(days=7, seconds=1)
        late = await client.post(f"/invitation/{second}", data={"password": PASSWORD}, headers=OURS)
        assert (late.status_code, "too old" in late.text) == (410, True)
        assert (await client.get("/invitation/nobodys")).status_code == 404


async def test_a_link_opened_twice_at_once_sets_one_password(portal):
    path = f"/invitation/{await invitation(portal, 'organisation_main_user')}"
    async with portal.browser() as one, portal.browser() as two:
        answers = await asyncio.gather(
            one.post(path, data={"password": PASSWORD}, headers=OURS),
            two.post(path, data={"password": "another good password"}, headers=OURS),
        )
    assert sorted(answer.status_code for answer in answers) == [303, 410]


async def test_a_new_password_ends_every_session(portal):
    await with_password(portal, "organisation_main_user")
    async with portal.browser("organisation_main_user") as elsewhere, portal.browser() as client:
        assert await is_in(elsewhere)
        path = f"/invitation/{await invitation(portal, 'organisation_main_user')}"
        await client.post(path, data={"password": "another good password"}, headers=OURS)
        assert not await is_in(elsewhere)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("own-organisation_main_user@example.fi", "wrong password"),
        ("own-organisation_main_user@example.fi", PASSWORD + "x" * 500),
        ("nobody@example.fi", PASSWORD),
        ("own-location_user@example.fi", PASSWORD),
    ],
    ids=["wrong", "too long", "unknown", "not yet invited"],
)
async def test_a_refusal_says_the_same_whatever_was_wrong(portal, email, password):
    await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        answer = await enter(client, email, password)
        assert answer.status_code == 422
        assert "The e-mail address or the password is wrong" in answer.text
        assert password not in html.unescape(answer.text)
        assert not await is_in(client)


async def test_empty_fields_are_named(portal):
    async with portal.browser() as client:
        answer = await enter(client, " ", "")
        assert answer.status_code == 422
        assert "Enter your e-mail address" in answer.text
        assert "Enter your password" in answer.text


async def test_somebody_locked_gets_neither_in_nor_on(portal, clock):
    email = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        await enter(client, email, PASSWORD)
        assert await is_in(client)
        async with portal.world.database.transaction() as tx:
            user_id = portal.world.people["organisation_main_user"]
            await people.lock_person(tx, user_id, reason="Left", now=clock())
        assert not await is_in(client)
        assert "because your user was locked" in (await client.get("/sign-in")).text
        wrong = await enter(client, email, "guess guess")
        assert (wrong.status_code, "Left" in wrong.text) == (422, False), "strangers are told nothing"
        right = await enter(client, email, PASSWORD)
        assert (right.status_code, "Reason: Left" in right.text) == (422, True)
        async with portal.world.database.transaction() as tx:
            await people.unlock_person(tx, user_id)
        assert not await is_in(client), "the session from before stays ended"
        assert (await enter(client, email, PASSWORD)).status_code == 303


async def test_after_signing_in_one_comes_to_the_page_that_was_wanted(portal):
    email = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        wanted = await client.get("/locations?sort=-name")
        assert wanted.headers["location"] == "/sign-in?next=/locations%3Fsort%3D-name"
        page = await client.get(wanted.headers["location"])
        assert 'name="next" value="/locations?sort=-name"' in page.text
        answer = await enter(client, email, PASSWORD, next="/locations?sort=-name")
        assert answer.headers["location"] == "/locations?sort=-name"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
async def test_signing_in_never_leads_to_another_site(portal, elsewhere):
    email = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        assert (await enter(client, email, PASSWORD, next=elsewhere)).headers["location"] == "/"


async def test_a_form_of_another_site_signs_nobody_in(portal):
    email = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        answer = await client.post(
            "/sign-in",
            data={"email": email, "password": PASSWORD},
            headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403
        assert not await is_in(client)


class TestGuessing:
    async def test_guesses_are_slowed_down_and_the_right_password_waits_too(self, portal, clock):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as client:
            for _ in range(5):
                assert "is wrong" in (await enter(client, email, "guess guess")).text
            waiting = await enter(client, email, PASSWORD)
            assert waiting.status_code == 422
            assert re.search(r"Try again in \d+ seconds", waiting.text)
            clock.move(minutes=1)
            assert (await enter(client, email, PASSWORD)).status_code == 303

    async def test_an_unknown_address_is_slowed_down_alike(self, portal):
        async with portal.browser() as client:
            for _ in range(5):
                assert "is wrong" in (await enter(client, "nobody@example.fi", "guess")).text
            assert "Try again in" in (await enter(client, "nobody@example.fi", "guess")).text

    async def test_the_wait_grows_and_ends_at_a_quarter_of_an_hour(self, portal, clock):
        email = await with_password(portal, "organisation_main_user")
        waits = []
        async with portal.browser() as client:
            for _ in range(18):
                answer = await enter(client, email, "guess guess")
                if found := re.search(r"in (\d+) seconds", answer.text):
                    waits.append(int(found[1]))
                    clock.move(seconds=waits[-1])
        assert waits == sorted(waits)
        assert waits[0] <= 2
        assert waits[-1] <= 900

    async def test_others_cannot_lock_out_whoever_has_signed_in_here_before(self, portal):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as own, portal.browser() as stranger:
            assert (await enter(own, email, PASSWORD)).status_code == 303
            await send_form(own, "/sign-out", (await own.get("/")).text)
            for _ in range(30):
                await enter(stranger, email, "guess guess")
            assert "Try again in" in (await enter(stranger, email, PASSWORD)).text
            assert (await enter(own, email, PASSWORD)).status_code == 303

    async def test_guesses_sent_all_at_once_are_counted_one_by_one(self, portal):
        email = await with_password(portal, "organisation_main_user")
        async with portal.browser() as client:
            answers = await asyncio.gather(*[enter(client, email, "guess guess") for _ in range(12)])
        looked_at = sum("is wrong" in answer.text for answer in answers)
        assert looked_at == 5


class TestSecondFactor:
    async def test_who_must_have_one_sets_it_up_first(self, portal, clock):
        email = await with_password(portal, "operator_administrator")
        async with portal.browser() as client:
            assert (await enter(client, email, PASSWORD)).headers["location"] == "/"
            sent_on = await client.get("/")
            assert sent_on.headers["location"] == "/profile/second-factor"
            page = (await client.get("/profile/second-factor")).text
            assert "data:image/svg+xml" in page
            secret = re.search(r'<code class="portal-code">([A-Z2-7 ]+)</code>', page)
            sealed = re.search(r'name="sealed" value="([^"]+)"', page)
            assert secret
            assert sealed
            key = secret[1].replace(" ", "")
            wrong = await send_form(client, "/profile/second-factor", page, sealed=sealed[1], code="000000")
            assert wrong.status_code == 422
            assert secret[1] in wrong.text, "the app has read it already: it stays the same"
            code = totp.code_at(key, clock())
            done = await send_form(client, "/profile/second-factor", page, sealed=sealed[1], code=code)
            codes = re.findall(r'<code class="portal-code">([a-z0-9-]{19})</code>', done.text)
            assert len(codes) == totp.RECOVERY_CODES
            assert await is_in(client)
            again = await client.get("/profile/second-factor")
            assert not any(one in again.text for one in codes)
            await send_form(client, "/sign-out", done.text)

            half = await enter(client, email, PASSWORD)
            assert half.headers["location"] == "/sign-in/second-factor"
            assert (await client.get("/")).headers["location"] == "/sign-in/second-factor"
            reused = await enter_code(client, code)
            assert (reused.status_code, "used before" in reused.text) == (422, True)
            clock.move(seconds=30)
            assert (await enter_code(client, totp.code_at(key, clock()))).status_code == 303
            assert await is_in(client)

    async def test_a_sealed_key_of_another_session_is_not_taken(self, portal, clock):
        async with (
            portal.browser("operator_support", must_set_second_factor=True) as one,
            portal.browser("operator_administrator", must_set_second_factor=True) as two,
        ):
            page = (await one.get("/profile/second-factor")).text
            sealed = re.search(r'name="sealed" value="([^"]+)"', page)
            secret = re.search(r'<code class="portal-code">([A-Z2-7 ]+)</code>', page)
            assert sealed
            assert secret
            code = totp.code_at(secret[1].replace(" ", ""), clock())
            two.cookies.set("sinetti_language", "en")
            others = (await two.get("/profile/second-factor")).text
            answer = await send_form(two, "/profile/second-factor", others, sealed=sealed[1], code=code)
            assert (answer.status_code, "Scan the new picture" in answer.text) == (422, True)

    async def test_a_recovery_code_lets_in_once(self, portal):
        email = await with_password(portal, "authority_inspector")
        _, codes = await with_app(portal, "authority_inspector")
        for code, lets_in in (
            (codes[0].upper().replace("-", " "), True),
            (codes[0], False),
            (codes[1], True),
        ):
            async with portal.browser() as client:
                await enter(client, email, PASSWORD)
                assert (await enter_code(client, code)).status_code == (303 if lets_in else 422)
                assert await is_in(client) is lets_in

    async def test_codes_cannot_be_guessed(self, portal, clock):
        email = await with_password(portal, "operator_administrator")
        secret, _ = await with_app(portal, "operator_administrator")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            for _ in range(5):
                await enter_code(client, "not a code")
            waiting = await enter_code(client, totp.code_at(secret, clock()))
            assert (waiting.status_code, "Try again in" in waiting.text) == (422, True)

    async def test_the_token_changes_when_more_has_been_shown(self, portal, clock):
        email = await with_password(portal, "operator_administrator")
        secret, _ = await with_app(portal, "operator_administrator")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            half = client.cookies["sinetti_session"]
            await enter_code(client, totp.code_at(secret, clock()))
            assert client.cookies["sinetti_session"] != half
            client.cookies.clear()
            client.cookies.set("sinetti_session", half)
            assert not await is_in(client)

    async def test_recovery_codes_are_made_anew_with_the_password(self, portal, clock):
        email = await with_password(portal, "operator_administrator")
        secret, old = await with_app(portal, "operator_administrator")
        async with portal.browser() as client:
            await enter(client, email, PASSWORD)
            await enter_code(client, totp.code_at(secret, clock()))
            page = (await client.get("/profile/second-factor")).text
            wrong = await send_form(client, "/profile/recovery-codes", page, password="guess guess")
            assert wrong.status_code == 422
            made = await send_form(client, "/profile/recovery-codes", page, password=PASSWORD)
            new = re.findall(r'<code class="portal-code">([a-z0-9-]{19})</code>', made.text)
            assert len(new) == totp.RECOVERY_CODES
            assert not set(new) & set(old)


async def test_who_comes_back_to_an_ended_session_is_told_why(portal, clock):
    user_id = portal.world.people["organisation_main_user"]
    for because, says in (
        (EndReason.ENDED_ELSEWHERE, "This session was ended"),
        (EndReason.SECOND_FACTOR_CHANGED, "Your second factor was changed"),
        (EndReason.PASSWORD_CHANGED, "Your password was changed"),
        (EndReason.SIGNED_OUT, "For organisations that use"),
    ):
        async with portal.browser("organisation_main_user") as client, portal.browser() as stranger:
            async with portal.world.database.transaction() as tx:
                await end_sessions(tx, user_id, because=because, now=clock())
            sent_on = await client.get("/locations")
            assert sent_on.headers["location"] == "/sign-in?next=/locations"
            assert says in (await client.get(sent_on.headers["location"])).text
            assert "For organisations that use" in (await stranger.get("/sign-in")).text
    async with portal.browser("organisation_main_user") as client:
        clock.move(hours=12)
        assert "twelve hours at most" in (await client.get("/sign-in")).text


async def test_when_somebody_was_last_seen_moves_once_a_minute(portal, clock):
    async def seen():
        async with portal.world.database.transaction() as tx:
            row = await (await tx.execute("SELECT last_seen_at FROM person_session")).fetchone()
        return row[0]

    began = clock()
    async with portal.browser("organisation_main_user") as client:
        clock.move(seconds=60)
        assert await is_in(client)
        assert await seen() == began
        clock.move(seconds=1)
        assert all(await asyncio.gather(*[is_in(client) for _ in range(5)]))
        assert await seen() == clock()


async def test_signing_out_ends_the_session_everywhere(portal):
    email = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        await enter(client, email, PASSWORD)
        token = client.cookies["sinetti_session"]
        page = (await client.get("/")).text
        assert csrf_token(page)
        assert (await send_form(client, "/sign-out", page)).headers["location"] == "/sign-in"
        assert "You have signed out" in (await client.get("/sign-in")).text
        client.cookies.set("sinetti_session", token)
        assert not await is_in(client)


async def test_what_happened_is_in_the_audit_and_no_secret_is(portal):
    email = await with_password(portal, "organisation_main_user")
    async with portal.browser() as client:
        await enter(client, email, "guess guess")
        await enter(client, "strangers@example.fi", "guess guess")
        await enter(client, email, PASSWORD)
        token = client.cookies["sinetti_session"]
        await send_form(client, "/sign-out", (await client.get("/")).text)
    async with portal.world.database.transaction() as tx:
        rows = await (
            await tx.execute("SELECT action, audit_entry::text FROM audit_entry ORDER BY 1")
        ).fetchall()
    assert [action for action, _ in rows] == ["sign_in_refused", "signed_in", "signed_out"]
    for secret in (PASSWORD, "guess guess", token, "strangers"):
        assert not any(secret in text for _, text in rows)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_pages_of_signing_in_speak_three_languages(portal, language):
    token = await invitation(portal, "location_user")
    async with portal.browser() as client:
        for path in ("/sign-in", f"/invitation/{token}", "/invitation/nobodys"):
            page = await client.get(f"{path}?lang={language}")
            assert f'<html lang="{language}">' in page.text
            assert page.headers["cache-control"] == "no-store"
