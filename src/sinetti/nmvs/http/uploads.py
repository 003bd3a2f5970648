"""The interface for marketing authorisation holders and those who upload for them (OBP): products, batches, recalls.

Organisations of that kind only, with full access, and each only for its own products.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinetti.contracts.uploads import (
    BatchCorrection,
    BatchHead,
    BatchRecall,
    BatchUpload,
    PackStateUpload,
    ProductUpload,
    ProductWithdrawal,
    StoredBatch,
    StoredBatches,
    StoredCorrection,
    StoredUpload,
    UploadReceipt,
)
from sinetti.identity.http.authentication import require_caller
from sinetti.identity.model import Caller
from sinetti.identity.tokens import TokenGate
from sinetti.identity.usage import Usage
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database
from sinetti.kit.problems import Problem
from sinetti.kit.web import body_chunks, decode_json, endpoint, json_response, read_body
from sinetti.nmvs import batches, pack_states, products, upload_checks, upload_lines
from sinetti.nmvs.answers import render_code
from sinetti.nmvs.changes import Change
from sinetti.nmvs.products import UploadResult
from sinetti.nmvs.store.batches import UploadedBatch
from sinetti.nmvs.store.serial_set import SLICE, SerialSet
from sinetti.nmvs.upload_lines import Faults
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import ClientRole, Interface, Language, ServiceAnswer

JSON_BYTES_MAX: Final = 4 * 1024 * 1024
"""A body that is decoded in one go, some 170 000 serial numbers. Larger batches come as lines."""
LINES_BYTES_MAX: Final = 256 * 1024 * 1024
"""Five million serial numbers of 20 characters, each in an object."""
LINES_SECONDS: Final = 1800.0
"""How long a client may take to send its lines."""
UPLOADS_MAX: Final = 4
"""Uploads of batches that one process takes at a time: each may hold some hundred megabytes."""
RETRY_AFTER_SECONDS: Final = 5

_JSON: Final = "application/json"
_LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")

T = TypeVar("T")
_Handler = Callable[[Request, Change], Awaitable[Response]]


def routes(database: Database, gate: TokenGate, rules: Rules, clock: Clock, usage: Usage) -> list[Route]:
    """Routes of uploads."""

    async def confirm(request: Request) -> None:
        await _uploader(gate, request, clock, rules)

    uploads = _Uploads(database, rules, confirm)

    def guarded(method: str, path: str, handler: _Handler) -> Route:
        async def answered(request: Request) -> Response:
            caller = await _uploader(gate, request, clock, rules)
            now = clock()
            response = await handler(request, _change(request, caller, now))
            usage.note(caller.equipment_id, now, request.headers.get("user-agent"), None, worked=True)
            return response

        return Route(path, endpoint(answered, route=path), methods=[method])

    return [
        guarded("POST", "/upload/products", uploads.products),
        guarded("POST", "/upload/products/withdraw", uploads.withdraw),
        guarded("POST", "/upload/batches", uploads.batch),
        guarded("POST", "/upload/batches/correct", uploads.correct),
        guarded("POST", "/upload/batches/recall", uploads.recall),
        guarded("GET", "/upload/batches/{scheme}/{code}", uploads.stored),
        guarded("POST", "/upload/packs/state", uploads.states),
    ]


async def _uploader(gate: TokenGate, request: Request, clock: Clock, rules: Rules) -> Caller:
    """The caller, if it may upload."""
    caller = await require_caller(request, gate, clock)
    if caller.client_role is not ClientRole.FULL_ACCESS:
        raise Problem("forbidden-role", 403)
    if Interface.UPLOADS not in rules.interfaces[caller.organisation_kind]:
        raise Problem("forbidden-organisation", 403)
    return caller


def _change(request: Request, caller: Caller, now: datetime) -> Change:
    transaction_id: UUID = request.state.transaction_id
    return Change(
        organisation_id=caller.organisation_id,
        equipment_id=caller.equipment_id,
        transaction_id=transaction_id,
        at=now,
        source_address=None if request.client is None else request.client.host,
        user_agent=request.headers.get("user-agent"),
    )


class _Uploads:
    """What each route does, for a caller who may upload."""

    def __init__(
        self, database: Database, rules: Rules, confirm: Callable[[Request], Awaitable[None]]
    ) -> None:
        self._database = database
        self._rules = rules
        self._confirm = confirm
        self._running = 0

    async def products(self, request: Request, change: Change) -> Response:
        """One product, a list of products, or a product a line."""
        sent = await _sent_products(request)
        results = await products.upload_products(self._database, change, sent)
        return _receipt(change, _summary(results), product_count=len(sent))

    async def withdraw(self, request: Request, change: Change) -> Response:
        """Withdraw a product."""
        withdrawal = await _sent(request, ProductWithdrawal)
        return _receipt(change, await products.withdraw_product(self._database, change, withdrawal))

    async def batch(self, request: Request, change: Change) -> Response:
        """One batch with its serial numbers, as JSON or as lines."""
        if self._running >= UPLOADS_MAX:
            return self._busy(request)
        self._running += 1
        try:
            head, serials = await _sent_batch(request)
            await serials.sort()
            # Asked again, because lines may come for half an hour and a lock holds within a second.
            await self._confirm(request)
            receipt = await batches.upload_batch(self._database, change, head, serials)
        finally:
            self._running -= 1
        return _receipt(
            change,
            receipt.result,
            number_of_packs=receipt.pack_count,
            recorded_at=receipt.recorded_at,
            is_new=receipt.result is not UploadResult.UNCHANGED,
        )

    def _busy(self, request: Request) -> Response:
        code = self._rules.service_answers[ServiceAnswer.TOO_MANY_REQUESTS]
        status, body = render_code(code, Language(request.state.language))
        retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Response(body, status, retry, media_type=_JSON)

    async def correct(self, request: Request, change: Change) -> Response:
        """Correct a batch's number or expiry date."""
        correction = await _sent(request, BatchCorrection)
        return _receipt(change, await batches.correct_batch(self._database, change, correction))

    async def recall(self, request: Request, change: Change) -> Response:
        """Recall a batch."""
        recall = await _sent(request, BatchRecall)
        return _receipt(change, await batches.recall_batch(self._database, change, recall))

    async def states(self, request: Request, change: Change) -> Response:
        """Set packs to a state that others told of."""
        upload = await _sent(request, PackStateUpload)
        result, changed = await pack_states.upload_pack_states(
            self._database, change, upload, self._rules.version
        )
        return _receipt(change, result, number_of_packs=changed)

    async def stored(self, request: Request, change: Change) -> Response:
        """What has been uploaded for a product of one's own."""
        scheme, code = request.path_params["scheme"], request.path_params["code"]
        product, found = await batches.uploaded_batches(
            self._database, change, scheme, code, request.query_params.get("batch") or None
        )
        shown = StoredBatches(
            withdrawn_at=product.withdrawn_at,
            withdrawal_reason=product.withdrawal_reason,
            batches=tuple(stored_batch(one) for one in found),
        )
        return json_response(shown)


