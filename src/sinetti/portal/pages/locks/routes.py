"""Locks of organisations and locations. Each stops all client equipment below it within a second.

The reason is asked for in both directions: of a lock it is what the users read, of an unlocking what the audit keeps.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from starlette.responses import Response

from sinetti.identity import registry
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import load_queries
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill

_QUERIES = load_queries("sinetti.portal.pages.locks", "locks.sql")


class Part(StrEnum):
    """What these pages lock. Client equipment is locked on its own page."""

    ORGANISATION = "organisation"
    LOCATION = "location"


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands, until the transaction ends."""

    organisation_id: int
    location_id: int | None
    name: str
    locked_at: datetime | None
    lock_reason: str | None
    equipment_count: int


Handler = Callable[[Visit], Awaitable[Response]]


def _asks(part: Part, what: str) -> Handler:
    async def ask(visit: Visit) -> Response:
        held = await _hold(visit, part)
        if (held.locked_at is None) != (what == "lock"):
            return visit.redirect(_path(visit, part), done="lock_stands")
        return _ask(visit, part, what, held, {})

    return ask


def _does(part: Part, what: str) -> Handler:
    async def do(visit: Visit) -> Response:
        held = await _hold(visit, part)
        reason = " ".join(visit.form.get("reason", "").split())
        if not 0 < len(reason) <= registry.LOCK_REASON_CHARACTERS_MAX or not reason.isprintable():
            fault = fill(visit.words["fault"]["reason"], most=registry.LOCK_REASON_CHARACTERS_MAX)
            return _ask(visit, part, what, held, {"reason": fault})
        if (held.locked_at is None) != (what == "lock"):
            # Somebody else did it meanwhile, with a reason of their own: that one stands.
            return visit.redirect(_path(visit, part), done="lock_stands")
        await _change(visit, part, what, reason)
        await audit.record(
            visit.tx,
            visit.actor,
            visit.now,
            action=f"{part}_{what}ed",
            object_kind=part.value,
            object_id=visit.number(f"{part}_id"),
            object_name=held.name,
            concern=Concern(organisation_id=held.organisation_id, location_id=held.location_id),
            old={"lock_reason": held.lock_reason} if held.lock_reason else None,
            reason=reason,
        )
        return visit.redirect(_path(visit, part), done=f"{what}ed")

    return do


async def _hold(visit: Visit, part: Part) -> Held:
    cursor = await visit.tx.cursor(row_factory=rows_as(Held)).execute(
        _QUERIES[f"hold_{part}"], {"number": visit.number(f"{part}_id")}
    )
    held: Held | None = await cursor.fetchone()
    assert held is not None, "the concern of the route has found it"
    return held


async def _change(visit: Visit, part: Part, what: str, reason: str) -> None:
    number = visit.number(f"{part}_id")
    match part, what:
        case Part.ORGANISATION, "lock":
            await registry.lock_organisation(visit.tx, number, reason=reason, now=visit.now)
        case Part.ORGANISATION, _:
            await registry.unlock_organisation(visit.tx, number)
        case Part.LOCATION, "lock":
            await registry.lock_location(visit.tx, number, reason=reason, now=visit.now)
        case Part.LOCATION, _:
            await registry.unlock_location(visit.tx, number)


def _path(visit: Visit, part: Part) -> str:
    return visit.url(part.value, **{f"{part}_id": visit.number(f"{part}_id")})


def _ask(visit: Visit, part: Part, what: str, held: Held, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "ask.html",
        status=422 if errors else 200,
        errors=errors,
        held=held,
        ask=visit.words["ask"][f"{what}_{part}"],
        what=what,
        send_to=visit.url(f"{what}_{part}", **{f"{part}_id": visit.number(f"{part}_id")}),
        back_to=_path(visit, part),
        reason=visit.form.get("reason", ""),
        reason_hint=visit.words["reason_hint"][what],
    )


def _routes(part: Part, concern: Callable[..., Awaitable[Concern | None]]) -> list[Route]:
    routes = []
    for what in ("lock", "unlock"):
        path = f"/{part}s/{{{part}_id:int}}/{what}"
        names = (f"ask_{what}_{part}", "GET", _asks), (f"{what}_{part}", "POST", _does)
        routes += [
            Route(
                name=name,
                path=path,
                action=f"lock_{part}",
                handler=handler(part, what),
                method=method,
                concern=concern,
            )
            for name, method, handler in names
        ]
    return routes


PAGE = Page(
    name="locks",
    routes=(
        *_routes(Part.ORGANISATION, owners.of_organisation),
        *_routes(Part.LOCATION, owners.of_location),
    ),
)
