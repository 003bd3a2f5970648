"""A world that is nothing but `decide` and a ledger of packs in memory. It notes which rows of the tables it met."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from msgspec.structs import replace as with_changes
from tests.scenarios.world import CALLERS, Event, Pack, Product, Setup

from sinetti.gs1.charset import character_classes
from sinetti.gs1.identifiers import expires_at
from sinetti.nmvs import decide as judge
from sinetti.nmvs.conditions import Situation
from sinetti.nmvs.model import (
    BatchRecord,
    Decision,
    Outcome,
    PackFacts,
    PackRecord,
    PackRequest,
    ProductRecord,
)
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Operation, PackState


@dataclass(slots=True)
class Met:
    """Rows of the tables that some request came to, by table."""

    rows: set[tuple[str, int]] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    targets: set[tuple[str, str, bool]] = field(default_factory=set)
    """Kind of organisation, state asked for, whether it was allowed."""


class PureWorld:
    """Keeps packs in a dictionary, and answers with `refusal` and `decide`."""

    def __init__(self, rules: Rules, met: Met) -> None:
        self._rules = rules
        self._met = met
        self._setup: Setup
        self._packs: dict[str, PackRecord]

    async def prepare(self, setup: Setup) -> None:
        self._setup = replace(
            setup, products=dict(setup.products), batches=dict(setup.batches), packs=dict(setup.packs)
        )
        self._packs = {
            pack.name: PackRecord(
                state=pack.state,
                location_id=None if pack.at is None else CALLERS[pack.at].location_id,
                decommissioned_at=pack.since,
                repeat_count=0,
                batch=self._batch(pack.batch),
            )
            for pack in setup.packs.values()
            if pack.uploaded
        }

    async def change(self, event: Event, _now: datetime) -> None:
        setup = self._setup
        if event.kind == "recall":
            setup.batches[event.name] = replace(setup.batches[event.name], recalled=True)
        elif event.kind == "withdraw":
            setup.products[event.name] = replace(setup.products[event.name], withdrawn=True)
        else:
            pack = replace(setup.packs[event.name], uploaded=True)
            setup.packs[event.name] = pack
            self._packs[event.name] = PackRecord(
                state=PackState.ACTIVE,
                location_id=None,
                decommissioned_at=None,
                repeat_count=0,
                batch=self._batch(pack.batch),
            )

    async def perform(self, request: PackRequest, now: datetime) -> Outcome:
        facts = self._facts(request)
        refused = judge.refusal(request, self._rules)
        if refused is None:
            decision = judge.decide(request, facts, self._rules, now, self._setup.zone)
        else:
            decision = judge.decision_of_refusal(refused)
        self._note(request, facts, now, decision)
        self._keep(request, decision, now)
        return Outcome(
            request=request, facts=facts, decision=decision, alert_id="FI-…" if decision.is_alert else None
        )

    def can_reactivate(self, request: PackRequest, now: datetime) -> bool:
        """Whether the sender of the request could make the pack active at that time; nothing is kept."""
        asked = with_changes(request, operation=Operation.REACTIVATE, requested_state=PackState.ACTIVE.value)
        decision = judge.decide(asked, self._facts(asked), self._rules, now, self._setup.zone)
        return decision.state_before is not PackState.ACTIVE and decision.state_after is PackState.ACTIVE

    def _facts(self, request: PackRequest) -> PackFacts:
        setup = self._setup
        product = next(
            (
                product
                for product in setup.products.values()
                if product.uploaded
                and (product.code, product.scheme) == (request.product_code, request.scheme)
            ),
            None,
        )
        asked = [
            batch
            for batch in setup.batches.values()
            if batch.name == request.batch and setup.products[batch.product].code == request.product_code
        ]
        pack = self._pack(request)
        return PackFacts(
            product=None if product is None else _record_of(product),
            asked_batch=next((self._batch(batch.name) for batch in asked if batch.uploaded), None),
            pack=None
            if pack is None
            else with_changes(self._packs[pack.name], batch=self._batch(pack.batch)),
            non_fmd=any(batch.non_fmd for batch in asked),
        )

    def _pack(self, request: PackRequest) -> Pack | None:
        for pack in self._setup.packs.values():
            product = self._setup.products[self._setup.batches[pack.batch].product]
            if pack.name in self._packs and (product.scheme, product.code, pack.serial) == (
                request.scheme,
                request.product_code,
                request.serial_number,
            ):
                return pack
        return None

    def _batch(self, name: str) -> BatchRecord:
        batch = self._setup.batches[name]
        serials = [pack.serial for pack in self._setup.packs.values() if pack.batch == name and pack.uploaded]
        classes = 0
        for serial in serials:
            classes |= character_classes(serial)
        return BatchRecord(
            batch_id=1,
            batch=name,
            expiry=batch.expiry,
            recalled=batch.recalled,
            recall_reason=None,
            serial_length_min=min(map(len, serials), default=0),
            serial_length_max=max(map(len, serials), default=0),
            serial_format=classes,
        )

    def _keep(self, request: PackRequest, decision: Decision, now: datetime) -> None:
        """As the store does: a new state with its place and time, or the counter alone."""
        if decision.state_after is None:
            return
        pack = self._pack(request)
        assert pack is not None
        record = self._packs[pack.name]
        if decision.state_after is not record.state:
            active = decision.state_after is PackState.ACTIVE
            record = with_changes(
                record,
                state=decision.state_after,
                location_id=None if active else request.caller.location_id,
                decommissioned_at=None if active else now,
            )
        self._packs[pack.name] = with_changes(record, repeat_count=decision.repeat_count)

    def _note(self, request: PackRequest, facts: PackFacts, now: datetime, decision: Decision) -> None:
        """Which row answered. Judged anew with the parts of `decide`, which itself returns no row."""
        rules, met = self._rules, self._met
        met.codes.add(decision.code.code)
        if check := judge.failed_request_check(request, rules):
            met.rows.add(("request_checks.csv", check.row))
            return
        if request.target_state is not None:
            met.targets.add(
                (request.caller.organisation_kind, request.target_state, judge.is_allowed(request, rules))
            )
        if not judge.is_allowed(request, rules):
            return
        if check := judge.failed_identity_check(request, facts, rules):
            met.rows.add(("identity_checks.csv", check.row))
        elif restriction := judge.holding_restriction(facts, rules):
            met.rows.add(("restrictions.csv", restriction.row))
        else:
            assert facts.pack is not None
            assert request.operation is not None
            situation = Situation(
                request=request,
                pack=facts.pack,
                now=now,
                expires_at=expires_at(facts.pack.batch.expiry, self._setup.zone),
                parameters=rules.parameters,
            )
            row = judge.fitting_transition(request.operation, situation, rules)
            met.rows.add(("transitions.csv", row.row))


def _record_of(product: Product) -> ProductRecord:
    return ProductRecord(
        product_id=1, name=product.name, nhrn=None, withdrawn=product.withdrawn, withdrawal_reason=None
    )
