"""Sums of a company's alerts: right whenever they are read, whatever has changed, and whoever counts first."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.store.alerts.world import BATCH, RULES, World, findings

from sinetti.alerts.cases import change_status, classify, investigate
from sinetti.alerts.company_sums import CompanySums, bring_up_to_date, is_counted
from sinetti.alerts.files import Change
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Side,
)
from sinetti.rules.vocabulary import Cause

FIGURES = "batch, alerts, locations, waiting, overdue, suspicions, cause"


async def sums(world: World, columns: str = FIGURES, table: str = "alert_batch_sum") -> list[tuple[Any, ...]]:
    async with world.database.transaction() as tx:
        await bring_up_to_date(tx, world.obp, world.clock())
    order = columns.partition(" WHERE")[0]
    rows = await world.rows(f"SELECT {order} FROM {table}{columns.removeprefix(order)} ORDER BY {order}")
    return [tuple(row.values()) for row in rows]


async def change(world: World, who: str) -> Change:
    return Change(rules=RULES, doer=world.doer(who), now=world.clock())


def differs(sent: str, *, batch: str | None = None, how: str = "all_swapped") -> Any:
    """What an analysis says that finds one difference in the serial number."""
    difference = {
        "field": "serial_number",
        "how": how,
        "values": {},
        "sent": sent,
        "stored": "S",
        "spans": [],
    }
    hypothesis = {
        "cause": "case_swap",
        "differences": [difference],
        "corrected": {"batch": batch} if batch else None,
    }
    return findings(cause=Cause.CASE_SWAP, whole={"hypotheses": [hypothesis]})


async def test_each_change_of_an_alert_is_in_the_sums_that_are_read_next(world):
    world.analysis.by_serial = {"X1": findings(cause=Cause.TRUNCATED), "X2": findings(cause=Cause.TRUNCATED)}
    first = await world.alert("A", "verify", "X1")
    await world.alert("B", "verify", "X2")
    await world.alert("A", "verify", "X3", batch="B9")
    both = (BATCH, 2, 2, 2, 0, 0, "truncated")
    other = ("B9", 1, 1, 1, 0, 0, "unknown")
    assert await sums(world) == [both, other]
    assert first.alert_id is not None
    async with world.database.transaction() as tx:
        await investigate(
            tx, await change(world, "obp"), first.alert_id, Side.OBP, InvestigationStatus.NO_CAUSE_ON_MY_SIDE
        )
    assert await sums(world) == [(BATCH, 2, 2, 1, 0, 0, "truncated"), other]
    async with world.database.transaction() as tx:
        await classify(
            tx, await change(world, "obp"), first.alert_id, Classification.SUSPICION, comment="odd print"
        )
    assert await sums(world) == [(BATCH, 2, 2, 1, 0, 1, "truncated"), other]
    async with world.database.transaction() as tx:
        await classify(
            tx,
            await change(world, "obp"),
            first.alert_id,
            Classification.POTENTIAL_SUSPICION,
            comment="the print is in order",
        )
        await change_status(
            tx,
            await change(world, "operator"),
            first.alert_id,
            AlertStatus.CLOSED,
            reason=ClosingReason.READING_CORRECTED,
        )
    assert await sums(world) == [(BATCH, 1, 1, 1, 0, 0, "truncated"), other]


async def test_an_answer_becomes_overdue_by_the_clock_alone(world):
    await world.alert("A", "verify", "X1")
    world.clock.move(hours=1)
    await world.alert("A", "verify", "X2")
    world.clock.move(hours=47)
    assert await sums(world, "overdue") == [(0,)], "at its deadline it is not late yet"
    world.clock.move(seconds=1)
    assert await sums(world, "overdue") == [(1,)]
    world.clock.move(hours=1)
    assert await sums(world, "overdue, next_due_at") == [(2, None)]


async def test_a_batch_without_open_alerts_is_gone_and_one_that_is_opened_again_is_back(world):
    file = await world.alert("A", "verify", "X1")
    assert file.alert_id is not None
    for to, reason, expected in (
        (AlertStatus.CLOSED, ClosingReason.READING_CORRECTED, []),
        (AlertStatus.UNDER_INVESTIGATION, None, [(BATCH, 1)]),
    ):
        async with world.database.transaction() as tx:
            done = await change_status(
                tx, await change(world, "operator"), file.alert_id, to, reason=reason, comment="looked again"
            )
            assert not isinstance(done, str), done
        assert await sums(world, "batch, alerts") == expected


async def test_near_misses_follow_the_latest_analysis_and_the_batch_that_was_meant(world):
    world.analysis.by_serial = {
        "X1": differs("X1"),
        "X2": differs("X1"),
        "X3": differs("X3", batch=BATCH),
        "X4": differs("X4", how="truncated"),
    }
    columns = "batch, how, alerts, sent_values, locations, same_value_locations WHERE only_open"
    first = await world.alert("A", "verify", "X1")
    await world.alert("B", "verify", "X2")
    await world.alert("B", "verify", "X3", batch="WRONG")
    await world.alert("A", "verify", "X4")
    assert await sums(world, columns, "near_miss_sum") == [
        (BATCH, "all_swapped", 3, 2, 2, 2),
        (BATCH, "truncated", 1, 1, 1, 1),
    ]
    world.analysis.by_serial |= {"X4": findings(), "X3": differs("X3")}
    await world.rows("UPDATE alert_file SET analysis_wanted_at = now() - interval '100 years' RETURNING 1")
    await world.intake()
    assert await sums(world, columns, "near_miss_sum") == [
        (BATCH, "all_swapped", 2, 1, 2, 2),
        ("WRONG", "all_swapped", 1, 1, 1, 1),
    ]
    assert first.alert_id is not None
    async with world.database.transaction() as tx:
        await change_status(
            tx,
            await change(world, "operator"),
            first.alert_id,
            AlertStatus.CLOSED,
            reason=ClosingReason.READING_CORRECTED,
        )
    assert (await sums(world, columns, "near_miss_sum"))[0] == (BATCH, "all_swapped", 1, 1, 1, 1)
    in_all = columns.replace("WHERE only_open", "WHERE NOT only_open")
    assert (await sums(world, in_all, "near_miss_sum"))[0] == (BATCH, "all_swapped", 2, 1, 2, 2)


async def test_closing_an_alert_changes_the_near_misses_of_the_batch_that_was_meant(world):
    world.analysis.by_serial = {"X3": differs("X3", batch=BATCH)}
    file = await world.alert("B", "verify", "X3", batch="WRONG")
    open_ones = "batch, alerts WHERE only_open"
    assert await sums(world, open_ones, "near_miss_sum") == [(BATCH, 1)]
    assert file.alert_id is not None
    async with world.database.transaction() as tx:
        await change_status(
            tx,
            await change(world, "operator"),
            file.alert_id,
            AlertStatus.CLOSED,
            reason=ClosingReason.READING_CORRECTED,
        )
    assert await sums(world, open_ones, "near_miss_sum") == []


async def test_the_worker_counts_what_has_changed_and_then_rests(world):
    for number in range(3):
        await world.alert("A", "verify", f"X{number}", batch=f"B{number + 7}")
    counting = CompanySums(world.database, world.clock)
    assert await counting.count_once() == 3, "open alerts of three batches"
    assert await counting.count_once() == 0
    assert len(await world.rows("SELECT FROM alert_batch_sum")) == 3
    assert await world.rows("SELECT FROM alert_batch_changed") == []
    await world.rows("UPDATE alert_file SET analysis_wanted_at = now() RETURNING 1")
    assert await counting.count_once() == 0, "that an alert is to be analysed again changes no sum"


async def test_what_changes_while_a_batch_is_counted_is_counted_the_next_time(world):
    file = await world.alert("A", "verify", "X1")
    async with world.database.transaction() as counting:
        assert await bring_up_to_date(counting, world.obp, world.clock()) == 1
        async with world.database.transaction() as changing:
            await classify(
                changing,
                await change(world, "operator"),
                str(file.alert_id),
                Classification.SUSPICION,
                comment="odd print",
            )
    assert await sums(world, "suspicions") == [(1,)]


async def test_who_reads_meanwhile_waits_for_whoever_counts(world):
    await world.alert("A", "verify", "X1")
    async with world.database.transaction() as first:
        assert await bring_up_to_date(first, world.obp, world.clock()) == 1
        reading = asyncio.create_task(sums(world, "batch, alerts"))
        done, _ = await asyncio.wait([reading], timeout=0.3)
        assert not done
    assert await reading == [(BATCH, 1)]


async def test_a_reader_counts_the_smallest_batches_first_and_leaves_the_rest_to_the_worker(world):
    for number in range(4):
        await world.alert("A", "verify", f"X{number}", batch="B9" if number == 3 else BATCH)
    await sums(world)
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET classification = 'suspicion'")
        assert await bring_up_to_date(tx, world.obp, world.clock(), alerts_max=3) == 1
        assert not await is_counted(tx, world.obp, world.clock())
    assert [
        tuple(row.values())
        for row in await world.rows("SELECT batch, suspicions FROM alert_batch_sum ORDER BY batch")
    ] == [
        (BATCH, 0),
        ("B9", 1),
    ]
    async with world.database.transaction() as tx:
        assert await bring_up_to_date(tx, world.obp, world.clock(), at_most=1) == 1
        assert await is_counted(tx, world.obp, world.clock())
