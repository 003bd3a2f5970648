"""Client equipment: made with a role that somebody chose, its secret shown once, and what stops it stops it at once."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from tests.http.portal.world import csrf_token, send_form

from sinetti.identity.tokens import TokenGate
from sinetti.kit.problems import Problem

SECRET = re.compile(r"sinsec_[A-Za-z0-9_-]{43}")
CLIENT_ID = re.compile(r"fi(?:-[2-9a-z]{4}){3}")


@pytest.fixture
async def gate(database, database_url):
    async with TokenGate(database, url=database_url, token_lifetime=timedelta(hours=1)) as opened:
        yield opened


def new_path(portal, whose: str = "own") -> str:
    return f"/locations/{portal.world.places[whose].location.location_id}/equipment/new"


async def new_form(portal, client: httpx.AsyncClient) -> dict[str, str]:
    """Path and hidden fields of the form for new equipment."""
    page = (await client.get(new_path(portal))).text
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key
    return {"page": page, "form_key": key[1]}


async def made(portal, client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    form = await new_form(portal, client)
    wanted = {"name": "Uusi Maxx", "role": "full_access", **fields}
    return await send_form(client, new_path(portal), form["page"], form_key=form["form_key"], **wanted)


async def the_made(portal):
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT equipment_id, name, client_id, client_role FROM client_equipment ORDER BY equipment_id DESC LIMIT 1"
        )
        return await cursor.fetchone()


async def count(portal) -> int:
    async with portal.world.database.transaction() as tx:
        row = await (await tx.execute("SELECT count(*) FROM client_equipment")).fetchone()
    return int(row[0])


async def test_the_secret_is_shown_once_and_opens_the_national_system(portal, gate, clock):
    async with portal.browser("organisation_main_user") as client:
        answer = await made(portal, client)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        secret, client_id = SECRET.findall(answer.text), CLIENT_ID.findall(answer.text)
        assert len(set(secret)) == 1
        assert await gate.issue(client_id[0], secret[0], clock())
        equipment_id, *_ = await the_made(portal)
        location = portal.world.places["own"].location.location_id
        for path in (f"/equipment/{equipment_id}", f"/locations/{location}", "/audit", new_path(portal), "/"):
            assert secret[0] not in (await client.get(path)).text
        assert client_id[0] in (await client.get(f"/locations/{location}")).text
    async with portal.world.database.transaction() as tx:
        audit = await (await tx.execute("SELECT audit_entry::text FROM audit_entry")).fetchall()
        rows = await (await tx.execute("SELECT c::text FROM client_equipment c")).fetchall()
    assert "equipment_added" in audit[-1][0]
    assert not any(secret[0] in row[0] for row in (*audit, *rows))


async def test_a_form_sent_twice_makes_one_and_shows_the_secret_once(portal):
    async with portal.browser("organisation_main_user") as client:
        before = await count(portal)
        form = await new_form(portal, client)
        fields = {"form_key": form["form_key"], "name": "Uusi Maxx", "role": "full_access"}
        first = await send_form(client, new_path(portal), form["page"], **fields)
        second = await send_form(client, new_path(portal), form["page"], **fields)
        assert SECRET.search(first.text)
        assert (second.status_code, SECRET.search(second.text)) == (303, None)
        page = await client.get(second.headers["location"])
        assert SECRET.search(page.text) is None
        assert "jo" in page.text
        assert await count(portal) == before + 1


async def test_two_tabs_make_two(portal):
    async with portal.browser("organisation_main_user") as client:
        before = await count(portal)
        forms = [await new_form(portal, client), await new_form(portal, client)]
        for form in forms:
            answer = await send_form(
                client,
                new_path(portal),
                form["page"],
                form_key=form["form_key"],
                name="M",
                role="full_access",
            )
            assert answer.status_code == 200
        assert await count(portal) == before + 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"role": ""}, "Choose a client role"),
        ({"role": "everything"}, "Choose a client role"),
        ({"name": "  "}, "Enter a name of 1 to"),
        ({"name": "x" * 1000}, "Enter a name of 1 to"),
        ({"name": "a\x07b"}, "Enter a name of 1 to"),
    ],
)
async def test_a_form_with_a_mistake_comes_back_and_makes_nothing(portal, fields, says):
    async with portal.browser("organisation_main_user") as client:
        client.cookies.set("sinetti_language", "en")
        before = await count(portal)
        answer = await made(portal, client, **fields)
        assert (answer.status_code, says in answer.text) == (422, True)
        assert "There is a problem" in answer.text
        assert await count(portal) == before


async def test_nothing_is_chosen_beforehand(portal):
    async with portal.browser("organisation_main_user") as client:
        page = (await client.get(new_path(portal))).text
        assert 'value="full_access"' in page
        assert " checked" not in page


async def test_a_name_with_signs_of_html_is_only_a_name(portal):
    async with portal.browser("organisation_main_user") as client:
        await made(portal, client, name='<b>Maxx</b> & "co"')
        equipment_id, *_ = await the_made(portal)
        page = (await client.get(f"/equipment/{equipment_id}")).text
        assert "<b>Maxx" not in page
        assert "&lt;b&gt;Maxx&lt;/b&gt; &amp;" in page


async def test_name_and_role_can_be_changed_and_the_audit_says_how(portal):
    equipment = portal.world.places["own"].equipment
    path = f"/equipment/{equipment.equipment_id}"
    async with portal.browser("organisation_main_user") as client:
        page = (await client.get(path)).text
        answer = await send_form(client, path, page, name="Vanha Maxx", role="verify_only")
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        assert "Vanha Maxx" in (await client.get(path)).text
        assert (await send_form(client, path, page, name="Vanha Maxx", role="verify_only")).status_code == 303
        assert (await send_form(client, path, page, name="Vanha Maxx")).status_code == 422
    async with portal.world.database.transaction() as tx:
        rows = await (await tx.execute("SELECT action, old_values, new_values FROM audit_entry")).fetchall()
    assert rows == [
        (
            "equipment_changed",
            {"name": equipment.name, "client_role": "full_access"},
            {"name": "Vanha Maxx", "client_role": "verify_only"},
        )
    ], "what changed nothing is not recorded"


async def test_a_lock_stops_it_and_only_the_operator_undoes_it(portal, gate, clock):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_support") as operator,
    ):
        answer = await made(portal, client)
        secret, client_id = SECRET.findall(answer.text)[0], CLIENT_ID.findall(answer.text)[0]
        equipment_id, *_ = await the_made(portal)
        path = f"/equipment/{equipment_id}"
        page = (await client.get(f"{path}/lock")).text
        assert (await send_form(client, f"{path}/lock", page, reason=" ")).status_code == 422
        assert (await send_form(client, f"{path}/lock", page, reason="Secret got out")).status_code == 303
        with pytest.raises(Problem):
            await gate.issue(client_id, secret, clock())
        assert "Secret got out" in (await client.get(path)).text
        unlock = {"csrf_token": csrf_token((await client.get(path)).text)}
        refused = await client.post(f"{path}/unlock", data=unlock, headers={"Origin": "http://portal.test"})
        assert refused.status_code == 403
        shown = (await operator.get(path)).text
        assert (await send_form(operator, f"{path}/unlock", shown)).status_code == 303
        assert await gate.issue(client_id, secret, clock())


async def test_what_is_deleted_is_gone_for_ever(portal, gate, clock):
    async with portal.browser("organisation_main_user") as client:
        answer = await made(portal, client)
        secret, client_id = SECRET.findall(answer.text)[0], CLIENT_ID.findall(answer.text)[0]
        equipment_id, *_ = await the_made(portal)
        path = f"/equipment/{equipment_id}"
        page = (await client.get(f"{path}/delete")).text
        assert (await send_form(client, f"{path}/delete", page, reason="")).status_code == 422
        done = await send_form(client, f"{path}/delete", page, reason="Replaced")
        location = f"/locations/{portal.world.places['own'].location.location_id}"
        assert done.headers["location"] == location
        assert client_id not in (await client.get(location)).text
        with pytest.raises(Problem):
            await gate.issue(client_id, secret, clock())
        for way in ("", "/lock", "/delete"):
            assert (await client.get(f"{path}{way}")).status_code == 404
        again = await send_form(client, f"{path}/delete", page, reason="Replaced")
        assert again.status_code == 404


async def test_a_key_that_is_none_makes_nothing(portal):
    async with portal.browser("organisation_main_user") as client:
        before = await count(portal)
        form = await new_form(portal, client)
        answer = await send_form(
            client, new_path(portal), form["page"], form_key="none", name="M", role="full_access"
        )
        assert answer.status_code == 403
        others = str(uuid4())
        assert (
            await send_form(
                client, new_path(portal, "other"), form["page"], form_key=others, name="M", role="full_access"
            )
        ).status_code == 404
        assert await count(portal) == before
