"""What holds for every decision, whatever is asked of whatever pack: played through exhaustively, and with odd input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.cases import (
    BATCH,
    NOW,
    PRODUCT,
    RULES,
    ZONE,
    a_batch,
    a_caller,
    a_pack,
    a_request,
    the_facts,
)

from sinetti.nmvs.decide import REPEAT_COUNT_MAX, decide, decision_of_refusal, refusal
from sinetti.nmvs.model import NOTHING_KNOWN, Decision, PackFacts, PackRequest
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import (
    BatchState,
    ClientRole,
    Operation,
    OrganisationKind,
    PackState,
    Reactivation,
)

PLACES = {"here": 1, "there": 2, "not stated": None}
REQUESTS = [
    a_request(
        operation=operation,
        requested_state=state,
        caller=a_caller(organisation_kind=OrganisationKind.WHOLESALER),
    )
    for operation, state in [
        (Operation.VERIFY, None),
        *(
            (rule.requested_by, rule.pack_state.value)
            for rule in RULES.pack_states.values()
            if rule.requested_by
        ),
    ]
]


def situations() -> Iterator[tuple[PackRequest, PackFacts]]:
    """Every request × state × place × age × number of repeats × condition of the batch and the product."""
    batches = [BATCH, a_batch(expiry="261119"), a_batch(recalled=True)]
    products = [
        PRODUCT,
        type(PRODUCT)(product_id=1, name="X", nhrn=None, withdrawn=True, withdrawal_reason=None),
    ]
    for request, state, place, hours, repeats, batch, of_product in product(
        REQUESTS, PackState, PLACES.values(), (0, 240, 241), range(5), batches, products
    ):
        if state is PackState.ACTIVE and (place, hours, repeats) != (None, 0, 0):
            continue
        sent = a_request(
            operation=request.operation,
            requested_state=request.requested_state,
            caller=request.caller,
            expiry=batch.expiry,
        )
        pack = a_pack(
            state=state,
            location_id=place,
            decommissioned_at=None if state is PackState.ACTIVE else NOW - timedelta(hours=hours),
            repeat_count=repeats,
            batch=batch,
        )
        yield sent, the_facts(product=of_product, asked_batch=batch, pack=pack)


SITUATIONS = list(situations())


def judged() -> Iterator[tuple[PackRequest, PackFacts, Decision]]:
    for request, facts in SITUATIONS:
        yield request, facts, decide(request, facts, RULES, NOW, ZONE)


def test_every_situation_has_an_answer_whose_words_and_hub_code_are_known():
    for _, _, decision in judged():
        assert decision.code.used
        assert decision.code.texts
        if decision.code.hub_codes:
            assert decision.hub_code in decision.code.hub_codes
        else:
            assert decision.hub_code is None


def test_an_alert_changes_nothing_but_the_number_of_repeats():
    for _, facts, decision in judged():
        if decision.is_alert:
            assert facts.pack is not None
            assert decision.state_after is decision.state_before is facts.pack.state


def test_a_verification_changes_nothing_and_alarms_nobody():
    for request, facts, decision in judged():
        if request.operation is Operation.VERIFY:
            assert facts.pack is not None
            assert (decision.state_after, decision.repeat_count) == (
                facts.pack.state,
                facts.pack.repeat_count,
            )
            assert not decision.is_alert
            assert decision.code.http_status == 200


def test_a_state_changes_only_out_of_active_or_back_to_it_and_to_what_was_asked():
    for request, _, decision in judged():
        if decision.state_after is not decision.state_before:
            assert PackState.ACTIVE in {decision.state_before, decision.state_after}
            assert decision.state_after is request.target_state
            assert decision.code.message_field == "information"
            assert decision.repeat_count == 0


def test_nothing_recalled_withdrawn_or_expired_leaves_the_active_state_or_comes_back_to_it():
    """Delegated Regulation (EU) 2016/161 art. 13(1)(c) and (d); NMVO-0048 v5.0 §5."""
    for _, _, decision in judged():
        if decision.batch_state is not None:
            assert decision.state_after is decision.state_before
            assert not decision.can_reactivate


def test_nothing_recalled_or_withdrawn_is_an_alert():
    """Delegated Regulation (EU) 2016/161 art. 36(b)."""
    for _, facts, decision in judged():
        assert facts.pack is not None
        assert facts.product is not None
        if facts.pack.batch.recalled or facts.product.withdrawn:
            assert not decision.is_alert
            wanted = BatchState.RECALLED if facts.pack.batch.recalled else BatchState.WITHDRAWN
            assert decision.batch_state is wanted


def test_nothing_comes_back_at_another_location_or_too_late_or_when_stolen_or_destroyed():
    """Delegated Regulation (EU) 2016/161 art. 13(1)(a), (b) and (d)."""
    for request, facts, decision in judged():
        pack = facts.pack
        assert pack is not None
        if decision.state_before is not PackState.ACTIVE and decision.state_after is PackState.ACTIVE:
            assert request.operation is Operation.REACTIVATE
            assert pack.location_id == request.caller.location_id
            assert pack.state not in {
                PackState.STOLEN,
                PackState.DESTROYED,
                PackState.CHECKED_OUT,
                PackState.INACTIVE,
            }
            assert pack.decommissioned_at is not None
            if RULES.pack_states[pack.state].reactivation is Reactivation.WITHIN_WINDOW:
                assert NOW - pack.decommissioned_at <= timedelta(hours=240)


def test_only_a_pack_that_was_not_active_can_be_an_alert_once_its_identity_is_confirmed():
    for request, _, decision in judged():
        if decision.is_alert:
            assert decision.state_before is not PackState.ACTIVE
            assert request.operation in {Operation.SUPPLY, Operation.DECOMMISSION}


def test_repeats_are_counted_up_to_the_largest_number_that_the_record_keeps():
    pack = a_pack(state=PackState.SUPPLIED, repeat_count=REPEAT_COUNT_MAX)
    request = a_request(operation=Operation.SUPPLY, requested_state="Supplied")
    decision = decide(request, the_facts(pack=pack), RULES, NOW, ZONE)
    assert decision.is_alert
    assert decision.repeat_count == REPEAT_COUNT_MAX


@pytest.mark.parametrize("notices", [0, 1, 2, 5])
def test_the_number_of_notices_is_what_the_parameter_says(notices: int):
    parameter = RULES.parameters["repeat_notices_supply"]
    changed = type(parameter)(
        name=parameter.name, value=notices, unit="notices", source="test", status=parameter.status
    )
    rules: Rules = replace(RULES, parameters={**RULES.parameters, "repeat_notices_supply": changed})
    request = a_request(operation=Operation.SUPPLY, requested_state="Supplied")
    codes, repeats = [], 0
    for _ in range(notices + 2):
        facts = the_facts(pack=a_pack(state=PackState.SUPPLIED, repeat_count=repeats))
        decision = decide(request, facts, rules, NOW, ZONE)
        repeats = decision.repeat_count
        codes.append(decision.code.code)
    assert codes == ["11220200"] * (notices - 1) + ["11220201"] * (notices > 0) + ["51220201"] * 2


def test_a_refusal_says_nothing_of_any_pack():
    for code in RULES.codes.values():
        if len(code.hub_codes) <= 1:
            decision = decision_of_refusal(code)
            assert (decision.state_before, decision.state_after, decision.batch_state) == (None, None, None)
            assert not decision.can_reactivate
            assert decision.hub_code == (code.hub_codes[0] if code.hub_codes else None)


def test_who_does_not_know_the_whole_identity_learns_nothing_of_the_pack():
    supplied = the_facts(pack=a_pack(state=PackState.SUPPLIED))
    for changes in ({"batch": "B2"}, {"expiry": "281230"}):
        decision = decide(a_request(**changes), supplied, RULES, NOW, ZONE)
        assert (decision.state_before, decision.state_after, decision.repeat_count) == (None, None, 0)
        assert not decision.can_reactivate


odd_text = st.one_of(
    st.text(max_size=25),
    st.sampled_from(["", "gs1", "ifa", "manual", "non-manual", "B1", "281231", "Supplied"]),
)


@settings(deadline=None)
@given(
    scheme=odd_text,
    product_code=odd_text,
    serial_number=odd_text,
    batch=st.none() | odd_text,
    expiry=st.none() | odd_text,
    entry_mode=st.none() | odd_text,
    requested_state=st.none() | odd_text,
    operation=st.none() | st.sampled_from(Operation),
    role=st.none() | st.sampled_from(ClientRole),
    kind=st.sampled_from(OrganisationKind),
    known=st.booleans(),
)
def test_whatever_a_client_sends_it_gets_an_answer(
    scheme: str,
    product_code: str,
    serial_number: str,
    batch: str | None,
    expiry: str | None,
    entry_mode: str | None,
    requested_state: str | None,
    operation: Operation | None,
    role: ClientRole | None,
    kind: OrganisationKind,
    known: bool,
):
    request = a_request(
        scheme=scheme,
        product_code=product_code,
        serial_number=serial_number,
        batch=batch,
        expiry=expiry,
        entry_mode=entry_mode,
        requested_state=requested_state,
        operation=operation,
        caller=a_caller(client_role=role, organisation_kind=kind),
    )
    refused = refusal(request, RULES)
    if refused is None:
        assert decide(request, the_facts() if known else NOTHING_KNOWN, RULES, NOW, ZONE).code.used
    else:
        assert refused.http_status in {403, 422}
