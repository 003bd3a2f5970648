"""Endpoints of webhooks: added, tried, rolled over, paused and ended; the log of what was sent to them.

The secret that signs is in one answer and no other. The operator sees how endpoints stand and may pause them, and
never makes one for somebody else: it would know the secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from starlette.responses import Response

from sinetti.kit.db import Transaction
from sinetti.kit.problems import Problem, problem_texts
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.webhooks import showing, store
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.webhooks import endpoints
from sinetti.webhooks.endpoints import FORMER_SECRET_HOURS
from sinetti.webhooks.model import DeliveryState, Endpoint, EndpointState

LOG_FILTERS = (*(state.value for state in DeliveryState), "troubled")


async def show_list(visit: Visit) -> Response:
    """All endpoints within reach."""
    states = [state.value for state in EndpointState]
    everybody = visit.reach.everything
    query = read_list_query(
        visit.url("webhooks"),
        visit.request.query_params,
        columns=[column for column in store.ORDERS if everybody or column != "organisation"],
        filters={"state": states},
        descending=True,
    )
    found = await store.list_endpoints(visit.tx, query, visit.reach, visit.language.value)
    words = visit.words
    return visit.render(
        "list.html",
        list=found,
        everybody=everybody,
        state_choices=[("", words["not_ended"]), *((state, words["state"][state]) for state in states)],
        colours=showing.STATE_COLOURS,
    )


async def show_form(visit: Visit) -> Response:
    """The form for a new endpoint."""
    return _form(visit, None, {})


async def add(visit: Visit) -> Response:
    """Add it, and show the secret: in this answer and in no other."""
    return await _add(visit, None)


async def ask_replace(visit: Visit) -> Response:
    """The form for the address that takes this one's place."""
    return _form(visit, await _endpoint(visit), {})


async def replace(visit: Visit) -> Response:
    """Add an endpoint that takes this one's place as soon as it has proven itself."""
    return await _add(visit, await _endpoint(visit))


async def _add(visit: Visit, replaces: Endpoint | None) -> Response:
    https_only = visit.portal.settings.private_webhooks != "yes"
    try:
        address = endpoints.usable_address(visit.form.get("address", ""), https_only=https_only)
    except Problem as problem:
        return _form(visit, replaces, {"address": _said(visit, problem)})
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="secret_was_shown")
    organisation_id = visit.person.organisation_id
    assert organisation_id is not None, "only people of an organisation may add one"
    try:
        made, secret = await endpoints.add_endpoint(
            visit.tx,
            visit.portal.sealer,
            organisation_id=organisation_id,
            address=address,
            created_by_name=visit.person.name,
            now=visit.now,
            https_only=https_only,
            replaces=replaces,
        )
    except Problem as problem:
        await form_keys.forget(visit)
        return _form(visit, replaces, {"address": _said(visit, problem)})
    action = "webhook_added" if replaces is None else "webhook_replaced"
    old = None if replaces is None else {"webhook_address": replaces.address}
    await _record(visit, made, action, old=old, new={"webhook_address": made.address})
    await form_keys.keep_result(visit, visit.url("webhook", endpoint_id=made.endpoint_id))
    return visit.render(
        "secret.html", endpoint=made, secret=secret, heading=visit.words["added"], then=visit.words["proves"]
    )


async def show(visit: Visit) -> Response:
    """How an endpoint stands, what can be done with it, and what became of each message."""
    endpoint = await _endpoint(visit)
    query = read_list_query(
        visit.url("webhook", endpoint_id=endpoint.endpoint_id),
        visit.request.query_params,
        columns=list(store.LOG_ORDERS),
        filters={"state": LOG_FILTERS},
        descending=True,
    )
    found = await store.list_deliveries(visit.tx, query, endpoint.endpoint_id, visit.language.value)
    words = visit.words
    rows = [(row, row.state, showing.fault_of(words, row.http_status, row.fault)) for row in found.rows]
    return visit.render(
        "one.html",
        list=found,
        rows=rows,
        endpoint=endpoint,
        state=endpoint.state.value,
        pause=showing.pause_of(words, endpoint),
        former_until=endpoint.former_until
        if endpoint.former_until is not None and endpoint.former_until > visit.now
        else None,
        state_choices=[
            ("", words["any_delivery"]),
            *((state, words["delivery"][state]) for state in LOG_FILTERS),
        ],
        colours=showing.STATE_COLOURS,
        delivery_colours=showing.DELIVERY_COLOURS,
    )


