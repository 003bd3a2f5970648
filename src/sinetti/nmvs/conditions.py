"""Conditions that the rules tables name, one small pure function each. What they mean: `conditions.csv`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeVar

import msgspec

from sinetti.gs1.charset import character_classes
from sinetti.gs1.identifiers import (
    GTIN_LENGTH,
    is_batch,
    is_expiry,
    is_gtin,
    is_ppn,
    is_serial_number,
    pad_gtin,
)
from sinetti.nmvs.model import PackFacts, PackRecord, PackRequest
from sinetti.rules.table import RulesError
from sinetti.rules.types import Parameter, Rules
from sinetti.rules.vocabulary import ConditionKind, EntryMode, Scheme


class Situation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A pack whose identity is confirmed, and what is asked of it when: all that transitions are judged by."""

    request: PackRequest
    pack: PackRecord
    now: datetime
    expires_at: datetime
    """First moment at which the pack has expired."""
    parameters: Mapping[str, Parameter]


# ---- request form

_ENTRY_MODES = frozenset(mode.value for mode in EntryMode)
_SCHEMES = frozenset(scheme.value for scheme in Scheme)

# The same products come again and again, and check digits cost more than all other checks together.
_is_gtin = lru_cache(maxsize=8192)(is_gtin)
_is_ppn = lru_cache(maxsize=8192)(is_ppn)


def entry_mode_missing(request: PackRequest) -> bool:
    return not request.entry_mode


def entry_mode_unknown(request: PackRequest) -> bool:
    return request.entry_mode not in _ENTRY_MODES


def scheme_missing_or_unknown(request: PackRequest) -> bool:
    return request.scheme not in _SCHEMES


def product_code_missing(request: PackRequest) -> bool:
    return not request.product_code


def serial_number_missing(request: PackRequest) -> bool:
    return not request.serial_number


def batch_missing(request: PackRequest) -> bool:
    return not request.batch and request.entry_mode != EntryMode.MANUAL


def expiry_missing(request: PackRequest) -> bool:
    return not request.expiry and request.entry_mode != EntryMode.MANUAL


def scheme_does_not_fit(request: PackRequest) -> bool:
    if not product_code_invalid(request):
        return False
    code = request.product_code
    if request.scheme == Scheme.GS1:
        # A PPN of twelve digits looks like a short GTIN and has been padded as one. What has the length of a GTIN
        # is one with a mistake in it, although one in 97 has the check digits of a PPN.
        code = code.removeprefix("00")
        return len(code) != GTIN_LENGTH and _is_ppn(code)
    return _is_gtin(pad_gtin(code))


def product_code_invalid(request: PackRequest) -> bool:
    is_valid = _is_gtin if request.scheme == Scheme.GS1 else _is_ppn
    return not is_valid(request.product_code)


def batch_invalid(request: PackRequest) -> bool:
    return bool(request.batch and not is_batch(request.batch, request.scheme))


def expiry_invalid(request: PackRequest) -> bool:
    return bool(request.expiry and not is_expiry(request.expiry))


def serial_number_invalid(request: PackRequest) -> bool:
    return not is_serial_number(request.serial_number, request.scheme)


def requested_state_missing(request: PackRequest) -> bool:
    return request.operation is None and not request.requested_state


def requested_state_unknown(request: PackRequest) -> bool:
    return request.operation is None and bool(request.requested_state)


# ---- identity


def non_fmd_batch(_: PackRequest, facts: PackFacts) -> bool:
    return facts.non_fmd and facts.asked_batch is None


def product_unknown(_: PackRequest, facts: PackFacts) -> bool:
    return facts.product is None


def batch_and_serial_unknown(request: PackRequest, facts: PackFacts) -> bool:
    return facts.pack is None and facts.asked_batch is None and bool(request.batch)


def serial_unknown_length_and_format_differ(request: PackRequest, facts: PackFacts) -> bool:
    return serial_unknown_length_differs(request, facts) and serial_unknown_format_differs(request, facts)


def serial_unknown_length_differs(request: PackRequest, facts: PackFacts) -> bool:
    batch = facts.asked_batch
    if facts.pack is not None or batch is None or not batch.serial_length_max:
        return False
    return not batch.serial_length_min <= len(request.serial_number) <= batch.serial_length_max


def serial_unknown_format_differs(request: PackRequest, facts: PackFacts) -> bool:
    batch = facts.asked_batch
    if facts.pack is not None or batch is None or not batch.serial_length_max:
        return False
    return bool(character_classes(request.serial_number) & ~batch.serial_format)


def serial_unknown(_: PackRequest, facts: PackFacts) -> bool:
    return facts.pack is None


def batch_length_and_format_differ(request: PackRequest, facts: PackFacts) -> bool:
    return batch_length_differs(request, facts) and batch_format_differs(request, facts)


def batch_length_differs(request: PackRequest, facts: PackFacts) -> bool:
    asked, pack = request.batch, facts.pack
    return bool(asked and pack is not None and len(asked) != len(pack.batch.batch))


