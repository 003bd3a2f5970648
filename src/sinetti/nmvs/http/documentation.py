"""Public pages and the OpenAPI document: what the interface is, what its codes mean, and what problems mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from sinetti import __version__
from sinetti.contracts.openapi import openapi_document
from sinetti.kit.problems import Problem, placeholders, problem_texts
from sinetti.kit.settings import Settings
from sinetti.kit.web import endpoint
from sinetti.nmvs.http.pages.guide import guide_of
from sinetti.nmvs.http.pages.render import asset, page_words, render_page
from sinetti.rules.alerts.read import GUIDED
from sinetti.rules.alerts.types import GuidanceStep
from sinetti.rules.types import OperationCode, Rules
from sinetti.rules.vocabulary import Language

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline."""

_SEARCH_CHARACTERS_MAX = 100
_KEPT = 16
"""Pages kept in memory: few, because whoever asks may name any address in the header `Host`."""

_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def routes(rules: Rules, settings: Settings) -> list[BaseRoute]:
    """Routes of all public pages. They come last: the last of them tells people of a wrong address."""
    pages = _Pages(rules, settings)
    return [
        Route("/", endpoint(pages.start), methods=["GET"]),
        Route("/docs", endpoint(pages.docs), methods=["GET"]),
        Route("/codes", endpoint(pages.codes), methods=["GET"]),
        Route("/codes/{operationCode}", endpoint(pages.code), methods=["GET"]),
        Route("/problems/{problem}", endpoint(pages.problem), methods=["GET"]),
        Route("/openapi.json", endpoint(pages.openapi), methods=["GET"]),
        Route("/assets/{file}", endpoint(pages.asset), methods=["GET"]),
        _WrongAddress(pages),
    ]


class _Pages:
    def __init__(self, rules: Rules, settings: Settings) -> None:
        self._rules = rules
        self._settings = settings
        # A page is the same for everyone; what differs is the language, and the address in examples.
        self._document = lru_cache(maxsize=_KEPT)(self._make_document)
        self._docs = lru_cache(maxsize=_KEPT)(self._make_docs)

    async def start(self, request: Request) -> Response:
        return self._page(request, "start.html", "/")

    async def docs(self, request: Request) -> Response:
        language = _language(request)
        return _html(self._docs(language, self._base(request)), language)

    async def codes(self, request: Request) -> Response:
        words = request.query_params.get("q", "")[:_SEARCH_CHARACTERS_MAX].split()
        groups = self._groups(_language(request), words)
        found = sum(not code["is_left_out"] for group in groups for code in group["codes"])
        return self._page(request, "codes.html", "/codes", groups=groups, asked=" ".join(words), found=found)

    async def code(self, request: Request) -> Response:
        number = request.path_params["operationCode"]
        code = self._rules.codes.get(number)
        if code is None or not code.texts:
            return self.missing(request, "code", number)
        shown = _shown(code, _language(request))
        steps = self._steps(number, _language(request))
        return self._page(request, "code.html", f"/codes/{number}", code=shown, steps=steps)

    async def problem(self, request: Request) -> Response:
        key = request.path_params["problem"]
        text = problem_texts(_language(request)).get(key)
        if text is None:
            return self.missing(request, "problem", key)
        shown = {name: _without_values(getattr(text, name)) for name in ("title", "detail", "action")}
        return self._page(request, "problem.html", f"/problems/{key}", key=key, text=shown)

    async def openapi(self, request: Request) -> Response:
        # Tools ask without a language: they get English, whatever the country's own is.
        chosen = request.query_params.get("lang")
        language = Language(chosen) if chosen in _LANGUAGES else Language.EN
        body = msgspec.json.encode(self._document(language, self._base(request)))
        headers = {"Content-Language": language.value, "Access-Control-Allow-Origin": "*"}
        return Response(body, media_type="application/json", headers=headers)

    async def asset(self, request: Request) -> Response:
        name = request.path_params["file"]
        content = asset(name)
        if content is None:
            raise Problem("not-found", 404, path=request.url.path)
        media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
        return Response(content, media_type=media_type, headers={"Cache-Control": "max-age=3600", **_STRICT})

    def missing(self, request: Request, kind: str, asked: str) -> Response:
        """What is not there: a page for who asks with a browser, a problem for a program."""
        if not _wants_page(request.headers.get("accept", "")):
            raise Problem("not-found", 404, path=request.url.path)
        language = _language(request)
        here = "/" + quote(request.scope["path"].strip("/"))
        text = page_words(language)["missing"][kind]
        response = _html(self._render("missing.html", language, here, asked=asked, text=text), language)
        response.status_code = 404
        response.headers["Vary"] = "Accept, Accept-Language"
        return response

    def _base(self, request: Request) -> str:
        """Address that clients reach this system at: as set, else as this client did."""
        return self._settings.public_url or f"{request.url.scheme}://{request.url.netloc}"

    def _page(self, request: Request, template: str, here: str, **values: object) -> Response:
        language = _language(request)
        return _html(self._render(template, language, here, **values), language)

    def _render(self, template: str, language: Language, here: str, **values: object) -> str:
        return render_page(
            template,
            language,
            here=here,
            market=self._settings.market,
            version=__version__,
            rules_version=self._rules.version,
            **values,
        )

    def _make_document(self, language: Language, base: str) -> dict[str, Any]:
        return openapi_document(self._rules, language, version=__version__, base_url=base)

    def _make_docs(self, language: Language, base: str) -> str:
        guide = guide_of(self._document(language, base), self._rules.codes, language, base)
        return self._render("docs.html", language, "/docs", guide=guide, base=base)

    def _steps(self, number: str, language: Language) -> list[Mapping[str, object]]:
        """What NMVO-0048 §6 has each reader do about this code; readers with the same steps together."""
        alerts = self._rules.alerts
        kind = alerts.kinds.get(number)
        if kind is None:
            return []
        words = page_words(language)["steps_page"]
        groups: dict[tuple[GuidanceStep, ...], list[str]] = {}
        for reader in GUIDED:
            groups.setdefault(alerts.guidance[kind, reader], []).append(words["reader"][reader.value])
        return [
            {
                "readers": readers,
                "steps": [
                    {
                        "text": alerts.words[language]("guidance", step.step),
                        "only_if": words["only_if"][step.only_if] if step.only_if else "",
                        "link": step.link_code if step.link_code != number else None,
                    }
                    for step in steps
                ],
            }
            for steps, readers in groups.items()
        ]

    def _groups(self, language: Language, words: Sequence[str]) -> list[dict[str, Any]]:
        """Codes by what they answer, in the order of the codes; those that are never given are not there. Whether each
        has all the words that somebody looks for is said with it: the page keeps the others hidden.
        """
        titles = page_words(language)["groups"]
        given = [code for code in self._rules.codes.values() if code.texts]
        order = list(titles)
        given.sort(key=lambda code: (order.index(code.operation), code.code))
        return [
            {
                "anchor": operation.replace(" ", "-"),
                "title": titles[operation],
                "codes": [
                    _shown(code, language) | {"is_left_out": not _has(code, language, words)}
                    for code in codes
                ],
            }
            for operation, codes in groupby(given, key=lambda code: code.operation)
        ]


