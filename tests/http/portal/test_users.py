"""Users: invited by mail with the roles that the inviter may give, changed, locked, and never left without a main user."""

from __future__ import annotations

import asyncio
import re

import pytest
from tests.http.portal.mailbox import letters
from tests.http.portal.test_sign_in import PASSWORD, enter, is_in, with_app, with_password
from tests.http.portal.world import send_form

from sinetti.identity.people import people
from sinetti.identity.people.model import PeopleRole


def key_of(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found
    return found[1]


async def new_form(client, role: str, organisation: object = "") -> str:
    page = await client.get(f"/users/new?role={role}&organisation={organisation}&lang=en")
    assert page.status_code == 200
    return str(page.text)


async def invited(client, role: str, organisation: object = "", **fields):
    page = await new_form(client, role, organisation)
    wanted = {
        "role": role,
        "organisation": str(organisation),
        "name": "Uusi  Käyttäjä",
        "email": "uusi@example.fi",
        "language": "en",
        **fields,
    }
    return await send_form(client, "/users/new", page, form_key=key_of(page), **wanted)


async def the_person(portal, email: str = "uusi@example.fi"):
    async with portal.world.database.transaction() as tx:
        return await people.person_of_email(tx, email)


async def audited(portal) -> list[tuple[str, str]]:
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute("SELECT action, audit_entry::text FROM audit_entry ORDER BY audit_number")
        return [(action, text) for action, text in await cursor.fetchall()]


async def post(client, path: str, **fields):
    """A change whose form is on the page of the user."""
    page = await client.get(re.sub(r"/(unlock|invite|end-sessions)$", "", path))
    return await send_form(client, path, page.text, **fields)


class TestInviting:
    async def test_the_link_goes_to_the_new_user_alone_and_works_once(self, portal):
        location = portal.world.places["own"].location.location_id
        async with portal.browser("organisation_main_user") as client, portal.browser() as new:
            answer = await invited(client, "location_user", locations=str(location))
            assert answer.status_code == 303
            page = (await client.get(answer.headers["location"])).text
            assert "Uusi Käyttäjä" in page
            assert "The invitation has been sent" in page
            [letter] = await letters(portal)
            assert (letter.recipient, letter.language) == ("uusi@example.fi", "en")
            assert "own organisation main user" in letter.text
            assert letter.path not in page
            token = letter.path.rpartition("/")[2]
            assert token not in page
            assert not any(token in text for _, text in await audited(portal))
            done = await new.post(
                letter.path,
                data={"password": PASSWORD},
                headers={"Origin": "http://portal.test", "Sec-Fetch-Site": "same-origin"},
            )
            assert done.status_code == 303
            assert (await new.get(letter.path)).status_code == 410
            assert (await enter(new, "uusi@example.fi", PASSWORD)).status_code == 303
            assert (await new.get("/users")).status_code == 403
            page = (await client.get(answer.headers["location"])).text
            assert "The invitation has been sent" not in page
        person = await the_person(portal)
        assert (person.role, person.location_ids) == (PeopleRole.LOCATION_USER, (location,))
        assert person.last_signed_in_at is not None

    @pytest.mark.parametrize(
        ("inviter", "role", "organisation", "status"),
        [
            ("organisation_main_user", "organisation_main_user", "", 303),
            ("organisation_main_user", "operator_administrator", "", 422),
            ("organisation_main_user", "mah_obp_investigator", "own_obp", 422),
            ("mah_obp_main_user", "mah_obp_investigator", "", 303),
            ("mah_obp_main_user", "organisation_main_user", "own", 422),
            ("operator_administrator", "organisation_main_user", "other", 303),
            ("operator_administrator", "organisation_main_user", "own_obp", 422),
            ("operator_administrator", "mah_obp_main_user", "own_obp", 303),
            ("operator_administrator", "mah_obp_main_user", "own", 422),
            ("operator_administrator", "organisation_main_user", "", 422),
            ("operator_administrator", "authority_inspector", "", 303),
            ("operator_administrator", "operator_support", "own", 303),
        ],
    )
    async def test_the_roles_of_the_table_are_given_in_the_right_house(
        self, portal, inviter, role, organisation, status
    ):
        number = portal.world.places[organisation].organisation.organisation_id if organisation else ""
        async with portal.browser(inviter) as client:
            page = (await client.get("/users/new")).text
            answer = await send_form(
                client,
                "/users/new",
                page if "csrf_token" in page else (await client.get("/")).text,
                form_key="9b0f1d2e-0000-4000-8000-000000000001",
                role=role,
                organisation=str(number),
                name="Uusi",
                email="uusi@example.fi",
                language="fi",
            )
            assert answer.status_code == status
        if status == 303:
            person = await the_person(portal)
            own = portal.world.places[
                "own_obp" if inviter.startswith("mah") else organisation or "own"
            ].organisation.organisation_id
            without = role.startswith(("operator", "authority"))
            assert (person.role.value, person.organisation_id) == (role, None if without else own)

    async def test_nobody_invites_into_another_organisation(self, portal):
        other = portal.world.places["other"]
        async with portal.browser("organisation_main_user") as client:
            answer = await invited(client, "organisation_main_user", other.organisation.organisation_id)
            assert answer.status_code == 303
            assert (await the_person(portal)).organisation_name == "Metson apteekki"
            refused = await invited(
                client, "location_user", email="x@example.fi", locations=str(other.location.location_id)
            )
            assert refused.status_code == 422
            assert "Choose a location at least" in refused.text

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"name": " "}, "Enter a name of 1 to 200 characters"),
            ({"name": "x" * 201}, "Enter a name of 1 to 200 characters"),
            ({"email": "nobody"}, "Enter an e-mail address"),
            ({"email": "a@b\u2028c.fi"}, "Enter an e-mail address"),
            ({"email": "OWN-location_user@example.fi"}, "There is a user with this address already"),
            ({"language": "de"}, "Choose a language"),
        ],
    )
    async def test_a_mistake_comes_back_and_makes_nobody(self, portal, fields, says):
        async with portal.browser("organisation_main_user") as client:
            answer = await invited(client, "organisation_main_user", **fields)
            assert (answer.status_code, says in answer.text) == (422, True)
            page = answer.text
            wanted = {"name": "Uusi", "email": "uusi@example.fi", "language": "fi"}
            again = await send_form(
                client,
                "/users/new",
                page,
                form_key=key_of(page),
                role="organisation_main_user",
                organisation="",
                **wanted,
            )
            assert again.status_code == 303
        assert len(await letters(portal)) == 1

    async def test_a_form_sent_twice_at_once_invites_once(self, portal):
        async with portal.browser("organisation_main_user") as client:
            page = await new_form(client, "organisation_main_user")
            fields = {
                "role": "organisation_main_user",
                "organisation": "",
                "name": "Uusi",
                "email": "uusi@example.fi",
                "language": "fi",
            }
            answers = await asyncio.gather(
                *[send_form(client, "/users/new", page, form_key=key_of(page), **fields) for _ in range(3)]
            )
        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.headers["location"] for answer in answers}) == 1
        assert len(await letters(portal)) == 1


