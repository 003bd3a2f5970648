"""Client equipment of a location (portal guide, steps 5 to 11). Its secret is shown once; nothing can tell it again."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity import handovers, registry, secrets
from sinetti.identity.model import ClientEquipment
from sinetti.kit.db import load_queries
from sinetti.kit.problems import Problem
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.vocabulary import ClientRole

_QUERIES = load_queries("sinetti.portal.pages.equipment", "equipment.sql")


async def show_form(visit: Visit) -> Response:
    """The form for new client equipment. No role is chosen beforehand: the wrong one would pass unseen."""
    return await _new_form(visit, {})


async def add(visit: Visit) -> Response:
    """Add it, and show the secret: in this answer and in no other."""
    errors = _faults(visit)
    if errors:
        return await _new_form(visit, errors)
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="secret_was_shown")
    credentials = secrets.new_credentials(visit.portal.settings.market)
    added = await registry.add_equipment(
        visit.tx,
        location_id=visit.number("location_id"),
        name=visit.form["name"],
        role=ClientRole(visit.form["role"]),
        credentials=credentials,
        now=visit.now,
    )
    who = visit.person
    maker = {"equipment_id": added.equipment_id, "user_id": who.user_id, "name": who.name}
    await visit.tx.execute(_QUERIES["note_maker"], maker)
    new = {"name": added.name, "client_id": added.client_id, "client_role": added.client_role}
    await _record(visit, added, "equipment_added", new=new)
    await form_keys.keep_result(visit, visit.url("equipment", equipment_id=added.equipment_id))
    return visit.render(
        "secret.html",
        equipment=added,
        credentials=credentials,
        form_key=visit.new_form_key(),
        day_choices=[(str(days), fill(visit.words["days_of"], days=days)) for days in handovers.DAYS],
    )


async def show(visit: Visit) -> Response:
    """What can be changed, and what can be done."""
    return await _page(visit, await _equipment(visit), {})


async def change(visit: Visit) -> Response:
    """Change name and role; the role counts within a second."""
    before = await _equipment(visit)
    if errors := _faults(visit):
        return await _page(visit, before, errors)
    renamed = await registry.rename_equipment(visit.tx, before.equipment_id, visit.form["name"])
    after = await registry.set_role(visit.tx, before.equipment_id, ClientRole(visit.form["role"]))
    old, new = (
        {"name": before.name, "client_role": before.client_role},
        {"name": renamed.name, "client_role": after.client_role},
    )
    changed = {key for key in new if old[key] != new[key]}
    if changed:
        await _record(
            visit,
            after,
            "equipment_changed",
            old={key: old[key] for key in changed},
            new={key: new[key] for key in changed},
        )
    return visit.redirect(visit.url("equipment", equipment_id=before.equipment_id), done="changed")


async def ask_lock(visit: Visit) -> Response:
    """Ask for the reason, and say what a lock does."""
    return _ask(visit, await _equipment(visit), "lock", {})


async def lock(visit: Visit) -> Response:
    """Lock it: its next request is refused, within a second."""
    equipment = await _equipment(visit)
    if errors := _faults_of_reason(visit):
        return _ask(visit, equipment, "lock", errors)
    reason = visit.form["reason"]
    if equipment.locked_at is None:
        locked = await registry.lock_equipment(visit.tx, equipment.equipment_id, reason=reason, now=visit.now)
        await _record(visit, locked, "equipment_locked", reason=locked.lock_reason)
    return visit.redirect(visit.url("equipment", equipment_id=equipment.equipment_id), done="locked")


async def unlock(visit: Visit) -> Response:
    """Let it work again."""
    equipment = await _equipment(visit)
    if equipment.locked_at is not None:
        await registry.unlock_equipment(visit.tx, equipment.equipment_id)
        await _record(visit, equipment, "equipment_unlocked", old={"lock_reason": equipment.lock_reason})
    return visit.redirect(visit.url("equipment", equipment_id=equipment.equipment_id), done="unlocked")


async def ask_delete(visit: Visit) -> Response:
    """Ask for the reason, and say that it is for ever."""
    return _ask(visit, await _equipment(visit), "delete", {})


async def delete(visit: Visit) -> Response:
    """Take it out of use for ever."""
    equipment = await _equipment(visit)
    if errors := _faults_of_reason(visit):
        return _ask(visit, equipment, "delete", errors)
    await registry.delete_equipment(visit.tx, equipment.equipment_id, now=visit.now)
    await _record(
        visit,
        equipment,
        "equipment_deleted",
        old={"name": equipment.name, "client_id": equipment.client_id},
        reason=" ".join(visit.form["reason"].split()),
    )
    return visit.redirect(visit.url("location", location_id=equipment.location_id), done="equipment_deleted")


async def _equipment(visit: Visit) -> ClientEquipment:
    """The equipment of the path. Deleted equipment has no page: nothing can be done with it."""
    equipment = await registry.one_equipment(visit.tx, visit.number("equipment_id"))
    if equipment.deleted_at is not None:
        raise Problem("page-missing", 404)
    return equipment


async def _new_form(visit: Visit, errors: Mapping[str, str]) -> Response:
    location_id = visit.number("location_id")
    return visit.render(
        "new.html",
        status=422 if errors else 200,
        errors=errors,
        location=await registry.location(visit.tx, location_id),
        name=visit.form.get("name", ""),
        role=visit.form.get("role", ""),
        roles=_roles(visit),
        form_key=visit.new_form_key(),
    )


async def _page(visit: Visit, equipment: ClientEquipment, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "one.html",
        status=422 if errors else 200,
        errors=errors,
        equipment=equipment,
        name=visit.form.get("name", equipment.name),
        role=visit.form.get("role", equipment.client_role or ""),
        links=[
            (link, link.state(visit.now).value)
            for link in await handovers.of_equipment(visit.tx, equipment.equipment_id)
        ],
        roles=_roles(visit),
    )


def _ask(visit: Visit, equipment: ClientEquipment, what: str, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "reason.html",
        status=422 if errors else 200,
        errors=errors,
        equipment=equipment,
        what=what,
        ask=visit.words[what],
        reason=visit.form.get("reason", ""),
    )


def _roles(visit: Visit) -> list[tuple[str, str, str]]:
    names, hints = visit.words["client_role"], visit.words["client_role_means"]
    return [(role.value, names[role.value], hints[role.value]) for role in ClientRole]


def _faults(visit: Visit) -> dict[str, str]:
    errors = {}
    name = " ".join(visit.form.get("name", "").split())
    if not 0 < len(name) <= registry.NAME_CHARACTERS_MAX or not name.isprintable():
        errors["name"] = fill(visit.words["fault"]["name"], most=registry.NAME_CHARACTERS_MAX)
    if visit.form.get("role") not in {role.value for role in ClientRole}:
        errors["role"] = visit.words["fault"]["role"]
    return errors


def _faults_of_reason(visit: Visit) -> dict[str, str]:
    reason = " ".join(visit.form.get("reason", "").split())
    if 0 < len(reason) <= registry.LOCK_REASON_CHARACTERS_MAX and reason.isprintable():
        return {}
    return {"reason": fill(visit.words["fault"]["reason"], most=registry.LOCK_REASON_CHARACTERS_MAX)}


async def _record(
    visit: Visit,
    equipment: ClientEquipment,
    action: str,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    reason: str | None = None,
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
        old=old,
        new=new,
        reason=reason,
    )


_NEW = "/locations/{location_id:int}/equipment/new"
_ONE = "/equipment/{equipment_id:int}"

PAGE = Page(
    name="equipment",
    routes=(
        Route(
            name="new_equipment",
            path=_NEW,
            action="add_equipment",
            handler=show_form,
            concern=owners.of_location,
        ),
        Route(
            name="add_equipment",
            path=_NEW,
            action="add_equipment",
            handler=add,
            method="POST",
            concern=owners.of_location,
        ),
        Route(
            name="equipment", path=_ONE, action="change_equipment", handler=show, concern=owners.of_equipment
        ),
        Route(
            name="change_equipment",
            path=_ONE,
            action="change_equipment",
            handler=change,
            method="POST",
            concern=owners.of_equipment,
        ),
        Route(
            name="ask_lock_equipment",
            path=f"{_ONE}/lock",
            action="lock_equipment",
            handler=ask_lock,
            concern=owners.of_equipment,
        ),
        Route(
            name="lock_equipment",
            path=f"{_ONE}/lock",
            action="lock_equipment",
            handler=lock,
            method="POST",
            concern=owners.of_equipment,
        ),
        Route(
            name="unlock_equipment",
            path=f"{_ONE}/unlock",
            action="unlock_equipment",
            handler=unlock,
            method="POST",
            concern=owners.of_equipment,
        ),
        Route(
            name="ask_delete_equipment",
            path=f"{_ONE}/delete",
            action="delete_equipment",
            handler=ask_delete,
            concern=owners.of_equipment,
        ),
        Route(
            name="delete_equipment",
            path=f"{_ONE}/delete",
            action="delete_equipment",
            handler=delete,
            method="POST",
            concern=owners.of_equipment,
        ),
    ),
)
