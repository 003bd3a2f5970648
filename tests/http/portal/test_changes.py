"""The change of IT system from its application to the refusal of the old system, with a national system and real clients."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from tests.http import country
from tests.http.portal.applying import decide, fill_in, it_system, rows, send
from tests.http.running import a_server

from sinetti.identity import registry, secrets
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings
from sinetti.portal.pages.changes.reminders import close_locations_task, remind_of_changes_task
from sinetti.rules.vocabulary import ClientRole

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
async def in_english(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")


def location(portal, whose: str = "own") -> str:
    return f"/locations/{portal.world.places[whose].location.location_id}"


def now_step(page: str) -> str:
    """Heading of the step that is waited for."""
    found = re.search(r'class="portal-step-now"[^>]*>\s*<h2[^>]*>([^<]+)<', page)
    return found[1] if found else ""


async def approved(portal, client, operator, **changes) -> str:
    """An approved change of the own location; returns the path of its application."""
    sent = await fill_in(client, f"{location(portal)}/change/apply", **it_system(portal, **changes))
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    assert (await decide(operator, path, "approve")).status_code == 303
    return path


async def add_new(portal, *, role: ClientRole | None = ClientRole.FULL_ACCESS):
    """Client equipment for the new system, with its credentials."""
    credentials = secrets.new_credentials("FI")
    async with portal.world.database.transaction() as tx:
        added = await registry.add_equipment(
            tx,
            location_id=portal.world.places["own"].location.location_id,
            name="Maxx 7",
            role=role,
            credentials=credentials,
            now=portal.world.clock(),
        )
    return added, credentials


@dataclass
class System:
    """A pharmacy's IT system with credentials, as a real client."""

    client: httpx.AsyncClient
    client_id: str
    client_secret: str
    token: str = ""

    async def ask_token(self) -> int:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        answer = await self.client.post("/identity/connect/token", data=form)
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer.status_code

    async def verify(self, serial: str = "SN0") -> httpx.Response:
        return await self.client.get(
            f"/product/gs1/{country.GTIN}/pack/{serial}",
            params={"batch": "LOT1", "expiry": "301231"},
            headers={"Authorization": f"Bearer {self.token}", "emvs-data-entry-mode": "non-manual"},
        )


async def known_secret(portal, equipment) -> str:
    """Give equipment of the world a secret that the test knows."""
    secret = secrets.new_credentials("FI").client_secret
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE client_equipment SET secret_sha256 = %s WHERE equipment_id = %s",
            (secrets.digest(secret), equipment.equipment_id),
        )
    return secret


async def until(client: httpx.AsyncClient, path: str, step: str) -> str:
    """The page, once it waits for this step."""
    async with asyncio.timeout(15):
        while now_step(page := (await client.get(path)).text) != step:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return page


