"""The interface for many packs: bulk and recovery requests, and their results."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sinetti.identity.http.authentication import require_caller
from sinetti.identity.model import Caller
from sinetti.identity.tokens import TokenGate
from sinetti.identity.usage import Usage
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database
from sinetti.kit.settings import Settings
from sinetti.kit.web import body_chunks, endpoint
from sinetti.nmvs.answers import render_code
from sinetti.nmvs.bulk import Kind, RefusedError, Submission, accept, refuse_sender
from sinetti.nmvs.bulk_parcels import read_parcel
from sinetti.nmvs.bulk_results import NotReady, find_result, result_pieces
from sinetti.nmvs.http.idempotency import idempotency_key
from sinetti.rules.types import OperationCode, Rules
from sinetti.rules.vocabulary import Language, ServiceAnswer

BODY_BYTES_MAX: Final = 128 * 1024 * 1024
"""500 000 packs take 70 MB, and some space for line breaks."""
BODY_SECONDS: Final = 300.0
SUBMISSIONS_MAX: Final = 4
"""Bodies that one process reads at a time: each may take a hundred megabytes."""
RETRY_AFTER_SECONDS: Final = 5

_PATHS: Final = {Kind.BULK: "/product/packs", Kind.RECOVERY: "/recovery/packs"}
_PREFIXES: Final = ("/verification", "")
_JSON: Final = "application/json"


class Wakes(Protocol):
    """Who works the requests off, and wants to hear of a new one."""

    def wake(self) -> None:
        """There is work."""


def routes(
    database: Database,
    gate: TokenGate,
    rules: Rules,
    clock: Clock,
    settings: Settings,
    runner: Wakes,
    usage: Usage,
) -> list[Route]:
    """Routes of bulk and recovery requests, each with and without the prefix `/verification`."""
    parts = _Parts(
        database=database,
        gate=gate,
        rules=rules,
        clock=clock,
        public_url=settings.public_url,
        runner=runner,
        usage=usage,
    )
    found = []
    for kind, path in _PATHS.items():
        many = _ManyPacks(kind, parts)
        for prefix in _PREFIXES:
            found += [
                Route(f"{prefix}{path}", endpoint(many.submit, route=path), methods=["POST"]),
                Route(
                    f"{prefix}{path}/{{bulk_id}}",
                    endpoint(many.result, route=f"{path}/{{bulk_id}}"),
                    methods=["GET"],
                ),
            ]
    return found


@dataclass(slots=True, kw_only=True)
class _Parts:
    """What the routes work with, and how many bodies are being read."""

    database: Database
    gate: TokenGate
    rules: Rules
    clock: Clock
    public_url: str | None
    runner: Wakes
    usage: Usage
    running: int = 0


class _ManyPacks:
    """Requests of one kind."""

    def __init__(self, kind: Kind, parts: _Parts) -> None:
        self._kind = kind
        self._parts = parts

    async def submit(self, request: Request) -> Response:
        """Take a request: 202 with the place of its result, once nothing can lose it any more."""
        parts, now = self._parts, self._parts.clock()
        submission = self._submission(request, await self._caller(request), now)
        if parts.running >= SUBMISSIONS_MAX:
            busy = parts.rules.service_answers[ServiceAnswer.TOO_MANY_REQUESTS]
            return _answer(busy, submission.language, {"Retry-After": str(RETRY_AFTER_SECONDS)})
        parts.running += 1
        try:
            refuse_sender(submission, parts.rules)
            digest = hashlib.sha256(f"{self._kind} {submission.entry_mode} ".encode())
            chunks = _hashed(body_chunks(request, BODY_BYTES_MAX, seconds=BODY_SECONDS), digest.update)
            parcel = await read_parcel(submission, parts.rules, chunks)
            # Asked again, because half a million packs take their time to come and a lock holds within a second.
            await self._caller(request)
            reply = await accept(parts.database, parts.rules, submission, parcel, digest.digest())
        except RefusedError as refused:
            return _answer(refused.code, submission.language, detail=refused.detail)
        finally:
            parts.running -= 1
        parts.runner.wake()
        parts.usage.note(submission.caller.equipment_id, now, submission.user_agent, submission.api_version)
        location = self._base_url(request) + f"{request.url.path}/{reply.bulk_id}"
        return Response(reply.body, reply.http_status, {"Location": location}, media_type=_JSON)

    async def _caller(self, request: Request) -> Caller:
        return await require_caller(request, self._parts.gate, self._parts.clock)

    def _submission(self, request: Request, caller: Caller, now: datetime) -> Submission:
        transaction_id: UUID = request.state.transaction_id
        headers = request.headers
        return Submission(
            kind=self._kind,
            caller=caller,
            transaction_id=transaction_id,
            received_at=now,
            entry_mode=headers.get("emvs-data-entry-mode"),
            language=Language(request.state.language),
            api_version=headers.get("emvs-api-version"),
            user_agent=headers.get("user-agent"),
            source_address=None if request.client is None else request.client.host,
            idempotency_key=idempotency_key(headers.get("idempotency-key")),
        )

    def _base_url(self, request: Request) -> str:
        return self._parts.public_url or f"{request.url.scheme}://{request.url.netloc}"

    async def result(self, request: Request) -> Response:
        """The result: 200 with all packs, 409 while it is not ready, 404 when there is none for this caller."""
        now = self._parts.clock()
        caller = await self._caller(request)
        language = Language(request.state.language)
        bulk_id = _uuid(request.path_params["bulk_id"])
        found = bulk_id is not None and await find_result(
            self._parts.database, self._kind, bulk_id, caller, now
        )
        if isinstance(found, NotReady):
            retry = {"Retry-After": str(found.retry_after_seconds)}
            return _answer(self._kind.code(self._parts.rules, "result_not_ready"), language, retry)
        if not found or bulk_id is None:
            return _answer(self._kind.code(self._parts.rules, "result_unknown"), language)
        code = self._kind.code(self._parts.rules, "result_ready")
        pieces = result_pieces(self._parts.database, self._parts.rules, self._kind, bulk_id, language)
        return StreamingResponse(pieces, code.http_status, media_type=_JSON)


async def _hashed(chunks: AsyncIterator[bytes], update: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        update(chunk)
        yield chunk


def _answer(
    code: OperationCode,
    language: Language,
    headers: dict[str, str] | None = None,
    *,
    detail: str | None = None,
) -> Response:
    status, body = render_code(code, language, **({} if detail is None else {"detail": detail}))
    return Response(body, status, headers, media_type=_JSON)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
