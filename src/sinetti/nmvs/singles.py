"""Answers requests for single packs, many in one transaction, each key of a repeated request only once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from sinetti.kit.problems import Problem
from sinetti.nmvs.answers import render
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.store.answers import KeyedRequest, StoredAnswer, find_answers, store_answers
from sinetti.rules.vocabulary import Operation


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What goes back to the client."""

    http_status: int
    body: bytes
    transaction_id: str
    """Of the request that was carried out: for a repeated one, of the first."""
    is_alert: bool = False
    judged: tuple[str, str] | None = None
    """Operation and operation code; `None` for a repeated request, which was counted the first time."""


def conflicts(request: PackRequest) -> Sequence[Hashable]:
    """What two requests must not share within one transaction: a pack that changes, or an idempotency key."""
    if request.operation is Operation.VERIFY:
        return ()
    pack = (request.product_code, request.serial_number)
    if request.idempotency_key is None:
        return (pack,)
    return (pack, (request.caller.equipment_id, request.idempotency_key))


async def answer(
    tx: AsyncConnection[TupleRow], country: Country, requests: Sequence[PackRequest], now: datetime
) -> list[Reply | Problem]:
    """Carry out each request, or find what it was answered before; a misused key is a problem of its own request."""
    keyed = _keyed(requests)
    stored = await find_answers(tx, list(keyed.values())) if keyed else {}
    earlier = {index: stored[number] for number, index in enumerate(keyed) if number in stored}
    todo = [index for index in range(len(requests)) if index not in earlier]
    replies: dict[int, Reply | Problem] = {
        index: _repeated(keyed[index], answered) for index, answered in earlier.items()
    }
    if todo:
        outcomes = await perform(tx, country, [requests[index] for index in todo], now)
        new_answers = []
        for index, outcome in zip(todo, outcomes, strict=True):
            http_status, body = render(outcome, country.portal_address)
            transaction_id = outcome.request.transaction_id
            replies[index] = Reply(
                http_status, body, transaction_id, outcome.alert_id is not None, outcome.judged
            )
            if index in keyed:
                new_answers.append((keyed[index], http_status, body, transaction_id))
        if new_answers:
            await store_answers(tx, new_answers, now)
    return [replies[index] for index in range(len(requests))]


def _keyed(requests: Sequence[PackRequest]) -> Mapping[int, KeyedRequest]:
    return {
        index: KeyedRequest(
            equipment_id=request.caller.equipment_id,
            key=request.idempotency_key,
            request_digest=request.request_digest,
        )
        for index, request in enumerate(requests)
        if request.idempotency_key is not None and request.request_digest is not None
    }


def _repeated(request: KeyedRequest, answered: StoredAnswer) -> Reply | Problem:
    if answered.request_digest != request.request_digest:
        return Problem("idempotency-key-reused", 422)
    return Reply(answered.http_status, answered.body, answered.transaction_id)
