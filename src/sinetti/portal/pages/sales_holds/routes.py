"""Requests to hold a batch: a company asks, sees how many distributors hold how much, and lifts it with a reason."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.alerts import sales_holds
from sinetti.alerts.decide import is_of
from sinetti.alerts.files import find_file
from sinetti.alerts.sales_holds import REASON_CHARACTERS_MAX
from sinetti.alerts.sales_holds_seen import (
    Hold,
    answers_of,
    figures,
    find_hold,
    hold_in_force,
    steps_of,
)
from sinetti.gs1.identifiers import is_batch
from sinetti.identity.people.model import OF_MAH_OBP, PeopleRole
from sinetti.nmvs.trail import find_product
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.lists import read_list_query, some_text
from sinetti.portal.pack_codes import read_pack_code
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.pages.sales_holds import store
from sinetti.portal.pages.sales_holds.letters import mail_hold
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.sales_holds.vocabulary import HoldField, HoldRefusal, HoldState, HoldStep, HoldViewer

_FIELDS = ("product_code", "batch", "reason", "alert")
_AT = {HoldRefusal.REASON_MISSING: "reason", HoldRefusal.REASON_TOO_LONG: "reason"}


def viewer_of(visit: Visit) -> HoldViewer:
    """As whom somebody looks at a request on these pages."""
    if visit.person.role in OF_MAH_OBP:
        return HoldViewer.COMPANY
    is_authority = visit.person.role is PeopleRole.AUTHORITY_INSPECTOR
    return HoldViewer.AUTHORITY if is_authority else HoldViewer.OPERATOR


async def show_list(visit: Visit) -> Response:
    """The requests in force, unless others are asked for."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"state": store.STATES},
        descending=True,
    )
    states = visit.words["states"]
    return visit.render(
        "list.html",
        list=await store.list_holds(visit.tx, query, visit.reach, visit.language.value),
        may_ask=visit.may("ask_sales_hold"),
        company_shown=_sees(visit, HoldField.COMPANY) and visit.reach.everything,
        state_choices=[("", states["asked"]), *((state, states[state]) for state in store.STATES)],
    )


async def show_form(visit: Visit) -> Response:
    """Ask for a hold: filled in from the alert or the batch that led here."""
    given = visit.request.query_params
    asked = {name: some_text(given.get(name, "")) for name in _FIELDS}
    if asked["alert"] and not asked["product_code"]:
        file = await find_file(visit.tx, asked["alert"])
        if file is not None and is_of(file, change_of(visit).doer):
            asked |= {"product_code": file.product_code, "batch": file.batch or ""}
    return _form(visit, asked, {})


async def ask(visit: Visit) -> Response:
    """Ask every distributor, and have their people told."""
    asked = {name: visit.form.get(name, "").strip() for name in _FIELDS}
    code, change = read_pack_code(asked["product_code"]), change_of(visit)
    batch, errors = asked["batch"] or code.batch or "", dict[str, str]()
    fault = visit.words["fault"]
    product = None
    if code.fault is not None:
        words = common_words(visit.language)["product_code_fault"]
        errors["product_code"] = fill(words[code.fault], expected=code.expected)
    else:
        product = await find_product(visit.tx, code.product_code)
        if product is None or product.organisation_id != visit.person.organisation_id:
            errors["product_code"] = fault["not_yours"]
    if not is_batch(batch, code.scheme):
        errors["batch"] = fault["batch"]
    if not asked["reason"]:
        errors["reason"] = fault["reason_missing"]
    if errors or product is None:
        return _form(visit, asked, errors)
    before = await form_keys.use(visit)
    if before is not None:
        return visit.redirect(before)
    file = await find_file(visit.tx, asked["alert"]) if asked["alert"] else None
    is_about = file is not None and file.key.product_id == product.product_id and is_of(file, change.doer)
    done = await sales_holds.ask(
        visit.tx,
        change,
        product_id=product.product_id,
        batch=batch,
        reason=asked["reason"],
        event_number=file.key.event_number if file is not None and is_about else None,
    )
    if isinstance(done, HoldRefusal):
        await form_keys.forget(visit)
        there = await hold_in_force(visit.tx, visit.person.organisation_id, code.product_code, batch)
        return _form(visit, asked, {_AT.get(done, "batch"): _why(visit, done)}, there)
    path = visit.url("sales_hold", hold_id=done)
    await form_keys.keep_result(visit, path)
    hold = await _hold(visit, done)
    await _audit(visit, hold, "sales_hold_asked", hold.reason, {"batch": batch})
    await mail_hold(visit.tx, visit.portal.sealer, visit.portal.settings, hold, visit.now)
    return visit.redirect(path, done="asked")


