"""R18 to R25: why a pack is decommissioned already when somebody wants to decommission it."""

from __future__ import annotations

from collections.abc import Iterator

from sinetti.alerts.root_cause.book import Book
from sinetti.alerts.root_cause.model import (
    AlertKind,
    Evidence,
    Facts,
    Happened,
    Hypothesis,
    Place,
    SendingMode,
)
from sinetti.rules.vocabulary import Cause, Operation, OrganisationKind, PackState

NOT_IN_HAND = frozenset({Operation.VERIFY.value, Operation.REACTIVATE.value})
"""Operations that do not show that somebody was about to hand the pack over."""
_MINUTE = 60
_AT_ONCE_SECONDS = 5
_REPEATS_MIN = 3
_MACHINE_LIKE = 2
"""Repeats within a few seconds are a little less sure than a queue of packs: a finger may rest on the trigger."""
_LONG_AGO_DAYS = 30
_LESS_SURE = 10


def first_decommissioning(facts: Facts) -> Happened | None:
    """The event that gave the pack the state in which the alert found it; `None` where the record has none."""
    found = None
    for event in facts.history:
        if event.at > facts.sent.at:
            break
        if event.changed and event.state_after is not PackState.ACTIVE:
            found = event
        elif event.changed:
            found = None
    return found


def owner(facts: Facts) -> Place | None:
    """Who decommissioned the pack: by the record, or else by what is stored with the pack."""
    event = first_decommissioning(facts)
    if event is not None:
        return event.place
    pack = facts.pack
    if pack is None or pack.state is PackState.ACTIVE or pack.location_id is None:
        return None
    return Place(
        location_id=pack.location_id,
        organisation_id=pack.organisation_id,
        organisation_kind=pack.organisation_kind,
    )


def is_about_state(facts: Facts) -> bool:
    """Whether the alert says that the pack was decommissioned before."""
    return facts.sent.kind is AlertKind.ALREADY_DECOMMISSIONED


def at_same_location(facts: Facts) -> bool:
    """Whether the location that raised the alert had decommissioned the pack itself."""
    by = owner(facts)
    return by is not None and by.same_location(facts.sent.place)


def state_before(facts: Facts) -> PackState | None:
    """The state in which the alert found the pack."""
    if facts.sent.state_before is not None:
        return facts.sent.state_before
    event = first_decommissioning(facts)
    if event is not None:
        return event.state_after
    return None if facts.pack is None else facts.pack.state


def unrelated_locations(facts: Facts) -> frozenset[int]:
    """Locations of different organisations that had the pack in hand: one for each organisation.

    Had in hand means decommissioned it or tried to: asking about a pack moves nothing, and undoing needs no pack.
    """
    seen: dict[int, int] = {}
    for event in facts.history:
        place = event.place
        if event.operation in NOT_IN_HAND or not event.answered:
            continue
        if place.location_id is not None and place.organisation_kind is not OrganisationKind.MAH_OBP:
            seen.setdefault(place.organisation_id or -place.location_id, place.location_id)
    return frozenset(seen.values())


