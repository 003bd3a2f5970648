"""Hand-over: the sender makes a link and a code, the IT supplier opens it once; then it is burnt."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity import handovers, registry
from sinetti.identity.handovers import Handover, HandoverState
from sinetti.identity.model import ClientEquipment
from sinetti.identity.secrets import Credentials
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill

NAME_CHARACTERS_MAX = 200


async def send(visit: Visit) -> Response:
    """Make a link for the secret that the sender has on the screen; link and code are shown this once."""
    equipment = await registry.one_equipment(visit.tx, visit.number("equipment_id"))
    secret = visit.form.get("client_secret", "")
    days = next((days for days in handovers.DAYS if str(days) == visit.form.get("days")), None)
    if days is None or not await handovers.is_secret_of(visit.tx, equipment.equipment_id, secret):
        return visit.render("not_sent.html", status=422, equipment=equipment)
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="link_was_shown")
    sent = await handovers.send(
        visit.tx,
        Credentials(equipment.client_id, secret),
        equipment_id=equipment.equipment_id,
        made_by_name=visit.person.name,
        days=days,
        now=visit.now,
    )
    await _record(visit, equipment, "handover_sent", new={"days": days})
    await form_keys.keep_result(visit, visit.url("equipment", equipment_id=equipment.equipment_id))
    base = visit.portal.settings.portal_url or str(visit.request.base_url).rstrip("/")
    link = base + visit.url("handover", opaque_token=sent.token)
    return visit.render("sent.html", equipment=equipment, link=link, code=sent.code, days=days)


async def withdraw(visit: Visit) -> Response:
    """End the open links of client equipment."""
    equipment = await registry.one_equipment(visit.tx, visit.number("equipment_id"))
    if await handovers.withdraw(visit.tx, equipment.equipment_id, visit.now):
        await _record(visit, equipment, "handover_withdrawn")
    return visit.redirect(visit.url("equipment", equipment_id=equipment.equipment_id), done="link_withdrawn")


async def show(visit: Visit) -> Response:
    """What the IT supplier sees first. The secret needs a POST: mail programs that look at links do not burn it."""
    handover = await handovers.find(visit.tx, _token(visit))
    if handover is None or handover.state(visit.now) is not HandoverState.OPEN:
        return _over(visit, handover)
    return _form(visit, handover, {})


async def open_link(visit: Visit) -> Response:
    """Show the credentials to whoever has link and code, once."""
    handover = await handovers.find(visit.tx, _token(visit))
    if handover is None or handover.state(visit.now) is not HandoverState.OPEN:
        return _over(visit, handover)
    name = " ".join(visit.form.get("opened_by", "").split())
    errors = {}
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or not name.isprintable():
        errors["opened_by"] = visit.words["fault"]["opened_by"]
    if not visit.form.get("code", "").strip():
        errors["code"] = visit.words["fault"]["code"]
    if errors:
        return _form(visit, handover, errors)
    credentials = await handovers.open_handover(
        visit.tx,
        handover,
        token=_token(visit),
        code=visit.form["code"],
        opened_by_name=name,
        opened_from=visit.actor.source_address,
        now=visit.now,
    )
    equipment = await registry.one_equipment(visit.tx, handover.equipment_id)
    if credentials is None:
        await _record(visit, equipment, "handover_wrong_code")
        left = handovers.WRONG_CODES_MAX - handover.wrong_codes - 1
        if left == 0:
            return visit.render("over.html", status=410, why=visit.words["over"]["ended"])
        return _form(visit, handover, {"code": fill(visit.words["wrong_code"], left=left)})
    await _record(visit, equipment, "handover_opened", new={"opened_by": name})
    return visit.render("opened.html", handover=handover, credentials=credentials)


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["opaque_token"]
    return token


def _form(visit: Visit, handover: Handover, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "open.html",
        status=422 if errors else 200,
        errors=errors,
        handover=handover,
        opened_by=visit.form.get("opened_by", ""),
        path=visit.request.url.path,
    )


def _over(visit: Visit, handover: Handover | None) -> Response:
    if handover is None:
        return visit.render("over.html", status=404, why=visit.words["over"]["unknown"])
    return visit.render("over.html", status=410, why=visit.words["over"][handover.state(visit.now).value])


async def _record(
    visit: Visit, equipment: ClientEquipment, action: str, *, new: Mapping[str, object] | None = None
) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="client_equipment",
        object_id=equipment.equipment_id,
        object_name=equipment.name,
        concern=Concern(organisation_id=equipment.organisation_id, location_id=equipment.location_id),
        new=new,
    )


PAGE = Page(
    name="handover",
    routes=(
        Route(
            name="send_handover",
            path="/equipment/{equipment_id:int}/handover",
            action="send_handover",
            handler=send,
            method="POST",
            concern=owners.of_equipment,
        ),
        Route(
            name="withdraw_handover",
            path="/equipment/{equipment_id:int}/handover/withdraw",
            action="send_handover",
            handler=withdraw,
            method="POST",
            concern=owners.of_equipment,
        ),
        Route(name="handover", path="/handover/{opaque_token}", action="open_handover", handler=show),
        Route(
            name="open_handover",
            path="/handover/{opaque_token}",
            action="open_handover",
            handler=open_link,
            method="POST",
        ),
    ),
)
