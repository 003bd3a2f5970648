"""Applications: sent, returned, sent again, approved, withdrawn; who hears of it, and what becomes of the location."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta

import pytest
from tests.http.portal.applying import NEW_LOCATION, decide, fill_in, it_system, rows, send
from tests.http.portal.world import add_person

from sinetti.identity.people.model import PeopleRole
from sinetti.kit.sealing import sealer_of


@pytest.fixture(autouse=True)
async def in_english(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")


def location(portal, whose: str = "own") -> str:
    return f"/locations/{portal.world.places[whose].location.location_id}"


async def mails(portal):
    """Who got which mail, in the order of their sending."""
    return await rows(portal, "SELECT recipient, kind FROM mail ORDER BY queued_at, recipient")


async def state_of(portal, path: str) -> str:
    number = int(path.rpartition("/")[2])
    [(state,)] = await rows(portal, "SELECT state FROM application WHERE application_id = %s", number)
    return str(state)


async def test_a_new_location_is_applied_for_approved_and_then_there(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        sent = await fill_in(client, "/locations/new", **NEW_LOCATION, note="We open in May")
        assert sent.status_code == 303, sent.text
        path = sent.headers["location"]
        listed = (await client.get("/locations")).text
        assert f'href="{path}">Metson sivuapteekki, satama</a>' in listed, "it is among the locations"
        assert "Applied for" in listed
        assert await rows(portal, "SELECT count(*) FROM location") == [(4,)], "and not there yet"
        arrived = (await operator.get("/applications")).text
        assert f'href="{path}"' in arrived
        assert "We open in May" in (await operator.get(path)).text
        assert (await decide(operator, path, "approve", "Welcome")).status_code == 303
        page = (await client.get(path)).text
        assert "Approved" in page
        assert "Welcome" in page
        made = re.search(r'href="(/locations/\d+)"', page)
        assert made
        shown = (await client.get(made[1])).text
        for text in ("Metson sivuapteekki, satama", "6430000000016", "Satamatie 1, 00100 Helsinki, FI"):
            assert text in shown
        assert (await client.get("/locations")).text.count("Metson sivuapteekki, satama") >= 1
        assert f'href="{path}"' not in (await client.get("/locations")).text
    assert await mails(portal) == [
        ("own-operator_administrator@example.fi", "applications.arrived"),
        ("own-organisation_main_user@example.fi", "applications.approved"),
    ]
    audited = await rows(
        portal, "SELECT action, object_kind, location_id IS NOT NULL, ground FROM audit_entry ORDER BY 1"
    )
    assert [row[0] for row in audited] == ["application_approved", "application_sent", "location_added"]
    assert audited[2][1:] == ("location", True, f"application {path.rpartition('/')[2]}")


async def test_a_returned_application_keeps_what_was_written_and_is_sent_again(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        path = (await fill_in(client, "/locations/new", **NEW_LOCATION)).headers["location"]
        refused = await decide(operator, path, "return")
        assert refused.status_code == 422
        assert "Enter a reason" in refused.text
        assert await state_of(portal, path) == "applied"
        await decide(operator, path, "return", "The street\nis missing a number")
        page = (await client.get(path)).text
        assert "The street\nis missing a number" in page
        assert f"{path}/again" in page
        form = (await client.get(f"{path}/again")).text
        assert 'value="Satamatie 1"' in form
        assert re.search(r'value="sv" checked', form)
        again = await send(client, f"{path}/again", form, **{**NEW_LOCATION, "street": "Satamatie 12 A"})
        assert (again.status_code, again.headers["location"]) == (303, path)
        assert "Satamatie 12 A" in (await operator.get(path)).text
        assert await state_of(portal, path) == "applied"
        await decide(operator, path, "approve")
    steps = await rows(
        portal,
        "SELECT step, side, reason, asks #>> '{fields,street}' FROM application_step ORDER BY step_number",
    )
    assert steps == [
        ("apply", "applicant", None, "Satamatie 1"),
        ("return", "operator", "The street\nis missing a number", "Satamatie 1"),
        ("apply", "applicant", None, "Satamatie 12 A"),
        ("approve", "operator", None, "Satamatie 12 A"),
    ]
    assert [kind for _, kind in await mails(portal)].count("applications.arrived") == 2


async def test_the_mail_says_what_and_why_in_the_language_of_the_reader(portal, tmp_path):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'sv' WHERE role = 'organisation_main_user'")
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        path = (await fill_in(client, "/locations/new?lang=en", **NEW_LOCATION)).headers["location"]
        await decide(operator, path, "return", "Fel gata")
    [(mail_id, sealed)] = await rows(
        portal, "SELECT mail_id, sealed_content FROM mail WHERE kind = 'applications.returned'"
    )
    content = json.loads(sealer_of(tmp_path).open(bytes(sealed), f"mail {mail_id}") or "")
    assert content["subject"] == "Skickad tillbaka: Nytt verksamhetsställe, Metson sivuapteekki, satama"
    assert "Orsak: Fel gata" in content["paragraphs"]
    assert content["link"]["address"].endswith(path)


async def test_the_second_of_two_operators_sees_that_it_was_decided(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as one,
        portal.browser("operator_administrator") as other,
    ):
        path = (await fill_in(client, "/locations/new", **NEW_LOCATION)).headers["location"]
        pages = [(await operator.get(path)).text for operator in (one, other)]
        seen = [re.search(r'name="seen" value="(\d+)"', page)[1] for page in pages]  # type: ignore[index]
        answers = await asyncio.gather(
            send(one, f"{path}/decide", pages[0], decision="approve", seen=seen[0]),
            send(other, f"{path}/decide", pages[1], decision="return", reason="No", seen=seen[1]),
        )
        assert [answer.status_code for answer in answers] == [303, 303]
        told = [(await operator.get(path)).text for operator in (one, other)]
        assert sum("Somebody else was faster" in page for page in told) == 1
    assert len(await rows(portal, "SELECT step FROM application_step")) == 2


async def test_what_was_changed_meanwhile_is_not_approved_unseen(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        path = (await fill_in(client, "/locations/new", **NEW_LOCATION)).headers["location"]
        page = (await operator.get(path)).text
        seen = re.search(r'name="seen" value="(\d+)"', page)
        assert seen
        await decide(operator, path, "return", "Name?")
        await fill_in(client, f"{path}/again", **{**NEW_LOCATION, "name": "Another name"})
        late = await send(operator, f"{path}/decide", page, decision="approve", seen=seen[1])
        assert late.status_code == 303
        assert "Somebody else was faster" in (await operator.get(path)).text
    assert await state_of(portal, path) == "applied"


async def test_a_double_submit_sends_one_application(portal):
    async with portal.browser("organisation_main_user") as client:
        page = (await client.get("/locations/new")).text
        answers = await asyncio.gather(*(send(client, "/locations/new", page, **NEW_LOCATION) for _ in "12"))
        assert {answer.status_code for answer in answers} == {303}
        assert len({answer.headers["location"] for answer in answers}) == 1
    assert await rows(portal, "SELECT count(*) FROM application") == [(1,)]


async def test_two_tabs_apply_once_for_the_same(portal):
    path = f"{location(portal)}/contract"
    async with portal.browser("organisation_main_user") as client:
        tabs = [(await client.get(path)).text for _ in "12"]
        wish = {"name": "Metson apteekki, tori", "kind": "pharmacy", "gln": "6430000000023"}
        answers = [await send(client, path, tab, **wish) for tab in tabs]
        assert answers[0].headers["location"] == answers[1].headers["location"]
        assert "applied for already" in (await client.get(answers[1].headers["location"])).text
        assert (await client.get(path)).headers["location"] == answers[0].headers["location"]
    assert await rows(portal, "SELECT count(*) FROM application") == [(1,)]


async def test_a_change_of_contract_writes_the_fields_and_the_audit_keeps_both(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        path = f"{location(portal)}/contract"
        assert "Metson apteekki, keskusta" in (await client.get(path)).text
        nothing = await fill_in(client, path, name="Metson apteekki, keskusta", kind="", gln="")
        assert nothing.status_code == 422
        assert "Choose a kind" in nothing.text
        sent = await fill_in(client, path, name="Metson apteekki, tori", kind="pharmacy", gln="6430000000023")
        page = (await operator.get(sent.headers["location"])).text
        assert "Metson apteekki, keskusta" in page, "what it is now stands beside what it becomes"
        assert "Metson apteekki, tori" in page
        assert "Metson apteekki, tori" not in (await client.get(location(portal))).text
        await decide(operator, sent.headers["location"], "approve")
        assert "Metson apteekki, tori" in (await client.get(location(portal))).text
        unchanged = await fill_in(
            client, path, name="Metson apteekki, tori", kind="pharmacy", gln="6430000000023"
        )
        assert "Nothing differs" in unchanged.text
    [(old, new)] = await rows(
        portal, "SELECT old_values, new_values FROM audit_entry WHERE action = 'location_changed'"
    )
    assert old == {"name": "Metson apteekki, keskusta", "kind": None, "gln": None}
    assert new == {"name": "Metson apteekki, tori", "kind": "pharmacy", "gln": "6430000000023"}


async def test_a_gln_that_another_location_got_meanwhile_cannot_be_approved(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("other_organisation_main_user") as other,
        portal.browser("operator_administrator") as operator,
    ):
        paths = [
            (await fill_in(browser, "/locations/new", **NEW_LOCATION)).headers["location"]
            for browser in (client, other)
        ]
        assert (await decide(operator, paths[0], "approve")).status_code == 303
        stopped = await decide(operator, paths[1], "approve")
        assert stopped.status_code == 422
        assert "Another location has this GLN already" in stopped.text
        assert await state_of(portal, paths[1]) == "applied"
    assert await rows(portal, "SELECT count(*) FROM location") == [(5,)]


async def test_a_location_is_closed_at_once_or_on_its_last_day(portal):
    today = portal.world.clock().date()
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("other_organisation_main_user") as other,
        portal.browser("operator_administrator") as operator,
    ):
        at_once = await fill_in(client, f"{location(portal)}/close", closes_on=today.isoformat())
        later = await fill_in(
            other,
            f"{location(portal, 'other')}/close",
            closes_on=(today + timedelta(days=3)).isoformat(),
        )
        for answer in (at_once, later):
            assert (await decide(operator, answer.headers["location"], "approve")).status_code == 303
        page = (await client.get(location(portal))).text
        assert "Closed" in page
        for offered in ("/equipment/new", "/edit", "/contract", "/lock"):
            assert f'{location(portal)}{offered}"' not in page
        assert "is locked since" not in (await client.get("/")).text, "closed is no lock to be told of"
        assert (await client.get(f"{location(portal)}/contract")).headers["location"] == location(portal)
        assert "Closed" not in (await other.get(location(portal, "other"))).text.split("<main")[1]
    assert await rows(
        portal,
        "SELECT l.name, l.locked_at IS NOT NULL, d.state FROM location l"
        " LEFT JOIN location_details d USING (location_id) WHERE l.name LIKE '%%apteekki%%' ORDER BY 1",
    ) == [("Metson apteekki, keskusta", True, "closed"), ("Ärlan apteekki, keskusta", False, None)]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "Enter a name"),
        ({"name": "x" * 201}, "Enter at most 200 characters"),
        ({"name": "a\x07b"}, "Enter at most 200 characters"),
        ({"kind": "castle"}, "Choose a kind"),
        ({"gln": "643000000001"}, "Enter the 13 digits"),
        ({"gln": "6430000000017"}, "The last digit of the GLN does not fit"),
        ({"country": "Finland"}, "Enter two letters"),
        ({"languages": []}, "Choose at least one language"),
        ({"languages": ["de"]}, "Choose at least one language"),
        ({"contact_email": "nobody"}, "Enter an e-mail address"),
        ({"note": "x" * 1001}, "Enter at most 1000 characters"),
    ],
)
async def test_a_form_with_a_mistake_comes_back_and_sends_nothing(portal, fields, says):
    async with portal.browser("organisation_main_user") as client:
        answer = await fill_in(client, "/locations/new", **{**NEW_LOCATION, **fields})
        assert answer.status_code == 422
        assert says in answer.text
    assert await rows(portal, "SELECT count(*) FROM application") == [(0,)]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"equipment": []}, "Choose at least one"),
        ({"equipment": ["999999"]}, "Choose at least one"),
        ({"system_name": " "}, "Enter the name of the new IT system"),
        ({"supplier": ""}, "Enter the IT supplier"),
        ({"supplier_contact": ""}, "Enter the contact"),
        ({"supplier_email": "ilkka"}, "Enter an e-mail address"),
        ({"planned_on": "soon"}, "Enter a day"),
        ({"planned_on": "2020-01-01"}, "Enter today or a later day"),
    ],
)
async def test_an_application_for_a_change_of_it_system_says_what_is_missing(portal, fields, says):
    async with portal.browser("organisation_main_user") as client:
        answer = await fill_in(client, f"{location(portal)}/change/apply", **it_system(portal, **fields))
        assert answer.status_code == 422
        assert says in answer.text
        assert re.search(r"<title>Error:", answer.text)
    assert await rows(portal, "SELECT count(*) FROM application") == [(0,)]


async def test_another_location_s_equipment_cannot_be_replaced(portal):
    foreign = str(portal.world.places["other"].equipment.equipment_id)
    async with portal.browser("organisation_main_user") as client:
        answer = await fill_in(
            client, f"{location(portal)}/change/apply", **it_system(portal, equipment=[foreign])
        )
        assert answer.status_code == 422


async def test_an_applicant_may_think_better_of_it_and_a_colleague_too(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE person SET email = 'first@example.fi' WHERE user_id = %s",
            (portal.world.people["organisation_main_user"],),
        )
        colleague = await add_person(
            tx, portal.world, PeopleRole.ORGANISATION_MAIN_USER, "own", portal.world.clock()
        )
        portal.world.people["colleague"] = colleague
        await tx.execute("UPDATE person SET language = 'en'")
    async with portal.browser("organisation_main_user") as client, portal.browser("colleague") as other:
        path = (await fill_in(client, "/locations/new", **NEW_LOCATION)).headers["location"]
        page = (await other.get(path)).text
        assert (await send(other, f"{path}/withdraw", page, why="")).status_code == 303
        assert await state_of(portal, path) == "withdrawn"
        assert (await send(other, f"{path}/withdraw", page, why="")).status_code == 303
        assert "Somebody else was faster" in (await other.get(path)).text
        assert f"{path}/again" not in (await client.get(path)).text
    assert [row[0] for row in await rows(portal, "SELECT step FROM application_step ORDER BY 1")] == [
        "apply",
        "withdraw",
    ]


async def test_the_operator_cannot_withdraw_what_is_not_decided(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        path = (await fill_in(client, "/locations/new", **NEW_LOCATION)).headers["location"]
        page = (await operator.get(path)).text
        assert f"{path}/withdraw" not in page
        await send(operator, f"{path}/withdraw", page, why="No")
    assert await state_of(portal, path) == "applied"


async def test_a_change_of_it_system_that_comes_to_nothing_ends_with_a_reason(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        form = f"{location(portal)}/change/apply"
        path = (await fill_in(client, form, **it_system(portal))).headers["location"]
        await decide(operator, path, "approve")
        assert (await client.get(form)).headers["location"] == path, "one change at a time"
        page = (await operator.get(path)).text
        silent = await send(operator, f"{path}/withdraw", page, why="")
        assert silent.status_code == 422
        assert (await send(operator, f"{path}/withdraw", page, why="Supplier gave up")).status_code == 303
        assert "Supplier gave up" in (await client.get(path)).text
        assert (await client.get(form)).status_code == 200
    assert ("own-organisation_main_user@example.fi", "applications.withdrawn") in await mails(portal)


async def test_the_list_is_oldest_first_and_filters(portal):
    async with portal.browser("organisation_main_user") as client:
        first = (await fill_in(client, "/locations/new", **NEW_LOCATION)).headers["location"]
    portal.world.clock.move(days=4)
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("other_organisation_main_user") as other,
        portal.browser("operator_support") as operator,
        portal.browser("operator_administrator") as administrator,
    ):
        second = (
            await fill_in(
                other,
                f"{location(portal, 'other')}/close",
                closes_on=(portal.world.clock() + timedelta(days=1)).date().isoformat(),
            )
        ).headers["location"]
        third = (await fill_in(client, f"{location(portal)}/change/apply", **it_system(portal))).headers[
            "location"
        ]
        await decide(administrator, third, "approve")
        for query, expected in {
            "": [first, second],
            "state=approved": [third],
            "state=all": [first, second, third],
            "state=returned": [],
            "kind=close_location": [second],
            "waiting=3": [first],
            "waiting=7": [],
            "sort=-waiting": [second, first],
            "q=arla": [second],
            "q=satama": [first],
        }.items():
            page = (await operator.get(f"/applications?{query}")).text
            assert re.findall(r'href="(/applications/\d+)"', page) == expected, query
        assert re.findall(r'href="(/applications/\d+)"', (await other.get("/applications")).text) == [second]


async def test_the_start_page_counts_what_waits(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
        portal.browser("location_user") as user,
    ):
        path = (await fill_in(client, "/locations/new", **NEW_LOCATION)).headers["location"]
        assert re.search(
            r'href="/applications\?state=applied">[^<]*</a>: <strong>1<', (await operator.get("/")).text
        )
        await decide(operator, path, "return", "Name?")
        assert "sent back to you" in (await client.get("/")).text
        assert "applications" not in (await user.get("/")).text


async def test_what_is_no_matter_of_contract_is_changed_at_once(portal):
    path = f"{location(portal)}/edit"
    address = {key: NEW_LOCATION[key] for key in NEW_LOCATION if key not in {"name", "kind", "gln"}}
    async with portal.browser("organisation_main_user") as client:
        form = (await client.get(path)).text
        for field in ("name", "kind", "gln"):
            assert f'id="{field}"' not in form
        assert (
            await send(client, path, form, **address, name="Robber", gln="6430000000030")
        ).status_code == 303
        page = (await client.get(location(portal))).text
        assert "Satamatie 1, 00100 Helsinki, FI" in page
        assert "Finnish" in page or "Suomi, Svenska" in page
        assert "Robber" not in page
        await fill_in(client, path, **address)
        assert (await fill_in(client, path, **{**address, "city": ""})).status_code == 422
    [(action, old, new)] = await rows(portal, "SELECT action, old_values, new_values FROM audit_entry")
    assert action == "location_changed"
    assert old["city"] is None
    assert new["city"] == "Helsinki"
    assert set(new) == {*address} - {"gln"}


async def test_the_operator_changes_the_contract_s_fields_at_once(portal):
    path = f"{location(portal)}/edit"
    async with portal.browser("operator_administrator") as operator:
        assert (await fill_in(operator, path, **NEW_LOCATION)).status_code == 303
        taken = await fill_in(
            operator, f"{location(portal, 'other')}/edit", **{**NEW_LOCATION, "name": "Other"}
        )
        assert taken.status_code == 422
        assert "Another location has this GLN already" in taken.text
    assert await rows(portal, "SELECT name FROM location WHERE name LIKE '%%satama'") == [
        ("Metson sivuapteekki, satama",)
    ]
