"""Guard rails: when no alert may be closed without a person, whatever a rule or an operator's parameter says."""

from __future__ import annotations

from sinetti.alerts.root_cause.decommissioned import at_same_location, is_about_state, unrelated_locations
from sinetti.alerts.root_cause.model import Bar, Facts, Hypothesis
from sinetti.rules.vocabulary import Cause, Closing

CONFIDENCE_MIN = 90
"""A hypothesis that is less sure closes nothing."""


def bars_of(
    hypothesis: Hypothesis, facts: Facts, *, is_high_risk: bool, is_ambiguous: bool
) -> tuple[Bar, ...]:
    """All that bars the alert from being closed on this hypothesis; none means that an operator may let it be."""
    bars = set(hypothesis.bars)
    if hypothesis.closing is Closing.NEVER:
        bars.add(Bar.NEVER_BY_RULE)
    if hypothesis.closing is not Closing.NEVER and not hypothesis.confirmed:
        bars.add(Bar.NOT_CONFIRMED)
    if involves_other_location(facts):
        bars.add(Bar.OTHER_LOCATION)
    if is_ambiguous:
        bars.add(Bar.AMBIGUOUS)
    if is_high_risk or hypothesis.cause is Cause.FALSIFICATION_PATTERN:
        bars.add(Bar.HIGH_RISK)
    if hypothesis.confidence < CONFIDENCE_MIN:
        bars.add(Bar.UNSURE)
    return tuple(bar for bar in Bar if bar in bars)


def involves_other_location(facts: Facts) -> bool:
    """Whether anybody else had the pack in hand, or is not known to have had not.

    An alert that the pack is decommissioned already counts so unless the location is known to have done it itself.
    """
    if is_about_state(facts) and not at_same_location(facts):
        return True
    here = facts.sent.place.location_id
    return any(location != here for location in unrelated_locations(facts)) or any(
        # Whoever has undone something has had the pack in hand before, though that may lie too far back to be read.
        (event.is_alert or event.changed) and event.place.location_id not in {None, here}
        for event in facts.history
    )
