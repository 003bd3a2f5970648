"""Puts the rules together: the facts of an alert in, its ranked hypotheses out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sinetti.alerts.root_cause.book import Book
from sinetti.alerts.root_cause.decommissioned import (
    r18_double_supply,
    r19_replay,
    r20_reactivated,
    r21_loan_or_return,
    r22_parallel_distribution,
    r23_mah_transaction,
    r24_intermarket,
    r25_identical_packs,
)
from sinetti.alerts.root_cause.guards import bars_of
from sinetti.alerts.root_cause.high_risk import high_risk_patterns, r26_falsification, r28_out_of_scope
from sinetti.alerts.root_cause.identity import TECHNICAL_CAUSES, identity_hypotheses
from sinetti.alerts.root_cause.model import Analysis, Bar, Evidence, Facts, Hypothesis
from sinetti.alerts.root_cause.photograph import (
    is_refuted,
    photographed_patterns,
    r31_photograph,
    r31_print_differs,
)
from sinetti.alerts.root_cause.uploads import (
    r13_batch_not_uploaded,
    r14_partial_upload,
    r15_late_upload,
    r16_corrected,
    r16_print_differs,
)
from sinetti.alerts.root_cause.weighing import r12_later_success, r17_burst, r27_entry_mode
from sinetti.rules.vocabulary import Cause

_RULES = (
    r13_batch_not_uploaded,
    r14_partial_upload,
    r15_late_upload,
    r16_corrected,
    r16_print_differs,
    r18_double_supply,
    r19_replay,
    r20_reactivated,
    r21_loan_or_return,
    r22_parallel_distribution,
    r23_mah_transaction,
    r24_intermarket,
    r25_identical_packs,
    r28_out_of_scope,
    r31_print_differs,
)
_SIGN_MIN = 40
"""A fault that is less sure does not count among those of the location."""
_SHOWN_MAX = 6


def taken_alone(facts: Facts, book: Book) -> list[Hypothesis]:
    """Faults of scanning and typing that the alert shows by itself, whatever other alerts there are."""
    found = [r27_entry_mode(one, facts, book) for one in identity_hypotheses(facts, book)]
    return [r31_photograph(one, facts, book) for one in found]


def analyse(facts: Facts, book: Book, alone: Sequence[Hypothesis] | None = None) -> Analysis:
    """Rank what may have caused the alert. There is always a first hypothesis, if only that nothing was found.

    `alone` is what `taken_alone` has said of the same facts, where somebody has asked it already.
    """
    alone = taken_alone(facts, book) if alone is None else alone
    sign = sign_of(alone)
    # What the location did with other packs says nothing against a photograph of this one.
    lifted = [
        one if is_refuted(one) else r17_burst(r12_later_success(one, facts, book), facts, book)
        for one in alone
    ]
    patterns = [*high_risk_patterns(facts, book), *photographed_patterns(facts, alone, book)]
    found = [*lifted, *(one for rule in _RULES for one in rule(facts, book))]
    found += r26_falsification(facts, book, patterns)
    found.append(book.hypothesis("R30", Cause.UNKNOWN, evidence=[Evidence(key="nothing_found")]))
    ranked = _ranked(found)
    is_ambiguous = any(Bar.AMBIGUOUS in one.bars for one in ranked)
    guarded = tuple(
        msgspec.structs.replace(
            one, bars=bars_of(one, facts, is_high_risk=bool(patterns), is_ambiguous=is_ambiguous)
        )
        for one in ranked
    )
    return Analysis(
        alert_id=facts.sent.alert_id,
        hypotheses=guarded,
        is_high_risk=bool(patterns),
        is_ambiguous=is_ambiguous,
        sign=sign,
        analysed_at=facts.now,
        rules_version=book.rules_version,
    )


def sign_of(alone: Iterable[Hypothesis]) -> Cause | None:
    """The likeliest fault of scanning or typing before other alerts lift it, so that bursts do not feed themselves."""
    technical = [one for one in alone if one.cause in TECHNICAL_CAUSES and one.confidence >= _SIGN_MIN]
    return max(technical, key=lambda one: one.confidence).cause if technical else None


def _ranked(found: Iterable[Hypothesis]) -> list[Hypothesis]:
    """The likeliest first, each cause once, with the rule that is surest of it."""
    best: dict[Cause, Hypothesis] = {}
    for one in found:
        if one.cause not in best or one.confidence > best[one.cause].confidence:
            best[one.cause] = one
    return sorted(best.values(), key=lambda one: -one.confidence)[:_SHOWN_MAX]
