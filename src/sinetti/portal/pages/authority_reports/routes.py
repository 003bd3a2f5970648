"""Reports for the authority (Delegated Regulation (EU) 2016/161 art. 36(j), 37(d), 39), made when they are asked for.

Who asks says the purpose; report, time and purpose are in the audit before anything is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec
from psycopg.rows import dict_row
from starlette.responses import Response

from sinetti.kit.db import load_queries
from sinetti.kit.exports import EXPORTED_ROWS_MAX, csv_file, xlsx_file
from sinetti.kit.pdf import PDF_ROWS_MAX, Table, pdf_file
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.formats import formats
from sinetti.portal.grounds import AuthorityPurpose
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill

_QUERIES = load_queries("sinetti.portal.pages.authority_reports", "reports.sql")

REPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "falsifications": (
        "classified_at", "reference", "class_before", "class_after", "party", "person", "comment", "product",
        "product_code", "batch", "serial_number", "location", "company", "alert_status", "closing_reason", "told",
    ),
    "alerts": (
        "kind", "company", "alert_status", "closing_reason", "classification", "alerts", "first_at", "last_at",
    ),
    "locations": (
        "organisation", "organisation_kind", "location", "equipment", "last_used_at", "alerts", "open_alerts",
    ),
    "trail_access": ("read_at", "person", "role", "pack", "ground"),
}  # fmt: skip
"""Columns of each report, in their order."""
FORMS: Final = ("pdf", "csv", "xlsx", "json")
DAYS_BEFORE: Final = 90
DAYS_MAX: Final = 366
SHOWN_ROWS_MAX: Final = 500

# What of the alert management each column's codes are words of.
_GROUPS: Final = {
    "kind": "kind",
    "class_before": "classification",
    "class_after": "classification",
    "classification": "classification",
    "party": "party",
    "alert_status": "status",
    "closing_reason": "closing_reason",
}
_COMMON: Final = {"organisation_kind": "organisation_kind", "role": "role"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which report, of which days, for which purpose."""

    report: str
    purpose: str
    first: date
    last: date


async def show_form(visit: Visit) -> Response:
    """Ask for a report."""
    return _form(visit, {})


async def make(visit: Visit) -> Response:
    """Record who makes which report for which purpose, then show it or give it out."""
    asked = _read(visit)
    if not isinstance(asked, Asked):
        return _form(visit, asked)
    form = next((form for form in FORMS if form == visit.form.get("form")), "page")
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="authority_report_made",
        object_kind="authority_report",
        object_id=asked.report,
        object_name=asked.report,
        concern=Concern(),
        new={"first_day": asked.first.isoformat(), "last_day": asked.last.isoformat(), "form": form},
        ground=f"Art. 39({asked.purpose})",
    )
    rows = await _rows(visit, asked)
    # One more than a file has was read, to know for sure that there are more.
    is_cut = len(rows) > EXPORTED_ROWS_MAX
    rows = rows[:EXPORTED_ROWS_MAX]
    columns = REPORTS[asked.report]
    name = f"{asked.report}-{asked.first}-{asked.last}{'-incomplete' if is_cut else ''}"
    # A file is read without this page, so it says itself that it is not whole.
    last_line = [[visit.words["cut"]]] if is_cut else []
    heads = [visit.words["column"][column] for column in columns]
    match form:
        case "csv":
            kept = [[row[column] for column in columns] for row in rows]
            return await csv_file(name, columns, kept + last_line)
        case "xlsx":
            worded = [[_word(visit, column, row[column]) for column in columns] for row in rows]
            return await xlsx_file(name, heads, worded + last_line, visit.portal.settings.zone)
        case "pdf":
            return await _pdf(visit, name, asked, rows, is_cut=is_cut)
        case "json":
            return _json(visit, name, asked, rows, is_cut=is_cut)
    return visit.render(
        "report.html",
        asked=asked,
        heads=heads,
        rows=[[_word(visit, column, row[column]) for column in columns] for row in rows[:SHOWN_ROWS_MAX]],
        count=len(rows),
        is_cut=is_cut,
        shown_max=SHOWN_ROWS_MAX,
        forms=FORMS,
        is_moment=lambda value: isinstance(value, datetime),
    )


async def _rows(visit: Visit, asked: Asked) -> list[dict[str, Any]]:
    zone = visit.portal.settings.zone
    values = {
        "since": datetime.combine(asked.first, time.min, zone),
        "until": datetime.combine(asked.last + timedelta(days=1), time.min, zone),
        "at_most": EXPORTED_ROWS_MAX + 1,
    }
    cursor = await visit.tx.cursor(row_factory=dict_row).execute(_QUERIES[asked.report], values)
    return await cursor.fetchall()


