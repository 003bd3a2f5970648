"""Requests to operators of other countries: ask, carry by hand, note what came of it. Each form is one use case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from sinetti.alerts import cases, trail_requests
from sinetti.alerts.model import AlertFile
from sinetti.alerts.reading import read_view
from sinetti.alerts.view import TrailRequestSeen, Whole
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import Refusal, TrailRequestStep

_FIELDS: Final[Mapping[Refusal, str]] = {
    Refusal.COUNTRY_NOT_ASKED: "country",
    Refusal.ASKED_ALREADY: "country",
    Refusal.COMMENT_MISSING: "question",
    Refusal.COMMENT_TOO_LONG: "question",
}


async def show(visit: Visit) -> Response:
    """The requests of an alert, and the form for another one."""
    return await _page(visit, {})


async def ask(visit: Visit) -> Response:
    """Ask another country. It waits until somebody carries it."""
    done = await trail_requests.ask_country(
        visit.tx,
        change_of(visit),
        _alert_id(visit),
        visit.form.get("country", ""),
        visit.form.get("question", ""),
        market=visit.portal.settings.market,
    )
    if isinstance(done, Refusal):
        return await _page(visit, {_FIELDS.get(done, ""): _says(visit, done)})
    return visit.redirect(f"{_here(visit)}#request-{done}", done="asked")


async def take_step(visit: Visit) -> Response:
    """Note what was done with a request, or what came of it."""
    number = visit.form.get("request", "")
    request_id = int(number) if re.fullmatch("[0-9]{1,18}", number) else 0
    step = next((one for one in TrailRequestStep if one.value == visit.form.get("step")), None)
    if step is None:
        return await _page(visit, {f"step-{request_id}": visit.words["fault"]["step"]})
    done = await trail_requests.take_trail_step(
        visit.tx, change_of(visit), _alert_id(visit), request_id, step, visit.form.get("said")
    )
    if isinstance(done, Refusal):
        field = "said" if done in {Refusal.COMMENT_MISSING, Refusal.COMMENT_TOO_LONG} else "step"
        return await _page(visit, {f"{field}-{request_id}": _says(visit, done, field)})
    return visit.redirect(f"{_here(visit)}#request-{request_id}", done="noted")


def _says(visit: Visit, refusal: Refusal, field: str = "") -> str:
    if refusal is Refusal.COMMENT_TOO_LONG and field == "said":
        long: str = visit.words["fault"]["said_long"]
        return long
    return visit.rules.alerts.words[visit.language]("refusal", refusal)


async def _page(visit: Visit, errors: Mapping[str, str]) -> Response:
    change, rules = change_of(visit), visit.rules.alerts
    file = await cases.own_file(visit.tx, change.doer, _alert_id(visit))
    market = visit.portal.settings.market
    view = await read_view(visit.tx, rules, market, change.doer, file)
    said, may_ask = rules.words[visit.language], visit.may("ask_other_operator", visit.concern)
    requests = view.trail_requests or ()
    countries = [(code, said("country", code)) for code in rules.trail_countries if code != market]
    return visit.render(
        "requests.html",
        status=422 if errors else 200,
        errors=errors,
        file=file,
        requests=requests,
        said=said,
        may_ask=may_ask,
        countries=[("", visit.words["choose_country"]), *sorted(countries, key=lambda one: one[1])],
        steps={one.request_id: _steps(visit, one) if may_ask else [] for one in requests},
        texts={one.request_id: _text(visit, file, one) for one in requests if one.is_open},
        form=visit.form,
    )


def _steps(visit: Visit, request: TrailRequestSeen) -> list[tuple[str, str]]:
    rules = visit.rules.alerts
    possible = trail_requests.possible_steps(rules, change_of(visit).doer, request.state)
    return [(step.value, rules.words[visit.language]("trail_request_step", step)) for step in possible]


def _text(visit: Visit, file: AlertFile, request: TrailRequestSeen) -> str:
    whole = Whole.of_file(file, visit.portal.settings.market)
    return trail_requests.request_text(visit.rules.alerts, whole, request.question)


def _here(visit: Visit) -> str:
    return visit.url("trail_requests", alert_id=_alert_id(visit))


def _alert_id(visit: Visit) -> str:
    alert_id: str = visit.request.path_params["alert_id"]
    return alert_id


_PATH: Final = "/alerts/{alert_id}/trail-requests"

PAGE = Page(
    name="trail_requests",
    routes=(
        Route(
            name="trail_requests",
            path=_PATH,
            action="see_trail_requests",
            handler=show,
            concern=owners.of_alert,
        ),
        Route(
            name="ask_other_operator",
            path=_PATH,
            action="ask_other_operator",
            handler=ask,
            method="POST",
            concern=owners.of_alert,
        ),
        Route(
            name="note_trail_request",
            path=_PATH + "/steps",
            action="ask_other_operator",
            handler=take_step,
            method="POST",
            concern=owners.of_alert,
        ),
    ),
)
