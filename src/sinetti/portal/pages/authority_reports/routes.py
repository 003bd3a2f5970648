"""Reports for the authority (Delegated Regulation (EU) 2016/161 art. 36(j), 37, 39).

Who asks says the purpose; report, time and purpose are in the audit before anything is read. A small report is made at
once, a large one in the background; either is shown to whoever asked, and to nobody else, until it is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import msgspec
from starlette.responses import Response

from sinetti.kit.exports import CSV, XLSX, new_file, sent_file
from sinetti.kit.problems import Problem
from sinetti.nmvs.packs import Country
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.grounds import AuthorityPurpose
from sinetti.portal.lists import some_text
from sinetti.portal.pages.authority_reports.catalogue import REPORTS, Reads
from sinetti.portal.pages.authority_reports.from_record import whole_months
from sinetti.portal.pages.authority_reports.inquiry import Inquiry
from sinetti.portal.pages.authority_reports.making import KIND, SHOWN_ROWS_MAX, maker_of, read_page
from sinetti.portal.pages.authority_reports.wording import Asked, Wording
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import audited_actions, fill
from sinetti.reports import personal
from sinetti.reports.content import Form
from sinetti.reports.estimate import events_of_record
from sinetti.reports.model import Window
from sinetti.reports.personal import Wanted
from sinetti.reports.store import personal as store
from sinetti.reports.store.personal import FoundPersonal

FORMS: Final[Mapping[str, tuple[Form, str]]] = {
    "pdf": ("pdf", "application/pdf"),
    "csv": ("csv", CSV),
    "xlsx": ("xlsx", XLSX),
    "json": ("json", "application/json"),
}
DAYS_BEFORE: Final = 90
DAYS_MAX: Final = 366
AT_ONCE: Final = {Reads.REGISTERS: 2_000, Reads.ALERTS: 20_000, Reads.RECORD: 20_000}
"""Rows, alerts or events up to which a report is made while the reader waits: a second or less."""
_STEPS_A_SECOND: Final = {Reads.REGISTERS: 5_000.0, Reads.ALERTS: 20_000.0, Reads.RECORD: 100_000.0}
LOOK_SECONDS: Final = 3
"""How often the page of a report that is being made looks again."""


async def show_form(visit: Visit) -> Response:
    """Ask for a report, and find those that were made before."""
    return await _form(visit, {})


async def ask(visit: Visit) -> Response:
    """Record who makes which report for which purpose, then make it or have it made."""
    asked = _read(visit)
    if not isinstance(asked, Asked):
        return await _form(visit, asked)
    led_to = await form_keys.use(visit)
    if led_to is not None:
        return visit.redirect(led_to)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="authority_report_made",
        object_kind="authority_report",
        object_id=asked.report,
        object_name=asked.report,
        concern=Concern(),
        new={"first_day": asked.first.isoformat(), "last_day": asked.last.isoformat()}
        | ({"only_with": asked.contains} if asked.contains else {}),
        ground=f"Art. 39({asked.purpose})",
    )
    reads = REPORTS[asked.report].reads
    inquiry = _inquiry(visit, asked, AT_ONCE[reads] + 1)
    steps = await _size(inquiry, reads, asked)
    wanted = Wanted(
        kind=KIND,
        name=asked.report,
        parameters=msgspec.to_builtins(asked),
        user_id=visit.person.user_id,
        language=visit.language,
        source_address=visit.actor.source_address,
        window=Window(starts_at=inquiry.since, ends_at=inquiry.until),
        steps=steps,
        steps_a_second=_STEPS_A_SECOND[reads],
    )
    if steps > AT_ONCE[reads]:
        number = await personal.ask(visit.tx, visit.rules, wanted, visit.now)
    else:
        maker = maker_of(_country(visit), _page_names(visit))
        number, _ = await personal.make_at_once(visit.tx, visit.rules, wanted, maker, visit.now)
    path = visit.url("authority_report", opaque_report=number)
    await form_keys.keep_result(visit, path)
    return visit.redirect(path)


async def show(visit: Visit) -> Response:
    """A report, or how far its making has come."""
    found = await _found(visit)
    asked = msgspec.convert(found.parameters, Asked)
    if found.finished_at is None:
        return visit.render("waiting.html", found=found, asked=asked, look_seconds=LOOK_SECONDS)
    if "hx-request" in visit.request.headers:
        # Asked by the page that waits: now all of it is new.
        return Response(headers={"HX-Refresh": "true"})
    content = b"".join([piece async for piece in personal.content(visit.tx, found, "page")])
    page, wording = read_page(content), _wording(visit)
    return visit.render(
        "report.html",
        found=found,
        asked=asked,
        lines=wording.lines(asked, found.started_at or found.requested_at),
        heads=wording.heads(asked),
        rows=[wording.row(asked, row) for row in page.rows],
        shown_as=wording.shown,
        is_number=lambda value: isinstance(value, int | float),
        page=page,
        shown_max=SHOWN_ROWS_MAX,
        forms=FORMS,
    )


async def fetch(visit: Visit) -> Response:
    """A report as a file; that it was taken out is recorded."""
    found = await _found(visit)
    form, media_type = FORMS.get(visit.request.path_params["opaque_form"], (None, ""))
    if form is None or found.finished_at is None:
        raise Problem("page-missing", 404)
    asked = msgspec.convert(found.parameters, Asked)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="authority_report_fetched",
        object_kind="authority_report",
        object_id=asked.report,
        object_name=asked.report,
        concern=Concern(),
        new={"first_day": asked.first.isoformat(), "last_day": asked.last.isoformat(), "form": form},
        ground=f"Art. 39({asked.purpose})",
    )
    file = new_file()
    async for piece in personal.content(visit.tx, found, form):
        file.write(piece)
    incomplete = "-incomplete" if found.is_truncated else ""
    return sent_file(file, f"{asked.report}-{asked.first}-{asked.last}{incomplete}.{form}", media_type)


async def remove(visit: Visit) -> Response:
    """Whoever asked for it wants it no more."""
    found = await _found(visit)
    await store.expire(visit.tx, found.request_id, visit.person.user_id, visit.now)
    return visit.redirect(visit.url("authority_reports"), done="removed")


# ---------------------------------------------------------------- making


def _country(visit: Visit) -> Country:
    settings = visit.portal.settings
    return Country(market=settings.market, rules=visit.rules, zone=settings.zone)


def _page_names(visit: Visit) -> tuple[str, ...]:
    return tuple(page.name for page in visit.portal.pages)


def _wording(visit: Visit) -> Wording:
    actions = audited_actions(_page_names(visit), visit.language)
    return Wording(visit.rules, visit.language, visit.portal.settings.zone, actions)


async def _found(visit: Visit) -> FoundPersonal:
    number = visit.request.path_params["opaque_report"]
    return await personal.find(visit.tx, number, visit.person.user_id, KIND, visit.now)


def _inquiry(visit: Visit, asked: Asked, at_most: int) -> Inquiry:
    async def come(_done: float, _of: float) -> None:
        """Nobody sees it."""

    country = _country(visit)
    return Inquiry(
        tx=visit.tx,
        rules=country.rules,
        market=country.market,
        zone=country.zone,
        now=visit.now,
        first=asked.first,
        last=asked.last,
        at_most=at_most,
        rests=False,
        come=come,
    )


async def _size(inquiry: Inquiry, reads: Reads, asked: Asked) -> int:
    """How much there is to read; of registers and alerts no more than is made at once is counted."""
    match reads:
        case Reads.REGISTERS:
            return len(await REPORTS[asked.report].compile(inquiry))
        case Reads.ALERTS:
            (row,) = await inquiry.rows("count_alerts")
            return int(row["count"])
        case Reads.RECORD:
            window = Window(starts_at=inquiry.since, ends_at=inquiry.until)
            return await events_of_record(inquiry.tx, window, inquiry.now)


# ---------------------------------------------------------------- the form


async def _form(visit: Visit, errors: Mapping[str, str]) -> Response:
    today = visit.now.astimezone(visit.portal.settings.zone).date()
    usual = {"first": (today - timedelta(days=DAYS_BEFORE)).isoformat(), "last": today.isoformat()}
    report, means, purpose = (visit.words[name] for name in ("report", "report_means", "purpose"))
    names = ("report", "purpose", "first", "last", "contains")
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        values={name: visit.form.get(name, usual.get(name, "")) for name in names},
        reports=[(name, report[name], means[name]) for name in REPORTS],
        purposes=[(name, purpose[name]) for name in AuthorityPurpose],
        own=[
            (one, msgspec.convert(one.parameters, Asked))
            for one in await store.list_of(visit.tx, visit.person.user_id, KIND, visit.now)
        ],
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
    if REPORTS[report].whole_months:
        today = visit.now.astimezone(visit.portal.settings.zone).date()
        months = whole_months(first, last, today)
        if months is None:
            return {"last": fault["months"]}
        first, last = months
    contains = some_text(visit.form.get("contains", ""))
    return Asked(report=report, purpose=purpose, first=first, last=last, contains=contains)


def _day(given: str) -> date | None:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    # Before the system began, and after it may be reckoned with in any zone.
    return day if date(2000, 1, 1) <= day <= date(9000, 1, 1) else None


_ALL, _ONE, _ACTION = "/authority-reports", "/authority-reports/{opaque_report}", "see_authority_reports"
PAGE = Page(
    name="authority_reports",
    menu=MenuEntry(route="authority_reports", group=MenuGroup.INVESTIGATION, order=60),
    routes=(
        Route(name="authority_reports", path=_ALL, action=_ACTION, handler=show_form),
        Route(name="make_authority_report", path=_ALL, action=_ACTION, handler=ask, method="POST"),
        Route(name="authority_report", path=_ONE, action=_ACTION, handler=show),
        Route(
            name="authority_report_file",
            path=f"{_ONE}/{{opaque_form}}",
            action=_ACTION,
            handler=fetch,
            is_page=False,
        ),
        Route(
            name="remove_authority_report",
            path=f"{_ONE}/remove",
            action=_ACTION,
            handler=remove,
            method="POST",
        ),
    ),
)
