"""Renders `docs/reference` from the tables and texts, so that the documents say what the service does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sinetti.rules.alerts.reference import alert_pages
from sinetti.rules.applications.reference import application_page
from sinetti.rules.chain_notices import recipients_page
from sinetti.rules.load import build_rules
from sinetti.rules.markdown import link, page, table, table_of
from sinetti.rules.review import open_points, tables
from sinetti.rules.sales_holds.reference import hold_page
from sinetti.rules.table import Files, packaged_files, version_of
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import (
    ConditionKind,
    Interface,
    Language,
    Operation,
    OrganisationKind,
    PackState,
    Status,
    Where,
)

Table = list[dict[str, str]]
_ALERT: Final = "\N{WARNING SIGN}"
_TITLES: Final = {
    Language.FI: "Paluukoodit: viestit ja ohjeet",
    Language.SV: "Returkoder: meddelanden och råd",
    Language.EN: "Operation codes: messages and what to do",
}
_FIELDS: Final = {
    Language.FI: ("Paluukoodi", "Viesti", "Merkitys", "Mitä nyt tehdään"),
    Language.SV: ("Returkod", "Meddelande", "Betydelse", "Vad ska göras nu"),
    Language.EN: ("Operation code", "Message", "Meaning", "What to do now"),
}


def render_reference(files: Files | None = None) -> Mapping[str, str]:
    """Markdown of each page by its file name in `docs/reference`."""
    files = files or packaged_files()
    rules, cells = build_rules(files), tables(files)
    pages = {
        "order-of-judgement.md": _order_of_judgement(rules, cells),
        "transitions.md": _transitions(rules, cells),
        "operation-codes.md": _operation_codes(rules, cells["operation_codes.csv"]),
        **{f"operation-codes-{language}.md": _texts(rules, language) for language in Language},
        "target-states.md": _target_states(cells),
        "pack-states.md": _pack_states(cells),
        "levels.md": _levels(cells),
        **alert_pages(rules.alerts, cells),
        "applications.md": application_page(cells),
        "sales-holds.md": hold_page(cells),
        "chain-notices.md": recipients_page(cells),
        "parameters.md": _parameters(cells),
        "root-causes.md": _root_causes(cells),
        "open-rows.md": _open_rows(files),
    }
    return {"README.md": _index(files, pages), **pages}


def _order_of_judgement(rules: Rules, cells: Mapping[str, Table]) -> str:
    meanings = {row["condition"]: row["meaning"] for row in cells["conditions.csv"]}
    return page(
        "Order of judgement",
        "A request is judged from top to bottom; the first row that fits gives the answer.",
        ("1. Form of the request", _checks(rules, meanings, cells["request_checks.csv"])),
        (
            "2. Role",
            f"What role and kind of organisation rule out gets `{rules.roles_code.code}`: "
            + link("target-states.md", "target states")
            + ".",
        ),
        ("3. Identity of the pack", _checks(rules, meanings, cells["identity_checks.csv"])),
        (
            "4. Recall and withdrawal",
            "Before the state of the pack, and never an alert (Delegated Regulation (EU) 2016/161 art. 36(b)).\n\n"
            + _restrictions(meanings, cells["restrictions.csv"]),
        ),
        ("5. State of the pack, and expiry", link("transitions.md", "Transitions") + "."),
    )


def _checks(rules: Rules, meanings: Mapping[str, str], rows: Table) -> str:
    return table(
        ("Row", "When", "Code", "Answer", "Status", "Source"),
        (
            (
                str(number),
                f"{meanings[row['condition']]} (`{row['condition']}`)",
                f"`{row['operation_code']}`",
                rules.codes[row["operation_code"]].meaning,
                row["status"],
                row["source"],
            )
            for number, row in enumerate(rows, start=2)
        ),
    )


def _restrictions(meanings: Mapping[str, str], rows: Table) -> str:
    return table(
        ("Row", "When", "Batch state", *Operation, "Status", "Source"),
        (
            (
                str(number),
                f"{meanings[row['condition']]} (`{row['condition']}`)",
                row["batch_state"],
                *(f"`{row[operation]}`" for operation in Operation),
                row["status"],
                row["source"],
            )
            for number, row in enumerate(rows, start=2)
        ),
    )


def _transitions(rules: Rules, cells: Mapping[str, Table]) -> str:
    conditions = [row for row in cells["conditions.csv"] if row["used_in"] == ConditionKind.TRANSITION]
    rows = [{"row": str(number), **row} for number, row in enumerate(cells["transitions.csv"], start=2)]
    return page(
        "Transitions",
        "What each operation answers in each state of the pack, and at which location the pack got that state. "
        f"Of several codes in one cell the first whose condition holds is given, as the rows below say. {_ALERT} "
        "marks an alert. What the conditions mean is told at the end.",
        *(
            (
                operation.capitalize(),
                _answers_by_state(rules, operation)
                + "\n\n"
                + _transition_rows([row for row in rows if row["operation"] == operation]),
            )
            for operation in Operation
        ),
        ("Conditions", table_of(conditions, ("condition", "meaning"))),
    )


def _answers_by_state(rules: Rules, operation: Operation) -> str:
    return table(
        ("State found", "at this location", "at another location", "place not stated"),
        ((state, *(_answers(rules, operation, state, where) for where in Where)) for state in PackState),
    )


def _transition_rows(rows: Table) -> str:
    titles = (
        "Row", "State found", "Where", "Condition", "New state", "Code", "Counts", "EU Hub", "Status", "Source",
    )  # fmt: skip
    return table(
        titles,
        (
            (
                row["row"],
                row["pack_state"],
                row["where"].replace(" ", ", ") or "any",
                f"`{row['condition']}`" if row["condition"] else "",
                row["new_state"],
                f"`{row['operation_code']}`" if row["operation_code"] else "by requested state",
                "yes" if row["counts_repeat"] == "yes" else "",
                row["hub_code"],
                row["status"],
                row["source"],
            )
            for row in rows
        ),
    )


def _answers(rules: Rules, operation: Operation, state: PackState, where: Where) -> str:
    codes = [
        f"`{code.code}`{_ALERT if code.alert else ''}"
        for row in rules.transitions[operation, state, where]
        for code in ([row.code] if row.code else row.codes_by_target.values())
    ]
    return " ".join(dict.fromkeys(codes))


def _operation_codes(rules: Rules, rows: Table) -> str:
    answers = table(
        (
            "Code",
            "HTTP",
            "Answers",
            "Meaning",
            "EU Hub",
            "Level",
            "Alert",
            "Colour",
            "Used",
            "Status",
            "Source",
        ),
        (
            (
                f"`{row['operation_code']}`",
                row["http_status"],
                row["operation"],
                row["meaning"] + (f". {row['note']}" if row["note"] else ""),
                row["hub_codes"],
                row["level"],
                "**yes**" if row["alert"] == "yes" else "",
                row["colour"],
                row["used"],
                row["status"],
                row["source"],
            )
            for row in rows
        ),
    )
    alerts = sum(code.alert for code in rules.codes.values() if code.used)
    used = sum(code.used for code in rules.codes.values())
    words = [link(f"operation-codes-{language}.md", language) for language in Language]
    return page(
        "Operation codes",
        f"{len(rules.codes)} codes are known, {used} are given, {alerts} of those are alerts. "
        f"What they say to people: {', '.join(words)}.",
        ("", answers),
    )


def _texts(rules: Rules, language: Language) -> str:
    texts = [(code, code.texts[language]) for code in rules.codes.values() if code.used]
    answers = table(
        _FIELDS[language],
        ((f"`{code.code}`", text.message, text.meaning, text.action) for code, text in texts),
    )
    return page(_TITLES[language], "", ("", answers))


def _target_states(cells: Mapping[str, Table]) -> str:
    rows = cells["target_states.csv"]
    allowed = {(row["requested_state"], row["organisation_kind"]): row["allowed"] for row in rows}
    kinds = [kind for kind in OrganisationKind if any(asking == kind for _, asking in allowed)]
    matrix = table(
        ("State", *(kind.replace("_", " ") for kind in kinds)),
        (
            (state, *("yes" if allowed[state, kind] == "yes" else "" for kind in kinds))
            for state in dict.fromkeys(row["requested_state"] for row in rows)
        ),
    )
    columns = ("requested_state", "organisation_kind", "allowed", "status", "source")
    return page(
        "Who may ask for which state",
        "`Active` is reactivation. Whoever may call the interface for packs, and has a client role, may verify.",
        ("Interfaces", _interfaces(cells["organisation_kinds.csv"])),
        ("Kinds of organisation", matrix),
        (
            "Client roles",
            "Equipment without a role may do nothing (portal guide, step 7).\n\n"
            + table_of(cells["client_roles.csv"], ("client_role", "operations", "status", "source")),
        ),
        ("Sources", table_of(rows, columns)),
    )


def _interfaces(rows: Table) -> str:
    called = {row["organisation_kind"]: row["interfaces"].split() for row in rows}
    matrix = table(
        ("Kind of organisation", *(interface.value for interface in Interface)),
        (
            (kind.replace("_", " "), *("yes" if interface in called[kind] else "" for interface in Interface))
            for kind in OrganisationKind
        ),
    )
    return f"{matrix}\n\n{table_of(rows, ('organisation_kind', 'interfaces', 'status', 'source'))}"


def _pack_states(cells: Mapping[str, Table]) -> str:
    columns = (
        "pack_state", "requested_by", "on_the_wire", "reactivation", *Language, "status", "source",
    )  # fmt: skip
    return page("States of a pack", "", ("", table_of(cells["pack_states.csv"], columns)))


def _levels(cells: Mapping[str, Table]) -> str:
    columns = ("level", "hears", "is_alert", "meaning", "status", "source")
    return page("Levels of deviations", "", ("", table_of(cells["levels.csv"], columns)))


def _parameters(cells: Mapping[str, Table]) -> str:
    columns = ("name", "market", "value", "unit", "status", "source")
    answers = ("answer", "operation_code", "meaning", "status", "source")
    return page(
        "Parameters",
        "A row without a market holds for every market that has no row of its own.",
        ("", table_of(cells["parameters.csv"], columns)),
        ("Answers of the service itself", table_of(cells["service_answers.csv"], answers)),
    )


def _root_causes(cells: Mapping[str, Table]) -> str:
    columns = (
        "rule",
        "version",
        "cause",
        "cause_class",
        "side",
        "confidence",
        "closing",
        "meaning",
        "status",
        "source",
    )
    automatic = ("rule", "market", "automatic", "status", "source")
    return page(
        "Root causes",
        "What the analysis of an alert looks for. The confidence says of how many in a hundred alerts judged so the "
        "cause is thought to be true; a rule without a cause weighs those of others. An alert is closed without a "
        "person only where the rule's row does not say `never`, no guard rail bars it, and the second table says yes. "
        "How it works: [ADR 0013](../adr/0013-root-cause-analysis.md).",
        ("Rules", table_of(cells["root_causes.csv"], columns)),
        (
            "Closing without a person",
            "A row without a market holds for every market that has no row of its own; a rule without a row never "
            "closes an alert.\n\n" + table_of(cells["automatic_closing.csv"], automatic),
        ),
    )


def _open_rows(files: Files) -> str:
    points = open_points(files)

    def list_of(status: Status) -> str:
        lines = []
        for point in points:
            if point.status is status:
                lines.append(f"- {point.source}")
                lines += [f"  - `{row.table}` row {row.row}: {row.says}" for row in point.rows]
        return "\n".join(lines)

    return page(
        "Rows that need an operator's word",
        "What no document states, by what it rests on.",
        ("Assumed: our own reading or choice", list_of(Status.ASSUMED)),
        ("Observed: seen in the code or notes of others", list_of(Status.OBSERVED)),
    )


def _index(files: Files, pages: Mapping[str, str]) -> str:
    links = "\n".join(
        f"- {link(name, page.partition('# ')[2].partition(chr(10))[0])}" for name, page in pages.items()
    )
    return page(
        "Reference",
        f"Version `{version_of(files)}` of the rules. Rendered by `make docs` from `src/sinetti/rules`; "
        f"do not edit these pages.\n\n{links}",
    )
