"""Renders the pages of `docs/reference` about alerts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Final

from sinetti.rules.alerts.read import GUIDED, MAILED_PARTIES
from sinetti.rules.alerts.types import AlertRules, GuidanceStep, Words
from sinetti.rules.alerts.vocabulary import VIEWERS, AlertKind, Side, Sight
from sinetti.rules.markdown import page, table, table_of
from sinetti.rules.vocabulary import Language, OrganisationKind

Table = list[dict[str, str]]
_GUIDANCE_TITLES: Final = {
    Language.FI: "Hälytysten käsittelyohjeet",
    Language.SV: "Råd för handläggningen av larm",
    Language.EN: "What to do about an alert",
}
_END_USERS: Final = {
    Language.FI: "apteekki, sairaala-apteekki, lääkekeskus, lääketukkukauppa",
    Language.SV: "apotek, sjukhusapotek, läkemedelscentral, läkemedelspartiaffär",
    Language.EN: "pharmacy, hospital pharmacy, medical depot, wholesaler",
}


def alert_pages(rules: AlertRules, cells: Mapping[str, Table]) -> Mapping[str, str]:
    """Markdown of each page by its file name."""
    return {
        "alerts.md": _alerts(cells),
        "who-sees-what.md": _who_sees_what(cells),
        **{f"guidance-{language}.md": _guidance(rules, language) for language in Language},
        "guidance-conditions.md": _guidance_conditions(cells),
    }


def _alerts(cells: Mapping[str, Table]) -> str:
    def section(name: str, *columns: str) -> str:
        rows = [{**row, "who": row.get("who", "").replace(" ", ", ")} for row in cells[name]]
        return table_of(rows, (*columns, "status", "source"))

    return page(
        "Alerts and their cases",
        "Three separate things: the status of an alert, what each side says of the cause, and the classification of "
        "NMVO-0048 §6. Every change names who, when and why.",
        ("Status", section("alert_status_transitions.csv", "from_status", "to_status", "who", "saying")),
        (
            "Investigation status of each side",
            section("investigation_statuses.csv", "side", "investigation_status", "who", "saying"),
        ),
        (
            "Classification",
            section(
                "classification_transitions.csv", "from_classification", "to_classification", "who", "effects"
            ),
        ),
        (
            "Closing reasons",
            "`outcome` is what whoever has the pack is told. Until the alert is closed, the pack must not be "
            "supplied.\n\n"
            + section(
                "closing_reasons.csv",
                "closing_reason",
                "who",
                "classifications",
                "cause_sides",
                "outcome",
                "saying",
                "automatic",
                "after_deadline",
            ),
        ),
        (
            "Which reason fits which kind of alert",
            section("closing_reason_kinds.csv", "closing_reason", "alert_kinds"),
        ),
        (
            "Automatic closing",
            "The reason that is given where a rule of the analysis closes an alert. Never where the classification is "
            "more than a possible suspicion, or the alert is escalated.\n\n"
            + section("automatic_closing_reasons.csv", "rule_id", "closing_reason"),
        ),
        ("Deadlines", section("alert_deadlines.csv", "deadline", "market", "hours")),
        (
            "Reminders before a deadline",
            "Only where the deadline is longer than that.\n\n"
            + section("deadline_warnings.csv", "deadline", "market", "hours_before"),
        ),
        ("Who is told", section("notices.csv", "notice", "who")),
        (
            "Who is told that the likely cause has changed",
            "When it moves into or out of a class.\n\n" + section("cause_news.csv", "cause_class", "who"),
        ),
        ("What is told together", section("notice_groups.csv", "notice", "notice_group")),
        (
            "How soon people get a mail",
            "Each group of notices has a pace for each party. "
            "`gathered` waits a few minutes, so that many notices are one mail.\n\n"
            + section("notice_paces.csv", "notice_group", *MAILED_PARTIES),
        ),
        ("What the alerts of a case have in common", section("case_kin.csv", "cause", "kin")),
        ("How a pack that was set aside leaves", section("set_aside_ends.csv", "set_aside_end", "need")),
        (
            "Requests for another country's part of a trail",
            section("trail_request_transitions.csv", "from_state", "step", "to_state", "who", "saying"),
        ),
        ("Countries that can be asked", section("trail_countries.csv", "country")),
        ("Kinds of alerts", section("alert_kinds.csv", "operation_code", "alert_kind")),
        ("Whom an end user asks first", section("first_contacts.csv", "alert_kind", "side")),
    )


def _who_sees_what(cells: Mapping[str, Table]) -> str:
    marks = {Sight.YES: "yes", Sight.NO: "", Sight.OWN: "own"}
    rows = cells["visible_fields.csv"]
    matrix = table(
        ("Field", *(party.replace("_", " ") for party in VIEWERS)),
        ((row["field"].replace("_", " "), *(marks[Sight(row[party])] for party in VIEWERS)) for row in rows),
    )
    return page(
        "Who sees what of an alert",
        "`own` is only what the party's own location or organisation did or wrote.",
        ("", matrix),
        ("Sources", table_of(rows, ("field", "status", "source"))),
    )


def _guidance(rules: AlertRules, language: Language) -> str:
    words = rules.words[language]
    sections: list[tuple[str, str]] = []
    for kind in AlertKind:
        readers: list[tuple[tuple[GuidanceStep, ...], list[str]]] = []
        for reader in GUIDED:
            steps = rules.guidance[kind, reader]
            same = next((names for others, names in readers if others == steps), None)
            if same is None:
                readers.append((steps, [_reader(words, language, reader)]))
            elif _reader(words, language, reader) not in same:
                same.append(_reader(words, language, reader))
        body = "\n\n".join(f"**{', '.join(names)}**\n\n{_steps(words, steps)}" for steps, names in readers)
        sections.append((words("kind", kind), body))
    return page(_GUIDANCE_TITLES[language], "", *sections)


def _reader(words: Words, language: Language, reader: OrganisationKind | Side) -> str:
    return words("side", reader) if isinstance(reader, Side) else _END_USERS[language]


def _steps(words: Words, steps: tuple[GuidanceStep, ...]) -> str:
    return "\n".join(f"{number}. {_step(words, step)}" for number, step in enumerate(steps, start=1))


def _step(words: Words, step: GuidanceStep) -> str:
    conditions = [
        f"{name} `{condition}`"
        for name, condition in (
            ("only_if", step.only_if),
            ("unless", step.unless),
            ("first_if", step.first_if),
        )
        if condition
    ]
    return words("guidance", step.step) + (f" ({', '.join(conditions)})" if conditions else "")


def _guidance_conditions(cells: Mapping[str, Table]) -> str:
    sources = [
        {
            "steps": ", ".join(row["step"] for row in rows),
            "alert_kind": kind,
            "for": whom.replace(" ", ", "),
            "source": src,
        }
        for (kind, whom, src), group in groupby(
            cells["guidance.csv"], key=lambda row: (row["alert_kind"], row["for"], row["source"])
        )
        if (rows := list(group))
    ]
    return page(
        "When the guidance adapts, and where it comes from",
        "A step with `only_if` stands only where the condition holds, one with `unless` only where it does not, and "
        "one with `first_if` comes before all others where it holds.",
        ("Conditions", table_of(cells["guidance_conditions.csv"], ("condition", "meaning"))),
        ("Sources", table_of(sources, ("alert_kind", "for", "steps", "source"))),
    )
