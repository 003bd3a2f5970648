"""The edge towards Starlette: bounded bodies, JSON in and out, and every fault made a problem answer."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sinetti.kit import metrics
from sinetti.kit.db import UNAVAILABLE
from sinetti.kit.i18n import choose_language
from sinetti.kit.ids import new_transaction_id
from sinetti.kit.logging import current_transaction
from sinetti.kit.problems import Problem, render_problem

Handler = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")

BODY_SECONDS = 20.0
"""How long a client may take to send a whole small body."""

PIECE_BYTES = 128 * 1024
"""Most of a body that is handed on at once: what works on a piece holds up all other requests meanwhile."""

RETRY_SECONDS = 2
"""`Retry-After` of a 503: PostgreSQL is back from an ordinary restart by then."""

_logger = structlog.get_logger(__name__)


def endpoint(handler: Handler, *, route: str | None = None) -> Handler:
    """Wrap a Starlette handler so that every answer is one that is documented.

    Sets `request.state.transaction_id` (UUID) and `request.state.language` before the handler runs, and the
    header `X-Transaction-Id` on its answer. `Problem` becomes a problem answer, a database that cannot be
    reached a 503, and anything else a 500 that is logged with its traceback and tells the client nothing of
    it. The default language is `app.state.default_language`, fi when that is not set. With a `route`, a
    pattern without values in it, the times to answer are counted under that name.
    """

    @wraps(handler)
    async def answered(request: Request) -> Response:
        started = time.perf_counter()
        transaction_id, _ = _identify(request)
        token = current_transaction.set(transaction_id)
        try:
            response = await handler(request)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception as error:  # noqa: BLE001 - the one place where faults and bugs become answers
            response = problem_response(request, as_problem(error))
        finally:
            current_transaction.reset(token)
        response.headers["X-Transaction-Id"] = str(transaction_id)
        if route is not None:
            metrics.count_request(route, response.status_code, time.perf_counter() - started)
        return response

    return answered


def _identify(request: Request) -> tuple[UUID, str]:
    state = request.state
    if not hasattr(state, "transaction_id"):
        state.transaction_id = new_transaction_id()
        state.language = request_language(request)
    transaction_id: UUID = state.transaction_id
    language: str = state.language
    return transaction_id, language


def request_language(request: Request) -> str:
    """Language that the client asks for, among fi, sv and en."""
    app = request.scope.get("app")
    default = getattr(app.state, "default_language", "fi") if app is not None else "fi"
    return choose_language(request.headers.get("accept-language"), default)


def as_problem(error: Exception) -> Problem:
    """The problem that tells a client of this error. Logs what a person on call must know."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, UNAVAILABLE):
        _logger.warning("database unavailable", error=str(error), kind=type(error).__name__)
        return Problem("database-unavailable", 503, headers={"Retry-After": str(RETRY_SECONDS)})
    _logger.error("unexpected error", exc_info=error)
    return Problem("internal-error", 500)


def problem_response(request: Request, problem: Problem) -> Response:
    """The problem as an answer in the client's language."""
    transaction_id, language = _identify(request)
    status, headers, body = render_problem(problem, language, transaction_id)
    metrics.count_problem(problem.key)
    response = Response(body, status)
    for name, value in (*headers, ("X-Transaction-Id", str(transaction_id))):
        response.headers[name] = value
    return response


_HTTP_PROBLEMS = {404: "not-found", 405: "method-not-allowed"}


def problem_handlers() -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """For `Starlette(exception_handlers=…)`: Starlette's own 404, 405 and other refusals as problems too.

    A wrong method gets its `Allow` header.
    """

    async def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return problem_response(request, as_problem(error))
        key = _HTTP_PROBLEMS.get(error.status_code, "bad-request")
        # Starlette joins a set, whose order is another one in each process.
        allow = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        headers = {"Allow": allow} if allow else {}
        if error.status_code == HTTPStatus.NOT_FOUND:
            values = {"path": request.url.path}
        else:
            values = {"method": request.method, "allow": allow}
        return problem_response(request, Problem(key, error.status_code, headers=headers, **values))

    return {HTTPException: answer, Exception: answer}


async def read_body(request: Request, limit_bytes: int, *, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body. Problems: 413 when it is longer than the limit, 408 when it takes too long."""
    chunks = [chunk async for chunk in body_chunks(request, limit_bytes, seconds=seconds)]
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def body_chunks(request: Request, limit_bytes: int, *, seconds: float) -> AsyncIterator[bytes]:
    """The body piece by piece as it comes, for uploads that are larger than memory should hold.

    A piece has `PIECE_BYTES` at most, however the server puts the body together.
    `seconds` bounds the time spent waiting for the client in all, and not what the caller does with the
    pieces. Problems: 413 as soon as it is known that the limit is passed, whether `Content-Length` says so or
    the body itself; 408 when the client is too slow.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise _too_large(limit_bytes)
    stream = request.stream()
    loop = asyncio.get_running_loop()
    received = 0
    while True:
        started = loop.time()
        try:
            async with asyncio.timeout(max(seconds, 0)):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise Problem("body-too-slow", 408, headers={"Connection": "close"}) from None
        seconds -= loop.time() - started
        if chunk is None:
            return
        received += len(chunk)
        if received > limit_bytes:
            raise _too_large(limit_bytes)
        for start in range(0, len(chunk), PIECE_BYTES):
            yield chunk[start : start + PIECE_BYTES]


def _too_large(limit_bytes: int) -> Problem:
    # The connection stays open: uvicorn reads and drops the rest, so that a client which sends everything
    # before it listens gets to hear why.
    return Problem("body-too-large", 413, limit_bytes=limit_bytes)


_POSITION = re.compile(r"\(byte (\d+)\)")
_PATH = re.compile(r"^(?P<reason>.*?)(?: - at `(?:key in )?(?P<path>[^`]*)`)?$", re.DOTALL)


def decode_json(body: bytes, type: type[T]) -> T:  # noqa: A002 - msgspec's own word
    """The body as a value of the type.

    Problems: 400 `malformed-json` with the `position` (byte, from 0) for what is not JSON, 422 `invalid-body`
    with the `path` (`$.packs[0].state`) and the reason for JSON of another shape.
    """
    try:
        return msgspec.json.decode(body, type=type)
    except msgspec.ValidationError as error:
        match = _PATH.match(str(error))
        reason, path = (match["reason"], match["path"] or "$") if match else (str(error), "$")
        raise Problem("invalid-body", 422, path=path, reason=reason) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        position = _POSITION.search(str(error))
        raise Problem("malformed-json", 400, position=int(position[1]) if position else len(body)) from None


def json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value as JSON; times in UTC end in Z."""
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")