async def test_both_systems_work_side_by_side_until_the_old_one_is_locked_and_refused_within_a_second(
    portal, database_url, clock
):
    old_equipment = portal.world.places["own"].equipment
    old_secret = await known_secret(portal, old_equipment)
    path = f"{location(portal)}/change"
    with a_server(database_url, clock) as address:
        async with (
            httpx.AsyncClient(base_url=address) as wire,
            portal.browser("organisation_main_user") as client,
            portal.browser("operator_administrator") as operator,
        ):
            await country.TestCountry(wire, portal.world.database).batch("LOT1", "301231", ["SN0"])
            assert "Apply for a change of IT system" in (await client.get(path)).text
            await approved(portal, client, operator)
            assert now_step((await client.get(path)).text) == "Client equipment for the new IT system"
            clock.move(minutes=1)
            _, credentials = await add_new(portal)
            assert now_step((await client.get(path)).text) == "Its secret to the IT supplier"

            old = System(wire, old_equipment.client_id, old_secret)
            new = System(wire, credentials.client_id, credentials.client_secret)
            assert list(await asyncio.gather(old.ask_token(), new.ask_token())) == [200, 200]
            answers = await asyncio.gather(old.verify(), new.verify("UNKNOWN"))
            assert [answer.status_code for answer in answers] == [200, 404]
            async with asyncio.timeout(10):
                while "no operation has succeeded yet" not in (await client.get(path)).text:
                    page = (await client.get(path)).text
                    if now_step(page) == "Its secret to the IT supplier":
                        await send(
                            client,
                            f"{path}/handed-over",
                            page,
                            equipment_id=re.search(r'name="equipment_id" value="(\d+)"', page)[1],  # type: ignore[index]
                        )
                    await asyncio.sleep(0.1)
            assert (await new.verify()).status_code == 200
            page = await until(operator, path, "Lock of the old system")
            assert "Maxx 7 works" in page
            assert (await old.verify()).status_code == 200, "the old one works until it is locked"

            form = (await operator.get(f"{path}/lock")).text
            reason = re.search(r'id="reason"[^>]*>([^<]+)<', form)
            assert reason
            assert reason[1].startswith("Replaced by Maxx 7 on")
            done = await send(operator, f"{path}/lock", form, reason=reason[1])
            locked = time.monotonic()
            assert done.status_code == 303
            assert await old.ask_token() == 401, "a new token is refused at once"
            while (answer := await old.verify()).status_code == 200:
                assert time.monotonic() - locked < 1.0, "the running token is refused within a second"
                await asyncio.sleep(0.01)
            refused_after = time.monotonic() - locked
            assert answer.status_code == 401
            assert "Replaced by Maxx 7" in answer.text
            assert refused_after < 1.0
            assert (await new.verify()).status_code == 200
            page = await until(client, path, "")
            assert "the old one is refused" in page
            assert "was refused" in page
    actions = {row[0] for row in await rows(portal, "SELECT action FROM audit_entry")}
    assert {"application_sent", "application_approved", "secret_handed_over", "equipment_locked"} <= actions


async def test_a_look_that_finds_nothing_new_is_empty_and_news_brings_the_page(portal, clock):
    path = f"{location(portal)}/change"
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        await approved(portal, client, operator)
        page = (await client.get(path)).text
        look = re.search(r'hx-get="([^"]+)" hx-trigger="every 3s"', page)
        assert look
        assert (await client.get(look[1], headers=HTMX)).status_code == 204
        assert (await client.get(look[1])).status_code == 200, "a reload always brings the page"
        await add_new(portal)
        news = await client.get(look[1], headers=HTMX)
        assert news.status_code == 200
        assert now_step(news.text) == "Its secret to the IT supplier"


async def test_who_was_signed_out_is_led_to_the_sign_in_by_an_open_page(portal):
    async with portal.browser() as nobody:
        answer = await nobody.get(f"{location(portal)}/change?seen=x", headers=HTMX)
        assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")
        assert "HX-Redirect" not in (await nobody.get(f"{location(portal)}/change")).headers


async def test_equipment_without_a_role_is_told_of_and_waits(portal):
    path = f"{location(portal)}/change"
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        await approved(portal, client, operator)
        await add_new(portal, role=None)
        page = (await client.get(path)).text
        assert now_step(page) == "Client equipment for the new IT system"
        assert "has no client role" in page


async def test_a_lock_before_the_new_system_works_is_warned_of_and_possible(portal):
    path = f"{location(portal)}/change/lock"
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_support") as support,
        portal.browser("operator_administrator") as operator,
    ):
        assert (await support.get(path)).status_code == 303, "there is nothing to lock before an approval"
        await approved(portal, client, operator)
        form = (await support.get(path)).text
        assert "has not been seen working" in form
        empty = await send(support, path, form, reason=" ")
        assert empty.status_code == 422
        assert (await send(support, path, form, reason="Stolen")).status_code == 303
        again = await send(support, path, form, reason="Second")
        assert again.status_code == 303
        assert "Somebody else was faster" in (await support.get(f"{location(portal)}/change")).text
    assert await rows(portal, "SELECT lock_reason FROM client_equipment WHERE locked_at IS NOT NULL") == [
        ("Stolen",)
    ]


