"""Sums of days and hours: whole days are counted anew, only those that changed, and each in place of what was before."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.store.alerts.world import BATCH, GTIN, RULES, World, findings

from sinetti.alerts.cases import change_status
from sinetti.alerts.day_sums import DAYS_KEPT, count_days, count_hours, day_sum_tasks
from sinetti.alerts.files import Change
from sinetti.rules.alerts.vocabulary import AlertStatus, ClosingReason
from sinetti.rules.vocabulary import Cause

ZONE = ZoneInfo("Europe/Helsinki")


async def sums(world: World, dimension: str) -> list[tuple[object, ...]]:
    rows = await world.rows(
        "SELECT day, key, batch, alerts, open_alerts, false_alerts FROM alert_day WHERE dimension = %(dimension)s"
        " ORDER BY day, key, batch",
        dimension=dimension,
    )
    return [tuple(row.values()) for row in rows]


@pytest.fixture
async def counted(world: World) -> World:
    """An alert in the last minute of a Finnish day, two on the next day, counted on that day."""
    world.clock.set("2026-03-02T21:59")
    world.analysis.by_serial = {"X1": findings(cause=Cause.TRUNCATED), "X2": findings(cause=Cause.TRUNCATED)}
    await world.alert("A", "verify", "X1")
    world.clock.move(minutes=1)
    await world.alert("A", "verify", "X2")
    await world.alert("B", "verify", "X3", batch="B9")
    assert await count_days(world.database, ZONE, world.clock()) == DAYS_KEPT
    return world


async def test_a_day_is_the_countrys_and_is_counted_by_every_dimension(counted):
    first, second = date(2026, 3, 2), date(2026, 3, 3)
    assert await sums(counted, "all") == [(first, "", "", 1, 1, 0), (second, "", "", 2, 2, 0)]
    assert await sums(counted, "batch") == [
        (first, GTIN, BATCH, 1, 1, 0),
        (second, GTIN, BATCH, 1, 1, 0),
        (second, GTIN, "B9", 1, 1, 0),
    ]
    assert [row[1:4] for row in await sums(counted, "cause")] == [
        ("truncated", "", 1),
        ("truncated", "", 1),
        ("unknown", "", 1),
    ]
    a, b = counted.callers["A"], counted.callers["B"]
    assert [row[1:4] for row in await sums(counted, "location")] == [
        (str(a.location_id), "", 1),
        *sorted([(str(a.location_id), "", 1), (str(b.location_id), "", 1)]),
    ]
    assert [row[1:4] for row in await sums(counted, "company")] == [
        (str(counted.obp), "", 1),
        (str(counted.obp), "", 2),
    ]
    assert [row[1:4] for row in await sums(counted, "company_cause")] == [
        (str(counted.obp), "truncated", 1),
        (str(counted.obp), "truncated", 1),
        (str(counted.obp), "unknown", 1),
    ]
    assert await counted.rows("SELECT FROM alert_board WHERE dimension = 'company_cause'") == []
    assert [row[1:4] for row in await sums(counted, "software")] == [
        ("PharmacySystem/1.0", "", 1),
        ("PharmacySystem/1.0", "", 2),
    ]
    assert {len(await sums(counted, dimension)) for dimension in ("equipment", "code")} <= {2, 3}


async def test_only_days_of_which_an_alert_has_changed_are_counted_again(counted):
    counted.clock.move(hours=72)
    assert await count_days(counted.database, ZONE, counted.clock()) == 5, (
        "three have begun; two changed just before"
    )
    counted.clock.move(minutes=10)
    assert await count_days(counted.database, ZONE, counted.clock()) == 2, "today and yesterday"
    (alert,) = await counted.rows("SELECT alert_id FROM alert_file WHERE serial_number = 'X1'")
    async with counted.database.transaction() as tx:
        change = Change(rules=RULES, doer=counted.doer("operator"), now=counted.clock())
        await change_status(
            tx, change, alert["alert_id"], AlertStatus.CLOSED, reason=ClosingReason.READING_CORRECTED
        )
        await tx.execute("UPDATE alert_file SET cause = 'replay' WHERE serial_number = 'X1'")
    assert await count_days(counted.database, ZONE, counted.clock()) == 3
    assert (await sums(counted, "all"))[0] == (date(2026, 3, 2), "", "", 1, 0, 1)
    assert [row[1] for row in await sums(counted, "cause")] == ["replay", "truncated", "unknown"], "not twice"


async def test_operations_are_counted_by_the_hour_until_an_hour_after_its_end(world):
    hour = datetime(2026, 3, 2, 12, tzinfo=UTC)
    world.clock.set("2026-03-02T12:00")
    await world.scan("A", "verify", "SN2")
    await world.scan("A", "verify", "X1")
    assert await count_hours(world.database, world.clock()) == DAYS_KEPT * 24 + 1

    async def operations() -> int:
        rows = await world.rows("SELECT operations FROM operation_hour WHERE hour = %(hour)s", hour=hour)
        return int(rows[0]["operations"])

    assert await operations() == 2
    await world.scan("A", "verify", "SN3")
    world.clock.set("2026-03-02T13:59")
    assert await count_hours(world.database, world.clock()) == 3, "two that were going on, and a new one"
    assert await operations() == 3
    world.clock.set("2026-03-02T14:00")
    assert await count_hours(world.database, world.clock()) == 3, "for the last time the hour of noon"
    assert await count_hours(world.database, world.clock()) == 2


async def test_at_night_all_days_are_counted_again_and_those_that_no_board_shows_are_forgotten(counted):
    tasks = {task.name: task for task in day_sum_tasks(counted.database, ZONE, counted.clock)}
    counted.clock.move(days=3)
    await tasks["count_alert_days"].run()
    counted.clock.move(minutes=10)
    # What no history tells of: only counting everything again finds it.
    await counted.rows("UPDATE alert_day SET alerts = 77 RETURNING 1")
    await tasks["count_alert_days"].run()
    assert [row[3] for row in await sums(counted, "all")] == [77, 77]
    assert tasks["recount_alert_days"].every == "40 1 * * *"
    await tasks["recount_alert_days"].run()
    await tasks["count_alert_days"].run()
    assert [row[3] for row in await sums(counted, "all")] == [1, 2]
    counted.clock.move(days=DAYS_KEPT - 3)
    await tasks["recount_alert_days"].run()
    assert [row[0] for row in await sums(counted, "all")] == [date(2026, 3, 2), date(2026, 3, 3)], (
        "kept for ever"
    )
    assert {row[0] for row in await sums(counted, "batch")} == {date(2026, 3, 3)}, "the day before is past"


async def test_days_of_an_older_version_get_the_causes_of_companies(counted):
    await counted.rows("DELETE FROM alert_day WHERE dimension = 'company_cause' RETURNING 1")
    counted.clock.move(days=3)
    await count_days(counted.database, ZONE, counted.clock())
    assert len(await sums(counted, "company_cause")) == 3
    counted.clock.move(minutes=10)
    assert await count_days(counted.database, ZONE, counted.clock()) == 2, "today and yesterday, as always"
