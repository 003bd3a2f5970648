"""Traffic played through the use cases: every story is answered as it says, and every alert has one truth."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sinetti.demo.traffic.direct import answer_of, play_directly, register_world
from sinetti.demo.traffic.plan import Answer, Options
from sinetti.demo.traffic.planner import make_plan, shares
from sinetti.nmvs.packs import Country
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Cause

ZONE = ZoneInfo("Europe/Helsinki")
NATION = Country(market="FI", rules=load_rules("FI"), zone=ZONE)
KINDS = {
    "41020001": "A3",
    "41020010": "A3",
    "41020011": "A3",
    "41020012": "A3",
    "41020002": "A2",
    "41020005": "A52",
} | {f"4102000{digit}": "A68" for digit in "3789"}


def kind(code: str) -> str:
    return KINDS.get(code) or ("A7" if code.startswith("512202") else "A24")


async def played(database, options):
    plan = make_plan(options, ZONE)
    callers = await register_world(database, plan.world, datetime(2026, 1, 1, tzinfo=UTC))
    wrong = []

    def look(story, step, outcome):
        if answer_of(outcome) is not step.answer:
            wrong.append(
                (
                    story.title,
                    step.operation,
                    step.answer,
                    outcome.decision.code.code,
                    step.sent,
                    step.printed,
                )
            )

    truths = await play_directly(plan, database, NATION, callers, on_answer=look)
    return plan, truths, wrong


async def test_days_are_answered_as_planned_and_each_alert_has_one_truth(database):
    options = Options(
        seed=4, hours=60, pharmacies=12, packs_per_day=25, alerts=500, first_day=date(2026, 3, 2)
    )
    plan, truths, wrong = await played(database, options)
    assert not wrong, wrong[:5]
    async with database.connection() as connection:
        rows = await (await connection.execute("SELECT alert_id FROM alert")).fetchall()
    assert Counter(truth.alert_id for truth in truths if truth.alert_id) == Counter(row[0] for row in rows)
    assert len(rows) == plan.alerts >= 500
    assert {truth.planned for truth in truths if truth.alert_id} == {Answer.ALERT}


@pytest.mark.parametrize("cause", list(shares()))
async def test_a_cause_raises_the_alerts_that_its_row_says(database, cause):
    options = Options(
        seed=9,
        hours=14,
        pharmacies=10,
        packs_per_day=2,
        alerts=25,
        only=frozenset({cause}),
        first_day=date(2026, 3, 2),
    )
    _, truths, wrong = await played(database, options)
    assert not wrong, wrong[:5]
    alerts = [truth for truth in truths if truth.alert_id]
    assert len(alerts) >= 25
    assert {truth.cause for truth in alerts} == {cause}
    assert {kind(truth.operation_code or "") for truth in alerts} <= shares()[Cause(cause)].kinds
