"""The single-pack interface: `GET` verifies, `PATCH` supplies, decommissions or reactivates.

A plain ASGI application in front of the router, because nearly all requests of a country come here: what it does for
each request is what the answer needs, and nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec
import structlog
from starlette.types import Receive, Scope, Send

from sinetti.gs1.identifiers import pad_gtin
from sinetti.identity.model import Caller
from sinetti.identity.tokens import TokenGate
from sinetti.identity.usage import Usage
from sinetti.kit import metrics
from sinetti.kit.clock import Clock
from sinetti.kit.http_protocol import Answer
from sinetti.kit.i18n import choose_language
from sinetti.kit.ids import new_transaction_text
from sinetti.kit.problems import Problem, render_problem
from sinetti.kit.web import BODY_SECONDS, as_problem, decode_json
from sinetti.nmvs.answers import render_code
from sinetti.nmvs.coalesce import Coalescer, TooManyWaitingError
from sinetti.nmvs.http.idempotency import idempotency_key
from sinetti.nmvs.http.targets import PackTarget, is_pack_target, parse_target
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.singles import Reply
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language, Operation, ServiceAnswer

BODY_BYTES_MAX = 64 * 1024
"""A state change is a few dozen bytes; a thousand times as much is a mistake."""

RETRY_AFTER_SECONDS = 1
"""How long a client should wait when too many requests wait already."""

ROUTE = "/product/{scheme}/{code}/pack/{serial}"
"""Name of this interface in the figures."""

ALLOW = "GET, PATCH"

_log = structlog.get_logger(__name__)

_JSON = b"application/json"

_Fields = dict[bytes, bytes]
"""Request header fields by name, as sent."""


class _State(msgspec.Struct):
    state: msgspec.Raw = msgspec.Raw()


class PackEndpoint:
    """ASGI application for everything under `/product/{scheme}/{code}/pack/{serial}`."""

    def __init__(
        self,
        *,
        gate: TokenGate,
        coalescer: Coalescer[PackRequest, Reply | Problem],
        clock: Clock,
        default_language: Language,
        rules: Rules,
        usage: Usage,
    ) -> None:
        self._gate = gate
        self._usage = usage
        self._coalescer = coalescer
        self._clock = clock
        self._rules = rules
        too_many = rules.service_answers[ServiceAnswer.TOO_MANY_REQUESTS]
        self._informing = frozenset(
            code.code for code in rules.codes.values() if code.message_field == "information"
        )
        self._too_many = {language: render_code(too_many, language) for language in Language}
        self._language = _language_chooser(default_language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        started = time.perf_counter()
        fields = _fields(scope["headers"])
        language = self._language(fields.get(b"accept-language"))
        transaction_id = new_transaction_text()
        if self._coalescer.is_full:
            await _send(send, self._too_busy(language, transaction_id))
            return
        try:
            http_status, body, transaction_id, more = await self._answer(
                scope, receive, fields, language, transaction_id
            )
        except Exception as error:  # noqa: BLE001 - the place where faults and bugs of this endpoint become answers
            http_status, sent, body = _problem_answer(error, language, transaction_id)
        else:
            sent = [*_answer_headers(language, transaction_id), *more]
        sent.append((b"content-length", b"%d" % len(body)))
        metrics.count_request(ROUTE, http_status, time.perf_counter() - started)
        await _send(send, (http_status, sent, body))

    async def _answer(
        self, scope: Scope, receive: Receive, fields: _Fields, language: Language, transaction_id: str
    ) -> tuple[int, bytes, str, list[tuple[bytes, bytes]]]:
        now = self._clock()
        method = scope["method"]
        if method not in {"GET", "PATCH"}:
            raise Problem("method-not-allowed", 405, headers={"Allow": ALLOW}, method=method, allow=ALLOW)
        target = parse_target(scope["raw_path"], scope["query_string"])
        if target is None:
            raise Problem("not-found", 404, path=scope["path"])
        caller = await self._caller(fields.get(b"authorization"), now)
        if method == "PATCH":
            body = await _small_body(receive, fields.get(b"content-length"))
            # Asked again, because a body may take its time and a lock must hold within a second.
            now = self._clock()
            caller = await self._caller(fields.get(b"authorization"), now)
        else:
            body = b""
        request = _pack_request(
            self._rules,
            scope,
            fields,
            target,
            caller,
            body,
            language=language,
            transaction_id=transaction_id,
            now=now,
        )
        try:
            reply = await self._coalescer.submit(request)
        except TooManyWaitingError:
            http_status, answer = self._too_many[language]
            metrics.count_refused_for_load()
            return http_status, answer, transaction_id, [(b"retry-after", b"%d" % RETRY_AFTER_SECONDS)]
        if isinstance(reply, Problem):
            raise reply
        self._usage.note(
            caller.equipment_id,
            now,
            request.user_agent,
            request.api_version,
            worked=reply.judged is not None and reply.judged[1] in self._informing,
        )
        if reply.is_alert:
            _log.warning("alert_raised", transaction_id=reply.transaction_id, location_id=caller.location_id)
        return reply.http_status, reply.body, reply.transaction_id, []

    async def _caller(self, authorization: bytes | None, now: datetime) -> Caller:
        caller = self._gate.known(authorization, now) if authorization else None
        return caller or await self._gate.authenticate(authorization, now)

    def turn_away(self, target: bytes, fields: Sequence[tuple[bytes, bytes]]) -> Answer | None:
        """The 429 for a request to this interface when too many wait; `None` where the request is welcome.

        For the HTTP server, which asks before it makes anything of the request: when too many come, saying no must
        cost next to nothing.
        """
        if not self._coalescer.is_full or not is_pack_target(target.partition(b"?")[0]):
            return None
        accept_language = next((value for name, value in fields if name == b"accept-language"), None)
        return self._too_busy(self._language(accept_language), new_transaction_text())

    def _too_busy(self, language: Language, transaction_id: str) -> Answer:
        http_status, body = self._too_many[language]
        metrics.count_refused_for_load()
        headers = [
            *_answer_headers(language, transaction_id),
            (b"retry-after", b"%d" % RETRY_AFTER_SECONDS),
            (b"content-length", b"%d" % len(body)),
        ]
        return http_status, headers, body


async def _send(send: Send, answer: Answer) -> None:
    http_status, headers, body = answer
    await send({"type": "http.response.start", "status": http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _answer_headers(language: Language, transaction_id: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", _JSON),
        (b"content-language", language.encode()),
        (b"x-transaction-id", transaction_id.encode()),
    ]


def _problem_answer(
    error: Exception, language: Language, transaction_id: str
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    http_status, headers, body = render_problem(as_problem(error), language, UUID(transaction_id))
    headers.append(("X-Transaction-Id", transaction_id))
    return http_status, [(name.lower().encode(), value.encode("latin-1")) for name, value in headers], body


async def _small_body(receive: Receive, content_length: bytes | None) -> bytes:
    """The whole body, which nearly always comes in one piece. 413 and 408 problems as in `kit.web`."""
    if content_length is not None and content_length.isdigit() and int(content_length) > BODY_BYTES_MAX:
        raise Problem("body-too-large", 413, limit_bytes=BODY_BYTES_MAX)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
            body: bytes = message.get("body", b"")
            while message.get("more_body", False):
                message = await receive()
                body += message.get("body", b"")
                if len(body) > BODY_BYTES_MAX:
                    raise Problem("body-too-large", 413, limit_bytes=BODY_BYTES_MAX)
    except TimeoutError:
        raise Problem("body-too-slow", 408, headers={"Connection": "close"}) from None
    return body


def _fields(headers: list[tuple[bytes, bytes]]) -> _Fields:
    """Request header fields by name, as sent.

    Sent twice, a field's values belong together (RFC 9110 §5.3); two entry modes or tokens are none.
    """
    fields = dict(headers)
    if len(fields) != len(headers):
        fields = {}
        for name, value in headers:
            fields[name] = fields[name] + b", " + value if name in fields else value
    return fields


def _pack_request(
    rules: Rules,
    scope: Scope,
    fields: _Fields,
    target: PackTarget,
    caller: Caller,
    body: bytes,
    *,
    language: Language,
    transaction_id: str,
    now: datetime,
) -> PackRequest:
    if scope["method"] == "GET":
        operation: Operation | None = Operation.VERIFY
        requested_state = key = digest = None
    else:
        requested_state = _requested_state(body)
        operation = rules.operation_for(requested_state or "")
        sent_key = fields.get(b"idempotency-key")
        key = None if sent_key is None else idempotency_key(sent_key.decode("latin-1"))
        digest = None if key is None else _digest(target, fields, body)
    client = scope["client"]
    return PackRequest(
        caller=caller,
        operation=operation,
        requested_state=requested_state,
        scheme=target.scheme,
        product_code=pad_gtin(target.product_code) if target.scheme == "gs1" else target.product_code,
        serial_number=target.serial_number,
        batch=target.batch,
        expiry=target.expiry,
        entry_mode=_decoded(fields.get(b"emvs-data-entry-mode")),
        language=language,
        transaction_id=transaction_id,
        received_at=now,
        api_version=_decoded(fields.get(b"emvs-api-version")),
        user_agent=_decoded(fields.get(b"user-agent")),
        source_address=None if client is None else client[0],
        idempotency_key=key,
        request_digest=digest,
    )


def _requested_state(body: bytes) -> str | None:
    """The state asked for, `None` where the body names none. Only what is no JSON object at all is a fault here."""
    return _usual_state(body) if len(body) <= _USUAL_BYTES_MAX else _state_in(body)


def _state_in(body: bytes) -> str | None:
    if not body.strip():
        return None
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Problem("malformed-json", 400, position=error.start) from None
    raw = bytes(decode_json(body, _State).state)
    if raw in {b"", b"null", b'""'}:
        return None
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw[:64].decode("utf-8", "replace")


# A country's systems send a dozen different bodies, each over and over.
_usual_state = lru_cache(maxsize=256)(_state_in)
_USUAL_BYTES_MAX = 64


def _digest(target: PackTarget, fields: _Fields, body: bytes) -> bytes:
    asked = (target, fields.get(b"emvs-data-entry-mode", b""), _requested_state(body))
    return hashlib.sha256(msgspec.json.encode(asked)).digest()


@lru_cache(maxsize=1024)
def _decoded(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "replace")


def _language_chooser(default: Language) -> Callable[[bytes | None], Language]:
    @lru_cache(maxsize=256)
    def choose(accept_language: bytes | None) -> Language:
        header = None if accept_language is None else accept_language.decode("latin-1")
        return Language(choose_language(header, default))

    return choose