def r18_double_supply(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """The location itself had decommissioned the pack before."""
    if not is_about_state(facts) or not at_same_location(facts):
        return
    before = first_decommissioning(facts)
    evidence = []
    confidence = book.confidence("R18", Cause.DOUBLE_SUPPLY)
    if before is not None:
        minutes = round((facts.sent.at - before.at).total_seconds() / _MINUTE)
        evidence.append(Evidence(key="decommissioned_here", values=_ago(minutes)))
        if minutes > _LONG_AGO_DAYS * 24 * 60:
            confidence -= _LESS_SURE
    tries = _repeats(facts)
    if len(tries) > 1:
        evidence.append(Evidence(key="tried_again", values={"times": len(tries)}))
    yield book.hypothesis("R18", Cause.DOUBLE_SUPPLY, confidence=confidence, evidence=evidence)


def _ago(minutes: int) -> dict[str, str | int]:
    """A length of time for the texts: how many, and of what."""
    for unit, length in (("days", 24 * 60), ("hours", 60)):
        if minutes >= 2 * length:
            return {"number": round(minutes / length), "unit": unit}
    return {"number": max(minutes, 0), "unit": "minutes"}


def _repeats(facts: Facts) -> list[Happened]:
    """What the location tried with the decommissioned pack up to the alert, the alert itself among it."""
    before = first_decommissioning(facts)
    return [
        event
        for event in facts.history
        if (before is None or event.at > before.at)
        and event.at <= facts.sent.at
        and event.place.same_location(facts.sent.place)
        and event.operation != Operation.VERIFY
        and not event.changed
    ]


def r19_replay(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """Software sent again what it had sent before: a recovery request, many packs at once, or many times at once."""
    if not is_about_state(facts) or not at_same_location(facts):
        return
    confidence = book.confidence("R19", Cause.REPLAY)
    if facts.sent.mode is SendingMode.RECOVERY:
        yield book.hypothesis("R19", Cause.REPLAY, evidence=[Evidence(key="sent_after_outage")])
        return
    packs = facts.location_alerts.replayed_packs
    if packs >= book.limits.replay_packs:
        evidence = Evidence(key="many_packs_again", values={"packs": packs})
        yield book.hypothesis("R19", Cause.REPLAY, evidence=[evidence])
        return
    tries = _repeats(facts)
    if len(tries) >= _REPEATS_MIN:
        seconds = (tries[-1].at - tries[0].at).total_seconds()
        if seconds <= _AT_ONCE_SECONDS:
            evidence = Evidence(key="repeated_at_once", values={"times": len(tries)})
            yield book.hypothesis(
                "R19", Cause.REPLAY, confidence=confidence - _MACHINE_LIKE, evidence=[evidence]
            )


def r20_reactivated(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """The location that had decommissioned the pack has reactivated it since, in time: it was its own doing."""
    if not is_about_state(facts) or not at_same_location(facts):
        return
    before = first_decommissioning(facts)
    for event in facts.history:
        if event.at <= facts.sent.at or not event.place.same_location(facts.sent.place):
            continue
        in_time = before is not None and event.at - before.at <= book.limits.reactivation_window
        if event.operation == Operation.REACTIVATE and event.changed and in_time:
            minutes = round((event.at - facts.sent.at).total_seconds() / _MINUTE)
            evidence = Evidence(key="reactivated_here", values=_ago(minutes))
            yield book.hypothesis("R20", Cause.DOUBLE_SUPPLY, evidence=[evidence], confirmed=True)
            return


def r21_loan_or_return(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """The pack was decommissioned elsewhere in the same organisation, or comes back to a wholesaler."""
    if not is_about_state(facts) or at_same_location(facts):
        return
    by = owner(facts)
    if by is None or by.location_id is None or by.organisation_kind is OrganisationKind.MAH_OBP:
        return
    if state_before(facts) not in {PackState.SUPPLIED, None}:
        return
    here = facts.sent.place
    if by.same_organisation(here):
        yield book.hypothesis("R21", Cause.LOAN_OR_RETURN, evidence=[Evidence(key="same_organisation")])
    elif _taken_back(facts, by):
        yield book.hypothesis("R21", Cause.LOAN_OR_RETURN, evidence=[Evidence(key="taken_back_elsewhere")])
    elif OrganisationKind.WHOLESALER in {here.organisation_kind, by.organisation_kind, *_between(facts)}:
        yield book.hypothesis("R21", Cause.LOAN_OR_RETURN, evidence=[Evidence(key="wholesaler_involved")])
    elif len(unrelated_locations(facts)) < book.limits.high_risk_locations:
        yield book.hypothesis("R21a", Cause.LOAN_OR_RETURN, evidence=[Evidence(key="another_organisation")])


def _taken_back(facts: Facts, by: Place) -> bool:
    """Whether the location that had decommissioned the pack made it active again after the alert, as a lender does."""
    return any(
        event.at > facts.sent.at
        and event.operation == Operation.REACTIVATE
        and event.changed
        and event.place.same_location(by)
        for event in facts.history
    )


def _between(facts: Facts) -> list[OrganisationKind]:
    """Kinds of organisations that had to do with the pack between its decommissioning and the alert."""
    before = first_decommissioning(facts)
    return [
        event.place.organisation_kind
        for event in facts.history
        if before is not None
        and before.at < event.at < facts.sent.at
        and event.place.organisation_kind is not None
    ]


def r22_parallel_distribution(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """A parallel distributor has checked the pack out, so that nobody may supply it."""
    if is_about_state(facts) and state_before(facts) is PackState.CHECKED_OUT:
        yield book.hypothesis("R22", Cause.PARALLEL_DISTRIBUTION, evidence=[Evidence(key="checked_out")])


def r23_mah_transaction(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """The company's own system raised the alert, or had given the pack its state."""
    if facts.sent.place.organisation_kind is OrganisationKind.MAH_OBP:
        yield book.hypothesis("R23", Cause.MAH_TRANSACTION, evidence=[Evidence(key="asked_by_company")])
        return
    before = first_decommissioning(facts)
    if not is_about_state(facts) or before is None:
        return
    if state_before(facts) in {PackState.CHECKED_OUT, PackState.INACTIVE, PackState.STOLEN}:
        return
    if before.place.organisation_kind is OrganisationKind.MAH_OBP:
        yield book.hypothesis("R23", Cause.MAH_TRANSACTION, evidence=[Evidence(key="state_by_company")])


def r24_intermarket(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """Another market has decommissioned the pack, and did not say how."""
    if is_about_state(facts) and state_before(facts) is PackState.INACTIVE:
        yield book.hypothesis("R24", Cause.INTERMARKET_DUPLICATE, evidence=[Evidence(key="other_market")])


def r25_identical_packs(facts: Facts, book: Book) -> Iterator[Hypothesis]:
    """Two unrelated locations supply what seems to be one pack: sure when more packs of the batch do so."""
    if not is_about_state(facts) or at_same_location(facts):
        return
    by = owner(facts)
    if by is None or by.location_id is None or by.same_organisation(facts.sent.place):
        return
    if state_before(facts) is not PackState.SUPPLIED or len(unrelated_locations(facts)) < 2:  # noqa: PLR2004
        return
    packs = facts.batch_alerts.packs_supplied_twice
    if packs > 1:
        evidence = Evidence(key="more_packs_twice", values={"packs": packs})
        yield book.hypothesis("R25", Cause.IDENTICAL_PACKS, evidence=[evidence])
    else:
        yield book.hypothesis("R25a", Cause.IDENTICAL_PACKS, evidence=[Evidence(key="seems_one_pack")])
