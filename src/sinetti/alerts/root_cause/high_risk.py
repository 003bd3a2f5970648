"""R26 and R28: patterns that only a person may judge, and what is outside the scope of the Regulation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sinetti.alerts.root_cause.book import Book
from sinetti.alerts.root_cause.decommissioned import (
    NOT_IN_HAND,
    at_same_location,
    is_about_state,
    owner,
    state_before,
    unrelated_locations,
)
from sinetti.alerts.root_cause.model import UNKNOWN_PACK, Evidence, Facts, Happened, Hypothesis
from sinetti.rules.vocabulary import Cause, OrganisationKind, PackState


def high_risk_patterns(facts: Facts, book: Book) -> list[Evidence]:
    """The patterns of falsification that the facts show; any of them must be escalated and is never closed."""
    found = [
        *_many_locations(facts, book),
        *_stolen(facts),
        *_impossible_journey(facts, book),
        *_many_unknown_packs(facts, book),
    ]
    return list({one.key: one for one in found}.values())


def _many_locations(facts: Facts, book: Book) -> Iterator[Evidence]:
    locations = len(unrelated_locations(facts))
    if locations >= book.limits.high_risk_locations:
        yield Evidence(key="many_unrelated_locations", values={"locations": locations})


def _stolen(facts: Facts) -> Iterator[Evidence]:
    state = state_before(facts)
    if is_about_state(facts) and state is PackState.STOLEN:
        yield Evidence(key="stolen")


def _impossible_journey(facts: Facts, book: Book) -> Iterator[Evidence]:
    """Two unrelated locations that had the pack in hand within minutes of each other."""
    in_hand = [event for event in facts.history if _in_hand(event)]
    for one, other in pairwise(in_hand):
        soon = other.at - one.at <= book.limits.impossible_journey
        elsewhere = not one.place.same_location(other.place) and not one.place.same_organisation(other.place)
        if soon and elsewhere:
            minutes = round((other.at - one.at).total_seconds() / 60)
            yield Evidence(key="impossible_journey", values={"minutes": minutes})
            return


def _in_hand(event: Happened) -> bool:
    kind = event.place.organisation_kind
    return (
        event.answered
        and event.place.location_id is not None
        and event.operation not in NOT_IN_HAND
        and kind not in {None, OrganisationKind.MAH_OBP}
    )


def _many_unknown_packs(facts: Facts, book: Book) -> Iterator[Evidence]:
    """Many unknown packs of one batch at one location, and at no other: a batch not uploaded comes up everywhere."""
    place = facts.sent.place.location_id
    if facts.sent.kind not in UNKNOWN_PACK or facts.pack is not None or place is None:
        return
    packs = facts.batch_alerts.packs_at_location.get(place, 0)
    if (
        packs >= book.limits.high_risk_packs
        and facts.batch_alerts.unexplained_locations < book.limits.upload_gap_locations
    ):
        yield Evidence(key="many_unknown_packs", values={"packs": packs})


def r26_falsification(facts: Facts, book: Book, patterns: list[Evidence]) -> Iterator[Hypothesis]:
    """A pattern of falsification, or, weaker, that nothing rules one out."""
    cause = Cause.FALSIFICATION_PATTERN
    if patterns:
        yield book.hypothesis("R26", cause, evidence=patterns)
    elif facts.sent.kind in UNKNOWN_PACK and facts.pack is None:
        yield book.hypothesis("R26a", cause, evidence=[Evidence(key="not_ruled_out")])
    elif is_about_state(facts) and not at_same_location(facts):
        by = owner(facts)
        if by is None or not by.same_organisation(facts.sent.place):
            yield book.hypothesis("R26a", cause, evidence=[Evidence(key="other_location_unexplained")])


def r28_out_of_scope(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """The product is unknown, or the batch is exempted."""
    if facts.non_fmd:
        yield book.hypothesis("R28", Cause.OUT_OF_SCOPE, evidence=[Evidence(key="exempted_batch")])
    elif not facts.product_known:
        yield book.hypothesis("R28", Cause.OUT_OF_SCOPE, evidence=[Evidence(key="unknown_product")])