def stored_batch(batch: UploadedBatch) -> StoredBatch:
    """What was uploaded of a batch, as it goes over the wire."""
    return StoredBatch(
        batch_id=batch.batch,
        expiry_date=batch.expiry,
        number_of_packs=batch.pack_count,
        uploaded_at=batch.uploaded_at,
        recalled_at=batch.recalled_at,
        recall_reason=batch.recall_reason,
        uploads=tuple(
            StoredUpload(
                number_of_packs=one.pack_count,
                recorded_at=one.recorded_at,
                transaction_id=one.transaction_id,
            )
            for one in batch.uploads
        ),
        corrections=tuple(
            StoredCorrection(
                previous_batch_id=one.previous_batch,
                previous_expiry_date=one.previous_expiry,
                batch_id=one.batch,
                expiry_date=one.expiry,
                reason=one.reason,
                recorded_at=one.recorded_at,
                transaction_id=one.transaction_id,
            )
            for one in batch.corrections
        ),
    )


def _summary(results: Sequence[UploadResult]) -> UploadResult:
    """What happened to the most changed of them."""
    return next((result for result in UploadResult if result in results), UploadResult.UNCHANGED)


def _receipt(
    change: Change,
    result: UploadResult,
    *,
    is_new: bool | None = None,
    number_of_packs: int | None = None,
    product_count: int | None = None,
    recorded_at: datetime | None = None,
) -> Response:
    receipt = UploadReceipt(
        result=result,
        transaction_id=str(change.transaction_id),
        number_of_packs=number_of_packs,
        number_of_products=product_count,
        recorded_at=recorded_at or change.at,
    )
    created = result is UploadResult.CREATED if is_new is None else is_new
    return json_response(receipt, 201 if created else 200)


