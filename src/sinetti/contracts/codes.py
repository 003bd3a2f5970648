"""Which operation codes a route may answer, out of the rules, and how such an answer looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sinetti.contracts.endpoints import Endpoint
from sinetti.rules.types import OperationCode, Rules
from sinetti.rules.vocabulary import Language, Operation, PackState

_ALERT_ID = "FI-7KD-2MP-X9A-4TQ-H8C"


def codes_of_operations(rules: Rules, operations: Iterable[Operation]) -> list[OperationCode]:
    """Codes that the rules can give these operations on a pack, in the order of the codes."""
    codes: dict[str, OperationCode] = {}
    for check in (*rules.request_checks, *rules.identity_checks):
        codes[check.code.code] = check.code
    for operation in operations:
        for restriction in rules.restrictions:
            if operation in restriction.codes:
                codes[restriction.codes[operation].code] = restriction.codes[operation]
        for (asked, _, _), rows in rules.transitions.items():
            if asked is operation:
                for row in rows:
                    found = [*row.codes_by_target.values(), *([row.code] if row.code else [])]
                    codes |= {code.code: code for code in found}
    return [codes[code] for code in sorted(codes)]


def codes_of_endpoint(rules: Rules, endpoint: Endpoint) -> list[OperationCode]:
    """Codes that a route can answer: of its operations on packs, and of the service itself."""
    codes = codes_of_operations(rules, endpoint.operations) if endpoint.operations else []
    known = {code.code: code for code in codes}
    known |= {
        check.code.code: check.code for check in rules.request_checks if check.condition in endpoint.checks
    }
    known |= {code.code: code for code in (rules.service_answers[name] for name in endpoint.services)}
    return [known[code] for code in sorted(known)]


def example_answer(code: OperationCode, rules: Rules, language: Language) -> dict[str, Any]:
    """What an answer with this code looks like: code, text, and the state and alert id where it has them."""
    answer: dict[str, Any] = {"operationCode": code.code}
    state = _state_with(code, rules)
    if state is not None:
        answer["state"] = state.value
    answer[code.message_field] = code.texts[language].message
    if code.alert:
        answer["alertId"] = _ALERT_ID
        answer["amsLink"] = f"https://portal.example/alerts/{_ALERT_ID}"
    return answer


def _state_with(code: OperationCode, rules: Rules) -> PackState | None:
    """State of the pack where the rules first give the code; `None` where they say nothing of a state."""
    for (_, found, _), rows in rules.transitions.items():
        for row in rows:
            if row.code is code:
                return row.new_state or (None if found is PackState.INACTIVE else found)
            for target, other in row.codes_by_target.items():
                if other is code:
                    return target
    return None
