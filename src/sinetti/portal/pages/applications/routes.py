"""Applications: sent by an organisation's main user, followed on a page of their own, decided by the operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.responses import Response

from sinetti.identity.people.model import WITHOUT_ORGANISATION
from sinetti.portal import form_keys
from sinetti.portal.lists import read_list_query
from sinetti.portal.location_form import application_rules, shown_value
from sinetti.portal.pages.applications import steps, store
from sinetti.portal.pages.applications.forms import (
    first_given,
    form_values,
    read_form,
    read_reason,
)
from sinetti.portal.pages.applications.model import Application, ReplaceableEquipment
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.store.locations import HeldLocation, hold_location
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.applications.types import NotNow
from sinetti.rules.applications.vocabulary import (
    ApplicationKind,
    ApplicationState,
    ApplicationStep,
    Side,
)

Handler = Callable[[Visit], Awaitable[Response]]


async def show_list(visit: Visit) -> Response:
    """Applications within reach: those that are not decided, the oldest first, unless asked otherwise."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={
            "state": [*(state.value for state in ApplicationState), "all"],
            "kind": [kind.value for kind in ApplicationKind],
            "waiting": [str(days) for days in store.WAITING_DAYS],
        },
    )
    found = await store.list_applications(visit.tx, query, visit.reach, visit.language.value, visit.now)
    kinds, states = (
        common_words(visit.language)["application_kind"],
        common_words(visit.language)["application_state"],
    )
    return visit.render(
        "list.html",
        list=found,
        kind_choices=[("", visit.words["any_kind"]), *kinds.items()],
        state_choices=[("", visit.words["open"]), *states.items(), ("all", visit.words["any_state"])],
        waiting_choices=[
            ("", visit.words["any_time"]),
            *((str(days), fill(visit.words["days_or_more"], days=days)) for days in store.WAITING_DAYS),
        ],
        several=visit.person.organisation_id is None,
        now=visit.now,
    )


async def show_one(visit: Visit) -> Response:
    """One application: what it asks for, how it stands, and all that was done with it."""
    return await _page(visit, await _application(visit), {})


def _asks(kind: ApplicationKind) -> Handler:
    async def ask(visit: Visit) -> Response:
        held = await _held(visit, kind)
        if elsewhere := await _open_already(visit, kind, held):
            return elsewhere
        equipment = await _equipment(visit, kind, held)
        return _form(
            visit,
            kind,
            held,
            first_given(kind, held, None, visit.portal.settings.market),
            {},
            equipment,
            None,
        )

    return ask


def _applies(kind: ApplicationKind) -> Handler:
    async def apply(visit: Visit) -> Response:
        held = await _held(visit, kind)
        equipment = await _equipment(visit, kind, held)
        form = read_form(visit, kind, held, equipment)
        if form.errors:
            if elsewhere := await _open_already(visit, kind, held):
                return elsewhere
            return _form(visit, kind, held, form.given, form.errors, equipment, None)
        if made_before := await form_keys.use(visit):
            return visit.redirect(made_before, done="sent")
        if elsewhere := await _open_already(visit, kind, held):
            await form_keys.keep_result(visit, elsewhere.headers["location"])
            return elsewhere
        number = await steps.apply(visit, kind, held, form)
        path = visit.url("application", application_id=number)
        await form_keys.keep_result(visit, path)
        return visit.redirect(path, done="sent")

    return apply


async def ask_again(visit: Visit) -> Response:
    """The form of a returned application, as it was sent."""
    application = await _application(visit)
    if application.state is not ApplicationState.RETURNED:
        return _decided(visit, application)
    held = await _held_of(visit, application)
    equipment = await _equipment(visit, application.kind, held)
    given = first_given(application.kind, held, application.asks, visit.portal.settings.market)
    return _form(visit, application.kind, held, given, {}, equipment, application)


async def apply_again(visit: Visit) -> Response:
    """Send it again."""
    application = await _application(visit)
    held = await _held_of(visit, application)
    equipment = await _equipment(visit, application.kind, held)
    form = read_form(visit, application.kind, held, equipment)
    if application.state is not ApplicationState.RETURNED:
        return _decided(visit, application)
    if form.errors:
        return _form(visit, application.kind, held, form.given, form.errors, equipment, application)
    if await steps.apply_again(visit, application, form) is not None:
        return _decided(visit, application)
    return visit.redirect(visit.url("application", application_id=application.application_id), done="sent")


