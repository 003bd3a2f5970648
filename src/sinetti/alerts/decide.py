"""Judges changes of an alert by the tables: facts in, a change or a refusal out. Pure."""

from __future__ import annotations

from datetime import datetime

from sinetti.alerts.model import (
    COMMENT_CHARACTERS_MAX,
    AlertFile,
    ClassificationChange,
    Doer,
    InvestigationChange,
    StatusChange,
)
from sinetti.rules.alerts.types import AlertRules, TrailRequestRule
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    Classification,
    ClosingReason,
    Deadline,
    Effect,
    InvestigationStatus,
    Party,
    Refusal,
    Saying,
    SetAsideEnd,
    SetAsideNeed,
    Side,
    SupplyOutcome,
    TrailRequestState,
    TrailRequestStep,
)

_NOT_BEGUN = frozenset({AlertStatus.NEW, AlertStatus.ACTIVE})


def is_of(alert: AlertFile, doer: Doer) -> bool:
    """Whether the alert is the doer's matter: its location's, its organisation's, its product's, or everybody's."""
    match doer.party:
        case Party.END_USER_LOCATION:
            return alert.location_id is not None and alert.location_id in doer.location_ids
        case Party.END_USER_ORGANISATION:
            return doer.organisation_id is not None and alert.organisation_id == doer.organisation_id
        case Party.MAH | Party.OBP:
            return doer.organisation_id is not None and alert.obp_organisation_id == doer.organisation_id
        case Party.OPERATOR | Party.AUTHORITY | Party.SYSTEM:
            return True
        case Party.OTHER_OPERATOR:
            return False


def side_of(party: Party) -> Side | None:
    """The side that a party speaks for; `None` for those that only look, and for Sinetti."""
    return {
        Party.END_USER_LOCATION: Side.END_USER,
        Party.END_USER_ORGANISATION: Side.END_USER,
        Party.MAH: Side.MAH,
        Party.OBP: Side.OBP,
        Party.OPERATOR: Side.NMVO,
    }.get(party)


# ---------------------------------------------------------------- status


def decide_status(
    rules: AlertRules,
    alert: AlertFile,
    doer: Doer,
    to: AlertStatus,
    now: datetime,
    *,
    reason: ClosingReason | None = None,
    comment: str | None = None,
) -> StatusChange | Refusal:
    """The change to a status, or why not."""
    row = rules.status_transitions.get((alert.status, to))
    if row is None:
        return Refusal.ALREADY_SO if alert.status is to else Refusal.NO_SUCH_CHANGE
    if doer.party not in row.who:
        return Refusal.NOT_FOR_THIS_PARTY
    comment = _trimmed(comment)
    saying = row.saying
    if saying is Saying.CLOSING_REASON:
        if reason is None:
            return Refusal.REASON_MISSING
        if refusal := _refuses_reason(rules, alert, doer, reason, now):
            return refusal
        saying = rules.closing_reasons[reason].saying
    if refusal := _refuses_comment(saying, comment):
        return refusal
    return StatusChange(to=to, reason=reason if to is AlertStatus.CLOSED else None, comment=comment)


def possible_statuses(rules: AlertRules, alert: AlertFile, doer: Doer) -> tuple[AlertStatus, ...]:
    """What the doer can move the alert to now."""
    return tuple(
        row.to_status
        for row in rules.status_transitions.values()
        if row.from_status is alert.status and doer.party in row.who
    )


def possible_reasons(
    rules: AlertRules, alert: AlertFile, doer: Doer, now: datetime
) -> tuple[ClosingReason, ...]:
    """What the doer can close the alert with now."""
    return tuple(
        reason for reason in rules.closing_reasons if not _refuses_reason(rules, alert, doer, reason, now)
    )


def _refuses_reason(
    rules: AlertRules, alert: AlertFile, doer: Doer, reason: ClosingReason, now: datetime
) -> Refusal | None:
    row = rules.closing_reasons[reason]
    if doer.party not in row.who:
        automatic = doer.party is Party.SYSTEM
        return Refusal.REASON_NOT_AUTOMATIC if automatic else Refusal.REASON_NOT_FOR_THIS_PARTY
    if alert.classification not in row.classifications:
        return Refusal.REASON_DOES_NOT_FIT_CLASSIFICATION
    if alert.kind not in row.kinds:
        return Refusal.REASON_DOES_NOT_FIT_KIND
    if row.after_deadline is Deadline.CLOSE_WITHOUT_ANSWER:
        due = alert.close_without_answer_at
        if due is None or now < due:
            return Refusal.REASON_TOO_EARLY
    return None


