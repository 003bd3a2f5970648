"""Plays a scenario in a world and compares every answer with the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.scenarios.language import Scenario, Step
from tests.scenarios.world import Answer, World


async def play(scenario: Scenario, world: World, watch: Callable[[Step, Answer], None] | None = None) -> None:
    """Fail at the first line that gets another answer. `watch` sees each step with its answer."""
    await world.prepare(scenario.setup)
    for step in scenario.steps:
        if step.event is not None:
            await world.change(step.event, step.now)
            continue
        assert step.request is not None
        answer = await world.perform(step.request, step.now)
        expected = {"code": step.code, "state": step.state, "level": step.level, "batch": None, **step.also}
        assert _said(answer, step, scenario.setup.zone) == expected, (
            f"{scenario.name}, line {step.line}: {step.text}"
        )
        if watch is not None:
            watch(step, answer)


def _said(answer: Answer, step: Step, zone: ZoneInfo) -> dict[str, str | None]:
    """What the table speaks of. An alert must be marked `L5` in the table; other levels may be."""
    decision = answer.decision
    said: dict[str, str | None] = {
        "code": decision.code.code,
        "state": decision.state_after,
        "level": decision.code.level if decision.is_alert or step.level else None,
        "batch": decision.batch_state,
    }
    more = {
        "hub": decision.hub_code or "-",
        "undo": "yes" if decision.can_reactivate else "no",
        "until": _local(decision.can_reactivate_until, zone),
        "count": str(decision.repeat_count),
        "before": decision.state_before or "-",
    }
    return said | {name: more[name] for name in step.also if name in more}


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "-"
    assert moment.tzinfo is UTC
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
