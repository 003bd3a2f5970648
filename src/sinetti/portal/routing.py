"""How a page is described: routes that name an action of the permission tables, menu entries, and where words are.

A route without an action cannot be written, and one with an unknown action stops the portal from starting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from sinetti.kit.db import Transaction
from sinetti.portal.access import Concern, Permission

if TYPE_CHECKING:
    from sinetti.portal.visit import Visit

Handler = Callable[["Visit"], Awaitable[Response]]
FindConcern = Callable[[Transaction, Mapping[str, str]], Awaitable[Concern | None]]
"""Whose object the path speaks of, from the path's parameters; `None` where there is no such object."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path."""

    name: str
    """Unique in the portal; templates make addresses from it."""
    path: str
    """As Starlette writes it: `/locations/{location_id:int}`."""
    action: str
    """Row of the permission tables."""
    handler: Handler
    method: str = "GET"
    concern: FindConcern | None = None
    """Needed where the path has parameters that name an object."""
    file_bytes_max: int = 0
    """How large the files of its form may be together, where it has any."""
    is_page: bool = True
    """Whether a GET shows a page to a person, and not a download or an answer to a machine."""


class MenuGroup(StrEnum):
    """A part of the left menu, in this order; long menus have the heading `menu_group.<value>` of `texts` over each."""

    START = "start"
    INVESTIGATION = "investigation"
    PACKS = "packs"
    PARTICIPANTS = "participants"
    SYSTEM = "system"


class MenuEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the left menu. Its words are the page's text `menu`."""

    route: str
    group: MenuGroup
    order: int
    """Within the group."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of `portal/pages`: routes.py, permissions.csv, templates/, texts/."""

    name: str
    """Name of the folder."""
    routes: Sequence[Route]
    menu: MenuEntry | None = None


class RouteError(Exception):
    """A route that must not be served. The message names it."""


def check_routes(pages: Sequence[Page], permissions: Mapping[str, Permission]) -> None:
    """Raise `RouteError` unless every route has a rule, every rule a route, and every object an owner."""
    routes = [route for page in pages for route in page.routes]
    for what, keys in (
        ("name", [route.name for route in routes]),
        ("method and path", [f"{route.method} {route.path}" for route in routes]),
    ):
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise RouteError(f"two routes have the same {what}: {', '.join(sorted(twice))}")
    for route in routes:
        if route.action not in permissions:
            raise RouteError(f"{route.name}: no permission table has the action {route.action}")
        if "{" in route.path and route.concern is None and "{opaque_" not in route.path:
            raise RouteError(f"{route.name}: its path names an object, so it must say whose it is")
    if unused := permissions.keys() - {route.action for route in routes}:
        raise RouteError(f"no route has the action {', '.join(sorted(unused))}")
    names = {route.name for route in routes}
    for page in pages:
        if page.menu is not None and page.menu.route not in names:
            raise RouteError(f"{page.name}: its menu entry leads to no route")
