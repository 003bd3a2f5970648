"""Batches that a distributor's locations are asked to hold: what is asked, and what each answers for its stock."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.alerts import sales_holds
from sinetti.alerts.sales_holds import PACKS_MAX
from sinetti.alerts.sales_holds_seen import HeldBatch, find_batch
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.pages.held_batches import store
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.sales_holds.vocabulary import HoldRefusal, HoldSide, HoldStep

_AUDITED = {
    HoldStep.HOLD: "sales_hold_packs_held",
    HoldStep.NONE_IN_STOCK: "sales_hold_none_in_stock",
    HoldStep.RELEASE: "sales_hold_packs_released",
}


async def show_list(visit: Visit) -> Response:
    """What is under way, unless something else is asked for."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"state": store.STATES},
        descending=True,
    )
    states = visit.words["which"]
    return visit.render(
        "list.html",
        list=await store.list_batches(visit.tx, query, visit.reach, visit.language.value),
        state_choices=[("", states["under_way"]), *((state, states[state]) for state in store.STATES)],
    )


async def show_one(visit: Visit) -> Response:
    """One request, and the answers that are possible as it stands."""
    return _show(visit, await _batch(visit), {})


async def answer(visit: Visit) -> Response:
    """Write down what the location answers."""
    batch = await _batch(visit)
    step = next((step for step in HoldStep if step.value == visit.form.get("step")), None)
    fault = visit.words["fault"]
    if step not in _AUDITED:
        return _show(visit, batch, {"step": fault["choose"]})
    packs = _number(visit.form.get("packs", ""))
    if step is HoldStep.HOLD and packs is None:
        return _show(visit, batch, {"packs": fill(fault["packs_missing"], most=PACKS_MAX)})
    done = await sales_holds.answer(visit.tx, change_of(visit), batch.hold_id, batch.location_id, step, packs)
    if isinstance(done, HoldRefusal):
        return _show(visit, await _batch(visit), {"": fault["another_state"]})
    after = await _batch(visit)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=_AUDITED[step],
        object_kind="sales_hold",
        object_id=batch.hold_id,
        object_name=f"{batch.product_code} {batch.batch}",
        concern=Concern(organisation_id=batch.organisation_id, location_id=batch.location_id),
        old={"packs": batch.packs},
        new={"packs": after.packs},
    )
    return visit.redirect(
        visit.url("held_batch", hold_id=batch.hold_id, location_id=batch.location_id), done="answered"
    )


def _show(visit: Visit, batch: HeldBatch, errors: Mapping[str, str]) -> Response:
    steps = visit.rules.sales_holds.steps(batch.state, HoldSide.DISTRIBUTOR, batch.request_state)
    return visit.render(
        "one.html",
        status=422 if errors else 200,
        errors=errors,
        batch=batch,
        choices=[(step.value, visit.words["choice"][step]) for step in steps],
        counts=HoldStep.HOLD in steps,
        form=visit.form,
    )


def _number(given: str) -> int | None:
    text = "".join(given.split())
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(PACKS_MAX)):
        return None
    number = int(text)
    return number if 0 < number <= PACKS_MAX else None


async def _batch(visit: Visit) -> HeldBatch:
    batch = await find_batch(visit.tx, visit.number("hold_id"), visit.number("location_id"))
    assert batch is not None, "the concern of the route has found it"
    return batch


_ONE = "/held-batches/{hold_id:int}/{location_id:int}"

PAGE = Page(
    name="held_batches",
    # No menu entry: a pharmacy is never asked. The start page of whoever is leads here.
    routes=(
        Route(name="held_batches", path="/held-batches", action="answer_sales_hold", handler=show_list),
        Route(
            name="held_batch",
            path=_ONE,
            action="answer_sales_hold",
            handler=show_one,
            concern=owners.of_held_batch,
        ),
        Route(
            name="answer_sales_hold",
            path=_ONE,
            action="answer_sales_hold",
            handler=answer,
            method="POST",
            concern=owners.of_held_batch,
        ),
    ),
)
