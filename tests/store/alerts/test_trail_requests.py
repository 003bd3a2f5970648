"""Requests to operators of other countries: asked, carried by hand, answered, and each step in the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.store.alerts.test_cases import do
from tests.store.alerts.world import RULES, World

from sinetti.alerts import cases, trail_requests
from sinetti.alerts.deadlines import tell_of_late_requests
from sinetti.alerts.model import AlertFile
from sinetti.alerts.reading import read_view
from sinetti.alerts.view import TrailRequestSeen, Whole
from sinetti.kit.problems import Problem
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    ClosingReason,
    Refusal,
    TrailRequestState,
    TrailRequestStep,
)


@pytest.fixture
async def file(world: World) -> AlertFile:
    return await world.alert("A", "verify", "UNKNOWN1")


async def ask(
    world: World,
    file: AlertFile,
    country: str = "SE",
    question: str = "Was it supplied there?",
    who: str = "operator",
) -> Any:
    return await do(world, who, trail_requests.ask_country, file.alert_id, country, question, market="FI")


async def step(world: World, file: AlertFile, number: int, what: str, said: str | None = None) -> Any:
    return await do(
        world, "operator", trail_requests.take_trail_step, file.alert_id, number, TrailRequestStep(what), said
    )


async def seen(world: World, file: AlertFile, who: str = "operator") -> Any:
    async with world.database.transaction() as tx:
        return await read_view(tx, RULES.alerts, "FI", world.doer(who), file)


async def test_a_request_waits_to_be_carried_and_keeps_who_said_what_at_each_step(world, file):
    number = await ask(world, file)
    (asked,) = (await seen(world, file)).trail_requests
    assert (asked.country, asked.state, asked.carrier) == ("SE", TrailRequestState.ASKED, "by_hand")
    assert asked.due_at == world.clock() + timedelta(hours=120)
    world.clock.now += timedelta(days=1)
    await step(world, file, number, "send", "by protected mail")
    (sent,) = (await seen(world, file)).trail_requests
    assert sent.due_at == world.clock() + timedelta(hours=120), "the time begins when it is on its way"
    answer = "Supplied in Lund. " * 100
    assert await step(world, file, number, "answer", answer) is TrailRequestState.ANSWERED
    view = await seen(world, file)
    (one,) = view.trail_requests
    assert [(done.step.value, done.said) for done in one.steps] == [
        ("ask", "Was it supplied there?"),
        ("send", "by protected mail"),
        ("answer", answer.strip()),
    ]
    told = [
        (entry.before, entry.after, entry.person) for entry in view.history if entry.change == "trail_request"
    ]
    assert told == [
        (None, "SE asked", "Person of operator"),
        ("SE asked", "SE sent", "Person of operator"),
        ("SE sent", "SE answered", "Person of operator"),
    ]


async def test_what_cannot_be_done_changes_nothing_and_says_why(world, file):
    number = await ask(world, file)
    assert await ask(world, file) is Refusal.ASKED_ALREADY
    assert await ask(world, file, "FI") is Refusal.COUNTRY_NOT_ASKED
    assert await ask(world, file, "XX") is Refusal.COUNTRY_NOT_ASKED
    assert await ask(world, file, "NO", " ") is Refusal.COMMENT_MISSING
    assert await ask(world, file, "NO", "x" * 501) is Refusal.COMMENT_TOO_LONG
    assert await ask(world, file, "NO", who="obp") is Refusal.NOT_FOR_THIS_PARTY
    assert await step(world, file, number, "answer") is Refusal.COMMENT_MISSING
    assert await step(world, file, number, "answer", "x" * 4001) is Refusal.COMMENT_TOO_LONG
    assert await step(world, file, number, "reopen", "x") is Refusal.REQUEST_STANDS_OTHERWISE
    with pytest.raises(Problem):
        await step(world, file, number + 1, "send")
    (one,) = (await seen(world, file)).trail_requests
    assert len(one.steps) == 1


async def test_a_mistake_is_undone_and_a_country_has_one_open_request(world, file):
    first = await ask(world, file)
    await step(world, file, first, "withdraw", "the cause is known")
    second = await ask(world, file)
    assert isinstance(second, int)
    assert await step(world, file, first, "reopen", "it was not") is Refusal.ASKED_ALREADY
    await step(world, file, second, "refuse", "our law forbids it")
    assert await step(world, file, first, "reopen", "it was not") is TrailRequestState.ASKED
    requests: tuple[TrailRequestSeen, ...] = (await seen(world, file)).trail_requests
    assert [one.state.value for one in requests] == ["asked", "refused"]


async def test_the_operator_is_told_once_of_each_time_that_a_request_is_late(world, file):
    async def told() -> int:
        async with world.database.transaction() as tx:
            await tell_of_late_requests(tx, RULES, world.clock())
        rows = await world.rows("SELECT party FROM alert_notice WHERE notice = 'trail_request_late'")
        assert {row["party"] for row in rows} <= {"operator"}, "nobody else takes part in it"
        return len(rows)

    number = await ask(world, file)
    answered = await ask(world, file, "NO")
    await step(world, file, answered, "answer", "Never seen here.")
    world.clock.move(hours=120, seconds=-1)
    assert await told() == 0
    world.clock.move(seconds=1)
    assert [await told(), await told()] == [1, 1]
    await step(world, file, number, "send")
    world.clock.move(hours=120)
    assert await told() == 2, "the time has begun anew"


async def test_a_closed_alert_asks_nobody_and_still_takes_an_answer(world, file):
    number = await ask(world, file)
    await do(
        world, "operator", cases.change_status, file.alert_id, AlertStatus.CLOSED,
        reason=ClosingReason.OTHER, comment="done",
    )  # fmt: skip
    assert await ask(world, file, "NO") is Refusal.IS_CLOSED
    assert await step(world, file, number, "answer", "late") is TrailRequestState.ANSWERED


def test_the_other_operator_is_told_what_the_table_lets_it_see_and_nothing_of_the_place(file):
    text = trail_requests.request_text(RULES.alerts, Whole.of_file(file, "FI"), "Where to?")
    assert "Serial number: UNKNOWN1" in text
    assert str(file.alert_id) in text
    assert text.endswith("Question: Where to?")
    assert "Location" not in text