async def test_a_location_keeps_the_equipment_that_is_not_replaced(portal):
    kept, _ = await add_new(portal)
    portal.world.clock.move(minutes=1)
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        await approved(portal, client, operator)
        page = (await client.get(f"{location(portal)}/change")).text
        assert now_step(page) == "Client equipment for the new IT system", "what was there is not new"
        form = (await operator.get(f"{location(portal)}/change/lock")).text
        assert kept.client_id not in form
        await send(operator, f"{location(portal)}/change/lock", form, reason="Replaced")
    locked = await rows(portal, "SELECT equipment_id FROM client_equipment WHERE locked_at IS NOT NULL")
    assert locked == [(portal.world.places["own"].equipment.equipment_id,)]


async def test_the_list_says_what_each_change_waits_for_and_since_when(portal):
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("other_organisation_main_user") as other,
        portal.browser("operator_support") as support,
        portal.browser("operator_administrator") as operator,
    ):
        await approved(portal, client, operator)
        portal.world.clock.move(hours=3)
        foreign = str(portal.world.places["other"].equipment.equipment_id)
        await fill_in(
            other, f"{location(portal, 'other')}/change/apply", **it_system(portal, equipment=[foreign])
        )
        own, others = location(portal), location(portal, "other")
        for query, expected in {
            "": [own, others],
            "sort=-since": [others, own],
            "sort=name": [own, others],
            "waits_for=operator": [others],
            "waits_for=main_user": [own],
            "waits_for=it_supplier": [],
            "q=arla": [others],
        }.items():
            page = (await support.get(f"/changes?{query}")).text
            assert re.findall(r'href="(/locations/\d+)/change"', page) == expected, query
        mine = (await other.get("/changes")).text
        assert re.findall(r'href="(/locations/\d+)/change"', mine) == [others]
        form = (await operator.get(f"{own}/change/lock")).text
        await send(operator, f"{own}/change/lock", form, reason="Replaced")
        page = (await support.get("/changes")).text
        assert re.findall(r'href="(/locations/\d+)/change"', page) == [others], "what is locked has ended"


async def test_reminders_go_once_to_whoever_can_do_something(portal, tmp_path):
    settings = Settings(database_url="unused", home=tmp_path)
    task = remind_of_changes_task(portal.world.database, settings, sealer_of(tmp_path), portal.world.clock)

    async def reminded() -> list[tuple[str, str]]:
        await task.run()
        await task.run()
        return await rows(
            portal, "SELECT recipient, kind FROM mail WHERE kind LIKE 'changes.%%' ORDER BY queued_at"
        )

    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        await approved(portal, client, operator)
    assert await reminded() == []
    portal.world.clock.move(days=11)
    late = ("own-organisation_main_user@example.fi", "changes.late")
    assert await reminded() == [late]
    added, _ = await add_new(portal)
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO client_equipment_details (equipment_id, first_worked_at) VALUES (%s, %s)",
            (added.equipment_id, portal.world.clock()),
        )
    portal.world.clock.move(days=6)
    assert await reminded() == [late]
    portal.world.clock.move(days=1)
    assert await reminded() == [late, ("own-operator_administrator@example.fi", "changes.old_open")]


async def test_a_location_is_closed_after_its_last_day_and_not_before(portal, tmp_path):
    task = close_locations_task(
        portal.world.database, Settings(database_url="unused", home=tmp_path), portal.world.clock
    )
    last_day = portal.world.clock() + timedelta(days=2)
    async with (
        portal.browser("organisation_main_user") as client,
        portal.browser("operator_administrator") as operator,
    ):
        sent = await fill_in(client, f"{location(portal)}/close", closes_on=last_day.date().isoformat())
        await decide(operator, sent.headers["location"], "approve")
    closed = "SELECT state FROM location_details WHERE state = 'closed'"
    portal.world.clock.move(days=2)
    await task.run()
    assert await rows(portal, closed) == []
    portal.world.clock.move(days=1)
    await task.run()
    await task.run()
    assert await rows(portal, closed) == [("closed",)]
    audited = await rows(portal, "SELECT actor, user_name FROM audit_entry WHERE action = 'location_closed'")
    assert audited == [("system", "Sinetti")]
