"""Traffic as it is told: the picture, the lines and the summary, from the same figures."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from sinetti.cli.demo_traffic_lines import Lines, summary
from sinetti.cli.demo_traffic_picture import painted
from sinetti.demo.traffic.figures import Figures
from sinetti.demo.traffic.plan import Answer, Options, PackStep, UploadStep
from sinetti.demo.traffic.planner import make_plan
from sinetti.demo.traffic.play import Answered, Failed, Lost, Prepared, Told
from sinetti.demo.traffic.truth import truth_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def plan():
    options = Options(pharmacies=4, packs_per_day=20, alerts=12, first_day=date(2026, 3, 2))
    return make_plan(options, ZoneInfo("Europe/Helsinki"))


def answered(plan, story, step, *, as_planned=True):
    is_pack = isinstance(step, PackStep)
    alert = is_pack and step.answer is Answer.ALERT and as_planned
    alert_id = f"FI-222-333-444-555-{story.number:03}" if alert else None
    code = "41020001" if alert else "11210200"
    truth = None
    if is_pack:
        truth = truth_of(plan.options, story, step, alert_id=alert_id, operation_code=code, answered_at=NOW)
    return Answered(
        story=story,
        step=step,
        seconds=0.02,
        answer=step.answer if is_pack and as_planned else Answer.OK,
        operation_code=code if is_pack else None,
        alert_id=alert_id,
        truth=truth,
    )


def a_day(plan):
    yield Prepared(done=3, of=3)
    for story, step in plan.timed():
        yield Told(at=step.at, late_seconds=0.0)
        yield answered(plan, story, step)


def taken(plan, events):
    figures = Figures(plan=plan, at=plan.starts_at)
    for number, event in enumerate(events):
        figures.take(event, number * 0.1)
    return figures


def shown(figures, speed=60.0, seconds=0.0):
    console = Console(file=io.StringIO(), width=140, record=True, force_terminal=True)
    console.print(painted(figures, speed, seconds))
    return console.export_text()


def test_a_day_that_goes_as_planned(plan):
    figures = taken(plan, a_day(plan))
    assert (figures.operations, figures.alerts) == (plan.operations, plan.alerts)
    assert figures.uploads == sum(isinstance(step, UploadStep) for _, step in plan.timed())
    assert not figures.surprises
    assert figures.by_cause.total() == plan.alerts
    assert figures.milliseconds(95) == 20
    told = summary(figures, Path("truth.jsonl"), stopped=False)
    assert told.startswith("The day is over. Seed 1, run 1, 4 pharmacies.")
    assert f"{plan.alerts} alerts" in told
    assert "could not be done" not in told
    assert told.endswith("What is behind each alert: truth.jsonl")


def test_the_picture_shows_time_figures_causes_and_the_latest_alerts(plan):
    figures = taken(plan, a_day(plan))
    picture = shown(figures)
    assert f"{figures.at:%A %H:%M}" in picture
    assert f"{plan.operations} of {plan.operations} operations" in picture
    assert "above the European target of 0.05 %" in picture
    for cause in figures.by_cause:
        assert cause in picture
    assert figures.recent_alerts[-1].truth.location in picture


def test_before_the_day_begins_the_picture_tells_what_it_waits_for(plan):
    assert "3 of 70 products and batches uploaded" in shown(taken(plan, [Prepared(done=3, of=70)]))
    assert "Getting ready" in shown(taken(plan, []))


def test_a_day_without_alerts_is_within_the_target(plan):
    good = [event for event in a_day(plan) if not (isinstance(event, Answered) and event.alert_id)]
    assert "within the European target" in shown(taken(plan, good))


def test_what_goes_wrong_is_told_and_counted(plan):
    steps = [(story, step) for story, step in plan.timed() if isinstance(step, PackStep)]
    (story, step) = next(one for one in steps if one[1].answer is Answer.ALERT)
    figures = taken(
        plan,
        [
            answered(plan, story, step, as_planned=False),
            Lost(story=story, step=step, truth=None),
            Failed(story=story, step=step, reason="the national system is busy", left_out=2, truth=None),
            Told(at=step.at, late_seconds=12.0),
            Prepared(done=1, of=1),
        ],
    )
    told = summary(figures, Path("truth.jsonl"), stopped=True)
    assert "Stopped at Mon" in told
    assert "1 answers were not as planned" in told
    assert "11210200 where alert was planned" in told
    assert "1 steps could not be done and 2 were left out" in told
    assert "1 verifications were never answered" in told
    picture = shown(figures)
    assert "12 s behind" in picture
    assert "NOT DONE" in picture


def test_lines_tell_of_every_alert_and_of_figures_now_and_then(plan, capsys):
    figures = Figures(plan=plan, at=plan.starts_at)
    with Lines(figures, None) as lines:
        for number, event in enumerate(a_day(plan)):
            figures.take(event, number * 0.1)
            lines.after(event, number * 0.1)
    said = capsys.readouterr().out
    assert said.startswith("3 products and batches are uploaded; the day begins (as fast as it goes).")
    assert said.count("ALERT FI-") == plan.alerts
    assert " operations, " in said


def test_the_rate_is_that_of_the_last_seconds(plan):
    figures = taken(plan, (event for event in a_day(plan) if isinstance(event, Answered)))
    last = (figures.operations + figures.uploads - 1) * 0.1
    assert 8 < figures.per_second(last) < 12
    assert figures.per_second(last + 60) == 0