async def show_one(visit: Visit) -> Response:
    """One request: figures for the company, names for the operator and the authority."""
    return await _show(visit, await _hold(visit, visit.number("hold_id")), {})


async def lift(visit: Visit) -> Response:
    """End a request, and have those told who hold packs."""
    hold, reason = (
        await _hold(visit, visit.number("hold_id")),
        visit.form.get("reason", "").strip(),
    )
    done = await sales_holds.lift(visit.tx, change_of(visit), hold.hold_id, reason)
    if done is not None:
        return await _show(visit, hold, {_AT.get(done, ""): _why(visit, done)})
    await _audit(visit, hold, "sales_hold_lifted", reason, {"batch": hold.batch})
    lifted = await _hold(visit, hold.hold_id)
    await mail_hold(visit.tx, visit.portal.sealer, visit.portal.settings, lifted, visit.now)
    return visit.redirect(visit.url("sales_hold", hold_id=hold.hold_id), done="lifted")


async def _show(visit: Visit, hold: Hold, errors: Mapping[str, str]) -> Response:
    answers = await answers_of(visit.tx, [hold.hold_id])
    places_shown = _sees(visit, HoldField.PLACES)
    steps = await steps_of(visit.tx, hold.hold_id)
    return visit.render(
        "one.html",
        status=422 if errors else 200,
        errors=errors,
        hold=hold,
        figures=figures(answers),
        answers=answers if places_shown else [],
        # A step of a distributor, or of one that was asked later, names its place: the company gets its own steps only.
        steps=[
            one
            for one in steps
            if places_shown or (one.step in {HoldStep.ASK, HoldStep.LIFT} and one.location_name is None)
        ],
        company_shown=_sees(visit, HoldField.COMPANY),
        people_shown=_sees(visit, HoldField.PEOPLE),
        may_lift=hold.state is HoldState.ASKED and visit.may("ask_sales_hold", visit.concern),
        form=visit.form,
    )


async def _hold(visit: Visit, hold_id: int) -> Hold:
    hold = await find_hold(visit.tx, hold_id)
    assert hold is not None, "it was made just now, or the concern of the route has found it"
    return hold


def _form(
    visit: Visit, asked: Mapping[str, str], errors: Mapping[str, str], there: int | None = None
) -> Response:
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        asked=asked,
        there=there,
        most=REASON_CHARACTERS_MAX,
    )


def _sees(visit: Visit, field: HoldField) -> bool:
    return visit.rules.sales_holds.sees(field, viewer_of(visit))


def _why(visit: Visit, refusal: HoldRefusal) -> str:
    return fill(visit.words["fault"][refusal.value], most=REASON_CHARACTERS_MAX)


async def _audit(visit: Visit, hold: Hold, action: str, reason: str, new: Mapping[str, object]) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="sales_hold",
        object_id=hold.hold_id,
        object_name=f"{hold.product_code} {hold.batch}",
        concern=Concern(organisation_id=hold.organisation_id),
        new=new,
        reason=reason,
    )


PAGE = Page(
    name="sales_holds",
    menu=MenuEntry(route="sales_holds", group=MenuGroup.INVESTIGATION, order=52),
    routes=(
        Route(name="sales_holds", path="/sales-holds", action="see_sales_holds", handler=show_list),
        Route(name="new_sales_hold", path="/sales-holds/new", action="ask_sales_hold", handler=show_form),
        Route(
            name="ask_sales_hold",
            path="/sales-holds/new",
            action="ask_sales_hold",
            handler=ask,
            method="POST",
        ),
        Route(
            name="sales_hold",
            path="/sales-holds/{hold_id:int}",
            action="see_sales_holds",
            handler=show_one,
            concern=owners.of_sales_hold,
        ),
        Route(
            name="lift_sales_hold",
            path="/sales-holds/{hold_id:int}",
            action="ask_sales_hold",
            handler=lift,
            method="POST",
            concern=owners.of_sales_hold,
        ),
    ),
)