def batch_format_differs(request: PackRequest, facts: PackFacts) -> bool:
    asked, pack = request.batch, facts.pack
    if not asked or pack is None or asked == pack.batch.batch:
        return False
    return character_classes(asked) != character_classes(pack.batch.batch)


def batch_differs(request: PackRequest, facts: PackFacts) -> bool:
    asked, pack = request.batch, facts.pack
    return bool(asked and pack is not None and asked != pack.batch.batch)


def expiry_differs(request: PackRequest, facts: PackFacts) -> bool:
    asked, pack = request.expiry, facts.pack
    return bool(asked and pack is not None and asked != pack.batch.expiry)


# ---- restrictions


def batch_recalled(facts: PackFacts) -> bool:
    return facts.pack is not None and facts.pack.batch.recalled


def product_withdrawn(facts: PackFacts) -> bool:
    return facts.product is not None and facts.product.withdrawn


# ---- transitions


def expired(situation: Situation) -> bool:
    return situation.now >= situation.expires_at


def supply_repeat_before_last_notice(situation: Situation) -> bool:
    return situation.pack.repeat_count + 1 < situation.parameters["repeat_notices_supply"].value


def supply_repeat_is_last_notice(situation: Situation) -> bool:
    return situation.pack.repeat_count + 1 == situation.parameters["repeat_notices_supply"].value


def decommission_repeat_before_last_notice(situation: Situation) -> bool:
    return situation.pack.repeat_count + 1 < situation.parameters["repeat_notices_decommission"].value


def decommission_repeat_is_last_notice(situation: Situation) -> bool:
    return situation.pack.repeat_count + 1 == situation.parameters["repeat_notices_decommission"].value


def asked_state_differs(situation: Situation) -> bool:
    return situation.request.target_state is not situation.pack.state


def reactivation_window_closed(situation: Situation) -> bool:
    since = situation.pack.decommissioned_at
    return since is None or situation.now - since > reactivation_window(situation.parameters)


def reactivation_window(parameters: Mapping[str, Parameter]) -> timedelta:
    """How long after it got its state a pack can become active again."""
    return _hours(parameters["reactivation_window_hours"].value)


@lru_cache
def _hours(number: int) -> timedelta:
    return timedelta(hours=number)


# ---- by name

_Condition = TypeVar("_Condition", bound=Callable[..., bool])


def _by_name(*conditions: _Condition) -> Mapping[str, _Condition]:
    return {condition.__name__: condition for condition in conditions}


REQUEST_CONDITIONS: Mapping[str, Callable[[PackRequest], bool]] = _by_name(
    entry_mode_missing,
    entry_mode_unknown,
    scheme_missing_or_unknown,
    product_code_missing,
    serial_number_missing,
    batch_missing,
    expiry_missing,
    scheme_does_not_fit,
    product_code_invalid,
    batch_invalid,
    expiry_invalid,
    serial_number_invalid,
    requested_state_missing,
    requested_state_unknown,
)
IDENTITY_CONDITIONS: Mapping[str, Callable[[PackRequest, PackFacts], bool]] = _by_name(
    non_fmd_batch,
    product_unknown,
    batch_and_serial_unknown,
    serial_unknown_length_and_format_differ,
    serial_unknown_length_differs,
    serial_unknown_format_differs,
    serial_unknown,
    batch_length_and_format_differ,
    batch_length_differs,
    batch_format_differs,
    batch_differs,
    expiry_differs,
)
RESTRICTION_CONDITIONS: Mapping[str, Callable[[PackFacts], bool]] = _by_name(
    batch_recalled, product_withdrawn
)
TRANSITION_CONDITIONS: Mapping[str, Callable[[Situation], bool]] = _by_name(
    expired,
    supply_repeat_before_last_notice,
    supply_repeat_is_last_notice,
    decommission_repeat_before_last_notice,
    decommission_repeat_is_last_notice,
    asked_state_differs,
    reactivation_window_closed,
)

_ALL: Mapping[ConditionKind, Mapping[str, Callable[..., bool]]] = {
    ConditionKind.REQUEST: REQUEST_CONDITIONS,
    ConditionKind.IDENTITY: IDENTITY_CONDITIONS,
    ConditionKind.RESTRICTION: RESTRICTION_CONDITIONS,
    ConditionKind.TRANSITION: TRANSITION_CONDITIONS,
}


def prove_conditions(rules: Rules) -> None:
    """Raise `RulesError` where the tables name a condition that no function here judges, or the other way round."""
    for kind, conditions in _ALL.items():
        judged, named = set(conditions), rules.condition_names[kind]
        for name in sorted(named - judged):
            raise RulesError("conditions.csv", name, f"no function judges this {kind} condition")
        for name in sorted(judged - named):
            raise RulesError("conditions.csv", name, f"is judged as a {kind} condition, but not in the table")