class TestTheList:
    async def test_an_organisation_sees_its_own_people_and_the_operator_all(self, portal):
        for person, count in (
            ("organisation_main_user", 2),
            ("mah_obp_main_user", 2),
            ("operator_support", 11),
        ):
            async with portal.browser(person) as client:
                page = (await client.get("/users?lang=en")).text
                assert len(re.findall(r'<th scope="row"', page)) == count
                assert ("Nordlicht GmbH" in page) is (person == "operator_support")

    async def test_it_is_searched_filtered_and_sorted(self, portal):
        await with_password(portal, "organisation_main_user")
        async with portal.browser("operator_administrator") as client:

            async def names(query: str) -> list[str]:
                page = (await client.get(f"/users?{query}&lang=en")).text
                return re.findall(r'<th scope="row"[^>]*><a[^>]*>([^<]+)</a>', page)

            assert await names("q=arlan") == ["other location user", "other organisation main user"]
            assert await names("state=in_use") == ["own organisation main user"]
            assert await names("role=operator_support") == ["own operator support"]
            assert await names("role=operator_support&state=locked") == []
            up, down = await names("sort=email"), await names("sort=-email")
            assert (len(up), up) == (11, down[::-1])
            for column in ("name", "role", "organisation", "state", "last_signed_in"):
                assert len(await names(f"sort=-{column}")) == 11


