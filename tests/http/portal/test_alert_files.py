"""The list of alerts as a file that is made in the background: for its reader alone, while the reader sees what is in it."""

from __future__ import annotations

import asyncio
import html
import io
import re
import time
import zipfile
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import pytest
from tests.http.portal.alerts import RULES
from tests.http.portal.test_many_alerts import alerts, hidden, rows  # noqa: F401
from tests.http.portal.world import send_form

from sinetti.kit.jobs import working
from sinetti.nmvs.packs import Country
from sinetti.portal.pages.alerts import exporting
from sinetti.portal.results import result_makers
from sinetti.reports.personal import personal_tasks


@asynccontextmanager
async def a_worker(portal, database_url):
    """Makes what waits, for as long as the block runs."""
    country = Country(market="FI", rules=RULES, zone=ZoneInfo("Europe/Helsinki"))
    tasks = personal_tasks(portal.world.database, result_makers(country), portal.world.clock)
    async with working(database_url, tasks):
        yield


async def order(client, form: str, query: str = "") -> str:
    """Have the file of a long list made; its page."""
    page = (await client.get(f"/alerts/alerts.{form}{query}")).text
    assert "is made in the background" in page
    key = hidden(page)["form_key"]
    action = re.search(r'<form method="post" action="(/alerts/files[^"]*)"', page)
    assert action
    answer = await send_form(client, html.unescape(action[1]), page, form=form, form_key=key)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def ready(client, path: str) -> str:
    deadline = time.monotonic() + 20
    while "progress" in (page := str((await client.get(path)).text)).partition("<main")[2]:
        assert time.monotonic() < deadline, page
        await asyncio.sleep(0.05)
    return page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.usefixtures("alerts")
async def test_a_long_list_is_made_in_the_background_for_its_reader_alone(
    portal, database_url, monkeypatch, form
):
    monkeypatch.setattr(exporting, "AT_ONCE_MAX", 2)
    async with portal.browser("location_user", language="en") as client:
        short = await client.get(f"/alerts/alerts.{form}?q=UNKNOWN1")
        assert "attachment" in short.headers["content-disposition"], "a short list comes at once"
        path = await order(client, form, "?status=any")
        waiting = (await client.get(path)).text
        assert '<noscript><meta http-equiv="refresh"' in waiting
        assert (await client.get(f"{path}/content")).status_code == 404
        async with a_worker(portal, database_url):
            assert "It has 3 alerts" in await ready(client, path)
        file = await client.get(f"{path}/content")
        assert file.headers["content-disposition"] == f'attachment; filename="alerts.{form}"'
        if form == "csv":
            assert file.text.count("\r\n") == 4
            assert "Metson apteekki" in file.text
        else:
            with zipfile.ZipFile(io.BytesIO(file.content)) as parts:
                assert parts.read("xl/worksheets/sheet1.xml").count(b"<row") == 4
        listed = (await client.get("/alerts")).text
        assert path in listed
        assert "Ready" in listed
    async with portal.browser("organisation_main_user") as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.get(f"{path}/content")).status_code == 404
    audited = await rows(
        portal,
        "SELECT new_values->>'count', new_values->>'address' LIKE '%%status=any%%' FROM audit_entry"
        " WHERE action = 'alerts_exported' ORDER BY audit_number",
    )
    assert audited == [("1", False), ("3", True)]
    async with portal.browser("location_user", language="en") as client:
        page = (await client.get(path)).text
        await send_form(client, f"{path}/remove", page)
        assert (await client.get(path)).status_code == 404


@pytest.mark.usefixtures("alerts")
async def test_whoever_has_lost_a_location_gets_no_file_of_it(portal, database_url, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE_MAX", 0)
    async with portal.browser("location_user", language="en") as client:
        before = await order(client, "csv")
        async with a_worker(portal, database_url):
            await ready(client, before)
        waiting = await order(client, "csv")
        await rows(portal, "DELETE FROM person_location RETURNING 1")
        async with a_worker(portal, database_url):
            await asyncio.sleep(0.5)
        for path in (before, waiting):
            assert (await client.get(path)).status_code == 404
            assert (await client.get(f"{path}/content")).status_code == 404
    given_up = await rows(
        portal, "SELECT given_up_at IS NOT NULL FROM report_request ORDER BY requested_at, request_id"
    )
    assert given_up == [(False,), (True,)]
