"""Many packs in one request, answered later: who may send one, and how it is accepted.

Bulk requests ask the same of every pack; recovery requests name a transition for each and are worked off in the
order given (Delegated Regulation (EU) 2016/161 art. 29). `bulk_parcels` reads the packs, `bulk_runner` does the
work, `bulk_results` tells what came of it.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from sinetti.identity.model import Caller
from sinetti.kit.db import Database, Transaction
from sinetti.kit.problems import Problem
from sinetti.nmvs.answers import render_code
from sinetti.nmvs.decide import failed_request_check, is_allowed
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.store import bulk as store
from sinetti.nmvs.store.answers import KeyedRequest, find_answers, store_answers
from sinetti.rules.types import OperationCode, Rules
from sinetti.rules.vocabulary import Language, Operation, Scheme, ServiceAnswer

PACKS_A_SECOND: Final = 1000.0
"""Speed that is assumed until one has been measured."""


class Kind(StrEnum):
    """Kind of a request for many packs, as its service answers are named."""

    BULK = "bulk"
    RECOVERY = "recovery"

    def code(self, rules: Rules, answer: str) -> OperationCode:
        """The code of a service answer for this kind of request, such as `accepted`."""
        return rules.service_answers[ServiceAnswer(f"{self}_{answer}")]

    def packs_max(self, rules: Rules) -> int:
        """Packs that one request may have."""
        return rules.parameters[f"{self}_packs_max"].value


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a request before its body is read."""

    kind: Kind
    caller: Caller
    transaction_id: UUID
    """Also the id of the request from then on, so that a repeated one finds the first."""
    received_at: datetime
    entry_mode: str | None
    language: Language
    api_version: str | None
    user_agent: str | None
    source_address: str | None
    idempotency_key: str | None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back to the client."""

    http_status: int
    body: bytes
    bulk_id: UUID | None = None
    """Set where there is a result to come."""


class RefusedError(Exception):
    """The whole request is refused with an operation code; nothing was done."""

    def __init__(self, code: OperationCode, detail: str | None = None) -> None:
        super().__init__(code.code)
        self.code = code
        self.detail = detail


def refuse_sender(submission: Submission, rules: Rules) -> None:
    """Raise `RefusedError` for what can be said before the body is read: entry mode, a client without a role."""
    _refuse(_probe(submission, Operation.VERIFY, None), rules)


def refuse_state(submission: Submission, rules: Rules, requested_state: str | None) -> None:
    """Raise `RefusedError` where no pack could be given the state: an unknown word, or the client may not."""
    operation = Operation.VERIFY if requested_state is None else rules.operation_for(requested_state)
    _refuse(_probe(submission, operation, requested_state), rules)


def _probe(submission: Submission, operation: Operation | None, state: str | None) -> PackRequest:
    """A request that has nothing wrong in it but what the whole request has."""
    return PackRequest(
        caller=submission.caller,
        operation=operation,
        requested_state=state,
        scheme=Scheme.GS1,
        product_code="0" * 14,
        serial_number="0",
        batch="0",
        expiry="300100",
        entry_mode=submission.entry_mode,
        language=submission.language,
        transaction_id=str(submission.transaction_id),
        received_at=submission.received_at,
    )


def _refuse(probe: PackRequest, rules: Rules) -> None:
    check = failed_request_check(probe, rules)
    if check is not None:
        raise RefusedError(check.code)
    if not is_allowed(probe, rules):
        raise RefusedError(rules.roles_code)


class Parcel(msgspec.Struct, kw_only=True):
    """The packs of a request, read and found in order."""

    requested_state: str | None
    """For all packs; `None` where they are to be verified, or each has its own transition."""
    chunks: list[bytes]
    """JSON arrays of packs as sent; no pack is twice in one."""
    pack_count: int


async def accept(
    database: Database, rules: Rules, submission: Submission, parcel: Parcel, digest: bytes
) -> Reply:
    """Store the request: from now on it will be worked off, whatever happens to this process.

    With an idempotency key that was used before for the same body (`digest`), the answer of then, and nothing is
    stored. Raises `Problem` 422 where the body was another one.
    """
    async with database.transaction() as tx:
        keyed = _keyed(submission, digest)
        if keyed is not None:
            earlier = (await find_answers(tx, [keyed])).get(0)
            if earlier is not None:
                if earlier.request_digest != digest:
                    raise Problem("idempotency-key-reused", 422)
                bulk_id = UUID(earlier.transaction_id)
                return Reply(http_status=earlier.http_status, body=earlier.body, bulk_id=bulk_id)
        request = await _new_request(tx, rules, submission, parcel)
        code = submission.kind.code(rules, "accepted")
        http_status, body = render_code(
            code, submission.language, eta=request.eta, expires=request.expires_at
        )
        await store.insert_request(tx, request, parcel.chunks)
        if keyed is not None:
            answer = (keyed, http_status, body, str(submission.transaction_id))
            await store_answers(tx, [answer], submission.received_at)
    return Reply(http_status=http_status, body=body, bulk_id=submission.transaction_id)


def _keyed(submission: Submission, digest: bytes) -> KeyedRequest | None:
    if submission.idempotency_key is None:
        return None
    return KeyedRequest(
        equipment_id=submission.caller.equipment_id, key=submission.idempotency_key, request_digest=digest
    )


async def _new_request(
    tx: Transaction, rules: Rules, submission: Submission, parcel: Parcel
) -> store.NewRequest:
    waiting, measured = await store.read_load(tx)
    seconds = math.ceil((waiting + parcel.pack_count) / (measured or PACKS_A_SECOND))
    eta = submission.received_at.replace(microsecond=0) + timedelta(seconds=seconds + 1)
    lifetime = timedelta(hours=rules.parameters["bulk_result_lifetime_hours"].value)
    return store.NewRequest(
        bulk_id=submission.transaction_id,
        kind=submission.kind,
        equipment_id=submission.caller.equipment_id,
        location_id=submission.caller.location_id,
        organisation_id=submission.caller.organisation_id,
        requested_state=parcel.requested_state,
        entry_mode=submission.entry_mode,
        language=submission.language,
        api_version=submission.api_version,
        user_agent=submission.user_agent,
        source_address=submission.source_address,
        pack_count=parcel.pack_count,
        received_at=submission.received_at,
        eta=eta,
        expires_at=eta + lifetime,
    )