class TestChanging:
    async def test_a_role_counts_with_the_next_request_and_is_told(self, portal):
        user = portal.world.people["location_user"]
        path = f"/users/{user}/change"
        async with portal.browser("organisation_main_user") as client, portal.browser("location_user") as own:
            assert (await own.get("/users")).status_code == 403
            page = (await client.get(f"{path}?lang=en")).text
            assert "operator" not in re.findall(r'name="role" type="radio" value="(\w+)"', page)
            fields = {"name": "Nils Norppa", "language": "sv", "role": "organisation_main_user"}
            assert (await send_form(client, path, page, **fields)).status_code == 303
            assert (await own.get("/users")).status_code == 200
            same = await send_form(client, path, page, **fields)
            assert same.status_code == 303
        [letter] = await letters(portal)
        assert (letter.kind, letter.language) == ("users.role_changed", "sv")
        assert "Organisationens huvudanvändare" in letter.text
        [(action, entry)] = await audited(portal)
        assert action == "user_changed"
        for part in ("location_user", "organisation_main_user", "Nils Norppa", "location_ids"):
            assert part in entry

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"role": "operator_administrator"}, "Choose a role"),
            ({"role": "mah_obp_main_user"}, "Choose a role"),
            ({"role": ""}, "Choose a role"),
            ({"name": ""}, "Enter a name"),
            ({"language": ""}, "Choose a language"),
            ({"locations": "999999"}, "Choose a location at least"),
            ({"locations": ""}, "Choose a location at least"),
        ],
    )
    async def test_a_mistake_comes_back_and_changes_nothing(self, portal, fields, says):
        path = f"/users/{portal.world.people['location_user']}/change"
        async with portal.browser("organisation_main_user") as client:
            page = (await client.get(f"{path}?lang=en")).text
            wanted = {"name": "Nils", "language": "fi", "role": "location_user", "locations": "1", **fields}
            answer = await send_form(client, path, page, **wanted)
            assert (answer.status_code, says in answer.text) == (422, True)
        assert (await the_person(portal, "own-location_user@example.fi")).name == "own location user"

    async def test_the_last_main_user_stays_one(self, portal):
        await with_password(portal, "organisation_main_user")
        user = portal.world.people["organisation_main_user"]
        location = portal.world.places["own"].location.location_id
        async with portal.browser("organisation_main_user") as client:
            page = (await client.get(f"/users/{user}/change?lang=en")).text
            fields = {"name": "x", "language": "fi", "role": "location_user", "locations": str(location)}
            answer = await send_form(client, f"/users/{user}/change", page, **fields)
            assert (answer.status_code, "the last main user who can sign in" in answer.text) == (422, True)
            page = (await client.get(f"/users/{user}/lock")).text
            answer = await send_form(client, f"/users/{user}/lock", page, reason="Lähdin")
            assert (answer.status_code, "the last main user who can sign in" in answer.text) == (422, True)
            assert await is_in(client)


