"""Alerts: the list, one alert as its reader may see it, and what the reader can do about it."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.alerts import cases
from sinetti.alerts.files import find_file
from sinetti.alerts.root_cause.words import cause_name
from sinetti.alerts.saved_filters import filters_of
from sinetti.portal.grounds import record_case_read
from sinetti.portal.lists import ListPage
from sinetti.portal.pages.alerts import acting, assigning, exporting, filters, many, saved, store
from sinetti.portal.pages.alerts.model import ListedAlert
from sinetti.portal.pages.alerts.showing import change_of, show_alert
from sinetti.portal.routing import Handler, MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Party

LOOK_SECONDS = 2
"""How often the page of an alert that is coming looks whether it is there."""


async def show_list(visit: Visit) -> Response:
    """The alerts that are the reader's matter, the open ones unless others are asked for."""
    rules, doer = visit.rules.alerts, cases.doer_of(visit.person)
    query = filters.read_query(visit, visit.request.url.path)
    search = await filters.search_of(visit, query)
    if others_market := await filters.is_others_market(visit, query):
        found = ListPage[ListedAlert](rows=(), total=0, query=query)
    else:
        found = await store.list_alerts(visit.tx, rules, query, search, doer, visit.now)
    words = visit.rules.alerts.words[visit.language]
    return visit.render(
        "list.html",
        list=found,
        all_markets=query.href(filters={**query.filters, "markets": filters.ANY}) if others_market else "",
        said=words,
        cause_name=lambda cause: cause_name(cause, visit.language),
        offered=await filters.offered(visit, query),
        named=await filters.named(visit, query),
        linked=filters.LINKED,
        places_shown=any(row.location_name for row in found.rows),
        used=query.href().partition("?")[2],
        saved=await filters_of(visit.tx, visit.person.user_id),
        own_files=await exporting.own_files(visit) if visit.may("export_alerts") else [],
        **many.shown(visit),
        status_choices=[
            ("", visit.words["open"]),
            *((status.value, words("status", status)) for status in AlertStatus),
            (filters.ANY, visit.words["any_status"]),
        ],
        kind_choices=[
            ("", visit.words["any_kind"]),
            *((kind.value, words("kind", kind)) for kind in AlertKind),
        ],
    )


async def show_one(visit: Visit) -> Response:
    """One alert. Whoever handles alerts and opens it first makes it active."""
    change, alert_id = change_of(visit), visit.request.path_params["alert_id"]
    if await find_file(visit.tx, alert_id) is None:
        # An IT system's answer links here at once, up to a second before the worker has taken the alert over.
        return visit.render("coming.html", alert_id=alert_id, look_seconds=LOOK_SECONDS)
    if "hx-request" in visit.request.headers:
        # Asked by the page of the alert that was coming: now all of it is new.
        return Response(headers={"HX-Refresh": "true"})
    file = await cases.open_alert(visit.tx, change, alert_id)
    if change.doer.party is Party.AUTHORITY:
        await record_case_read(visit.tx, visit.actor, visit.now, file.reference)
    return await show_alert(visit, change, file)


_FILTERS, _MANY, _ONE = "/alerts/filters", "/alerts/many", "/alerts/{alert_id}"
_FILES, _FILE = "/alerts/files", "/alerts/files/{opaque_file}"


def _acting(name: str, handler: Handler, below: str) -> Route:
    return Route(
        name=name,
        path=_ONE + below,
        action="handle_alert",
        handler=handler,
        method="POST",
        concern=owners.of_alert,
    )


PAGE = Page(
    name="alerts",
    menu=MenuEntry(route="alerts", group=MenuGroup.INVESTIGATION, order=10),
    routes=(
        Route(name="alerts", path="/alerts", action="see_alerts", handler=show_list),
        Route(
            name="alerts_csv",
            path="/alerts/alerts.csv",
            action="export_alerts",
            handler=exporting.export_csv,
            is_page=False,
        ),
        Route(
            name="alerts_xlsx",
            path="/alerts/alerts.xlsx",
            action="export_alerts",
            handler=exporting.export_xlsx,
            is_page=False,
        ),
        Route(
            name="order_alerts_file",
            path=_FILES,
            action="export_alerts",
            handler=exporting.order,
            method="POST",
        ),
        Route(name="alerts_file", path=_FILE, action="export_alerts", handler=exporting.show_file),
        Route(
            name="alerts_file_content",
            path=f"{_FILE}/content",
            action="export_alerts",
            handler=exporting.fetch_file,
            is_page=False,
        ),
        Route(
            name="remove_alerts_file",
            path=f"{_FILE}/remove",
            action="export_alerts",
            handler=exporting.remove_file,
            method="POST",
        ),
        Route(name="alert_filters", path=_FILTERS, action="save_alert_filters", handler=saved.show),
        *(
            Route(name=name, path=path, action="save_alert_filters", handler=handler, method="POST")
            for name, path, handler in (
                ("save_alert_filter", _FILTERS, saved.save),
                ("change_alert_filter", f"{_FILTERS}/change", saved.change),
                ("remove_alert_filter", f"{_FILTERS}/remove", saved.remove),
            )
        ),
        Route(
            name="many_alerts",
            path=_MANY,
            action="change_many_alerts",
            handler=many.back_to_list,
            is_page=False,
        ),
        Route(
            name="change_many_alerts",
            path=_MANY,
            action="change_many_alerts",
            handler=many.step,
            method="POST",
        ),
        Route(
            name="many_alerts_done",
            path=f"{_MANY}/{{opaque_change}}",
            action="see_alerts",
            handler=many.show_done,
        ),
        Route(
            name="alert",
            path=_ONE,
            action="see_alerts",
            handler=show_one,
            concern=owners.of_raised_alert,
        ),
        _acting("change_alert_status", acting.change_status, "/status"),
        _acting("investigate_alert", acting.investigate, "/investigation"),
        _acting("hand_over_alert", acting.hand_over, "/hand-over"),
        _acting("classify_alert", acting.classify, "/classification"),
        _acting("assign_alert", assigning.assign_one, "/assignment"),
        _acting("tick_alert_step", acting.tick, "/steps"),
        _acting("send_alert_message", acting.send_message, "/messages"),
        _acting("set_pack_aside", acting.set_aside, "/set-aside"),
    ),
)