# ---------------------------------------------------------------- reading what was sent


def _media_type(request: Request, *accepted: str) -> str:
    content_type = request.headers.get("content-type", _JSON)
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in accepted:
        raise Problem("unsupported-media-type", 415, content_type=content_type, accepted=list(accepted))
    return media_type


async def _sent(request: Request, type: type[T]) -> T:  # noqa: A002 - msgspec's own word
    _media_type(request, _JSON)
    return decode_json(await read_body(request, JSON_BYTES_MAX), type)


async def _sent_products(request: Request) -> list[ProductUpload]:
    if _media_type(request, _JSON, *_LINES) == _JSON:
        body = await read_body(request, JSON_BYTES_MAX)
        if body.lstrip()[:1] == b"[":
            return decode_json(body, list[ProductUpload])
        return [decode_json(body, ProductUpload)]
    faults = Faults()
    sent: list[ProductUpload] = []
    chunks = body_chunks(request, JSON_BYTES_MAX, seconds=LINES_SECONDS)
    async for lines in upload_lines.read_lines(chunks):
        for entry, number in zip(lines.entries, lines.numbers, strict=True):
            product = upload_lines.converted(entry, ProductUpload, number, faults)
            if product is not None:
                sent.append(product)
    faults.raise_if_any()
    return sent


async def _sent_batch(request: Request) -> tuple[BatchHead, SerialSet]:
    if _media_type(request, _JSON, *_LINES) == _JSON:
        return await _batch_of_json(await read_body(request, JSON_BYTES_MAX))
    return await _batch_of_lines(request)


async def _batch_of_json(body: bytes) -> tuple[BatchHead, SerialSet]:
    upload = decode_json(body, BatchUpload)
    head = upload_checks.batch_head(upload)
    serials = SerialSet(head.product_code_scheme)
    faults = Faults()
    for start in range(0, len(upload.serial_numbers), SLICE):
        for index in serials.add(upload.serial_numbers[start : start + SLICE]):
            at = f"$.serialNumbers[{start + index}]"
            faults.add(at, upload_checks.SERIAL_NUMBER_FORM[head.product_code_scheme])
        await asyncio.sleep(0)
    faults.raise_if_any()
    return head, serials


async def _batch_of_lines(request: Request) -> tuple[BatchHead, SerialSet]:
    """The first line is the head; what is wrong with it is told at once, without reading on."""
    faults = Faults()
    head: BatchHead | None = None
    serials: SerialSet | None = None
    chunks = body_chunks(request, LINES_BYTES_MAX, seconds=LINES_SECONDS)
    async for lines in upload_lines.read_lines(chunks):
        rest = lines
        if head is None or serials is None:
            if not lines.entries:
                continue
            found = upload_lines.converted(lines.entries[0], BatchHead, lines.numbers[0], faults)
            if found is None:
                break
            head = upload_checks.batch_head(found)
            serials = SerialSet(head.product_code_scheme)
            rest = lines.part(1)
        upload_lines.add_serial_numbers(serials, rest, faults)
    faults.raise_if_any()
    if head is None or serials is None:
        raise Problem(
            "invalid-entries", 422, count=1, first="line 1: Expected the head of a batch", errors=[]
        )
    return head, serials
