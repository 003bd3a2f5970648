"""One request as a page's handler sees it: who asks, in which language, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sinetti import __version__
from sinetti.identity.people.model import SignedIn
from sinetti.kit.db import Transaction
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal import access, audit, render, statics
from sinetti.portal.access import Concern, Extent, Permission, Reach
from sinetti.portal.country_rules import country_rules
from sinetti.portal.formats import formats
from sinetti.portal.forms import SentFile
from sinetti.portal.lists import PAGE_ROWS
from sinetti.portal.mailing import post
from sinetti.portal.notices import Notices
from sinetti.portal.routing import MenuGroup, Page
from sinetti.portal.security import CSRF_FIELD, FLASH_COOKIE, Cookies
from sinetti.portal.words import common_words, fill, page_words
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """What is the same for all requests."""

    settings: Settings
    pages: tuple[Page, ...]
    permissions: Mapping[str, Permission]
    cookies: Cookies
    sealer: Sealer
    url_for: Callable[..., str]
    """Path of a route by name, with its parameters."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request, from the judgement that it may be made to its answer."""

    portal: Portal
    request: Request
    page: str
    permission: Permission
    tx: Transaction
    """Committed when the handler returns, rolled back when it raises."""
    who: SignedIn | None
    concern: Concern
    language: Language
    now: datetime
    transaction_id: UUID
    nonce: str
    form: Mapping[str, str] = field(default_factory=dict)
    """Fields of a POST, one value each. Where a name comes more than once, `form_lists` has them all."""
    form_lists: Mapping[str, list[str]] = field(default_factory=dict)
    files: tuple[SentFile, ...] = ()
    """Files of a POST, on routes that take any."""

    @property
    def person(self) -> SignedIn:
        """Who is signed in, on pages that nobody else sees."""
        assert self.who is not None, f"{self.permission.action} is public: there may be nobody"
        return self.who

    @property
    def words(self) -> dict[str, Any]:
        """Words of this page."""
        return page_words(self.page, self.language)

    @property
    def rules(self) -> Rules:
        """What law and the operator of this country decide."""
        return country_rules(self.portal.settings.market)

    @property
    def reach(self) -> Reach:
        """What a list may show."""
        return access.reach(self.permission, self.person)

    @property
    def actor(self) -> audit.Actor:
        """Who the audit names."""
        client = self.request.client
        return audit.Actor(
            who=self.who,
            source_address=client.host if client else None,
            transaction_id=self.transaction_id,
        )

    def number(self, name: str) -> int:
        """A number of the path."""
        return int(self.request.path_params[name])

    def may(self, action: str, concern: Concern | None = None) -> bool:
        """Whether the person may do this to what the page is about: for what a page offers."""
        if self.who is None:
            return False
        permission = self.portal.permissions[action]
        if concern is None:
            return permission.extents[self.who.role] is not Extent.NONE
        return access.may(permission, self.who, concern)

    def url(self, route: str, **parameters: object) -> str:
        """Path of a route."""
        return self.portal.url_for(route, **parameters)

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A template of this page, inside the frame."""
        flash = self.request.cookies.get(FLASH_COOKIE)
        shown = page_words(self.page, self.language).get("done", {}).get(flash) if flash else None
        frame = frame_values(self.portal, self.request, self.who, self.language, self.nonce)
        body = (
            render.environment()
            .get_template(f"{self.page}/{template}")
            .render(
                **frame,
                words=self.words,
                visit=self,
                flash=shown,
                here=self.page,
                csrf_field=self._csrf_field(),
                **values,
            )
        )
        response = HTMLResponse(body, status)
        if flash:
            self.portal.cookies.end_flash(response)
        return response

    def redirect(self, path: str, *, done: str | None = None) -> Response:
        """Go on to another page after a success; `done` is a key of the `[done]` texts of the page that it leads to."""
        response = RedirectResponse(path, 303)
        if done is not None:
            self.portal.cookies.set_flash(response, done)
        return response

    async def mail(
        self, *, to: str, language: str, key: str, path: str | None = None, **values: object
    ) -> None:
        """Have a mail sent once this visit's changes have been committed.

        `key` names this page's texts `[mail.<key>]` in the reader's language; `path` is where its link leads.
        """
        await post(
            self.tx,
            self.portal.sealer,
            self.portal.settings,
            page=self.page,
            key=key,
            to=to,
            language=Language(language),
            path=path,
            now=self.now,
            values=values,
        )

    def new_form_key(self) -> Markup:
        """Hidden field of a form that makes something: see `form_keys`."""
        return Markup('<input type="hidden" name="form_key" value="{}">').format(uuid4())

    def _csrf_field(self) -> Markup:
        token = self.who.csrf_token if self.who else ""
        return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token)


def frame_values(
    portal: Portal, request: Request, who: SignedIn | None, language: Language, nonce: str
) -> dict[str, Any]:
    """What the frame around every page needs."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    languages = [
        (
            other.value,
            common_words(other)["language"],
            f"{request.url.path}?{urlencode([*query, ('lang', other.value)])}",
        )
        for other in Language
    ]
    return {
        "language": language.value,
        "common": common_words(language),
        "languages": languages,
        "menu": _menu(portal, who, language),
        "who": who,
        "nonce": nonce,
        "static": statics.address_of,
        "url": portal.url_for,
        "has_route": lambda name: any(route.name == name for page in portal.pages for route in page.routes),
        "version": __version__,
        "back_here": _address(request) if request.method == "GET" else "/",
        "notices": getattr(request.state, "notices", Notices()),
        **formats(language, portal.settings.zone),
        "fill": fill,
        "page_rows": PAGE_ROWS,
    }


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


GROUPED_FROM = 8
"""Entries from which on the groups of the menu have their headings; fewer are seen at once."""

MenuLine = tuple[str, str, str]
"""Page, path and words."""


def _menu(portal: Portal, who: SignedIn | None, language: Language) -> list[tuple[str, list[MenuLine]]]:
    """The entries that lead the person to something, by groups; a group's heading is empty where there is none."""
    if who is None or not who.second_factor_done or who.must_set_second_factor:
        return []
    groups: dict[MenuGroup, list[tuple[int, MenuLine]]] = {group: [] for group in MenuGroup}
    for page in portal.pages:
        if page.menu is None:
            continue
        route = next(route for route in page.routes if route.name == page.menu.route)
        if portal.permissions[route.action].extents[who.role] is not Extent.NONE:
            words = page_words(page.name, language)["menu"]
            line = (page.name, portal.url_for(route.name), words)
            groups[page.menu.group].append((page.menu.order, line))
    headings = common_words(language)["menu_group"] if sum(map(len, groups.values())) >= GROUPED_FROM else {}
    return [
        (headings.get(group.value, ""), [line for _, line in sorted(lines)])
        for group, lines in groups.items()
        if lines
    ]