async def test(visit: Visit) -> Response:
    """Send a test message."""
    endpoint = await _endpoint(visit)
    await endpoints.test(visit.tx, endpoint, visit.now)
    await _record(visit, endpoint, "webhook_tested")
    return _back(visit, endpoint, "tested")


async def ask_secret(visit: Visit) -> Response:
    """Say what a new secret means."""
    return _ask_secret(visit, await _endpoint(visit), 200)


def _ask_secret(visit: Visit, endpoint: Endpoint, status: int) -> Response:
    return visit.render(
        "ask_secret.html",
        status=status,
        endpoint=endpoint,
        form_key=visit.new_form_key(),
        hours=FORMER_SECRET_HOURS,
    )


async def roll_secret(visit: Visit) -> Response:
    """Make a new secret, and show it: in this answer and in no other."""
    endpoint = await _endpoint(visit)
    if "form_key" not in visit.form:
        return _ask_secret(visit, endpoint, 422)
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="secret_was_shown")
    secret = await endpoints.roll_secret(visit.tx, visit.portal.sealer, endpoint, visit.now)
    await _record(visit, endpoint, "webhook_secret_changed")
    await form_keys.keep_result(visit, visit.url("webhook", endpoint_id=endpoint.endpoint_id))
    return visit.render(
        "secret.html",
        endpoint=endpoint,
        secret=secret,
        heading=visit.words["rolled"],
        then=fill(visit.words["both_sign"], hours=FORMER_SECRET_HOURS),
    )


async def pause(visit: Visit) -> Response:
    """Send nothing until somebody resumes it."""
    endpoint = await _endpoint(visit)
    if endpoint.state is not EndpointState.PAUSED:
        await endpoints.pause(visit.tx, endpoint, visit.person.name, visit.now)
        await _record(visit, endpoint, "webhook_paused")
    return _back(visit, endpoint, "paused")


async def resume(visit: Visit) -> Response:
    """Send again, what was missed first."""
    endpoint = await _endpoint(visit)
    if endpoint.state is EndpointState.PAUSED:
        await endpoints.resume(visit.tx, endpoint, visit.now)
        await _record(visit, endpoint, "webhook_resumed")
    return _back(visit, endpoint, "resumed")


async def ask_end(visit: Visit) -> Response:
    """Say that it is for ever."""
    return visit.render("ask_end.html", endpoint=await _endpoint(visit))


async def end(visit: Visit) -> Response:
    """Take it out of use for ever."""
    endpoint = await _endpoint(visit)
    if endpoint.state is not EndpointState.ENDED:
        await endpoints.end(visit.tx, endpoint, visit.now)
        await _record(visit, endpoint, "webhook_ended", old={"webhook_address": endpoint.address})
    return _back(visit, endpoint, "ended")


async def show_delivery(visit: Visit) -> Response:
    """All attempts to send one message."""
    endpoint = await _endpoint(visit)
    delivery = await endpoints.delivery(visit.tx, endpoint, _message_id(visit))
    attempts = await endpoints.attempts_of(visit.tx, endpoint, delivery.message_id)
    return visit.render(
        "delivery.html",
        endpoint=endpoint,
        delivery=delivery,
        state=delivery.state.value,
        attempts=[(one, showing.fault_of(visit.words, one.http_status, one.fault)) for one in attempts],
        working=endpoint.state in {EndpointState.IN_USE, EndpointState.UNPROVEN},
        delivery_colours=showing.DELIVERY_COLOURS,
    )


