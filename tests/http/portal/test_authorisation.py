"""Every route, every role, own and other's objects: what the permission tables say is what the portal does.

A route with an object needs a line in `OBJECTS`, which says the path of what belongs to a place; without it the test
fails. Expected is what the table says, reckoned here once more and not by the portal's own code.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from tests.conftest import TEMPLATE, MovableClock, fresh_database
from tests.http.portal.alerts import hold_batches, make_teams, raise_alerts, set_packs_aside
from tests.http.portal.applying import return_applications
from tests.http.portal.world import SESSION_COOKIE, Place, PortalClient, a_portal, add_webhooks, csrf_token

import sinetti.portal
from sinetti.identity.people.model import PeopleRole
from sinetti.kit.db import Database
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.portal.pages import PAGES
from sinetti.portal.routing import Route

# Parameters of the path of a route for what belongs to a place.
OBJECTS: dict[str, Callable[[Place], dict[str, object]]] = {
    **{
        route: lambda place: {"alert_id": place.alert_id, "photo_id": place.photo_id}
        for route in ("alert_photo", "original_alert_photo")
    },
    **{
        route: lambda place: {"alert_id": place.alert_id}
        for route in (
            "alert",
            "change_alert_status",
            "investigate_alert",
            "hand_over_alert",
            "classify_alert",
            "assign_alert",
            "tick_alert_step",
            "send_alert_message",
            "add_alert_photo",
            "make_photo_link",
            "set_pack_aside",
            "new_chain_notice",
            "send_chain_notice",
            "alert_trail",
            "read_alert_trail",
            "trail_requests",
            "ask_other_operator",
            "note_trail_request",
        )
    },
    **{
        route: lambda place: {"product_id": place.set_aside[0], "set_aside_id": place.set_aside[1]}
        for route in ("pack_set_aside", "label_of_set_aside", "end_set_aside")
    },
    **{route: lambda place: {"hold_id": place.hold_id} for route in ("sales_hold", "lift_sales_hold")},
    **{
        route: lambda place: {"hold_id": place.hold_id, "location_id": place.location.location_id}
        for route in ("held_batch", "answer_sales_hold")
    },
    **{
        route: lambda place: {"organisation_id": place.organisation.organisation_id}
        for route in (
            "organisation",
            "ask_change_organisation",
            "change_organisation",
            "ask_lock_organisation",
            "lock_organisation",
            "ask_unlock_organisation",
            "unlock_organisation",
        )
    },
    **{
        route: lambda place: {"location_id": place.location.location_id}
        for route in (
            "location_legitimacy",
            "record_legitimacy",
            "ask_lock_location",
            "lock_location",
            "ask_unlock_location",
            "unlock_location",
        )
    },
    **{
        route: lambda place: {"location_id": place.location.location_id}
        for route in (
            "change",
            "mark_handed_over",
            "ask_lock_replaced",
            "lock_replaced",
            "ask_edit_location",
            "edit_location",
            "ask_change_of_contract",
            "apply_change_of_contract",
            "ask_close_location",
            "apply_close_location",
            "ask_change_of_it_system",
            "apply_change_of_it_system",
        )
    },
    **{
        route: lambda place: {"application_id": place.application_id}
        for route in (
            "application",
            "ask_again",
            "apply_again",
            "decide_application",
            "withdraw_application",
        )
    },
    **{
        route: lambda place: {"team_id": place.team_id}
        for route in ("alert_team", "change_alert_team", "remove_alert_team")
    },
    **{
        route: lambda place: {"endpoint_id": place.webhook[0], "message_id": place.webhook[1]}
        for route in (
            "webhook",
            "test_webhook",
            "ask_webhook_secret",
            "roll_webhook_secret",
            "ask_replace_webhook",
            "replace_webhook",
            "pause_webhook",
            "resume_webhook",
            "ask_end_webhook",
            "end_webhook",
            "webhook_delivery",
            "send_webhook_again",
        )
    },
    "location": lambda place: {"location_id": place.location.location_id},
    "new_equipment": lambda place: {"location_id": place.location.location_id},
    "add_equipment": lambda place: {"location_id": place.location.location_id},
    **{
        route: lambda place: {"equipment_id": place.equipment.equipment_id}
        for route in (
            "equipment",
            "change_equipment",
            "ask_lock_equipment",
            "lock_equipment",
            "unlock_equipment",
            "ask_delete_equipment",
            "delete_equipment",
            "send_handover",
            "withdraw_handover",
        )
    },
    **{
        route: lambda place: {"user_id": place.user_id}
        for route in (
            "user",
            "ask_change_user",
            "change_user",
            "ask_lock_user",
            "lock_user",
            "unlock_user",
            "invite_user",
            "ask_remove_second_factor_of_user",
            "remove_second_factor_of_user",
            "end_sessions_of_user",
        )
    },
}
# A person's own object cannot be another's: such routes are tested beside their pages.
ROUTES = [route for page in PAGES for route in page.routes]
WITHOUT_ORGANISATION = ("operator_administrator", "operator_support", "authority_inspector")


class Countries:
    """A portal in a country where nothing has been changed yet: the same one until a test has changed it."""

    def __init__(self, server: EmbeddedPostgres, home: Path) -> None:
        self._server = server
        self._home = home
        self._open = AsyncExitStack()
        self._portal: PortalClient | None = None

    async def untouched(self) -> PortalClient:
        if self._portal is None:
            self._portal = await self._open.enter_async_context(self._a_country())
        return self._portal

    async def leave(self) -> None:
        """The next test gets another country."""
        self._portal = None
        await self._open.aclose()

    @asynccontextmanager
    async def _a_country(self) -> AsyncIterator[PortalClient]:
        """With every page that there is, those of a demo too."""
        clock = MovableClock(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
        for database_url in fresh_database(self._server, TEMPLATE):
            async with (
                await Database.open(database_url, pool_max=2) as database,
                a_portal(database_url, database, clock, self._home, show_mail="yes") as made,
            ):
                await raise_alerts(made.world)
                await set_packs_aside(made.world)
                await make_teams(made.world)
                await hold_batches(made.world)
                await return_applications(made.world)
                await add_webhooks(made.world)
                yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def countries(server, tmp_path_factory):
    made = Countries(server, tmp_path_factory.mktemp("portal"))
    yield made
    await made.leave()


@pytest_asyncio.fixture(loop_scope="module")
async def portal(countries):
    return await countries.untouched()


def table() -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for path in (Path(sinetti.portal.__file__).parent / "pages").glob("*/permissions.csv"):
        rows |= {row["action"]: row for row in csv.DictReader(path.read_text("utf-8").splitlines())}
    return rows


RULES = table()


def path_of(route: Route, place: Place) -> str:
    if "{" not in route.path:
        return route.path
    if "{opaque_" in route.path:
        return re.sub(r"\{opaque_\w+\}", "nobodys", route.path)
    values = OBJECTS[route.name](place)
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda match: str(values[match[1]]), route.path)


def test_every_route_with_an_object_has_an_example():
    needing = {route.name for route in ROUTES if "{" in route.path and "{opaque_" not in route.path}
    assert needing == set(OBJECTS)


def expected(route: Route, role: PeopleRole, whose: str) -> str:
    rule = RULES[route.action]
    extent = rule[role.value]
    if rule["stage"] == "public" or extent == "all":
        return "let in"
    if extent == "none":
        return "refused"
    if "{" not in route.path or whose == "own":
        return "let in"
    return "not there"


def seen(status: int) -> str:
    # 422 is a form that was let in and found empty; 303 a change that was made.
    return {403: "refused", 404: "not there"}.get(
        status, "let in" if status in {200, 303, 422} else str(status)
    )


CASES = [(route, role, whose) for route in ROUTES for role in PeopleRole for whose in ("own", "other")]


def named(case: tuple[Route, PeopleRole, str]) -> str:
    route, role, whose = case
    return f"{route.method} {route.name}-{role}-{whose}"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=named)
async def test_a_role_does_what_the_table_says(portal, countries, case):
    route, role, whose = case
    path = path_of(route, portal.world.place(role, whose))
    async with portal.browser(role.value) as client:
        if route.method == "GET":
            answer = await client.get(path)
        else:
            token = await _token(portal, client)
            answer = await client.request(
                route.method, path, data={"csrf_token": token}, headers={"Origin": "http://portal.test"}
            )
            if answer.is_redirect:
                await countries.leave()
    if "{opaque_" in route.path:
        refused = RULES[route.action][role.value] == "none" and RULES[route.action]["stage"] != "public"
        assert answer.status_code == (403 if refused else 404), (
            "whoever holds the link, or made it, may open it; nobody holds this one"
        )
        return
    assert seen(answer.status_code) == expected(route, role, whose), answer.text[:2000]


async def _token(portal: PortalClient, client: httpx.AsyncClient) -> str:
    """The session's token as the database has it, for routes whose form is on another page."""
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT csrf_token FROM person_session WHERE token_sha256 = %s",
            (hashlib.sha256(client.cookies[SESSION_COOKIE].encode()).digest(),),
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.name}")
async def test_who_is_not_signed_in_is_sent_to_the_sign_in(portal, route):
    path = path_of(route, portal.world.places["own"])
    async with portal.browser() as client:
        answer = await client.request(
            route.method,
            path,
            headers={"Origin": "http://portal.test"},
            data={"a": "b"} if route.method != "GET" else None,
        )
    if RULES[route.action]["stage"] == "public":
        assert answer.status_code in {200, 303, 404, 422}
    else:
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.name}")
async def test_who_is_half_signed_in_gets_no_further(portal, route):
    if RULES[route.action]["stage"] in {"public", "half"}:
        pytest.skip("open to those who are half signed in")
    path = path_of(route, portal.world.places["own"])
    sent_to = {}
    for name, session in {
        "/sign-in/second-factor": {"second_factor_done": False},
        "/profile/second-factor": {"must_set_second_factor": True},
    }.items():
        async with portal.browser("operator_administrator", **session) as client:
            answer = await client.request(
                route.method,
                path,
                headers={"Origin": "http://portal.test"},
                data={"a": "b"} if route.method != "GET" else None,
            )
        sent_to[name] = answer.headers.get("location", str(answer.status_code))
    assert sent_to["/sign-in/second-factor"] == "/sign-in/second-factor"
    if RULES[route.action]["stage"] == "full":
        assert sent_to["/profile/second-factor"] == "/profile/second-factor"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("route", [r for r in ROUTES if r.method != "GET"], ids=lambda route: route.name)
async def test_a_change_needs_the_token_of_the_session_and_our_origin(portal, route):
    path = path_of(route, portal.world.places["own"])
    person = next(role.value for role in PeopleRole if RULES[route.action][role.value] != "none")
    async with portal.browser(person) as client:
        token = await _token(portal, client)
        for headers, given in (
            ({"Origin": "https://elsewhere.example"}, token),
            ({"Origin": "null"}, token),
            ({"Sec-Fetch-Site": "cross-site", "Origin": "http://portal.test"}, token),
            ({}, token),
            ({"Origin": "http://portal.test"}, "x" + token),
            ({"Origin": "http://portal.test"}, ""),
        ):
            answer = await client.request(route.method, path, data={"csrf_token": given}, headers=headers)
            assert answer.status_code == 403, headers


def test_the_token_is_found_in_a_form():
    assert csrf_token('<input type="hidden" name="csrf_token" value="abc">') == "abc"
