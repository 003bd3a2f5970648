"""The mail of a demo: there when the settings say so, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.http.portal.world import PortalClient, a_portal

from sinetti.kit.jobs import working
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings
from sinetti.mail.content import Content, Link
from sinetti.mail.queue import queue
from sinetti.worker import tasks_of


@pytest.fixture
async def demo(database_url, database, clock, tmp_path: Path):
    async with a_portal(database_url, database, clock, tmp_path, show_mail="yes") as made:
        yield made


async def test_only_where_the_settings_say_so(portal: PortalClient):
    async with portal.browser() as client:
        for path in ("/dev/mail", "/dev/mail/20260302T120000-x", "/dev/mail/..%2Fseal.key"):
            assert (await client.get(path)).status_code == 404


async def test_shows_what_was_sent_with_its_link_to_click(demo, database, database_url, clock, tmp_path):
    settings = Settings(database_url=database_url, home=tmp_path, log_level="ERROR")
    sealer = sealer_of(tmp_path)
    async with demo.browser() as client:
        assert "No mail has been sent yet" in (await client.get("/dev/mail")).text
        content = Content(
            subject="<i>Welcome</i>",
            paragraphs=("You are invited.",),
            link=Link(words="Set a password", address="http://127.0.0.1:8081/invitation/abc"),
            footer="Sinetti",
        )
        async with database.transaction() as tx:
            await queue(
                tx,
                sealer,
                kind="users.invited",
                recipient="a@example.fi",
                language="en",
                content=content,
                now=clock(),
            )
        async with working(database_url, tasks_of(database, settings, sealer, clock, client)):
            page = await _until_sent(client)
        assert "&lt;i&gt;Welcome&lt;/i&gt;" in page
        path = page.partition('href="/dev/mail/')[2].partition('"')[0]
        shown = (await client.get(f"/dev/mail/{path}")).text
        assert 'href="http://127.0.0.1:8081/invitation/abc"' in shown
        assert "a@example.fi" in shown


async def _until_sent(client) -> str:
    import asyncio

    for _ in range(400):
        page: str = (await client.get("/dev/mail")).text
        if "a@example.fi" in page:
            return page
        await asyncio.sleep(0.05)
    raise AssertionError("the mail was not sent")
