"""The access token: fetched when first needed, renewed before it ends, and once more when it is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

import httpx
import msgspec

from sinetti.contracts.tokens import OAuthError, TokenAnswer
from sinetti.sdk.errors import SinettiError, TokenRefusedError, UnexpectedAnswerError

RENEW_SECONDS_BEFORE_END = 60.0
"""Early enough that a token does not end under way."""


class TokenUnavailableError(SinettiError):
    """The token endpoint cannot serve now; nothing has been sent to any other."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"no token: HTTP {response.status_code}")
        self.response = response


class TokenAuth(httpx.Auth):
    """Puts `Authorization: Bearer …` on requests. Works for the synchronous and the asynchronous client."""

    requires_response_body = True

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token_url = token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._clock = clock
        self._token: str | None = None
        self._renew_at = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a token; refused as 401, get another and send it once more."""
        token = self._token
        if token is None or self._clock() >= self._renew_at:
            token = yield from self._fetch(request)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            request.headers["Authorization"] = f"Bearer {(yield from self._fetch(request))}"
            yield request

    def _fetch(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, str]:
        # The extensions carry the time limits; without them a silent server would hold the client for ever.
        # A refusal is read by a person too, so it is asked for in that person's language.
        wanted = {
            name: request.headers[name]
            for name in ("Accept-Language", "User-Agent")
            if name in request.headers
        }
        response = yield httpx.Request(
            "POST", self._token_url, data=self._form, headers=wanted, extensions=request.extensions
        )
        answer = _read_token(response)
        self._token = answer.access_token
        # A token that lives shorter than the margin is used for the half of its life.
        usable = max(answer.expires_in - RENEW_SECONDS_BEFORE_END, answer.expires_in / 2)
        self._renew_at = self._clock() + usable
        return answer.access_token


def _read_token(response: httpx.Response) -> TokenAnswer:
    try:
        if response.status_code == httpx.codes.OK:
            return msgspec.json.decode(response.content, type=TokenAnswer)
        if response.status_code in {httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED}:
            refusal = msgspec.json.decode(response.content, type=OAuthError)
            raise TokenRefusedError(refusal.error, refusal.detail or refusal.error_description)
    except msgspec.DecodeError as error:
        raise UnexpectedAnswerError(response.status_code, response.headers.get("content-type", "")) from error
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        raise TokenUnavailableError(response)
    raise UnexpectedAnswerError(response.status_code, response.headers.get("content-type", ""))
