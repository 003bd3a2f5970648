"""Endpoints of webhooks in the portal: the secret shown once, the address judged, and who may do what with whose."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.http.portal.world import add_webhooks, send_form

from sinetti.kit.sealing import Sealer
from sinetti.portal.pages.webhooks.task import tell_of_paused_webhook_task
from sinetti.webhooks.deliveries import webhook_tasks

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")
ADDRESS = "https://hooks.revontuli.example/sinetti"


def form_key_of(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found
    return found[1]


async def add(client, address: str = ADDRESS, **fields: str):
    page = (await client.get("/webhooks/new")).text
    fields = {"form_key": form_key_of(page), "address": address, **fields}
    return page, await send_form(client, "/webhooks/new", page, **fields)


async def rows(portal, query: str) -> list[Any]:
    async with portal.world.database.transaction() as tx:
        return list(await (await tx.execute(query)).fetchall())


async def test_the_secret_is_shown_once_and_a_second_submit_makes_nothing(portal):
    async with portal.browser("mah_obp_main_user", language="en") as client:
        page, made = await add(client)
        (secret,) = SECRET.findall(made.text)
        assert made.headers["cache-control"] == "no-store"
        form_key = form_key_of(page)
        again = await send_form(client, "/webhooks/new", page, form_key=form_key, address=ADDRESS)
        assert again.status_code == 303
        one = await client.get(again.headers["location"])
        assert "shown" in one.text
        assert ADDRESS in one.text
        for path in ("/webhooks", again.headers["location"], "/webhooks/new"):
            assert secret not in (await client.get(path)).text
        ((count,),) = await rows(portal, "SELECT count(*) FROM webhook_endpoint")
        assert count == 1
        kept = await rows(
            portal, "SELECT e::text FROM webhook_endpoint e UNION SELECT a::text FROM audit_entry a"
        )
        assert secret not in str(kept)
        assert "webhook_added" in str(kept)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "begins with https://"),
        ("http://hooks.example.fi/x", "begins with https://"),
        ("https://" + "x" * 600 + ".fi", "begins with https://"),
        ("https://10.0.0.5/x", "everybody can reach"),
        ("https://[::1]/x", "everybody can reach"),
        ("https://localhost/x", "everybody can reach"),
        ("https://intranet/x", "everybody can reach"),
        ("https://own-obp.example.fi/sinetti", "twice"),
    ],
)
async def test_an_address_that_will_not_do_comes_back_with_the_reason(portal, address, says):
    await add_webhooks(portal.world)
    before = await rows(portal, "SELECT count(*) FROM webhook_endpoint")
    async with portal.browser("mah_obp_main_user", language="en") as client:
        _, answer = await add(client, address)
    assert answer.status_code == 422
    assert says in answer.text
    assert await rows(portal, "SELECT count(*) FROM webhook_endpoint") == before


async def test_an_endpoint_is_paused_tried_rolled_moved_and_ended(portal):
    await add_webhooks(portal.world)
    endpoint_id, message_id = portal.world.places["own_obp"].webhook
    one = f"/webhooks/{endpoint_id}"
    async with portal.browser("mah_obp_main_user", language="en") as client:
        page = (await client.get(one)).text
        assert "503" in page

        async def do(path: str, **fields: str):
            return await send_form(client, f"{one}{path}", page, **fields)

        assert (await do("/pause")).status_code == 303
        paused = (await client.get(one)).text
        assert "Paused by own mah obp main user" in paused
        assert (await do("/test")).status_code == 409, "nothing is sent to what is paused"
        assert (await do("/resume")).status_code == 303
        assert (await do("/test")).status_code == 303
        assert (await do(f"/messages/{message_id}/again")).status_code == 303
        log = (await client.get(f"{one}/messages/{message_id}")).text
        assert "answered 503" in log

        asked = (await client.get(f"{one}/secret")).text
        form_key = form_key_of(asked)
        rolled = await do("/secret", form_key=form_key)
        assert len(SECRET.findall(rolled.text)) == 1
        assert (await do("/secret", form_key=form_key)).status_code == 303

        asked = (await client.get(f"{one}/replacement")).text
        form_key = form_key_of(asked)
        moved = await do("/replacement", form_key=form_key, address=ADDRESS)
        assert len(SECRET.findall(moved.text)) == 1
        ((replaces,),) = await rows(
            portal, f"SELECT replaces FROM webhook_endpoint WHERE address = '{ADDRESS}'"
        )
        assert str(replaces) == endpoint_id

        assert (await do("/end")).status_code == 303
        assert (await do("/test")).status_code == 409
        assert endpoint_id not in (await client.get("/webhooks")).text
        assert endpoint_id in (await client.get("/webhooks?state=ended")).text
    audited = {row[0] for row in await rows(portal, "SELECT action FROM audit_entry")}
    assert {
        "webhook_paused",
        "webhook_resumed",
        "webhook_tested",
        "webhook_sent_again",
        "webhook_secret_changed",
        "webhook_replaced",
        "webhook_ended",
    } <= audited


async def test_the_operator_sees_all_and_makes_none_and_a_company_sees_its_own(portal):
    await add_webhooks(portal.world)
    async with portal.browser("operator_support", language="en") as client:
        seen = (await client.get("/webhooks")).text
        assert "own-obp.example.fi" in seen
        assert "other-obp.example.fi" in seen
        assert "/webhooks/new" not in seen
        found = (await client.get("/webhooks?q=nordlicht")).text
        assert "own-obp.example.fi" not in found
    async with portal.browser("mah_obp_investigator", language="en") as client:
        seen = (await client.get("/webhooks")).text
        assert "own-obp.example.fi" in seen
        assert "other-obp.example.fi" not in seen
        endpoint_id, _ = portal.world.places["own_obp"].webhook
        _, others_message = portal.world.places["other_obp"].webhook
        assert (await client.get(f"/webhooks/{endpoint_id}/messages/{others_message}")).status_code == 404


@pytest.mark.parametrize(
    ("state", "there"), [("waiting", True), ("troubled", True), ("arrived", False), ("given_up", False)]
)
async def test_the_log_is_filtered_by_what_became_of_messages(portal, state, there):
    await add_webhooks(portal.world)
    endpoint_id, message_id = portal.world.places["own_obp"].webhook
    async with portal.browser("mah_obp_main_user", language="en") as client:
        page = (await client.get(f"/webhooks/{endpoint_id}?state={state}")).text
    assert (message_id in page) is there


async def test_the_main_users_are_told_by_mail_that_their_endpoint_was_paused(portal):
    await add_webhooks(portal.world)
    endpoint_id, message_id = portal.world.places["own_obp"].webhook
    world, settings = portal.world, portal.application.portal.settings

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    gone = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(410, content=nothing())))
    (deliver, *_) = webhook_tasks(world.database, Sealer(b"k" * 32), world.clock, gone)
    await deliver.run(message_id=message_id, endpoint_id=endpoint_id)
    asked = await rows(
        portal, "SELECT args FROM procrastinate_jobs WHERE task_name = 'tell_of_paused_webhook'"
    )
    assert asked == [({"endpoint_id": endpoint_id},)]
    sealer = portal.application.portal.sealer
    tell = tell_of_paused_webhook_task(world.database, settings, sealer, world.clock)
    await tell.run(endpoint_id=endpoint_id)
    queued = await rows(portal, "SELECT kind, recipient, language FROM mail")
    assert queued == [("webhooks.paused", "own-mah_obp_main_user@example.fi", "fi")]
    async with portal.browser("mah_obp_main_user", language="en") as client:
        assert "answered with the status 410" in (await client.get(f"/webhooks/{endpoint_id}")).text
