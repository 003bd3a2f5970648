"""One exchange with the national system, with its repetitions: decided here, carried out by the clients.

A flow is a generator: it yields what to do (a `Call` to send, or a `Pause`), and is told what came of it. So
the synchronous and the asynchronous client share all that must be right.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias, TypeVar

import httpx
from msgspec import Struct

from sinetti.sdk.auth import TokenUnavailableError
from sinetti.sdk.errors import BusyError, UnreachableError

T = TypeVar("T")


class Call(Struct, frozen=True, kw_only=True):
    """A request to send."""

    method: str
    url: str
    """Path below the base address with its query, percent-encoded already; or a whole address."""
    headers: Mapping[str, str] = {}
    content: bytes | None = None
    repeatable: bool = False
    """Whether sending it twice does no more than sending it once, even if the first arrived unnoticed."""

    @property
    def idempotency_key(self) -> str | None:
        """Key under which the system knows a repetition."""
        return self.headers.get("Idempotency-Key")


class Pause(Struct, frozen=True):
    """Time to wait."""

    seconds: float


Result: TypeAlias = httpx.Response | Exception | None
"""What came of a step: an answer, why there is none, or nothing after a pause."""

Flow: TypeAlias = Generator[Call | Pause, Result, T]

HAPPENED = (httpx.TransportError, TokenUnavailableError)
"""Exceptions that a client hands to the flow; all others are not for it to mend."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, TokenUnavailableError)
_PERHAPS_DONE = {408, 500, 502, 504}


class Patience(Struct, frozen=True, kw_only=True):
    """How long a client tries before it tells the person at the counter."""

    pauses_seconds: tuple[float, ...] = (0.2, 1.0, 3.0)
    """Wait before each repetition; their number is the number of repetitions."""
    wait_seconds_max: float = 15.0
    """All pauses together, those that the system asks for included."""


def exchange(call: Call, patience: Patience) -> Flow[httpx.Response]:
    """The answer to a call, which is repeated where that is safe.

    A call is repeated when it cannot have been carried out (no connection, 429, 503), or nobody knows and
    it is repeatable. Raises `UnreachableError` or `BusyError` when patience ends.
    """
    left = patience.wait_seconds_max
    for pause in (*patience.pauses_seconds, None):
        result = yield call
        if not _may_repeat(call, result):
            break
        wait = max(pause or 0.0, retry_after_seconds(result) or 0.0)
        if pause is None or wait > left:
            break
        left -= wait
        yield Pause(wait)
    return _answer(call, result)


def _may_repeat(call: Call, result: Result) -> bool:
    if isinstance(result, httpx.Response):
        if result.status_code in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
            return True
        return call.repeatable and result.status_code in _PERHAPS_DONE
    return call.repeatable or isinstance(result, _NEVER_SENT)


def _answer(call: Call, result: Result) -> httpx.Response:
    response = result.response if isinstance(result, TokenUnavailableError) else result
    if isinstance(response, httpx.Response):
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise BusyError(retry_after_seconds(response) or 1.0, idempotency_key=call.idempotency_key)
        if response.status_code not in _PERHAPS_DONE | {httpx.codes.SERVICE_UNAVAILABLE}:
            return response
        reason = f"HTTP {response.status_code}"
    else:
        reason = f"{type(response).__name__}: {response}".rstrip(": ")
    message = f"no answer from the national system ({reason})"
    raise UnreachableError(message, idempotency_key=call.idempotency_key)


def retry_after_seconds(result: Result) -> float | None:
    """What `Retry-After` asks for, as seconds or until a date (both occur); `None` where it says nothing."""
    response = result.response if isinstance(result, TokenUnavailableError) else result
    if not isinstance(response, httpx.Response):
        return None
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment.tzinfo else None