async def decide(visit: Visit) -> Response:
    """Approve it, or return it with a reason. The second of two operators sees that it was decided."""
    application = await _application(visit)
    approves = visit.form.get("decision") == ApplicationStep.APPROVE
    reason, fault = read_reason(visit, "reason", needed=not approves)
    if application.state is not ApplicationState.APPLIED or visit.form.get("seen") != str(
        application.last_step
    ):
        return _decided(visit, application)
    if visit.form.get("decision") not in {ApplicationStep.APPROVE, ApplicationStep.RETURN}:
        return await _page(visit, application, {"decision": visit.words["fault"]["decision"]})
    if fault:
        return await _page(visit, application, {"reason": fault})
    if approves:
        stopped = await steps.approve(visit, application, reason)
        if isinstance(stopped, str) and not isinstance(stopped, NotNow):
            return await _page(visit, application, {"decision": stopped})
    else:
        stopped = await steps.take_step(visit, application, ApplicationStep.RETURN, Side.OPERATOR, reason)
    path = visit.url("application", application_id=application.application_id)
    return visit.redirect(path, done="decided_already" if stopped else "approved" if approves else "returned")


async def withdraw(visit: Visit) -> Response:
    """The applicant has thought better of it, or a change of IT system comes to nothing."""
    application = await _application(visit)
    side = _side(visit)
    approved = application.state is ApplicationState.APPROVED
    reason, fault = read_reason(visit, "why", needed=approved)
    if approved and await store.change_is_done(visit.tx, application.application_id):
        return _decided(visit, application)
    if ApplicationStep.WITHDRAW not in application_rules().steps_of(
        application.kind, application.state, side
    ):
        return _decided(visit, application)
    if fault:
        return await _page(visit, application, {"why": fault})
    stopped = await steps.take_step(visit, application, ApplicationStep.WITHDRAW, side, reason)
    path = visit.url("application", application_id=application.application_id)
    return visit.redirect(path, done="decided_already" if stopped else "withdrawn")


async def _application(visit: Visit) -> Application:
    found = await store.find_application(visit.tx, visit.number("application_id"))
    assert found is not None, "the concern of the route has found it"
    return found


async def _held(visit: Visit, kind: ApplicationKind) -> HeldLocation | None:
    if kind is ApplicationKind.NEW_LOCATION:
        return None
    return await hold_location(visit.tx, visit.number("location_id"))


async def _held_of(visit: Visit, application: Application) -> HeldLocation | None:
    if application.location_id is None:
        return None
    return await hold_location(visit.tx, application.location_id)


async def _equipment(
    visit: Visit, kind: ApplicationKind, held: HeldLocation | None
) -> list[ReplaceableEquipment]:
    if kind is not ApplicationKind.CHANGE_OF_IT_SYSTEM or held is None:
        return []
    return await store.list_equipment(visit.tx, held.location_id)


async def _open_already(visit: Visit, kind: ApplicationKind, held: HeldLocation | None) -> Response | None:
    """Where to go when this has been applied for already, or the location is closed."""
    if held is None:
        return None
    if held.state == "closed":
        return visit.redirect(visit.url("location", location_id=held.location_id), done="is_closed")
    if number := await store.open_application(visit.tx, held.location_id, kind):
        return visit.redirect(visit.url("application", application_id=number), done="open_already")
    if kind is ApplicationKind.CHANGE_OF_IT_SYSTEM:
        if number := await store.change_under_way(visit.tx, held.location_id):
            return visit.redirect(visit.url("application", application_id=number), done="under_way")
        if not await store.list_equipment(visit.tx, held.location_id):
            path = visit.url("location", location_id=held.location_id)
            return visit.redirect(path, done="nothing_to_change")
    return None


def _decided(visit: Visit, application: Application) -> Response:
    """To the page of an application that stands otherwise than somebody thought."""
    path = visit.url("application", application_id=application.application_id)
    return visit.redirect(path, done="decided_already")


def _side(visit: Visit) -> Side:
    return Side.OPERATOR if visit.person.role in WITHOUT_ORGANISATION else Side.APPLICANT


