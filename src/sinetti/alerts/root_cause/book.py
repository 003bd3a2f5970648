"""What the rules of the analysis are judged by: their rows in the table, and what the operator may set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from sinetti.alerts.root_cause.model import (
    Bar,
    Difference,
    Evidence,
    Hypothesis,
    Identifier,
    Limits,
    limits_of,
)
from sinetti.rules.types import RootCause, Rules
from sinetti.rules.vocabulary import Cause

CONFIDENCE_MAX = 99


class Book(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The table of root causes and the limits of a market."""

    root_causes: Mapping[tuple[str, Cause | None], RootCause]
    limits: Limits
    rules_version: str

    def confidence(self, rule: str, cause: Cause | None = None) -> int:
        """The number in the rule's row."""
        return self.root_causes[rule, cause].confidence

    def hypothesis(
        self,
        rule: str,
        cause: Cause,
        *,
        confidence: int | None = None,
        evidence: Iterable[Evidence] = (),
        differences: Iterable[Difference] = (),
        corrected: Identifier | None = None,
        confirmed: bool = False,
        bars: Iterable[Bar] = (),
    ) -> Hypothesis:
        """A hypothesis as the rule's row describes it, at the row's confidence where no other is given."""
        row = self.root_causes[rule, cause]
        assert row.cause_class is not None, "rules.prove"
        assert row.side is not None, "rules.prove"
        wanted = row.confidence if confidence is None else confidence
        return Hypothesis(
            cause=cause,
            cause_class=row.cause_class,
            side=row.side,
            rule=rule,
            rule_version=row.version,
            confidence=max(1, min(CONFIDENCE_MAX, wanted)),
            differences=tuple(differences),
            corrected=corrected,
            evidence=tuple(evidence),
            closing=row.closing,
            confirmed=confirmed,
            bars=tuple(bars),
        )


def book_of(rules: Rules) -> Book:
    """The book of a market's rules."""
    return Book(root_causes=rules.root_causes, limits=limits_of(rules), rules_version=rules.version)
