"""The register of packs set aside. How a pack may leave is judged by the rules, never by the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import segno
from starlette.responses import Response

from sinetti.alerts import register
from sinetti.alerts.decide import is_of
from sinetti.alerts.model import AlertFile
from sinetti.alerts.register import WaysOut, alerts_of_pack_at, ways_out
from sinetti.alerts.view import outcome_sentence
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.alerts.showing import change_of
from sinetti.portal.pages.set_aside import store
from sinetti.portal.pages.set_aside.store import AsidePack
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import Refusal, SetAsideEnd

COMMENT_CHARACTERS_MAX: Final = 500
SIZES: Final = ("sheet", "small")


async def show_list(visit: Visit) -> Response:
    """The packs that are apart now, unless others are asked for."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"state": store.STATES},
        descending=True,
    )
    found = await store.list_packs(visit.tx, query, visit.reach, visit.language.value)
    states = visit.words["states"]
    return visit.render(
        "list.html",
        list=found,
        said=visit.rules.alerts.words[visit.language],
        state_choices=[("", states["apart"]), *((state, states[state]) for state in store.STATES)],
    )


async def show_one(visit: Visit) -> Response:
    """One pack, what is known of its alerts, and how it may leave."""
    return await _show(visit, await _pack(visit), {})


async def show_label(visit: Visit) -> Response:
    """The label to print: a sheet for a box or shelf, or a small one for the pack."""
    pack = await _pack(visit)
    _, ways = await _known(visit, pack)
    size = visit.request.query_params.get("size", "")
    base = visit.portal.settings.portal_url or str(visit.request.base_url).rstrip("/")
    address = f"{base}{_path(visit, 'pack_set_aside', pack)}"
    return visit.render(
        "label.html",
        pack=pack,
        ways=ways,
        size=size if size in SIZES else SIZES[0],
        sizes=SIZES,
        picture=segno.make(address, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
    )


async def end(visit: Visit) -> Response:
    """Take the pack out of the register, if the rules let it leave like this."""
    pack = await _pack(visit)
    end = next((one for one in SetAsideEnd if one.value == visit.form.get("end")), None)
    comment = visit.form.get("comment", "").strip()
    fault = visit.words["fault"]
    if end is None:
        return await _show(visit, pack, {"end": fault["choose"]})
    if len(comment) > COMMENT_CHARACTERS_MAX:
        return await _show(visit, pack, {"comment": fault["too_long"]})
    agreed = bool(visit.form.get("agreed"))
    if agreed and not comment:
        return await _show(visit, pack, {"comment": fault["with_whom"]})
    done = await register.end_set_aside(
        visit.tx,
        change_of(visit),
        pack.product_id,
        pack.set_aside_id,
        end,
        comment=comment,
        agreed_with_mah=agreed,
    )
    if done is not None:
        why = visit.rules.alerts.words[visit.language]("refusal", done)
        return await _show(visit, pack, {"end" if done is Refusal.CAUSE_NOT_KNOWN else "": why})
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="set_aside_ended",
        object_kind="pack_set_aside",
        object_id=pack.set_aside_id,
        object_name=str(pack.set_aside_id),
        concern=Concern(organisation_id=pack.organisation_id, location_id=pack.location_id),
        new={"ended_as": end.value, "return_agreed": agreed},
        reason=comment or None,
    )
    return visit.redirect(_path(visit, "pack_set_aside", pack), done="ended")


async def _show(visit: Visit, pack: AsidePack, errors: Mapping[str, str]) -> Response:
    change = change_of(visit)
    rules = change.rules.alerts
    words = rules.words[visit.language]
    alerts, ways = await _known(visit, pack)
    return visit.render(
        "one.html",
        status=422 if errors else 200,
        errors=errors,
        pack=pack,
        ways=ways,
        said=words,
        outcomes=[
            (alert, outcome_sentence(rules, alert, visit.language))
            for alert in alerts
            if is_of(alert, change.doer)
        ],
        choices=[
            *((end.value, words("set_aside_end", end)) for end in ways.now),
            *(
                (end.value, words("set_aside_end", end), visit.words["when_agreed"])
                for end in ways.when_agreed
            ),
        ],
        later=[words("set_aside_end", end) for end in ways.later],
        may_end=pack.ended_at is None and visit.may("end_set_aside", visit.concern),
        earlier=await store.other_times(visit.tx, pack),
        form=visit.form,
    )


async def _known(visit: Visit, pack: AsidePack) -> tuple[list[AlertFile], WaysOut]:
    """Alerts of the pack at its location, and what they let it do."""
    alerts = await alerts_of_pack_at(visit.tx, pack.product_id, pack.serial_number, pack.location_id)
    return alerts, ways_out(visit.rules.alerts, alerts)


async def _pack(visit: Visit) -> AsidePack:
    return await store.find_pack(visit.tx, visit.number("product_id"), visit.number("set_aside_id"))


def _path(visit: Visit, route: str, pack: AsidePack) -> str:
    return visit.url(route, product_id=pack.product_id, set_aside_id=pack.set_aside_id)


_ONE = "/set-aside/{product_id:int}/{set_aside_id:int}"

PAGE = Page(
    name="set_aside",
    menu=MenuEntry(route="packs_set_aside", group=MenuGroup.INVESTIGATION, order=50),
    routes=(
        Route(name="packs_set_aside", path="/set-aside", action="see_set_aside", handler=show_list),
        Route(
            name="pack_set_aside",
            path=_ONE,
            action="see_set_aside",
            handler=show_one,
            concern=owners.of_set_aside,
        ),
        Route(
            name="label_of_set_aside",
            path=f"{_ONE}/label",
            action="see_set_aside",
            handler=show_label,
            concern=owners.of_set_aside,
        ),
        Route(
            name="end_set_aside",
            path=_ONE,
            action="end_set_aside",
            handler=end,
            method="POST",
            concern=owners.of_set_aside,
        ),
    ),
)
