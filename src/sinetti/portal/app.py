"""Builds the portal's application: every request is judged here before a page sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Protocol
from urllib.parse import quote

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route as StarletteRoute
from starlette.types import Receive, Scope, Send

from sinetti.identity.people.model import SignedIn
from sinetti.identity.people.sessions import see_session
from sinetti.kit.clock import Clock
from sinetti.kit.db import SEARCHING, Database, Transaction
from sinetti.kit.i18n import LANGUAGES, choose_language
from sinetti.kit.ids import new_transaction_id
from sinetti.kit.logging import current_transaction
from sinetti.kit.problems import Problem, ProblemText, problem_texts
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.kit.web import as_problem
from sinetti.portal import access, render, statics
from sinetti.portal.access import Concern, Extent, Permission, Stage
from sinetti.portal.forms import SentForm, read_form
from sinetti.portal.notices import read_notices
from sinetti.portal.pages import PAGES
from sinetti.portal.routing import Page, Route, check_routes
from sinetti.portal.security import (
    LANGUAGE_COOKIE,
    Cookies,
    check_csrf,
    check_origin,
    new_nonce,
    set_headers,
)
from sinetti.portal.visit import Portal, Visit, frame_values
from sinetti.portal.words import fill, page_folder
from sinetti.rules.vocabulary import Language

SIGN_IN_PATH = "/sign-in"
SECOND_FACTOR_PATH = "/sign-in/second-factor"
SET_SECOND_FACTOR_PATH = "/profile/second-factor"
"""Where people are sent who are not far enough with signing in. The pages belong to `pages/`."""

FILES_READ_AT_ONCE = 4
"""Forms with files that are held in memory at the same time."""

_logger = structlog.get_logger(__name__)


class FindSession(Protocol):
    """Who holds this session's token; `None` where it is unknown, ended or too old."""

    def __call__(self, tx: Transaction, token: str, now: datetime) -> Awaitable[SignedIn | None]:
        """Look it up."""