def _form(
    visit: Visit,
    kind: ApplicationKind,
    held: HeldLocation | None,
    given: Mapping[str, object],
    errors: Mapping[str, str],
    equipment: Sequence[ReplaceableEquipment],
    application: Application | None,
) -> Response:
    if application is not None:
        send_to = visit.url("apply_again", application_id=application.application_id)
        back = send_to.rpartition("/")[0], visit.words["back_to_application"]
    elif held is not None:
        send_to = visit.url(f"apply_{kind.value}", location_id=held.location_id)
        back = visit.url("location", location_id=held.location_id), held.name
    else:
        send_to = visit.url(f"apply_{kind.value}")
        back = visit.url("locations"), visit.words["back_to_locations"]
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        kind=kind.value,
        held=held,
        again=application is not None,
        send_to=send_to,
        back=back,
        form_key=visit.new_form_key(),
        **form_values(visit, kind, dict(given), dict(errors), equipment),
    )


async def _page(visit: Visit, application: Application, errors: Mapping[str, str]) -> Response:
    side = _side(visit)
    offered = application_rules().steps_of(application.kind, application.state, side)
    concern = visit.concern
    if ApplicationStep.WITHDRAW in offered and application.state is ApplicationState.APPROVED:
        done = await store.change_is_done(visit.tx, application.application_id)
        offered = offered - {ApplicationStep.WITHDRAW} if done else offered
    asks, language = application.asks, visit.language
    labels = common_words(language)["location_field"]
    return visit.render(
        "one.html",
        status=422 if errors else 200,
        errors=errors,
        application=application,
        asks=asks,
        fields=[
            (
                labels[name],
                shown_value(name, asks.was.get(name), language),
                shown_value(name, value, language),
            )
            for name, value in asks.fields.items()
        ],
        steps=await store.list_steps(visit.tx, application.application_id),
        days=(visit.now - application.state_at).days,
        may_decide=visit.may("decide_application", concern) and ApplicationStep.APPROVE in offered,
        may_apply=visit.may("apply_for_location", concern) and ApplicationStep.APPLY in offered,
        may_withdraw=visit.may("withdraw_application", concern) and ApplicationStep.WITHDRAW in offered,
        reason=visit.form.get("reason", ""),
        why=visit.form.get("why", ""),
        decision=visit.form.get("decision", ""),
    )


_NEW = "/locations/new"
_LOCATION_PATHS = {
    ApplicationKind.CHANGE_OF_CONTRACT: "/locations/{location_id:int}/contract",
    ApplicationKind.CLOSE_LOCATION: "/locations/{location_id:int}/close",
    ApplicationKind.CHANGE_OF_IT_SYSTEM: "/locations/{location_id:int}/change/apply",
}
_ONE = "/applications/{application_id:int}"


def _location_routes() -> list[Route]:
    routes = []
    for kind, path in _LOCATION_PATHS.items():
        for name, handler, method in (
            (f"ask_{kind.value}", _asks(kind), "GET"),
            (f"apply_{kind.value}", _applies(kind), "POST"),
        ):
            routes.append(
                Route(
                    name=name,
                    path=path,
                    action="apply_for_location",
                    handler=handler,
                    method=method,
                    concern=owners.of_location,
                )
            )
    return routes


PAGE = Page(
    name="applications",
    menu=MenuEntry(route="applications", group=MenuGroup.PARTICIPANTS, order=40),
    routes=(
        Route(name="applications", path="/applications", action="see_applications", handler=show_list),
        Route(
            name="application",
            path=_ONE,
            action="see_applications",
            handler=show_one,
            concern=store.of_application,
        ),
        Route(
            name="ask_new_location",
            path=_NEW,
            action="apply_for_new_location",
            handler=_asks(ApplicationKind.NEW_LOCATION),
        ),
        Route(
            name="apply_new_location",
            path=_NEW,
            action="apply_for_new_location",
            handler=_applies(ApplicationKind.NEW_LOCATION),
            method="POST",
        ),
        *_location_routes(),
        Route(
            name="ask_again",
            path=f"{_ONE}/again",
            action="apply_for_location",
            handler=ask_again,
            concern=store.of_application,
        ),
        Route(
            name="apply_again",
            path=f"{_ONE}/again",
            action="apply_for_location",
            handler=apply_again,
            method="POST",
            concern=store.of_application,
        ),
        Route(
            name="decide_application",
            path=f"{_ONE}/decide",
            action="decide_application",
            handler=decide,
            method="POST",
            concern=store.of_application,
        ),
        Route(
            name="withdraw_application",
            path=f"{_ONE}/withdraw",
            action="withdraw_application",
            handler=withdraw,
            method="POST",
            concern=store.of_application,
        ),
    ),
)
