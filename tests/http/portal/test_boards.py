"""The operator's boards: what is counted, where each number leads, and what they say when nothing was counted."""

from __future__ import annotations

import re
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from tests.http.portal.alerts import PRODUCT_CODES, raise_alert, raise_alerts
from tests.http.portal.test_alerts import text_of
from tests.http.portal.world import PortalClient

from sinetti.alerts.day_sums import count_days, count_hours

ZONE = ZoneInfo("Europe/Helsinki")


async def count(portal: PortalClient) -> None:
    await count_days(portal.world.database, ZONE, portal.world.clock())
    await count_hours(portal.world.database, portal.world.clock())


@pytest.fixture
async def counted(portal: PortalClient) -> PortalClient:
    """Two alerts of the own pharmacy, one of the other, one of them closed as false; all counted."""
    await raise_alerts(portal.world)
    await raise_alert(portal.world, "own", serial_number="NOSUCH")
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "UPDATE alert_file SET status = 'closed', closing_reason = 'reading_corrected', cause = 'case_swap'"
            " WHERE alert_id = %s",
            (portal.world.places["own"].alert_id,),
        )
    await count(portal)
    return portal


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("batch", f"Revontul 10 mg {PRODUCT_CODES['own']} Batch B1 2"),
        ("location", "Metson apteekki"),
        ("company", "Revontuli Oy 2"),
        ("software", "PharmacySystem/1.0 3"),
        ("cause", ""),
        ("code", ""),
        ("equipment", ""),
        ("no such thing", "Revontul 10 mg"),
    ],
)
async def test_each_number_leads_to_the_alerts_that_it_counts(counted, by, first):
    async with counted.browser("operator_support", language="en") as client:
        page = (await client.get(f"/boards?by={by}&days=7")).text
        clusters = page.partition('id="clusters"')[2].partition("Open for longest")[0]
        body = clusters.partition("<tbody")[2].partition("</tbody>")[0]
        assert first in " ".join(re.sub(r"<[^>]+>", " ", body).split())
        links = re.findall(r'href="(/alerts\?[^"]+)">(\d+)<', body)
        assert links
        for address, number in links:
            found = (await client.get(unescape(address))).text
            assert len(re.findall(r'<th scope="row"[^>]*><a', found)) == int(number), address


async def test_the_numbers_of_each_trend_stand_in_a_table(counted):
    async with counted.browser("operator_support", language="en") as client:
        page = (await client.get("/boards?by=batch&days=7")).text
    numbers = page.partition("Numbers over time: Batch")[2].partition("</table>")[0]
    assert numbers.count('<th scope="col"') == 8, "what, and seven days"
    assert "Revontul 10 mg B1 0 0 0 0 0 0 2" in " ".join(re.sub(r"<[^>]+>", " ", numbers).split())


async def test_the_share_of_alerts_is_told_against_the_target_with_its_numbers(counted):
    async with counted.browser("operator_administrator", language="en") as client:
        shown = text_of((await client.get("/boards")).text)
    assert "Alerts per thousand operations 1,000 (European target: at most 0.5, which is 0.05 %)" in shown
    assert "Above the target" in shown
    assert "100 %" in shown, "of those closed"


async def test_what_waits_is_there_at_once_and_old_sums_are_called_so(counted):
    own = counted.world.places["own"]
    async with counted.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_deadline SET due_at = '2020-01-01', met_at = NULL WHERE side = 'nmvo'")
        await tx.execute(
            "INSERT INTO alert_deadline (product_id, event_number, deadline, side, due_at)"
            " SELECT product_id, event_number, 'expected_answer', 'mah', '2020-01-01' FROM alert_file"
            " WHERE alert_id = %s ON CONFLICT DO NOTHING",
            (own.alert_id,),
        )
        await tx.execute("UPDATE alert_day_counted SET counted_at = counted_at - interval '1 hour'")
    async with counted.browser("operator_support", language="en") as client:
        page = (await client.get("/boards")).text
    assert "are not being renewed" in page
    assert own.alert_id in page.partition("Deadlines missed")[2]
    assert own.alert_id not in page.partition("Open for longest")[2].partition("Deadlines missed")[0], (
        "closed"
    )


async def test_before_anything_was_counted_they_say_so(portal):
    async with portal.browser("operator_support", language="en") as client:
        shown = text_of((await client.get("/boards?days=90")).text)
    for said in (
        "Nothing has been counted",
        "No alerts in this period.",
        "There are no open alerts.",
        "No deadlines have been missed.",
    ):
        assert said in shown


async def test_sums_of_a_long_time_ago_are_not_shown(counted):
    async with counted.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET recorded_at = recorded_at - interval '7 days'")
        await tx.execute("DELETE FROM alert_day_counted")
    await count(counted)
    async with counted.browser("operator_support", language="en") as client:
        assert "No alerts in this period." in (await client.get("/boards?days=7")).text
        assert "No alerts in this period." not in (await client.get("/boards?days=28")).text
