"""Traffic told in plain lines, for logs and for terminals that should not be painted; and the summary at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sinetti.demo.traffic.figures import TARGET_PERCENT, Figures
from sinetti.demo.traffic.plan import Answer, PackStep
from sinetti.demo.traffic.play import Answered, Event, Failed, Lost, Prepared
from sinetti.rules.load import load_rules

ANSWER_LIMIT_MILLISECONDS: Final = int(load_rules().parameters["response_time_max_milliseconds"].value)
_EVERY_SECONDS: Final = 10.0
_NAMED_MAX: Final = 5


class Lines:
    """A line for each alert and failure, and one with figures now and then."""

    def __init__(self, figures: Figures, speed: float | None) -> None:
        self._figures = figures
        self._speed = speed
        self._told_at: float | None = None

    def after(self, event: Event, seconds: float) -> None:
        """Say what is worth a line."""
        match event:
            case Prepared(done=done, of=total) if done == total:
                print(
                    f"{total} products and batches are uploaded; the day begins ({pace(self._speed)}).",
                    flush=True,
                )
            case Answered(alert_id=alert_id) if alert_id is not None:
                print(alert_line(event), flush=True)
            case Failed() | Lost():
                print(failure_line(event), flush=True)
            case _:
                pass
        if self._told_at is None:
            self._told_at = seconds
        if seconds - self._told_at >= _EVERY_SECONDS and self._figures.operations:
            self._told_at = seconds
            print(figures_line(self._figures, seconds), flush=True)

    def __enter__(self) -> Self:
        """Return the lines themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to close."""


def pace(speed: float | None) -> str:
    """How fast the clock goes."""
    return "as fast as it goes" if speed is None else f"{speed:g} times as fast as the clock"


def moment(at: datetime) -> str:
    """A time of the country, as a person reads it."""
    return f"{at:%a %H:%M}"


def figures_line(figures: Figures, seconds: float) -> str:
    """All figures in a line."""
    return (
        f"{moment(figures.at)}  {figures.operations} operations, {figures.per_second(seconds):.1f}/s, "
        f"p95 {figures.milliseconds(95)} ms, {figures.alerts} alerts ({figures.alert_percent:.2f} %)"
    )


def alert_line(event: Answered) -> str:
    """An alert in a line."""
    assert event.truth is not None, "an alert has a truth"
    truth = event.truth
    return (
        f"{moment(truth.at)}  ALERT {event.alert_id} {event.operation_code}  {truth.cause}  {truth.location}: "
        f"{truth.note or truth.title}"
    )


def failure_line(event: Failed | Lost) -> str:
    """What was not done, in a line."""
    step = event.step
    what = f"{step.operation} of a pack" if isinstance(step, PackStep) else "an upload"
    if isinstance(event, Lost):
        return f"{moment(step.at)}  NO ANSWER to {what} at {step.place.name}; asking again"
    rest = f"; {event.left_out} more steps of its story are left out" if event.left_out else ""
    return f"{moment(step.at)}  NOT DONE: {what} at {step.place.name}: {event.reason}{rest}"


def summary(figures: Figures, truths: Path, *, stopped: bool) -> str:
    """What came of it all, in lines."""
    return "\n".join(_summary(figures, truths, stopped=stopped))


def _summary(figures: Figures, truths: Path, *, stopped: bool) -> Iterator[str]:
    plan = figures.plan
    ended = f"Stopped at {moment(figures.at)}." if stopped else "The day is over."
    yield f"{ended} Seed {plan.options.seed}, run {plan.options.run}, {len(plan.world.pharmacies)} pharmacies."
    notices, errors = figures.answers[Answer.NOTICE], figures.answers[Answer.ERROR]
    yield (
        f"{figures.operations} operations on packs: {figures.answers[Answer.OK]} in order, {notices} notices, "
        f"{errors} errors, {figures.alerts} alerts; {figures.uploads} uploads."
    )
    yield (
        f"Alerts per hundred operations: {figures.alert_percent:.2f} "
        f"(the European target is {TARGET_PERCENT})."
    )
    yield (
        f"Answers: half within {figures.milliseconds(50)} ms, 95 % within {figures.milliseconds(95)} ms "
        f"(the limit is {ANSWER_LIMIT_MILLISECONDS} ms)."
    )
    for cause, number in figures.by_cause.most_common():
        yield f"  {number:5}  {cause}"
    yield from _shortcomings(figures)
    yield f"What is behind each alert: {truths}"


def _shortcomings(figures: Figures) -> Iterator[str]:
    if figures.surprises:
        yield f"{len(figures.surprises)} answers were not as planned, among them:"
        for event in figures.surprises[:_NAMED_MAX]:
            step = event.step
            assert isinstance(step, PackStep), "only operations on packs are counted"
            yield (
                f"  {moment(step.at)}  {step.operation} at {step.place.name}: {event.operation_code} "
                f"where {step.answer} was planned ({event.story.title})"
            )
    if figures.failures:
        yield f"{len(figures.failures)} steps could not be done and {figures.left_out} were left out, among them:"
        for failure in figures.failures[:_NAMED_MAX]:
            yield f"  {failure_line(failure)}"
    if figures.lost:
        yield (
            f"{figures.lost} verifications were never answered and asked again; any of them may have raised an "
            "alert that this file does not know."
        )
