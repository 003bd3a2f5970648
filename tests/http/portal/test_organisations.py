"""Organisations and locks: who is let in, what is known of them, and that a lock stops its people's systems and says why."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.http.portal.world import send_form

from sinetti.identity import registry
from sinetti.identity.tokens import TokenGate
from sinetti.kit.problems import Problem

NEW = {
    "name": "Uusi apteekki",
    "kind": "pharmacy",
    "business_id": "1234567-1",
    "contact_email": "a@example.fi",
}


@pytest.fixture(autouse=True)
async def in_english(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")


async def rows(portal, query: str, *values):
    async with portal.world.database.transaction() as tx:
        return await (await tx.execute(query, values)).fetchall()


def form_key(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found
    return found[1]


def one(portal, whose: str = "own") -> str:
    return f"/organisations/{portal.world.places[whose].organisation.organisation_id}"


def place_of(portal, whose: str = "own") -> str:
    return f"/locations/{portal.world.places[whose].location.location_id}"


async def sent(client, path: str, **fields: str):
    page = (await client.get(path)).text
    key = {"form_key": form_key(page)} if "form_key" in page else {}
    return await send_form(client, path, page, **key, **fields)


async def test_the_list_finds_sorts_and_filters(portal):
    async with portal.browser("operator_support") as client:
        everything = (await client.get("/organisations")).text
        names = re.findall(r'href="/organisations/\d+">([^<]+)<', everything)
        assert names == ["Ärlan apteekki", "Metson apteekki", "Nordlicht GmbH", "Revontuli Oy"], (
            "in English ä is a"
        )
        swedish = (await client.get("/organisations?lang=sv")).text
        assert re.findall(r'href="/organisations/\d+">([^<]+)<', swedish)[-1] == "Ärlan apteekki"
        for query, expected in {
            "q=metso": ["Metson apteekki"],
            "q=arla": ["Ärlan apteekki"],
            "kind=mah_obp": ["Nordlicht GmbH", "Revontuli Oy"],
            "state=locked": [],
            "q=%25": [],
            "sort=-name&kind=pharmacy": ["Ärlan apteekki", "Metson apteekki"][::-1],
        }.items():
            page = (await client.get(f"/organisations?lang=en&{query}")).text
            assert re.findall(r'href="/organisations/\d+">([^<]+)<', page) == expected, query


async def test_whoever_belongs_to_an_organisation_is_led_to_its_own_page(portal):
    async with portal.browser("organisation_main_user") as client:
        answer = await client.get("/organisations")
        assert (answer.status_code, answer.headers["location"]) == (303, one(portal))
        page = (await client.get(one(portal))).text
        assert "Metson apteekki, keskusta" in page
        assert "own-location_user@example.fi" in page
        assert "Lock the organisation" not in page
        user = re.search(r'href="(/users/\d+)">own location user', page)
        assert user
        assert (await client.get(user[1])).status_code == 200


async def test_a_location_user_sees_whom_to_ask_and_no_other_colleague(portal):
    async with portal.browser("location_user") as client:
        page = (await client.get(one(portal))).text
        assert "own-organisation_main_user@example.fi" in page
        assert "own-location_user@example.fi" not in page
        assert "What was done lately" not in page


async def test_an_organisation_is_added_once_and_recorded(portal):
    async with portal.browser("operator_administrator") as client:
        page = (await client.get("/organisations/new")).text
        fields = {"form_key": form_key(page), **NEW}
        first = await send_form(client, "/organisations/new", page, **fields)
        second = await send_form(client, "/organisations/new", page, **fields)
        assert first.status_code == second.status_code == 303
        assert first.headers["location"] == second.headers["location"]
        shown = (await client.get(first.headers["location"])).text
        assert "1234567-1" in shown
        assert "a@example.fi" in shown
    assert await rows(portal, "SELECT count(*) FROM organisation WHERE name = 'Uusi apteekki'") == [(1,)]
    [(action, new)] = await rows(portal, "SELECT action, new_values FROM audit_entry")
    assert (action, new) == ("organisation_added", NEW)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "Enter a name of 1 to"),
        ({"name": "x" * 201}, "Enter a name of 1 to"),
        ({"name": "a\x07b"}, "Enter a name of 1 to"),
        ({"kind": ""}, "Choose a kind"),
        ({"kind": "ministry"}, "Choose a kind"),
        ({"business_id": "??"}, "Enter 3 to 40 characters"),
        ({"business_id": "1" * 41}, "Enter 3 to 40 characters"),
        ({"contact_email": "nobody"}, "Enter an e-mail address"),
        ({"contact_name": "x" * 201}, "Enter at most 200"),
    ],
)
async def test_a_form_with_a_mistake_comes_back_and_adds_nothing(portal, fields, says):
    async with portal.browser("operator_administrator") as client:
        answer = await sent(client, "/organisations/new", **{**NEW, **fields})
        assert answer.status_code == 422
        assert says in answer.text
    assert await rows(portal, "SELECT count(*) FROM organisation") == [(4,)]


async def test_a_business_id_names_one_organisation(portal):
    async with portal.browser("operator_administrator") as client:
        await sent(client, "/organisations/new", **NEW)
        answer = await sent(
            client, "/organisations/new", **{**NEW, "name": "Toinen", "business_id": "1234567-1"}
        )
        assert answer.status_code == 422
        assert "Uusi apteekki has this business id already" in answer.text
        again = await sent(
            client, "/organisations/new", **{**NEW, "name": "Kolmas", "business_id": "1234567-2"}
        )
        assert again.status_code == 303


async def test_a_change_keeps_what_was_and_what_is(portal):
    async with portal.browser("operator_administrator") as client:
        answer = await sent(client, f"{one(portal)}/change", name="Metson  uusi apteekki", kind="wholesaler")
        assert answer.status_code == 303
        unchanged = await sent(
            client, f"{one(portal)}/change", name="Metson uusi apteekki", kind="wholesaler"
        )
        assert unchanged.status_code == 303
    assert await rows(portal, "SELECT action, old_values, new_values FROM audit_entry") == [
        (
            "organisation_changed",
            {"name": "Metson apteekki", "kind": "pharmacy"},
            {"name": "Metson uusi apteekki", "kind": "wholesaler"},
        )
    ]


@pytest.mark.parametrize(
    ("whose", "kind"), [("own", "mah_obp"), ("own", "operator"), ("own_obp", "pharmacy")]
)
async def test_a_company_and_an_operator_stay_what_they_are_and_nobody_becomes_one(portal, whose, kind):
    async with portal.browser("operator_administrator") as client:
        answer = await sent(client, f"{one(portal, whose)}/change", name="Metson apteekki", kind=kind)
        assert answer.status_code == 422
        assert "no other organisation becomes one of them" in answer.text


async def test_a_lock_of_an_organisation_is_read_on_every_page_and_in_the_refusal(
    portal, database_url, clock
):
    equipment = portal.world.places["own"].equipment
    async with portal.browser("operator_administrator") as client:
        answer = await sent(client, f"{one(portal)}/lock", reason="Sopimus päättyi. Soita <FiMVO>.")
        assert (answer.status_code, answer.headers["location"]) == (303, one(portal))
        assert "The organisation is locked." in (await client.get(one(portal))).text
    for person in ("organisation_main_user", "location_user"):
        async with portal.browser(person) as client:
            for path in ("/", "/locations", one(portal), "/no/such/page", "/organisations/new"):
                page = await client.get(path)
                says = "Sopimus päättyi. Soita &lt;FiMVO&gt;." in page.text
                # A path that no page has is answered before anybody is asked for.
                assert says == (page.status_code != 404), path
    other: str | None
    for other in ("other_organisation_main_user", None):
        async with portal.browser(other) as client:
            assert "Sopimus" not in (await client.get("/", follow_redirects=True)).text
    async with portal.browser("organisation_main_user", second_factor_done=False) as client:
        assert "Sopimus" not in (await client.get("/sign-in/second-factor")).text
    async with TokenGate(portal.world.database, url=database_url, token_lifetime=timedelta(hours=1)) as gate:
        with pytest.raises(Problem) as refused:
            await gate.issue(*await known_credentials(portal, equipment), clock())
        assert refused.value.values["lock_reason"] == "Sopimus päättyi. Soita <FiMVO>."


async def known_credentials(portal, equipment) -> tuple[str, str]:
    """Give the equipment a secret that the test knows."""
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE client_equipment SET secret_sha256 = sha256('known') WHERE equipment_id = %s",
            (equipment.equipment_id,),
        )
    return equipment.client_id, "known"


@pytest.mark.parametrize("part", ["organisation", "location"])
async def test_lock_and_unlock_are_recorded_with_their_reasons(portal, part):
    path = one(portal) if part == "organisation" else place_of(portal)
    async with portal.browser("operator_administrator") as client:
        assert (await sent(client, f"{path}/lock", reason="Avain  katosi")).status_code == 303
        page = (await client.get(path)).text
        assert "Avain katosi" in page
        assert f"{path}/unlock" in page
        assert (await sent(client, f"{path}/unlock", reason="Uusi avain annettu")).status_code == 303
        assert "Avain katosi" not in (await client.get(path)).text.partition("What was done lately")[0]
    assert await rows(
        portal,
        "SELECT action, old_values, reason, organisation_id, location_id FROM audit_entry ORDER BY audit_number",
    ) == [
        (f"{part}_locked", {}, "Avain katosi", *concern(portal, part)),
        (f"{part}_unlocked", {"lock_reason": "Avain katosi"}, "Uusi avain annettu", *concern(portal, part)),
    ]


def concern(portal, part: str) -> tuple[int, int | None]:
    place = portal.world.places["own"]
    return place.organisation.organisation_id, place.location.location_id if part == "location" else None


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001, "a\x07b"])
async def test_a_lock_without_a_reason_that_can_be_read_locks_nothing(portal, reason):
    async with portal.browser("operator_support") as client:
        answer = await sent(client, f"{place_of(portal)}/lock", reason=reason)
        assert answer.status_code == 422
        assert "Enter a reason of 1 to" in answer.text
    assert await rows(portal, "SELECT count(*) FROM location WHERE locked_at IS NOT NULL") == [(0,)]


async def test_the_first_of_two_who_lock_gives_the_reason(portal):
    path = f"{place_of(portal)}/lock"
    async with portal.browser("operator_administrator") as one_, portal.browser("operator_support") as other:
        pages = [(await client.get(path)).text for client in (one_, other)]
        await send_form(one_, path, pages[0], reason="First")
        late = await send_form(other, path, pages[1], reason="Second")
        assert late.status_code == 303
        assert "Somebody else was faster" in (await other.get(late.headers["location"])).text
    assert await rows(portal, "SELECT lock_reason FROM location WHERE locked_at IS NOT NULL") == [("First",)]
    assert await rows(portal, "SELECT reason FROM audit_entry") == [("First",)]


async def test_a_locked_location_is_told_to_its_own_people_only(portal):
    async with portal.world.database.transaction() as tx:
        await registry.lock_location(
            tx,
            portal.world.places["own"].location.location_id,
            reason="Avain katosi",
            now=portal.world.clock(),
        )
    for person, told in {
        "location_user": True,
        "organisation_main_user": True,
        "other_location_user": False,
        "operator_support": False,
    }.items():
        async with portal.browser(person) as client:
            assert ("Avain katosi" in (await client.get("/")).text) is told, person


async def test_a_location_locked_with_its_organisation_offers_no_unlocking_of_its_own(portal):
    async with portal.world.database.transaction() as tx:
        await registry.lock_organisation(
            tx,
            portal.world.places["own"].organisation.organisation_id,
            reason="Seis",
            now=portal.world.clock(),
        )
    async with portal.browser("operator_administrator") as client:
        page = (await client.get(place_of(portal))).text
        assert f"{place_of(portal)}/unlock" not in page
        assert f"{place_of(portal)}/lock" not in page
