"""Renders `docs/reference` from the tables and texts, so that the documents say what the service does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from sinetti.rules.load import build_rules
from sinetti.rules.review import open_rows, tables
from sinetti.rules.table import Files, packaged_files, version_of
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language, Operation, OrganisationKind, PackState, Where

Table = list[dict[str, str]]
_ALERT: Final = "\N{WARNING SIGN}"
_TITLES: Final = {Language.FI: "Paluukoodit", Language.SV: "Svarskoder", Language.EN: "Operation codes"}
_FIELDS: Final = {
    Language.FI: ("Paluukoodi", "Viesti", "Merkitys", "Mitä nyt tehdään"),
    Language.SV: ("Svarskod", "Meddelande", "Betydelse", "Vad ska göras nu"),
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
        "parameters.md": _parameters(cells),
        "open-rows.md": _open_rows(files),
    }
    return {"README.md": _index(files, pages), **pages}


def _order_of_judgement(rules: Rules, cells: Mapping[str, Table]) -> str:
    meanings = {row["condition"]: row["meaning"] for row in cells["conditions.csv"]}

    def checks(table: str) -> str:
        rows = [{"row": str(number), **row} for number, row in enumerate(cells[table], start=2)]
        return _table(
            ("Row", "When", "Code", "Answer", "Status", "Source"),
            (
                (
                    row["row"],
                    f"{meanings[row['condition']]} (`{row['condition']}`)",
                    f"`{row['operation_code']}`",
                    rules.codes[row["operation_code"]].meaning,
                    row["status"],
                    row["source"],
                )
                for row in rows
            ),
        )

    restrictions = _table(
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
            for number, row in enumerate(cells["restrictions.csv"], start=2)
        ),
    )
    return _page(
        "Order of judgement",
        "A request is judged from top to bottom; the first row that fits gives the answer.",
        ("1. Form of the request", checks("request_checks.csv")),
        (
            "2. Role",
            f"What role and kind of organisation rule out gets `{rules.roles_code.code}`: "
            + _link("target-states.md", "target states")
            + ".",
        ),
        ("3. Identity of the pack", checks("identity_checks.csv")),
        (
            "4. Recall and withdrawal",
            "Before the state of the pack, and never an alert (Delegated Regulation (EU) 2016/161 art. 36(b)).\n\n"
            + restrictions,
        ),
        ("5. State of the pack, and expiry", "[Transitions](transitions.md)."),
    )


def _transitions(rules: Rules, cells: Mapping[str, Table]) -> str:
    sections = []
    for operation in Operation:
        summary = _table(
            ("State found", *(f"at {where} location" for where in ("the same", "another", "a not stated"))),
            ((state, *(_answers(rules, operation, state, where) for where in Where)) for state in PackState),
        )
        details = _table(
            (
                "Row",
                "State found",
                "Where",
                "Condition",
                "New state",
                "Code",
                "Counts",
                "EU Hub",
                "Status",
                "Source",
            ),
            (
                (
                    str(number),
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
                for number, row in enumerate(cells["transitions.csv"], start=2)
                if row["operation"] == operation
            ),
        )
        sections.append((operation.capitalize(), f"{summary}\n\n{details}"))
    conditions = [row for row in cells["conditions.csv"] if row["used_in"] == "transition"]
    sections.append(("Conditions", _plain(conditions, ("condition", "meaning"))))
    return _page(
        "Transitions",
        "What each operation answers in each state of the pack, and at which location the pack got that state. "
        f"Of several codes in one cell the first whose condition holds is given, as the rows below say. {_ALERT} "
        "marks an alert. What the conditions mean is told at the end.",
        *sections,
    )


def _answers(rules: Rules, operation: Operation, state: PackState, where: Where) -> str:
    codes = [
        f"`{code.code}`{_ALERT if code.alert else ''}"
        for row in rules.transitions[operation, state, where]
        for code in ([row.code] if row.code else row.codes_by_target.values())
    ]
    return " ".join(dict.fromkeys(codes))


def _operation_codes(rules: Rules, rows: Table) -> str:
    table = _table(
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
    words = [_link(f"operation-codes-{language}.md", language) for language in Language]
    return _page(
        "Operation codes",
        f"{len(rules.codes)} codes are known, {used} are given, {alerts} of those are alerts. "
        f"What they say to people: {', '.join(words)}.",
        ("", table),
    )


def _texts(rules: Rules, language: Language) -> str:
    texts = [(code, code.texts[language]) for code in rules.codes.values() if code.used]
    table = _table(
        _FIELDS[language],
        ((f"`{code.code}`", text.message, text.meaning, text.action) for code, text in texts),
    )
    return _page(_TITLES[language], "", ("", table))


def _target_states(cells: Mapping[str, Table]) -> str:
    rows = cells["target_states.csv"]
    allowed = {(row["requested_state"], row["organisation_kind"]): row["allowed"] for row in rows}
    matrix = _table(
        ("State", *(kind.replace("_", " ") for kind in OrganisationKind)),
        (
            (state, *("yes" if allowed[state, kind] == "yes" else "" for kind in OrganisationKind))
            for state in dict.fromkeys(row["requested_state"] for row in rows)
        ),
    )
    columns = ("requested_state", "organisation_kind", "allowed", "status", "source")
    return _page(
        "Who may ask for which state",
        "`Active` is reactivation. Anyone with a client role may verify.",
        ("Kinds of organisation", matrix),
        (
            "Client roles",
            "Equipment without a role may do nothing (portal guide, step 7).\n\n"
            + _plain(cells["client_roles.csv"], ("client_role", "operations", "status", "source")),
        ),
        ("Sources", _plain(rows, columns)),
    )


def _pack_states(cells: Mapping[str, Table]) -> str:
    columns = (
        "pack_state", "requested_by", "on_the_wire", "reactivation", *Language, "status", "source",
    )  # fmt: skip
    return _page("States of a pack", "", ("", _plain(cells["pack_states.csv"], columns)))


def _levels(cells: Mapping[str, Table]) -> str:
    columns = ("level", "hears", "is_alert", "meaning", "status", "source")
    return _page("Levels of deviations", "", ("", _plain(cells["levels.csv"], columns)))


def _parameters(cells: Mapping[str, Table]) -> str:
    columns = ("name", "market", "value", "unit", "status", "source")
    answers = ("answer", "operation_code", "meaning", "status", "source")
    return _page(
        "Parameters",
        "A row without a market holds for every market that has no row of its own.",
        ("", _plain(cells["parameters.csv"], columns)),
        ("Answers of the service itself", _plain(cells["service_answers.csv"], answers)),
    )


def _open_rows(files: Files) -> str:
    sections = []
    for (status, table), rows in groupby(open_rows(files), key=lambda row: (row.status, row.table)):
        lines = _table(("Row", "Says", "Source"), ((str(row.row), row.says, row.source) for row in rows))
        sections.append((f"{status.capitalize()}: {table}", lines))
    return _page(
        "Rows that need an operator's word",
        "Assumed rows are our own reading or choice; observed ones were seen in the code of others.",
        *sections,
    )


def _index(files: Files, pages: Mapping[str, str]) -> str:
    links = "\n".join(
        f"- {_link(name, page.partition('# ')[2].partition(chr(10))[0])}" for name, page in pages.items()
    )
    return _page(
        "Reference",
        f"Version `{version_of(files)}` of the rules. Rendered by `make docs` from `src/sinetti/rules`; "
        f"do not edit these pages.\n\n{links}",
    )


def _page(title: str, introduction: str, *sections: tuple[str, str]) -> str:
    parts = [f"# {title}", introduction]
    for heading, body in sections:
        parts += [f"## {heading}" if heading else "", body]
    return "\n\n".join(part for part in parts if part) + "\n"


def _plain(rows: Table, columns: Sequence[str]) -> str:
    titles = [column.replace("_", " ").capitalize() for column in columns]
    return _table(titles, ([row[column] for column in columns] for row in rows))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    escaped: Callable[[str], str] = lambda cell: cell.replace("|", "\\|")  # noqa: E731
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(escaped(cell) for cell in line)} |" for line in lines)


def _link(target: str, words: str) -> str:
    return f"[{words}]({target})"
