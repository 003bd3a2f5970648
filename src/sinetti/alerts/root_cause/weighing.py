"""R12, R17 and R27: what makes a cause likelier or less likely without naming one."""

from __future__ import annotations

import msgspec

from sinetti.alerts.root_cause.book import CONFIDENCE_MAX, Book
from sinetti.alerts.root_cause.identity import SCANNER_CAUSES, TECHNICAL_CAUSES, TYPING_CAUSES
from sinetti.alerts.root_cause.model import Bar, Evidence, Facts, Hypothesis
from sinetti.rules.vocabulary import Cause, Operation

_DOUBT_LEFT = 0.15
"""Of the doubt that there was, what a later success leaves."""
_NOT_SO_SOON = 3
"""What a success of the same day is worth less than one within minutes, which alone confirms a cause for closing."""
_SCANNER_FAULT_BY_HAND = 18
"""What typing by hand takes from a fault that only a scanner makes."""
_TYPED_BUT_SCANNED = 10
"""What scanning takes from a fault that is made by typing."""


def r12_later_success(hypothesis: Hypothesis, facts: Facts, book: Book) -> Hypothesis:
    """Surer where the same location soon handled the pack that was likely meant, and nothing was wrong then."""
    meant = hypothesis.corrected
    if hypothesis.cause not in TECHNICAL_CAUSES or meant is None:
        return hypothesis
    for event in facts.later:
        passed = event.at - facts.sent.at
        if event.serial_number != meant.serial_number or not event.confirmed or event.is_alert:
            continue
        if event.place.same_location(facts.sent.place) and passed <= book.limits.retry_window:
            evidence = Evidence(
                key="verified_later" if event.operation == Operation.VERIFY else "handled_later",
                values={"minutes": max(1, round(passed.total_seconds() / 60))},
            )
            soon = passed <= book.limits.retry_soon
            # What was likelier before stays likelier: the success speaks for the pack, not for one of the faults.
            most = book.confidence("R12") - (0 if soon else _NOT_SO_SOON)
            lifted = max(hypothesis.confidence, round(most - (most - hypothesis.confidence) * _DOUBT_LEFT))
            return msgspec.structs.replace(
                hypothesis,
                confidence=lifted if Bar.AMBIGUOUS not in hypothesis.bars else hypothesis.confidence,
                confirmed=soon,
                evidence=(*hypothesis.evidence, evidence),
            )
    return hypothesis


def r17_burst(hypothesis: Hypothesis, facts: Facts, book: Book) -> Hypothesis:
    """Surer where most alerts of the location in these days show the same fault."""
    if hypothesis.cause not in TECHNICAL_CAUSES:
        return hypothesis
    others, same = facts.location_alerts.alerts, facts.location_alerts.signs.get(hypothesis.cause, 0)
    limits = book.limits
    if same + 1 < limits.location_burst_alerts or (same + 1) * 100 < limits.location_burst_percent * (
        others + 1
    ):
        return hypothesis
    evidence = Evidence(
        key="location_burst",
        values={"same": same + 1, "alerts": others + 1, "days": limits.location_burst_days},
    )
    # A fault that shows again and again is worth more the less sure it was.
    lift = max(book.confidence("R17"), (CONFIDENCE_MAX - hypothesis.confidence) // 2)
    return msgspec.structs.replace(
        hypothesis,
        confidence=min(CONFIDENCE_MAX, hypothesis.confidence + lift),
        evidence=(*hypothesis.evidence, evidence),
    )


def r27_entry_mode(hypothesis: Hypothesis, facts: Facts, book: Book) -> Hypothesis:
    """What is typed has the faults of typing, what is scanned those of scanners."""
    if facts.sent.is_typed and hypothesis.cause in TYPING_CAUSES:
        change, key = book.confidence("R27"), "typed_by_hand"
    elif facts.sent.is_typed and hypothesis.cause in SCANNER_CAUSES - {Cause.SWAPPED_FIELDS}:
        change, key = -_SCANNER_FAULT_BY_HAND, "typed_by_hand"
    elif not facts.sent.is_typed and hypothesis.cause in TYPING_CAUSES:
        change, key = -_TYPED_BUT_SCANNED, "scanned"
    else:
        return hypothesis
    return msgspec.structs.replace(
        hypothesis,
        confidence=max(1, min(CONFIDENCE_MAX, hypothesis.confidence + change)),
        evidence=(*hypothesis.evidence, Evidence(key=key)),
    )
