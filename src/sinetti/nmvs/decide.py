"""Judges one operation on one pack by the tables. Pure: what a judgement needs comes in as values, the clock too.

The order is: request form, client role and kind of organisation (`refusal`), then identity, recall and withdrawal,
and last the state of the pack (`decide`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sinetti.gs1.identifiers import expires_at
from sinetti.nmvs.conditions import (
    IDENTITY_CONDITIONS,
    REQUEST_CONDITIONS,
    RESTRICTION_CONDITIONS,
    TRANSITION_CONDITIONS,
    Situation,
    expired,
    reactivation_window,
)
from sinetti.nmvs.model import Decision, PackFacts, PackRecord, PackRequest
from sinetti.rules.types import Check, OperationCode, Restriction, Rules, Transition
from sinetti.rules.vocabulary import BatchState, Interface, Operation, PackState, Reactivation, Where

REPEAT_COUNT_MAX = 32_767
"""Where the repeat counter stops (a `smallint` in the record), so that a client in a loop gets alerts, not faults."""

_LAST_MOMENT = timedelta(seconds=1)
"""Times on the wire are in whole seconds: the last one before a pack has expired."""


def refusal(request: PackRequest, rules: Rules) -> OperationCode | None:
    """The code that refuses a request for its form or for who sends it, or `None` to go on to `decide`.

    Needs nothing of the repository, so that a request that is none costs the database nothing.
    """
    check = failed_request_check(request, rules)
    if check is not None:
        return check.code
    return None if is_allowed(request, rules) else rules.roles_code


def failed_request_check(request: PackRequest, rules: Rules) -> Check | None:
    """The first row of `request_checks.csv` that fits."""
    for check in rules.request_checks:
        if REQUEST_CONDITIONS[check.condition](request):
            return check
    return None


def is_allowed(request: PackRequest, rules: Rules) -> bool:
    """Whether client role and kind of organisation allow what is asked. Equipment without a role may do nothing."""
    role, operation = request.caller.client_role, request.operation
    if Interface.PACKS not in rules.interfaces[request.caller.organisation_kind]:
        return False
    if role is None or operation not in rules.role_operations[role]:
        return False
    if operation is Operation.VERIFY:
        return True
    return request.target_state in rules.allowed_targets[request.caller.organisation_kind]


def decide(request: PackRequest, facts: PackFacts, rules: Rules, now: datetime, zone: ZoneInfo) -> Decision:
    """What becomes of the pack, for a request that `refusal` lets pass.

    `zone` is the country's time zone, in which the days of expiry dates end.
    """
    check = failed_identity_check(request, facts, rules)
    if check is not None:
        return decision_of_refusal(check.code)
    assert facts.pack is not None, "identity_checks.csv catches every pack that is not known"
    situation = Situation(
        request=request,
        pack=facts.pack,
        now=now,
        expires_at=expires_at(facts.pack.batch.expiry, zone),
        parameters=rules.parameters,
    )
    restriction = holding_restriction(facts, rules)
    if restriction is not None:
        return _restricted(situation, restriction)
    assert request.operation is not None, "request_checks.csv catches every request without an operation"
    return _followed(situation, fitting_transition(request.operation, situation, rules), rules)


def decision_of_refusal(code: OperationCode) -> Decision:
    """The decision where nothing is said of a pack: the request was refused, or the identity not confirmed."""
    return Decision(
        code=code,
        hub_code=code.hub_code,
        state_before=None,
        state_after=None,
        repeat_count=0,
        batch_state=None,
        can_reactivate=False,
        can_reactivate_until=None,
    )


def failed_identity_check(request: PackRequest, facts: PackFacts, rules: Rules) -> Check | None:
    """The first row of `identity_checks.csv` that fits; `None` confirms the identity."""
    for check in rules.identity_checks:
        if IDENTITY_CONDITIONS[check.condition](request, facts):
            return check
    return None


def holding_restriction(facts: PackFacts, rules: Rules) -> Restriction | None:
    """The first row of `restrictions.csv` that fits, if any."""
    for restriction in rules.restrictions:
        if RESTRICTION_CONDITIONS[restriction.condition](facts):
            return restriction
    return None


def fitting_transition(operation: Operation, situation: Situation, rules: Rules) -> Transition:
    """The first row of `transitions.csv` that fits."""
    pack = situation.pack
    for row in rules.transitions[operation, pack.state, place(pack, situation.request.caller.location_id)]:
        if row.condition is None or TRANSITION_CONDITIONS[row.condition](situation):
            return row
    raise AssertionError("load_rules() proves an unconditional last row")


def place(pack: PackRecord, location_id: int) -> Where:
    """Where the pack got its state, seen from the location that asks."""
    if pack.location_id == location_id:
        return Where.SAME
    return Where.NOT_STATED if pack.location_id is None else Where.OTHER


def _restricted(situation: Situation, restriction: Restriction) -> Decision:
    """The answer for a recalled batch or a withdrawn product: the pack stays as it is, and is no alert."""
    assert situation.request.operation is not None, (
        "request_checks.csv catches every request without an operation"
    )
    code = restriction.codes[situation.request.operation]
    return Decision(
        code=code,
        hub_code=code.hub_code,
        state_before=situation.pack.state,
        state_after=situation.pack.state,
        repeat_count=situation.pack.repeat_count,
        batch_state=restriction.batch_state,
        can_reactivate=False,
        can_reactivate_until=None,
    )


def _followed(situation: Situation, row: Transition, rules: Rules) -> Decision:
    """The answer of a row of the transitions table, and the pack after it."""
    pack = situation.pack
    code, state = row.code, row.new_state or pack.state
    if code is None:
        target = situation.request.target_state
        assert target is not None, "request_checks.csv catches every requested state that is none"
        code, state = row.codes_by_target[target], target
    if state is not pack.state:
        pack = _changed(situation, state)
    elif row.counts_repeat:
        pack = _repeated(pack)
    can_reactivate, until = _reactivation(situation, pack, rules)
    return Decision(
        code=code,
        hub_code=row.hub_code or code.hub_code,
        state_before=situation.pack.state,
        state_after=state,
        repeat_count=pack.repeat_count,
        batch_state=BatchState.EXPIRED if expired(situation) else None,
        can_reactivate=can_reactivate,
        can_reactivate_until=until,
    )


def _changed(situation: Situation, state: PackState) -> PackRecord:
    is_active = state is PackState.ACTIVE
    return PackRecord(
        state=state,
        location_id=None if is_active else situation.request.caller.location_id,
        decommissioned_at=None if is_active else situation.now,
        repeat_count=0,
        batch=situation.pack.batch,
    )


def _repeated(pack: PackRecord) -> PackRecord:
    return PackRecord(
        state=pack.state,
        location_id=pack.location_id,
        decommissioned_at=pack.decommissioned_at,
        repeat_count=min(pack.repeat_count + 1, REPEAT_COUNT_MAX),
        batch=pack.batch,
    )


def _reactivation(situation: Situation, pack: PackRecord, rules: Rules) -> tuple[bool, datetime | None]:
    """Whether this location could make the pack active again now, and until when: the table itself says so.

    The last moment is the end of the reactivation window, or of the expiry date where that comes first.
    """
    if pack.state is PackState.ACTIVE:
        return False, None
    after = Situation(
        request=situation.request,
        pack=pack,
        now=situation.now,
        expires_at=situation.expires_at,
        parameters=situation.parameters,
    )
    if fitting_transition(Operation.REACTIVATE, after, rules).new_state is not PackState.ACTIVE:
        return False, None
    if rules.pack_states[pack.state].reactivation is not Reactivation.WITHIN_WINDOW:
        return True, None
    assert pack.decommissioned_at is not None, "a pack that is not active has a time"
    end_of_window = pack.decommissioned_at + reactivation_window(rules.parameters)
    return True, min(end_of_window, situation.expires_at - _LAST_MOMENT)