def _refuses_comment(saying: Saying, comment: str | None) -> Refusal | None:
    if comment is not None and len(comment) > COMMENT_CHARACTERS_MAX:
        return Refusal.COMMENT_TOO_LONG
    if saying is Saying.REQUIRED and comment is None:
        return Refusal.COMMENT_MISSING
    return None


def _trimmed(comment: str | None) -> str | None:
    return (comment or "").strip() or None


# ---------------------------------------------------------------- investigation


def decide_investigation(
    rules: AlertRules,
    alert: AlertFile,
    doer: Doer,
    side: Side,
    to: InvestigationStatus,
    *,
    comment: str | None = None,
) -> InvestigationChange | Refusal:
    """What a side says of the cause, or why not. A closed alert has to be reopened first."""
    row = rules.investigations[side, to]
    if doer.party not in row.who:
        return Refusal.SIDE_NOT_FOR_THIS_PARTY
    if alert.status is AlertStatus.CLOSED:
        return Refusal.IS_CLOSED
    if alert.investigations.get(side, InvestigationStatus.NONE) is to:
        return Refusal.ALREADY_SO
    comment = _trimmed(comment)
    if refusal := _refuses_comment(row.saying, comment):
        return refusal
    begins = alert.status in _NOT_BEGUN and to is not InvestigationStatus.NONE
    return InvestigationChange(
        side=side,
        to=to,
        comment=comment,
        status=StatusChange(to=AlertStatus.UNDER_INVESTIGATION, reason=None, comment=None)
        if begins
        else None,
    )


# ---------------------------------------------------------------- classification


def decide_classification(
    rules: AlertRules, alert: AlertFile, doer: Doer, to: Classification, *, comment: str | None
) -> ClassificationChange | Refusal:
    """The change of class with its effects, or why not. An alert that was closed as a false one is reopened first."""
    row = rules.classifications.get((alert.classification, to))
    if row is None:
        return Refusal.ALREADY_SO if alert.classification is to else Refusal.NO_SUCH_CHANGE
    if doer.party not in row.who:
        return Refusal.NOT_FOR_THIS_PARTY
    if alert.status is AlertStatus.CLOSED:
        return Refusal.IS_CLOSED
    trimmed = _trimmed(comment) or ""
    if refusal := _refuses_comment(Saying.REQUIRED, trimmed or None):
        return refusal
    escalates = Effect.ESCALATE in row.effects and alert.status is not AlertStatus.ESCALATED
    return ClassificationChange(
        to=to,
        comment=trimmed,
        effects=row.effects,
        status=StatusChange(to=AlertStatus.ESCALATED, reason=None, comment=trimmed) if escalates else None,
    )


# ---------------------------------------------------------------- requests to operators of other countries


def decide_trail_step(
    rules: AlertRules, state: TrailRequestState | None, doer: Doer, step: TrailRequestStep, said: str | None
) -> TrailRequestRule | Refusal:
    """The row that lets a request for another country's part of a trail be changed like this, or why not."""
    row = rules.trail_requests.get((state, step))
    if row is None:
        return Refusal.REQUEST_STANDS_OTHERWISE
    if doer.party not in row.who:
        return Refusal.NOT_FOR_THIS_PARTY
    if row.saying is Saying.REQUIRED and not (said or "").strip():
        return Refusal.COMMENT_MISSING
    return row


# ---------------------------------------------------------------- what whoever has the pack is told


def supply_outcome(rules: AlertRules, alert: AlertFile) -> SupplyOutcome:
    """Whether the pack can be supplied, as far as is known. Only a closed alert can say that it can."""
    if alert.closing_reason is None or alert.classification is not Classification.POTENTIAL_SUSPICION:
        return SupplyOutcome.MUST_NOT_BE_SUPPLIED
    return rules.closing_reasons[alert.closing_reason].outcome


def decide_set_aside_end(
    rules: AlertRules, end: SetAsideEnd, alerts_of_pack: list[AlertFile], *, agreed_with_mah: bool
) -> Refusal | None:
    """Why a pack that was set aside cannot leave like this; `None` where it can. All alerts of the pack count."""
    need = rules.set_aside_ends[end].need
    if need is SetAsideNeed.NOTHING:
        return None
    any_open = any(alert.status is not AlertStatus.CLOSED for alert in alerts_of_pack)
    if need is SetAsideNeed.CAUSE_KNOWN_OR_AGREED:
        return Refusal.CAUSE_NOT_KNOWN if any_open and not agreed_with_mah else None
    if any_open:
        return Refusal.CAUSE_NOT_KNOWN
    suppliable = all(
        supply_outcome(rules, alert) is SupplyOutcome.CAN_BE_SUPPLIED for alert in alerts_of_pack
    )
    return None if suppliable else Refusal.CAUSE_NOT_KNOWN