class _WrongAddress(BaseRoute):
    """Answers browsers at addresses that nothing else knows.

    Its match is a partial one, so that whatever knows the address with another method is asked before it, and
    answers 405.
    """

    def __init__(self, pages: _Pages) -> None:
        async def answer(request: Request) -> Response:
            return pages.missing(request, "page", request.scope["path"])

        self._answer = endpoint(answer)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return Match.NONE, {}
        path = scope["path"]
        if path.endswith("/") or not _wants_page(Request(scope).headers.get("accept", "")):
            return Match.NONE, {}  # with a slash at the end, the router tries the address without it
        return Match.PARTIAL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)


def _wants_page(accept: str) -> bool:
    return "text/html" in accept.lower()


_LANGUAGES = {language.value for language in Language}

_STRICT = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def _language(request: Request) -> Language:
    chosen = request.query_params.get("lang")
    return Language(chosen if chosen in _LANGUAGES else request.state.language)


def _html(page: str, language: Language) -> Response:
    headers = {
        "Content-Language": language.value,
        "Content-Security-Policy": POLICY,
        "Vary": "Accept-Language",
        "Cache-Control": "no-cache",
        **_STRICT,
    }
    return Response(page, media_type="text/html", headers=headers)


def _has(code: OperationCode, language: Language, words: Sequence[str]) -> bool:
    """Whether what the list of codes says of a code has every one of the words."""
    text, said = code.texts[language], page_words(language)
    told = [
        code.code,
        code.level or "",
        said["colours"][code.colour],
        text.message,
        text.meaning,
        text.action,
    ]
    if code.alert:
        told.append(said["codes_page"]["alert"])
    whole = " ".join(told).lower()
    return all(word.lower() in whole for word in words)


def _shown(code: OperationCode, language: Language) -> dict[str, object]:
    return msgspec.structs.asdict(code) | {"text": code.texts[language]}


def _without_values(text: str) -> str:
    """A problem's text in general: what is different each time shows as dots."""
    for name in placeholders(text):
        text = text.replace(f"{{{name}}}", "…")
    return text
