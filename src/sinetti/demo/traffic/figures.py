"""What has come of the traffic so far, in figures, from the events of a player. Asks no clock."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sinetti.demo.traffic.plan import Answer, PackStep, Plan
from sinetti.demo.traffic.play import Answered, Event, Failed, Lost, Prepared, Told

TARGET_PERCENT: Final = 0.05
"""Alerts per hundred operations that Europe aims at (DAZ, April 2022)."""
RECENT_ALERTS: Final = 8
_LATELY_SECONDS: Final = 10.0
_LATELY_MAX: Final = 5000


@dataclass(slots=True)
class Figures:
    """Everything that the picture and the summary show."""

    plan: Plan
    at: datetime
    prepared: tuple[int, int] = (0, 0)
    operations: int = 0
    uploads: int = 0
    answers: Counter[Answer] = field(default_factory=Counter)
    by_cause: Counter[str] = field(default_factory=Counter)
    by_code: Counter[str] = field(default_factory=Counter)
    surprises: list[Answered] = field(default_factory=list)
    """Answers of another kind than the plan says."""
    failures: list[Failed] = field(default_factory=list)
    left_out: int = 0
    lost: int = 0
    recent_alerts: deque[Answered] = field(default_factory=lambda: deque(maxlen=RECENT_ALERTS))
    late_seconds: float = 0.0
    _milliseconds: Counter[int] = field(default_factory=Counter)
    _lately: deque[float] = field(default_factory=lambda: deque(maxlen=_LATELY_MAX))

    def take(self, event: Event, seconds: float) -> None:
        """Count an event that happened at this time of a clock that only goes forward."""
        match event:
            case Prepared(done=done, of=total):
                self.prepared = (done, total)
            case Told(at=at, late_seconds=late):
                self.at, self.late_seconds = at, late
            case Answered():
                self._answered(event, seconds)
            case Lost():
                self.lost += 1
            case Failed(left_out=left):
                self.failures.append(event)
                self.left_out += left

    def _answered(self, event: Answered, seconds: float) -> None:
        if not isinstance(event.step, PackStep):
            self.uploads += 1
            return
        self.operations += 1
        self.answers[event.answer] += 1
        self._milliseconds[round(event.seconds * 1000)] += 1
        self._lately.append(seconds)
        if event.answer is not event.step.answer:
            self.surprises.append(event)
        if event.alert_id is not None:
            self.by_cause[event.truth.cause if event.truth else "unknown"] += 1
            self.by_code[event.operation_code or ""] += 1
            self.recent_alerts.append(event)

    @property
    def alerts(self) -> int:
        """Alerts so far."""
        return self.answers[Answer.ALERT]

    @property
    def alert_percent(self) -> float:
        """Alerts per hundred operations."""
        return 100 * self.alerts / self.operations if self.operations else 0.0

    def per_second(self, seconds: float) -> float:
        """Operations answered in each of the last seconds before this time."""
        while self._lately and self._lately[0] < seconds - _LATELY_SECONDS:
            self._lately.popleft()
        if not self._lately:
            return 0.0
        return len(self._lately) / max(min(_LATELY_SECONDS, seconds - self._lately[0]), 1.0)

    def milliseconds(self, percent: float) -> int:
        """How many milliseconds this share of the answers took at most."""
        total = self._milliseconds.total()
        passed = 0
        for milliseconds in sorted(self._milliseconds):
            passed += self._milliseconds[milliseconds]
            if passed >= total * percent / 100:
                return milliseconds
        return 0

    @property
    def done(self) -> float:
        """How much of the plan's time is over, from 0 to 1."""
        return min(max((self.at - self.plan.starts_at) / self.plan.length, 0.0), 1.0)
