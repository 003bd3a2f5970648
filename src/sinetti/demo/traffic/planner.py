"""Makes the plan of a day, or of several: what everybody does, and as many alerts of each cause as are believable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from sinetti.demo.traffic import patterns, process, uploads
from sinetti.demo.traffic.everyday import late_everyday, tell_everyday, upload_before
from sinetti.demo.traffic.plan import Options, PackStep, Plan
from sinetti.demo.traffic.slips import TECHNICAL
from sinetti.demo.traffic.stage import Stage
from sinetti.demo.traffic.technical import tell_slips
from sinetti.demo.traffic.world import rows
from sinetti.rules.vocabulary import Cause

_OCCURRENCES_MIN: Final = 8
"""A short day has several small reasons for alerts and not one large one."""
_FRUITLESS_MAX: Final = 200
"""Stories in a row that come to nothing, as all places are closed, before the planner gives up."""

_TELLERS: Final[Mapping[Cause, Callable[[Stage, int], int]]] = {
    Cause.BATCH_NOT_UPLOADED: uploads.tell_batch_not_uploaded,
    Cause.PARTIAL_UPLOAD: uploads.tell_partial_upload,
    Cause.LATE_UPLOAD: uploads.tell_late_upload,
    Cause.PRINT_DIFFERS: uploads.tell_print_differs,
    Cause.PARALLEL_DISTRIBUTION: uploads.tell_parallel_distribution,
    Cause.INTERMARKET_DUPLICATE: uploads.tell_intermarket_duplicate,
    Cause.MAH_TRANSACTION: uploads.tell_mah_transaction,
    Cause.DOUBLE_SUPPLY: process.tell_double_supply,
    Cause.REPLAY: process.tell_replay,
    Cause.LOAN_OR_RETURN: process.tell_loan_or_return,
    Cause.IDENTICAL_PACKS: process.tell_identical_packs,
    Cause.FALSIFICATION_PATTERN: patterns.tell_pattern,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A row of `tables/causes.csv`: how often a cause is behind an alert, and what alerts it raises."""

    cause: Cause
    share: int
    """Of a thousand alerts."""
    alerts_min: int
    alerts_max: int
    """Alerts that one occurrence raises, about."""
    kinds: frozenset[str]
    """EU Hub codes of its alerts."""

    @property
    def occurrences(self) -> float:
        """How often it occurs, compared with the others."""
        return self.share / ((self.alerts_min + self.alerts_max) / 2)


@cache
def shares() -> Mapping[Cause, Share]:
    """All causes that raise alerts."""
    return {
        Cause(row["cause"]): Share(
            cause=Cause(row["cause"]),
            share=int(row["share"]),
            alerts_min=int(row["alerts_min"]),
            alerts_max=int(row["alerts_max"]),
            kinds=frozenset(row["kinds"].split()),
        )
        for row in rows("causes")
        if int(row["alerts_max"])
    }


def make_plan(options: Options, zone: ZoneInfo) -> Plan:
    """The plan for these options. `zone` is the country's, by which places open and close.

    Raises `ValueError` for causes that raise no alert, and for a number of pharmacies that there is no place for.
    """
    if without := options.only - shares().keys():
        raise ValueError(f"no alert is due to: {', '.join(sorted(without))}")
    stage = Stage(options, zone)
    tell_everyday(stage)
    operations = sum(isinstance(step, PackStep) for story in stage.stories for step in story.steps)
    wanted = options.alerts
    if wanted is None:
        wanted = round(operations * options.alert_percent / 100)
    _tell_alerts(stage, wanted)
    late_everyday(stage)
    return Plan(
        options=options,
        world=stage.world,
        starts_at=stage.starts_at,
        ends_at=stage.ends_at,
        before=upload_before(stage),
        stories=tuple(stage.stories),
    )


def _tell_alerts(stage: Stage, wanted: int) -> None:
    """Stories until there are as many alerts as wanted."""
    known = shares()
    causes = [cause for cause in known if not stage.options.only or cause in stage.options.only]
    whole = sum(known[cause].share for cause in causes)
    told = Counter[Cause]()
    if wanted and Cause.FALSIFICATION_PATTERN in causes:
        # A short demo should have something to find, too.
        told[Cause.FALSIFICATION_PATTERN] = _tell(stage, Cause.FALSIFICATION_PATTERN, wanted)
    fruitless = 0
    while told.total() < wanted and fruitless < _FRUITLESS_MAX:
        # The more a cause lags behind its share, the likelier it comes next; all of them have a chance.
        owed = [known[cause].share / whole * wanted - told[cause] for cause in causes]
        weights = [
            known[cause].occurrences * (1.0 if owes > 0 else 0.01)
            for cause, owes in zip(causes, owed, strict=True)
        ]
        cause = stage.rng.choices(causes, weights)[0]
        alerts = _tell(stage, cause, wanted)
        fruitless = 0 if alerts else fruitless + 1
        told[cause] += alerts


def _tell(stage: Stage, cause: Cause, wanted: int) -> int:
    row = shares()[cause]
    most = min(row.alerts_max, max(row.alerts_min, wanted // _OCCURRENCES_MIN))
    alerts = stage.rng.randint(row.alerts_min, most)
    if cause in TECHNICAL:
        return tell_slips(stage, cause, alerts)
    return _TELLERS[cause](stage, alerts)