class TestLocking:
    async def test_a_lock_is_at_once_tells_the_user_and_shows_its_reason_after_the_password(self, portal):
        email = await with_password(portal, "location_user")
        user = portal.world.people["location_user"]
        async with portal.browser("organisation_main_user") as client, portal.browser("location_user") as own:
            page = (await client.get(f"/users/{user}/lock?lang=en")).text
            without = await send_form(client, f"/users/{user}/lock", page, reason="  ")
            assert (without.status_code, "Enter a reason" in without.text) == (422, True)
            assert await is_in(own)
            answer = await send_form(client, f"/users/{user}/lock", page, reason="Lähtenyt talosta")
            assert answer.status_code == 303
            assert not await is_in(own)
            assert "Reason: Lähtenyt talosta" in (await enter(own, email, PASSWORD)).text
            assert "Lähtenyt talosta" in (await client.get(f"/users/{user}")).text
            assert (await post(client, f"/users/{user}/unlock")).status_code == 303
            assert (await enter(own, email, PASSWORD)).status_code == 303
        mail = await letters(portal)
        assert sorted(letter.kind for letter in mail) == ["users.locked", "users.unlocked"]
        assert not any("Lähtenyt" in letter.text for letter in mail)
        done = [action for action, _ in await audited(portal)]
        assert [one for one in done if one.startswith("user_")] == ["user_locked", "user_unlocked"]

    async def test_the_operator_s_lock_is_not_undone_by_the_organisation(self, portal):
        user = portal.world.people["location_user"]
        async with portal.browser("operator_administrator") as operator:
            page = (await operator.get(f"/users/{user}/lock")).text
            await send_form(operator, f"/users/{user}/lock", page, reason="Epäily")
        async with portal.browser("organisation_main_user") as client:
            page = (await client.get(f"/users/{user}?lang=en")).text
            assert "only it can undo that" in page
            refused = await send_form(client, f"/users/{user}/unlock", page)
            assert (refused.status_code, "The operator locked this user" in refused.text) == (409, True)
        async with portal.browser("operator_administrator") as operator:
            assert (await post(operator, f"/users/{user}/unlock")).status_code == 303

    async def test_who_is_locked_gets_no_link(self, portal, clock):
        user = portal.world.people["location_user"]
        async with portal.world.database.transaction() as tx:
            await people.lock_person(tx, user, reason="Left", now=clock())
        async with portal.browser("organisation_main_user") as client:
            await client.get("/?lang=en")
            page = (await client.get("/")).text
            answer = await send_form(client, f"/users/{user}/invite", page)
            assert "unlock first" in (await client.get(answer.headers["location"])).text
        assert await letters(portal) == []


async def test_a_new_link_ends_the_one_before(portal):
    user = portal.world.people["location_user"]
    async with portal.browser("organisation_main_user") as client:
        for _ in range(2):
            assert (await post(client, f"/users/{user}/invite")).status_code == 303
        first, second = [letter.path for letter in await letters(portal)]
        statuses = {(await client.get(path)).status_code for path in (first, second)}
        assert statuses == {200, 410}


async def test_the_second_factor_is_taken_away_by_somebody_else_only(portal):
    await with_app(portal, "location_user")
    await with_app(portal, "organisation_main_user")
    user, own = portal.world.people["location_user"], portal.world.people["organisation_main_user"]
    async with portal.browser("organisation_main_user") as client, portal.browser("location_user") as theirs:
        page = (await client.get(f"/users/{user}/second-factor?lang=en")).text
        assert "Be sure who asks" in page
        assert (await send_form(client, f"/users/{user}/second-factor", page)).status_code == 303
        assert not await is_in(theirs)
        assert "Your second factor was changed" in (await theirs.get("/sign-in?lang=en")).text
        answer = await send_form(client, f"/users/{own}/second-factor", page)
        assert answer.headers["location"] == "/profile/second-factor"
    assert (await the_person(portal, "own-location_user@example.fi")).has_second_factor is False
    assert (await the_person(portal, "own-organisation_main_user@example.fi")).has_second_factor is True
    assert [letter.kind for letter in await letters(portal)] == ["users.second_factor_removed"]


async def test_all_sessions_end_but_one_s_own(portal):
    user, own = portal.world.people["location_user"], portal.world.people["organisation_main_user"]
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("organisation_main_user") as other,
        portal.browser("location_user") as theirs,
    ):
        for number in (user, own):
            assert (await post(client, f"/users/{number}/end-sessions")).status_code == 303
        assert await is_in(client)
        assert not await is_in(other)
        assert not await is_in(theirs)


async def test_support_sees_and_changes_nothing(portal):
    async with portal.browser("operator_support") as client:
        page = (await client.get(f"/users/{portal.world.people['location_user']}")).text
        assert "own-location_user@example.fi" in page
        assert 'action="/users' not in page
        assert '/change"' not in page
