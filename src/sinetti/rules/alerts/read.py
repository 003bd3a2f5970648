"""Reads the tables and texts about alerts. What the rows must say together is proved in `prove.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sinetti.rules.alerts.types import (
    AlertRules,
    ClassificationTransition,
    ClosingRule,
    GuidanceStep,
    InvestigationRule,
    PaceRule,
    SetAsideRule,
    StatusTransition,
    TrailRequestRule,
    Words,
)
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
    Saying,
    SetAsideEnd,
    SetAsideNeed,
    Side,
    Sight,
    SupplyOutcome,
    TrailRequestState,
    TrailRequestStep,
)
from sinetti.rules.codes import Codes, code_of
from sinetti.rules.table import Files, Row, RulesError, read_table
from sinetti.rules.texts import read_toml
from sinetti.rules.vocabulary import Cause, CauseClass, Language, OrganisationKind

_STATUSES: Final = ("from_status", "to_status", "who", "saying", "source", "status")
_INVESTIGATIONS: Final = ("side", "investigation_status", "who", "saying", "source", "status")
_CLASSIFICATIONS: Final = ("from_classification", "to_classification", "who", "effects", "source", "status")
_CLOSING: Final = (
    "closing_reason", "who", "classifications", "cause_sides", "outcome", "saying", "automatic", "after_deadline",
    "source", "status",
)  # fmt: skip
_CLOSING_KINDS: Final = ("closing_reason", "alert_kinds", "source", "status")
_DEADLINES: Final = ("deadline", "market", "hours", "source", "status")
_WARNINGS: Final = ("deadline", "market", "hours_before", "source", "status")
_CAUSE_NEWS: Final = ("cause_class", "who", "source", "status")
_AUTOMATIC: Final = ("rule_id", "closing_reason", "source", "status")
_NOTICES: Final = ("notice", "who", "source", "status")
_GROUPS: Final = ("notice", "notice_group", "source", "status")
MAILED_PARTIES: Final = (
    Party.END_USER_LOCATION, Party.END_USER_ORGANISATION, Party.OBP, Party.OPERATOR, Party.AUTHORITY,
)  # fmt: skip
"""Parties that have people here. People of a MAH are those of its OBP; another operator hears through the EU Hub."""
_PACES: Final = ("notice_group", *MAILED_PARTIES, "source", "status")
_SIGHTS: Final = ("field", *VIEWERS, "source", "status")
_SET_ASIDE: Final = ("set_aside_end", "need", "source", "status")
_TRAIL_REQUESTS: Final = ("from_state", "step", "to_state", "who", "saying", "source", "status")
_TRAIL_COUNTRIES: Final = ("country", "source", "status")
_KIN: Final = ("cause", "kin", "source", "status")
_KINDS: Final = ("operation_code", "alert_kind", "source", "status")
_CONTACTS: Final = ("alert_kind", "side", "source", "status")
_GUIDANCE: Final = (
    "alert_kind",
    "for",
    "step",
    "only_if",
    "unless",
    "first_if",
    "link_code",
    "source",
    "status",
)
_CONDITIONS: Final = ("condition", "meaning")

_WITHOUT_PACKS = {OrganisationKind.MAH_OBP, OrganisationKind.OPERATOR, OrganisationKind.AUTHORITY}
GUIDED_KINDS: Final[tuple[OrganisationKind, ...]] = tuple(
    kind for kind in OrganisationKind if kind not in _WITHOUT_PACKS
)
"""Kinds of organisations that have packs in their hands: the end users of NMVO-0048 §6."""
GUIDED_SIDES: Final[tuple[Side, ...]] = (Side.MAH, Side.OBP, Side.NMVO)
GUIDED: Final[tuple[OrganisationKind | Side, ...]] = (*GUIDED_KINDS, *GUIDED_SIDES)
"""All who get steps."""


def read_alert_rules(
    files: Files, codes: Codes, market: str, shared: Mapping[Language, Mapping[str, str]]
) -> AlertRules:
    """The rules of alerts for a market. `shared` has the sentences that the texts of operation codes share."""
    return AlertRules(
        status_transitions=_status_transitions(files),
        investigations=_investigations(files),
        classifications=_classifications(files),
        closing_reasons=_closing_reasons(files),
        deadlines=_hours(files, "alert_deadlines.csv", _DEADLINES, market),
        warnings=_hours(files, "deadline_warnings.csv", _WARNINGS, market),
        cause_news={
            row.word("cause_class", CauseClass): frozenset(row.words_of("who", Party))
            for row in read_table(files, "cause_news.csv", _CAUSE_NEWS, ["cause_class"])
        },
        automatic_reasons={
            row.text("rule_id"): row.word("closing_reason", ClosingReason)
            for row in read_table(files, "automatic_closing_reasons.csv", _AUTOMATIC, ["rule_id"])
        },
        notices={
            row.word("notice", Notice): frozenset(row.words_of("who", Party))
            for row in read_table(files, "notices.csv", _NOTICES, ["notice"])
        },
        notice_groups={
            row.word("notice", Notice): row.word("notice_group", NoticeGroup)
            for row in read_table(files, "notice_groups.csv", _GROUPS, ["notice"])
        },
        paces={
            row.word("notice_group", NoticeGroup): PaceRule(
                group=row.word("notice_group", NoticeGroup),
                usual={party: row.word(party, Pace) for party in MAILED_PARTIES},
            )
            for row in read_table(files, "notice_paces.csv", _PACES, ["notice_group"])
        },
        sights={
            row.text("field"): {party: row.word(party, Sight) for party in VIEWERS}
            for row in read_table(files, "visible_fields.csv", _SIGHTS, ["field"])
        },
        set_aside_ends=_set_aside_ends(files),
        trail_requests=_trail_requests(files),
        trail_countries=tuple(
            row.text("country")
            for row in read_table(files, "trail_countries.csv", _TRAIL_COUNTRIES, ["country"])
        ),
        kin={
            row.word("cause", Cause): row.word("kin", Kin)
            for row in read_table(files, "case_kin.csv", _KIN, ["cause"])
        },
        kinds={
            code_of(row, codes).code: row.word("alert_kind", AlertKind)
            for row in read_table(files, "alert_kinds.csv", _KINDS, ["operation_code"])
        },
        first_contacts={
            row.word("alert_kind", AlertKind): row.word("side", Side)
            for row in read_table(files, "first_contacts.csv", _CONTACTS, ["alert_kind"])
        },
        guidance=_guidance(files, codes),
        guidance_conditions=frozenset(
            row.text("condition")
            for row in read_table(files, "guidance_conditions.csv", _CONDITIONS, ["condition"])
            if row.text("meaning")
        ),
        words={language: _words(files, language, shared[language]) for language in Language},
    )


def _status_transitions(files: Files) -> dict[tuple[AlertStatus, AlertStatus], StatusTransition]:
    name = "alert_status_transitions.csv"
    rows = [
        StatusTransition(
            from_status=row.word("from_status", AlertStatus),
            to_status=row.word("to_status", AlertStatus),
            who=frozenset(row.words_of("who", Party)),
            saying=row.word("saying", Saying),
        )
        for row in read_table(files, name, _STATUSES, ["from_status", "to_status"])
    ]
    return {(row.from_status, row.to_status): row for row in rows}


def _investigations(files: Files) -> dict[tuple[Side, InvestigationStatus], InvestigationRule]:
    name = "investigation_statuses.csv"
    rows = [
        InvestigationRule(
            side=row.word("side", Side),
            status=row.word("investigation_status", InvestigationStatus),
            who=frozenset(row.words_of("who", Party)),
            saying=row.word("saying", Saying),
        )
        for row in read_table(files, name, _INVESTIGATIONS, ["side", "investigation_status"])
    ]
    return {(row.side, row.status): row for row in rows}


def _classifications(files: Files) -> dict[tuple[Classification, Classification], ClassificationTransition]:
    name = "classification_transitions.csv"
    rows = [
        ClassificationTransition(
            from_classification=row.word("from_classification", Classification),
            to_classification=row.word("to_classification", Classification),
            who=frozenset(row.words_of("who", Party)),
            effects=row.words_of("effects", Effect),
        )
        for row in read_table(files, name, _CLASSIFICATIONS, ["from_classification", "to_classification"])
    ]
    return {(row.from_classification, row.to_classification): row for row in rows}


def _closing_reasons(files: Files) -> dict[ClosingReason, ClosingRule]:
    kinds = _kinds_of_reasons(files)
    rows = [
        ClosingRule(
            reason=row.word("closing_reason", ClosingReason),
            kinds=frozenset(kinds.get(row.word("closing_reason", ClosingReason), ())),
            who=frozenset(row.words_of("who", Party)),
            classifications=frozenset(row.words_of("classifications", Classification)),
            cause_sides=frozenset(row.words_of("cause_sides", Side)),
            outcome=row.word("outcome", SupplyOutcome),
            saying=row.word("saying", Saying),
            automatic=row.yes("automatic"),
            after_deadline=row.optional_word("after_deadline", Deadline),
        )
        for row in read_table(files, "closing_reasons.csv", _CLOSING, ["closing_reason"])
    ]
    return {row.reason: row for row in rows}


def _kinds_of_reasons(files: Files) -> dict[ClosingReason, set[AlertKind]]:
    """A reason has a row for each source: some kinds are documented, others assumed."""
    kinds: dict[ClosingReason, set[AlertKind]] = {}
    for row in read_table(
        files, "closing_reason_kinds.csv", _CLOSING_KINDS, ["closing_reason", "alert_kinds"]
    ):
        reason, said = row.word("closing_reason", ClosingReason), set(row.words_of("alert_kinds", AlertKind))
        if twice := said & kinds.setdefault(reason, set()):
            raise row.error(f"says again that {reason} fits {min(twice)}")
        kinds[reason] |= said
    return kinds


def _hours(files: Files, table: str, columns: tuple[str, ...], market: str) -> dict[Deadline, int]:
    """Hours of each deadline that the table has, as they are in the market. They stand in its third column."""
    hours: dict[Deadline, int] = {}
    for row in read_table(files, table, columns, ["deadline", "market"]):
        deadline, of_market = row.word("deadline", Deadline), row.optional("market")
        value = row.number_in(columns[2])
        if of_market is not None and deadline not in hours:
            raise row.error("the row for every market must come before those of one market")
        if of_market in {None, market}:
            hours[deadline] = value
    return hours


def _set_aside_ends(files: Files) -> dict[SetAsideEnd, SetAsideRule]:
    rows = [
        SetAsideRule(end=row.word("set_aside_end", SetAsideEnd), need=row.word("need", SetAsideNeed))
        for row in read_table(files, "set_aside_ends.csv", _SET_ASIDE, ["set_aside_end"])
    ]
    return {row.end: row for row in rows}


def _trail_requests(
    files: Files,
) -> dict[tuple[TrailRequestState | None, TrailRequestStep], TrailRequestRule]:
    name = "trail_request_transitions.csv"
    rows = [
        TrailRequestRule(
            from_state=row.optional_word("from_state", TrailRequestState),
            step=row.word("step", TrailRequestStep),
            to_state=row.word("to_state", TrailRequestState),
            who=frozenset(row.words_of("who", Party)),
            saying=row.word("saying", Saying),
        )
        for row in read_table(files, name, _TRAIL_REQUESTS, ["from_state", "step"])
    ]
    return {(row.from_state, row.step): row for row in rows}


def _guidance(
    files: Files, codes: Codes
) -> dict[tuple[AlertKind, OrganisationKind | Side], tuple[GuidanceStep, ...]]:
    """Steps in the order of the table, for each kind of alert and each reader."""
    steps: dict[tuple[AlertKind, OrganisationKind | Side], list[GuidanceStep]] = {}
    for row in read_table(files, "guidance.csv", _GUIDANCE, ["alert_kind", "for", "step"]):
        step = GuidanceStep(
            kind=row.word("alert_kind", AlertKind),
            step=row.text("step"),
            only_if=row.optional("only_if"),
            unless=row.optional("unless"),
            first_if=row.optional("first_if"),
            link_code=code_of(row, codes, "link_code").code if row.optional("link_code") else None,
        )
        for reader in _readers(row):
            steps.setdefault((step.kind, reader), []).append(step)
    return {key: tuple(of_key) for key, of_key in steps.items()}


def _readers(row: Row) -> list[OrganisationKind | Side]:
    """Whom a step is for. `end_user` stands for every kind of organisation that has packs in its hands."""
    readers: list[OrganisationKind | Side] = []
    for word in row.words("for"):
        if word == Side.END_USER:
            readers += GUIDED_KINDS
        elif word in GUIDED_KINDS:
            readers.append(OrganisationKind(word))
        elif word in GUIDED_SIDES:
            readers.append(Side(word))
        else:
            raise row.error(
                f"for must name end_user, {', '.join((*GUIDED_KINDS, *GUIDED_SIDES))}, not {word!r}"
            )
    return readers


def _words(files: Files, language: Language, shared: Mapping[str, str]) -> Words:
    name = f"alerts/texts/{language}.toml"
    content = read_toml(files, name)
    filled: dict[str, dict[str, str]] = {}
    for group, texts in content.items():
        for word, text in texts.items():
            if not isinstance(text, str) or not text:
                raise RulesError(name, f"{group}.{word}", "is no text")
            try:
                filled.setdefault(group, {})[word] = text.format_map(shared)
            except (KeyError, ValueError) as error:
                raise RulesError(
                    name, f"{group}.{word}", f"names {error}, which is no shared text"
                ) from error
    return Words(filled)