def _word(visit: Visit, column: str, value: Any) -> Any:  # noqa: ANN401 - a value of a row
    """What a person reads for a value."""
    if value is None or isinstance(value, (datetime, int)):
        return value
    if column in _GROUPS:
        return visit.rules.alerts.words[visit.language](_GROUPS[column], value)
    if column in _COMMON:
        return common_words(visit.language)[_COMMON[column]].get(value, value)
    if column == "told":
        return _told(visit, value)
    return value


def _told(visit: Visit, value: str) -> str:
    words = visit.rules.alerts.words[visit.language]
    pairs = [one.partition(" ") for one in value.split(", ")]
    return ", ".join(f"{words('party', party)} {moment}" for party, _, moment in pairs)


async def _pdf(
    visit: Visit, name: str, asked: Asked, rows: Sequence[Mapping[str, Any]], *, is_cut: bool
) -> Response:
    """For people, to print and to file: in words."""
    words, columns = visit.words, REPORTS[asked.report]
    shown = formats(visit.language, visit.portal.settings.zone)

    def cell(column: str, value: Any) -> str:  # noqa: ANN401 - a value of a row
        said = _word(visit, column, value)
        return shown["moment"](said) if isinstance(said, datetime) else "–" if said is None else str(said)

    lines = [
        words["report_means"][asked.report],
        fill(
            words["made"],
            first=shown["day"](asked.first),
            last=shown["day"](asked.last),
            moment=shown["moment"](visit.now),
            purpose=words["purpose"][asked.purpose],
        ),
        fill(words["rows"], count=shown["number"](len(rows))),
    ]
    if is_cut:
        lines.append(words["cut"])
    if len(rows) > PDF_ROWS_MAX:
        lines.append(fill(words["first_in_pdf"], most=shown["number"](PDF_ROWS_MAX)))
    table = Table(
        title=words["report"][asked.report],
        language=visit.language.value,
        made_at=visit.now,
        lines=lines,
        footer=f"Sinetti, {visit.portal.settings.market}, {visit.rules.version}",
        heads=[words["column"][column] for column in columns],
        rows=[[cell(column, row[column]) for column in columns] for row in rows[:PDF_ROWS_MAX]],
    )
    return await pdf_file(name, table)


def _json(
    visit: Visit, name: str, asked: Asked, rows: Sequence[Mapping[str, Any]], *, is_cut: bool
) -> Response:
    """For programs: codes as they are kept, in the order of the columns."""
    whole = {
        "report": asked.report,
        "firstDay": asked.first,
        "lastDay": asked.last,
        "madeAt": visit.now,
        "rulesVersion": visit.rules.version,
        "isComplete": not is_cut,
        "rows": [{column: row[column] for column in REPORTS[asked.report]} for row in rows],
    }
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return Response(msgspec.json.encode(whole), media_type="application/json", headers=headers)


def _form(visit: Visit, errors: Mapping[str, str]) -> Response:
    today = visit.now.astimezone(visit.portal.settings.zone).date()
    usual = {"first": (today - timedelta(days=DAYS_BEFORE)).isoformat(), "last": today.isoformat()}
    report, means, purpose = (visit.words[name] for name in ("report", "report_means", "purpose"))
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        values={
            name: visit.form.get(name, usual.get(name, "")) for name in ("report", "purpose", "first", "last")
        },
        reports=[(name, report[name], means[name]) for name in REPORTS],
        purposes=[(name, purpose[name]) for name in AuthorityPurpose],
        forms=FORMS,
    )


def _read(visit: Visit) -> Asked | dict[str, str]:
    """What is asked for, or what is wrong at each field."""
    fault, errors = visit.words["fault"], dict[str, str]()
    report, purpose = visit.form.get("report", ""), visit.form.get("purpose", "")
    if report not in REPORTS:
        errors["report"] = fault["report"]
    if purpose not in set(AuthorityPurpose):
        errors["purpose"] = fault["purpose"]
    first, last = _day(visit.form.get("first", "")), _day(visit.form.get("last", ""))
    for name, day in (("first", first), ("last", last)):
        if day is None:
            errors[name] = fault["day"]
    if first and last and not 0 <= (last - first).days < DAYS_MAX:
        errors["last"] = fill(fault["order"], most=DAYS_MAX)
    if errors or first is None or last is None:
        return errors
    return Asked(report=report, purpose=purpose, first=first, last=last)


def _day(given: str) -> date | None:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    # Before the system began, and after it may be reckoned with in any zone.
    return day if date(2000, 1, 1) <= day <= date(9000, 1, 1) else None


PAGE = Page(
    name="authority_reports",
    menu=MenuEntry(route="authority_reports", group=MenuGroup.INVESTIGATION, order=60),
    routes=(
        Route(
            name="authority_reports",
            path="/authority-reports",
            action="see_authority_reports",
            handler=show_form,
        ),
        Route(
            name="make_authority_report",
            path="/authority-reports",
            action="see_authority_reports",
            handler=make,
            method="POST",
        ),
    ),
)