class PortalApplication:
    """The portal as an ASGI application, with all its pages."""

    def __init__(
        self,
        settings: Settings,
        database_url: str,
        clock: Clock,
        find_session: FindSession,
        sealer: Sealer,
        pages: Sequence[Page] = PAGES,
    ) -> None:
        permissions = access.read_permissions(
            (page.name, page_folder(page.name).joinpath("permissions.csv")) for page in pages
        )
        check_routes(pages, permissions)
        self._database_url = database_url
        self._clock = clock
        self._find_session = find_session
        self._database: Database | None = None
        self._files_read = asyncio.Semaphore(FILES_READ_AT_ONCE)
        self._https = (settings.portal_url or "").startswith("https://")
        routes = [StarletteRoute("/static/{address:path}", statics.serve, methods=["GET"])]
        routes += [
            StarletteRoute(route.path, self._served(page, route), methods=[route.method], name=route.name)
            for page in pages
            for route in page.routes
        ]
        self.starlette = Starlette(
            routes=routes, lifespan=self._lifespan, exception_handlers={HTTPException: self._not_here}
        )
        self.portal = Portal(
            settings=settings,
            pages=tuple(pages),
            permissions=permissions,
            cookies=Cookies(settings.portal_url),
            sealer=sealer,
            url_for=lambda name, **parameters: str(self.starlette.url_path_for(name, **parameters)),
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with self.running():
            yield

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the database, and close it at the end. A server does this by the lifespan protocol."""
        async with await Database.open(self._database_url, session=SEARCHING) as self._database:
            yield

    def _served(self, page: Page, route: Route) -> Callable[[Request], Awaitable[Response]]:
        permission = self.portal_permission(route)

        async def served(request: Request) -> Response:
            transaction_id = new_transaction_id()
            request.state.transaction_id = transaction_id
            request.state.nonce = new_nonce()
            token = current_transaction.set(transaction_id)
            try:
                if route.file_bytes_max:
                    async with self._files_read:
                        response = await self._visited(request, page, route, permission())
                else:
                    response = await self._visited(request, page, route, permission())
                await self._note_use(request)
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception as error:  # noqa: BLE001 - the one place where faults and bugs become pages
                response = self._problem_page(request, as_problem(error))
            finally:
                current_transaction.reset(token)
            return self._finished(request, response)

        return served

    def portal_permission(self, route: Route) -> Callable[[], Permission]:
        """The rule of a route, looked up when it is needed: routes are made before the portal is whole."""
        return lambda: self.portal.permissions[route.action]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's start and end."""
        await self.starlette(scope, receive, send)

    async def _visited(self, request: Request, page: Page, route: Route, permission: Permission) -> Response:
        form = SentForm()
        if request.method != "GET":
            check_origin(request, self.portal.settings.portal_url)
            form = await read_form(request, route.file_bytes_max)
        assert self._database is not None, "no request before the start"
        now = self._clock()
        async with self._database.transaction() as tx:
            token = self.portal.cookies.session_token(request)
            who = await self._find_session(tx, token, now) if token else None
            request.state.who = who
            self._choose_language(request, who)
            if elsewhere := _sent_on(request, permission, who):
                return _whole_page(request, elsewhere)
            request.state.notices = await read_notices(tx, who, now)
            fields = dict(form.fields)
            if request.method != "GET" and who is not None:
                check_csrf(request, fields, who.csrf_token)
            concern = await self._concern(request, route, permission, who, tx)
            lists: dict[str, list[str]] = {}
            for name, value in form.fields:
                lists.setdefault(name, []).append(value)
            return await route.handler(
                Visit(
                    portal=self.portal,
                    request=request,
                    page=page.name,
                    permission=permission,
                    tx=tx,
                    who=who,
                    concern=concern,
                    language=request.state.language,
                    now=now,
                    transaction_id=request.state.transaction_id,
                    nonce=request.state.nonce,
                    form=fields,
                    form_lists=lists,
                    files=form.files,
                )
            )

    async def _note_use(self, request: Request) -> None:
        """For the list of sessions, once a minute."""
        who: SignedIn | None = getattr(request.state, "who", None)
        if who is not None and who.seen_long_ago:
            assert self._database is not None, "no request before the start"
            async with self._database.transaction() as tx:
                await see_session(tx, who.session_id, self._clock())

    async def _concern(
        self,
        request: Request,
        route: Route,
        permission: Permission,
        who: SignedIn | None,
        tx: Transaction,
    ) -> Concern:
        """Whose object it is, once it is clear that the person may do this to it.

        Another's object is answered as one that does not exist: its number tells nothing.
        """
        if who is not None and permission.extents[who.role] is Extent.NONE:
            raise Problem("page-not-yours", 403)
        if route.concern is None:
            return Concern()
        concern = await route.concern(tx, request.path_params)
        if concern is None or (
            permission.stage is not Stage.PUBLIC and (who is None or not access.may(permission, who, concern))
        ):
            raise Problem("page-missing", 404)
        return concern

    def _choose_language(self, request: Request, who: SignedIn | None) -> None:
        wishes = (
            request.query_params.get("lang"),
            request.cookies.get(LANGUAGE_COOKIE),
            who.language if who else None,
        )
        chosen = next((wish for wish in wishes if wish in LANGUAGES), None)
        if chosen is None:
            chosen = choose_language(
                request.headers.get("accept-language"), self.portal.settings.default_language
            )
        request.state.language = Language(chosen)

    async def _not_here(self, request: Request, error: Exception) -> Response:
        """Paths that no page has, and methods that a page does not take."""
        assert isinstance(error, HTTPException)
        request.state.transaction_id = new_transaction_id()
        request.state.nonce = new_nonce()
        key = "page-missing" if error.status_code == 404 else "page-method"  # noqa: PLR2004 - Starlette's own
        headers = {"Allow": (error.headers or {}).get("Allow", "")} if key == "page-method" else {}
        problem = Problem(key, error.status_code, headers=headers)
        return self._finished(request, self._problem_page(request, problem))

    def _problem_page(self, request: Request, problem: Problem) -> Response:
        """The problem as a page in the person's language, with the number that support asks for."""
        state = request.state
        who: SignedIn | None = getattr(state, "who", None)
        if not hasattr(state, "language"):
            self._choose_language(request, None)
        language: Language = state.language
        text = problem_texts(language.value).get(problem.key) or ProblemText(problem.key, problem.key, "")
        frame = frame_values(self.portal, request, who, language, state.nonce)
        body = (
            render.environment()
            .get_template("problem.html")
            .render(
                **frame,
                here="",
                flash=None,
                csrf_field="",
                title=text.title,
                detail=fill(text.detail, **problem.values),
                action=fill(text.action, **problem.values),
                transaction_id=state.transaction_id,
            )
        )
        return HTMLResponse(body, problem.status, dict(problem.headers))

    def _finished(self, request: Request, response: Response) -> Response:
        set_headers(response, request.state.nonce, https=self._https)
        response.headers["X-Transaction-Id"] = str(request.state.transaction_id)
        wanted = request.query_params.get("lang")
        if wanted in LANGUAGES and request.cookies.get(LANGUAGE_COOKIE) != wanted:
            self.portal.cookies.set_language(response, wanted)
        return response


def _whole_page(request: Request, elsewhere: Response) -> Response:
    """The same for a part of a page that htmx asked for: the whole page goes there, and no part of it disappears."""
    if "hx-request" not in request.headers:
        return elsewhere
    return Response(headers={"HX-Redirect": elsewhere.headers["location"]})


def _sent_on(request: Request, permission: Permission, who: SignedIn | None) -> Response | None:
    """Where to go first, for somebody who is not far enough with signing in."""
    stage = permission.stage
    if stage is Stage.PUBLIC:
        return None
    if who is None:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = f"?next={quote(wanted, safe='/')}" if request.method == "GET" and wanted != "/" else ""
        return RedirectResponse(SIGN_IN_PATH + back, 303)
    if stage is Stage.HALF:
        return None
    if not who.second_factor_done:
        return RedirectResponse(SECOND_FACTOR_PATH, 303)
    if stage is Stage.FULL and who.must_set_second_factor:
        return RedirectResponse(SET_SECOND_FACTOR_PATH, 303)
    return None