async def send_again(visit: Visit) -> Response:
    """Send one message once more."""
    endpoint = await _endpoint(visit)
    delivery = await endpoints.delivery(visit.tx, endpoint, _message_id(visit))
    await endpoints.send_again(visit.tx, endpoint, delivery.message_id, visit.now)
    await _record(visit, endpoint, "webhook_sent_again", new={"webhook_message": delivery.message_id})
    path = visit.url("webhook_delivery", endpoint_id=endpoint.endpoint_id, message_id=delivery.message_id)
    return visit.redirect(path, done="sent_again")


async def _of_endpoint(tx: Transaction, path: Mapping[str, str]) -> Concern | None:
    return await store.owner_of(tx, path["endpoint_id"])


async def _endpoint(visit: Visit) -> Endpoint:
    endpoint_id: UUID = visit.request.path_params["endpoint_id"]
    return await endpoints.endpoint(visit.tx, endpoint_id)


def _message_id(visit: Visit) -> UUID:
    message_id: UUID = visit.request.path_params["message_id"]
    return message_id


def _form(visit: Visit, replaces: Endpoint | None, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "new.html",
        status=422 if errors else 200,
        errors=errors,
        replaces=replaces,
        address=visit.form.get("address", ""),
        form_key=visit.new_form_key(),
    )


def _said(visit: Visit, problem: Problem) -> str:
    text = problem_texts(visit.language.value)[problem.key]
    return fill(f"{text.detail} {text.action}", **problem.values)


def _back(visit: Visit, endpoint: Endpoint, done: str) -> Response:
    return visit.redirect(visit.url("webhook", endpoint_id=endpoint.endpoint_id), done=done)


async def _record(
    visit: Visit,
    endpoint: Endpoint,
    action: str,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="webhook_endpoint",
        object_id=endpoint.endpoint_id,
        object_name=endpoint.address,
        concern=Concern(organisation_id=endpoint.organisation_id),
        old=old,
        new=new,
    )


_ONE = "/webhooks/{endpoint_id:uuid}"
_MESSAGE = f"{_ONE}/messages/{{message_id:uuid}}"

_OF_ONE = (
    ("GET", "webhook", _ONE, "see_webhooks", show),
    ("POST", "test_webhook", f"{_ONE}/test", "send_webhook", test),
    ("GET", "ask_webhook_secret", f"{_ONE}/secret", "change_webhook", ask_secret),
    ("POST", "roll_webhook_secret", f"{_ONE}/secret", "change_webhook", roll_secret),
    ("GET", "ask_replace_webhook", f"{_ONE}/replacement", "change_webhook", ask_replace),
    ("POST", "replace_webhook", f"{_ONE}/replacement", "change_webhook", replace),
    ("POST", "pause_webhook", f"{_ONE}/pause", "stop_webhook", pause),
    ("POST", "resume_webhook", f"{_ONE}/resume", "stop_webhook", resume),
    ("GET", "ask_end_webhook", f"{_ONE}/end", "change_webhook", ask_end),
    ("POST", "end_webhook", f"{_ONE}/end", "change_webhook", end),
    ("GET", "webhook_delivery", _MESSAGE, "see_webhooks", show_delivery),
    ("POST", "send_webhook_again", f"{_MESSAGE}/again", "send_webhook", send_again),
)

PAGE = Page(
    name="webhooks",
    menu=MenuEntry(route="webhooks", group=MenuGroup.SYSTEM, order=65),
    routes=(
        Route(name="webhooks", path="/webhooks", action="see_webhooks", handler=show_list),
        Route(name="new_webhook", path="/webhooks/new", action="add_webhook", handler=show_form),
        Route(name="add_webhook", path="/webhooks/new", action="add_webhook", handler=add, method="POST"),
        *(
            Route(name=name, path=path, action=action, handler=handler, method=method, concern=_of_endpoint)
            for method, name, path, action, handler in _OF_ONE
        ),
    ),
)
