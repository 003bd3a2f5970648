"""What keeps a browser safe: session cookie, proof that a form is ours, and the headers of every answer."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from sinetti.kit.problems import Problem

_SESSION_COOKIE: Final = "sinetti_session"
LANGUAGE_COOKIE: Final = "sinetti_language"
DEVICE_COOKIE: Final = "sinetti_device"
FLASH_COOKIE: Final = "sinetti_done"
CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "x-csrf-token"

_YEAR_SECONDS: Final = 365 * 24 * 3600


class Cookies:
    """Sets and reads the portal's cookies. Over https the session's name begins with `__Host-`, so that no other
    host of the domain can plant one (RFC 6265bis, 4.1.3.2).
    """

    def __init__(self, portal_url: str | None) -> None:
        self._secure = (portal_url or "").startswith("https://")
        self.session_name = f"__Host-{_SESSION_COOKIE}" if self._secure else _SESSION_COOKIE

    def session_token(self, request: Request) -> str | None:
        """The session's token that the browser sent."""
        return request.cookies.get(self.session_name)

    def set_session(self, response: Response, token: str) -> None:
        """Let the browser keep the token until it is closed; the database says how long it is good."""
        self._set(response, self.session_name, token, None)

    def end_session(self, response: Response) -> None:
        """Let the browser forget the token."""
        response.delete_cookie(
            self.session_name, path="/", secure=self._secure, httponly=True, samesite="lax"
        )

    def device_token(self, request: Request) -> str | None:
        """The browser's own token from an earlier sign-in."""
        return request.cookies.get(DEVICE_COOKIE)

    def set_device(self, response: Response, token: str) -> None:
        """Let the browser show next time that somebody has signed in with it."""
        self._set(response, DEVICE_COOKIE, token, _YEAR_SECONDS)

    def set_language(self, response: Response, language: str) -> None:
        """Remember the language for those who are not signed in, too."""
        self._set(response, LANGUAGE_COOKIE, language, _YEAR_SECONDS)

    def set_flash(self, response: Response, key: str) -> None:
        """Name the text that the next page shows once."""
        self._set(response, FLASH_COOKIE, key, 60)

    def end_flash(self, response: Response) -> None:
        """The text has been shown."""
        response.delete_cookie(FLASH_COOKIE, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _set(self, response: Response, name: str, value: str, max_age: int | None) -> None:
        same_site: Literal["lax"] = "lax"
        response.set_cookie(
            name, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite=same_site
        )


def new_nonce() -> str:
    """A nonce for the scripts of one page."""
    return secrets.token_urlsafe(16)


def check_origin(request: Request, portal_url: str | None) -> None:
    """Refuse a change that another site's page asks for. Problem: `form-from-elsewhere`.

    Every browser of today sends `Sec-Fetch-Site`, and every one of the last ten years `Origin` with a POST.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise Problem("form-from-elsewhere", 403)
    origin = request.headers.get("origin")
    if origin is None and site is None:
        raise Problem("form-from-elsewhere", 403)
    ours = urlsplit(portal_url).netloc if portal_url else request.headers.get("host", "")
    if origin is not None and urlsplit(origin).netloc != ours:
        raise Problem("form-from-elsewhere", 403)


def check_csrf(request: Request, form: Mapping[str, str], expected: str) -> None:
    """Refuse a form that was not made for this session. Problem: `form-too-old`."""
    given = form.get(CSRF_FIELD) or request.headers.get(CSRF_HEADER) or ""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Problem("form-too-old", 403)


def safe_path(wanted: str | None, otherwise: str = "/") -> str:
    """A path of ours to go on to, never another site's address."""
    if wanted is None or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    return wanted if wanted.isprintable() and not urlsplit(wanted).netloc else otherwise


def set_headers(response: Response, nonce: str, *, https: bool) -> None:
    """Headers of a page. What is behind sign-in must be in no cache, not even the browser's own."""
    policy = (
        "default-src 'none'; "
        f"script-src 'nonce-{nonce}'; "
        "style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    values = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    if https:
        values["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
    for name, value in values.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
