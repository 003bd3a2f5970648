"""The one use case of the pack path: judge and record a list of operations in one transaction.

Single requests, coalesced rounds and chunks of bulk requests all come here; a single pack is a list of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from sinetti.nmvs.alert_ids import new_alert_id
from sinetti.nmvs.decide import decide, decision_of_refusal, refusal
from sinetti.nmvs.model import NOTHING_KNOWN, Decision, Outcome, PackFacts, PackRequest
from sinetti.nmvs.store import packs as store
from sinetti.rules.types import OperationCode, Rules
from sinetti.rules.vocabulary import Operation


class Country(msgspec.Struct, frozen=True, kw_only=True):
    """What a national system is set up with: its rules, its market and the time zone in which its days end."""

    market: str
    """ISO 3166 code in capitals, such as `FI`; alert ids begin with it."""
    rules: Rules
    zone: ZoneInfo
    portal_address: str | None = None
    """Where alerts have their pages; answers have no link to them without it."""


async def perform(
    tx: AsyncConnection[TupleRow], country: Country, requests: Sequence[PackRequest], now: datetime
) -> list[Outcome]:
    """Judge each request and record what came of it, in the caller's transaction.

    No two requests of the list may change the same pack: the caller puts them into different transactions.
    Changed packs stay locked, and nothing is true until the caller's transaction is committed.
    """
    rules = country.rules
    refusals = [refusal(request, rules) for request in requests]
    keys = [store.key_text(request) for request in requests]
    facts = await _read(tx, requests, refusals, keys)
    outcomes = []
    for request, refused, known in zip(requests, refusals, facts, strict=True):
        decision = (
            decide(request, known, rules, now, country.zone)
            if refused is None
            else decision_of_refusal(refused)
        )
        outcomes.append(_outcome(country, request, known, decision))
    await store.record(tx, outcomes, keys, now, rules.version)
    return outcomes


def _outcome(country: Country, request: PackRequest, facts: PackFacts, decision: Decision) -> Outcome:
    alert_id = new_alert_id(country.market) if decision.is_alert else None
    return Outcome(request=request, facts=facts, decision=decision, alert_id=alert_id)


async def _read(
    tx: AsyncConnection[TupleRow],
    requests: Sequence[PackRequest],
    refusals: Sequence[OperationCode | None],
    keys: Sequence[str | None],
) -> list[PackFacts]:
    """Facts for each request. Only packs that may change are locked; a refused request is read for the record."""
    changing = [
        refused is None and request.operation is not Operation.VERIFY
        for request, refused in zip(requests, refusals, strict=True)
    ]
    facts = [NOTHING_KNOWN] * len(requests)
    for lock in (True, False):
        chosen = [index for index, change in enumerate(changing) if change is lock]
        if chosen:
            found = await store.read_facts(
                tx, [requests[index] for index in chosen], [keys[index] for index in chosen], lock=lock
            )
            for index, known in zip(chosen, found, strict=True):
                facts[index] = known
    return facts
