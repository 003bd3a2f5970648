"""Proves that the rules about alerts are complete and do not contradict each other, or the service does not start."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from itertools import pairwise, product
from typing import TypeVar

from sinetti.rules.alerts.read import GUIDED
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import (
    VIEWERS,
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    Deadline,
    Effect,
    InvestigationStatus,
    Kin,
    Notice,
    NoticeGroup,
    Pace,
    Party,
    Refusal,
    Saying,
    SetAsideEnd,
    Side,
    Sight,
    SupplyOutcome,
    TrailRequestState,
    TrailRequestStep,
)
from sinetti.rules.codes import Codes
from sinetti.rules.table import RulesError
from sinetti.rules.vocabulary import Cause, CauseClass, Language

_State = TypeVar("_State", bound=StrEnum)
_END_USERS = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION})
_ONLY_LOOKS = frozenset({Party.AUTHORITY, Party.OTHER_OPERATOR})
_TOLD_AT_ONCE = (Notice.SUSPICION_CLASSIFIED, Notice.FALSIFICATION_CONFIRMED, Notice.HIGH_RISK_FOUND)
_ABOUT_CAUSES = (Notice.CAUSE_CHANGED, Notice.HIGH_RISK_FOUND)
_GUIDED_HUB_CODES = frozenset({"A4", "A5"})
"""Refused reactivations, which are no alerts but have a section each (NMVO-0048 v5.0 §6.8 and §6.9)."""
_NEVER_FOR_END_USERS = (
    "stored_serial_number",
    "stored_batch",
    "stored_expiry",
    "differences",
    "contacts",
    "untold",
)
_NEVER_FOR_MAH_OBP = (
    "location",
    "organisation",
    "equipment",
    "earlier_place",
    "contacts",
    "untold",
    "pack_trail",
    "set_aside",
)


def prove_alert_rules(rules: AlertRules, codes: Codes) -> None:
    """Raise `RulesError` for the first thing that is missing, contradictory or out of reach."""
    _every_word_has_a_row(rules)
    _statuses_can_be_reached_and_undone(rules)
    _classifications_go_step_by_step(rules)
    _those_who_only_look_change_nothing(rules)
    _trail_requests_can_be_made_and_undone(rules)
    _closing_reasons_agree(rules)
    _every_alert_can_be_closed(rules)
    _automatic_closing_is_careful(rules)
    _what_must_stay_secret_does(rules)
    _suspicions_are_told_at_once(rules)
    _causes_are_told_to_those_who_see_them(rules)
    _warnings_come_before(rules)
    _every_alert_has_a_kind_and_every_kind_guidance(rules, codes)
    _guidance_conditions_are_declared_and_used(rules)
    _every_word_has_texts(rules)


def _every_word_has_a_row(rules: AlertRules) -> None:
    tables: tuple[tuple[str, Iterable[str], Collection[str]], ...] = (
        ("closing_reasons.csv", ClosingReason, rules.closing_reasons),
        ("alert_deadlines.csv", Deadline, rules.deadlines),
        ("notices.csv", Notice, rules.notices),
        ("notice_groups.csv", Notice, rules.notice_groups),
        ("notice_paces.csv", NoticeGroup, rules.paces),
        ("set_aside_ends.csv", SetAsideEnd, rules.set_aside_ends),
        ("case_kin.csv", Cause, rules.kin),
        ("cause_news.csv", CauseClass, rules.cause_news),
        ("alert_kinds.csv", AlertKind, set(rules.kinds.values())),
        ("first_contacts.csv", AlertKind, rules.first_contacts),
    )
    for table, words, rows in tables:
        for word in words:
            if word not in rows:
                raise RulesError(table, None, f"has no row for {word}")
    for kind, side in rules.first_contacts.items():
        if side is Side.END_USER:
            raise RulesError("first_contacts.csv", kind, "an end user asks another side")
    for side in Side:
        for status in InvestigationStatus:
            if (side, status) not in rules.investigations:
                raise RulesError("investigation_statuses.csv", None, f"has no row for {side} {status}")


def _statuses_can_be_reached_and_undone(rules: AlertRules) -> None:
    """Every status can be reached from `new`, and every change but the first opening can be undone by somebody."""
    table = "alert_status_transitions.csv"
    ways = list(rules.status_transitions)
    for status in AlertStatus:
        if status not in _reachable(AlertStatus.NEW, ways):
            raise RulesError(table, None, f"no way leads to {status}")
    for before, after in ways:
        if AlertStatus.NEW not in {before, after} and before not in _reachable(after, ways):
            raise RulesError(table, None, f"from {after} no way leads back to {before}")
    for row in rules.status_transitions.values():
        if (row.to_status is AlertStatus.CLOSED) is not (row.saying is Saying.CLOSING_REASON):
            reason = f"{row.from_status} to {row.to_status}: a closing reason belongs to closing, and to nothing else"
            raise RulesError(table, None, reason)
        if row.from_status is AlertStatus.ESCALATED and Party.SYSTEM in row.who:
            raise RulesError(table, None, "nothing that is escalated is changed without a person")


def _reachable(start: _State, ways: list[tuple[_State, _State]]) -> set[_State]:
    found = {start}
    while more := {after for before, after in ways if before in found} - found:
        found |= more
    return found


def _classifications_go_step_by_step(rules: AlertRules) -> None:
    table = "classification_transitions.csv"
    order = list(Classification)
    steps = {pair for first, second in pairwise(order) for pair in ((first, second), (second, first))}
    if different := steps ^ set(rules.classifications):
        raise RulesError(table, None, f"the steps go one by one, up and down: {' to '.join(min(different))}")
    confirming = rules.classifications[Classification.SUSPICION, Classification.CONFIRMED_FALSIFICATION]
    for effect in (Effect.OPEN_DEFECT_CLASS_1, Effect.TELL_AUTHORITY):
        if effect not in confirming.effects:
            raise RulesError(table, None, f"a confirmed falsification must {effect}")
    for row in rules.classifications.values():
        if Party.SYSTEM in row.who:
            raise RulesError(table, None, "nothing is classified without a person")


def _those_who_only_look_change_nothing(rules: AlertRules) -> None:
    tables: tuple[tuple[str, Iterable[frozenset[Party]]], ...] = (
        ("alert_status_transitions.csv", (row.who for row in rules.status_transitions.values())),
        ("investigation_statuses.csv", (row.who for row in rules.investigations.values())),
        ("classification_transitions.csv", (row.who for row in rules.classifications.values())),
        ("closing_reasons.csv", (row.who for row in rules.closing_reasons.values())),
        ("trail_request_transitions.csv", (row.who for row in rules.trail_requests.values())),
    )
    for table, rows in tables:
        for who in rows:
            if not who:
                raise RulesError(table, None, "a row names nobody")
            if wrong := who & _ONLY_LOOKS:
                raise RulesError(table, None, f"{min(wrong)} looks and changes nothing")


def _trail_requests_can_be_made_and_undone(rules: AlertRules) -> None:
    """Only the operator asks and notes answers; every state is reached, and every change can be undone."""
    table = "trail_request_transitions.csv"
    start = rules.trail_requests.get((None, TrailRequestStep.ASK))
    if start is None or [key for key in rules.trail_requests if key[0] is None] != [
        (None, TrailRequestStep.ASK)
    ]:
        raise RulesError(table, None, "a request begins by being asked, and in no other way")
    ways = [(row.from_state, row.to_state) for row in rules.trail_requests.values() if row.from_state]
    for state in TrailRequestState:
        if state not in _reachable(start.to_state, ways):
            raise RulesError(table, None, f"no way leads to {state}")
    for row in rules.trail_requests.values():
        if row.who != {Party.OPERATOR}:
            raise RulesError(table, None, f"{row.step} is for the operator alone")
        if row.saying is Saying.CLOSING_REASON:
            raise RulesError(table, None, f"{row.step} closes no alert")
        ended = row.from_state in {
            TrailRequestState.ANSWERED,
            TrailRequestState.REFUSED,
            TrailRequestState.WITHDRAWN,
        }
        if ended and row.step is not TrailRequestStep.REOPEN:
            raise RulesError(table, None, f"{row.from_state} is ended: it is reopened before anything else")
    for state in (TrailRequestState.ANSWERED, TrailRequestState.REFUSED, TrailRequestState.WITHDRAWN):
        if (state, TrailRequestStep.REOPEN) not in rules.trail_requests:
            raise RulesError(table, None, f"{state} cannot be undone")


def _closing_reasons_agree(rules: AlertRules) -> None:
    table = "closing_reasons.csv"
    for row in rules.closing_reasons.values():
        if row.automatic is not (Party.SYSTEM in row.who):
            raise RulesError(table, row.reason, "automatic is yes where who names system, and only there")
        if not row.classifications:
            raise RulesError(table, row.reason, "fits no classification")
        if not row.kinds:
            raise RulesError("closing_reason_kinds.csv", None, f"has no row for {row.reason}")
        suspected = row.classifications - {Classification.POTENTIAL_SUSPICION}
        if suspected and row.outcome is SupplyOutcome.CAN_BE_SUPPLIED:
            raise RulesError(table, row.reason, "a pack under suspicion is never said to be suppliable")


def _every_alert_can_be_closed(rules: AlertRules) -> None:
    """Whoever may close an alert has a reason for each kind and each class, and need not give one that is not true."""
    for transition in rules.status_transitions.values():
        if transition.to_status is not AlertStatus.CLOSED:
            continue
        for party, kind, classification in product(
            sorted(transition.who - {Party.SYSTEM}), AlertKind, Classification
        ):
            if not any(
                party in row.who and kind in row.kinds and classification in row.classifications
                for row in rules.closing_reasons.values()
            ):
                reason = f"{party} has no reason for {kind} that is a {classification}"
                raise RulesError("closing_reason_kinds.csv", None, reason)


def _automatic_closing_is_careful(rules: AlertRules) -> None:
    for rule_id, reason in rules.automatic_reasons.items():
        if not rules.closing_reasons[reason].automatic:
            raise RulesError(
                "automatic_closing_reasons.csv", rule_id, f"{reason} is never given automatically"
            )


def _what_must_stay_secret_does(rules: AlertRules) -> None:
    table = "visible_fields.csv"
    for fields, parties in ((_NEVER_FOR_END_USERS, _END_USERS), (_NEVER_FOR_MAH_OBP, {Party.MAH, Party.OBP})):
        for field in fields:
            for party in parties:
                if field not in rules.sights:
                    raise RulesError(table, None, f"has no row for {field}")
                if rules.sights[field][party] is not Sight.NO:
                    raise RulesError(table, field, f"is never shown to {party}")
    for party in VIEWERS:
        if rules.sights["notes"][party] is Sight.YES:
            raise RulesError(table, "notes", f"stays inside one organisation, so {party} never sees all")


def _suspicions_are_told_at_once(rules: AlertRules) -> None:
    """Nobody waits for what may concern a patient."""
    for notice in _TOLD_AT_ONCE:
        row = rules.paces[rules.notice_groups[notice]]
        if set(row.usual.values()) != {Pace.AT_ONCE}:
            raise RulesError("notice_paces.csv", row.group, f"{notice} is told at once")


def _causes_are_told_to_those_who_see_them(rules: AlertRules) -> None:
    """That a cause has changed says that there is one: it is no news for those whom the fields hide it from."""
    told = {party for notice in _ABOUT_CAUSES for party in rules.notices[notice]}
    for party in sorted(told):
        if rules.sights["cause"][party] is Sight.NO:
            raise RulesError("notices.csv", None, f"{party} does not see causes, and cannot be told of them")
    for cause_class, who in rules.cause_news.items():
        for party in sorted(who - rules.notices[Notice.CAUSE_CHANGED]):
            raise RulesError("cause_news.csv", cause_class, f"notices.csv does not tell {party} of causes")


def _warnings_come_before(rules: AlertRules) -> None:
    for deadline, hours in rules.warnings.items():
        if hours < 1:
            raise RulesError("deadline_warnings.csv", deadline, "comes at least an hour before")


def _every_alert_has_a_kind_and_every_kind_guidance(rules: AlertRules, codes: Codes) -> None:
    for code in codes.values():
        guided = code.alert or bool(_GUIDED_HUB_CODES.intersection(code.hub_codes))
        if code.used and guided and code.code not in rules.kinds:
            raise RulesError("alert_kinds.csv", None, f"has no row for {code.code}")
    for code_number in rules.kinds:
        if not codes[code_number].used:
            raise RulesError("alert_kinds.csv", None, f"{code_number} is never given")
    for kind in AlertKind:
        for reader in GUIDED:
            if not rules.guidance.get((kind, reader)):
                raise RulesError("guidance.csv", None, f"has no step of {kind} for {reader}")


def _guidance_conditions_are_declared_and_used(rules: AlertRules) -> None:
    steps = [step for steps in rules.guidance.values() for step in steps]
    used = {name for step in steps for name in (step.only_if, step.unless, step.first_if) if name is not None}
    for name in sorted(used - rules.guidance_conditions):
        raise RulesError("guidance.csv", None, f"guidance_conditions.csv knows no condition {name}")
    for name in sorted(rules.guidance_conditions - used):
        raise RulesError("guidance_conditions.csv", None, f"guidance.csv does not use {name}")
    for step in steps:
        code = step.link_code
        if code is not None and code not in rules.kinds:
            raise RulesError("guidance.csv", None, f"{step.step} links to {code}, which has no kind")


def _every_word_has_texts(rules: AlertRules) -> None:
    steps = {step.step for steps in rules.guidance.values() for step in steps}
    needed: dict[str, set[str]] = {
        "party": set(Party),
        "side": set(Side),
        "status": set(AlertStatus),
        "investigation": set(InvestigationStatus),
        "classification": set(Classification),
        "outcome": {*SupplyOutcome, "decision"},
        "why_open": set(Classification),
        "closing_reason": set(ClosingReason),
        "why_closed": set(ClosingReason),
        "deadline": set(Deadline),
        "kind": set(AlertKind),
        "kin": set(Kin),
        "set_aside_end": set(SetAsideEnd),
        "trail_request_state": set(TrailRequestState),
        "trail_request_step": set(TrailRequestStep),
        "country": set(rules.trail_countries),
        "effect": set(Effect),
        "notice": set(Notice),
        "notice_group": set(NoticeGroup),
        "pace": set(Pace),
        "refusal": set(Refusal),
        "guidance": steps,
    }
    for language in Language:
        name = f"alerts/texts/{language}.toml"
        of = rules.words[language].of
        for group in sorted(set(needed) | set(of)):
            wanted, there = needed.get(group, set()), set(of.get(group, ()))
            for word in sorted(wanted - there):
                raise RulesError(name, f"{group}.{_plain(word)}", "is missing")
            for word in sorted(there - wanted):
                raise RulesError(name, f"{group}.{_plain(word)}", "is for nothing")


def _plain(word: str) -> str:
    return word.value if isinstance(word, StrEnum) else word
