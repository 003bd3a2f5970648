"""Outcomes as the bytes that go on the wire. Pure: the same outcome gives the same answer."""

from __future__ import annotations

import msgspec

from sinetti.contracts.packs import PackAnswer
from sinetti.nmvs.model import Outcome
from sinetti.rules.types import OperationCode
from sinetti.rules.vocabulary import BatchState, Language, PackState

_encode = msgspec.json.Encoder().encode


def render(outcome: Outcome, portal_address: str | None = None) -> tuple[int, bytes]:
    """HTTP status and JSON body of one pack operation, in the language of the request."""
    return outcome.decision.code.http_status, _encode(pack_answer(outcome, portal_address))


def pack_answer(outcome: Outcome, portal_address: str | None = None) -> PackAnswer:
    """The answer's fields; those that do not apply are left out.

    Nothing is said of a pack whose identity was not confirmed: what is stored is never shown to whoever guessed.
    """
    decision, product = outcome.decision, outcome.facts.product
    code = decision.code
    message = code.texts[outcome.request.language].message
    until = decision.can_reactivate_until
    return PackAnswer(
        operation_code=code.code,
        state=_state_on_the_wire(decision.state_after),
        information=message if code.message_field == "information" else None,
        warning=message if code.message_field == "warning" else None,
        alert_id=outcome.alert_id,
        ams_link=_ams_link(outcome, portal_address),
        nhrn=None if product is None else product.nhrn,
        product_name=None if product is None else product.name,
        batch_state=decision.batch_state,
        can_reactivate=decision.can_reactivate or None,
        can_reactivate_until=None if until is None else until.replace(microsecond=0),
        batch_recall_reason=_recall_reason(outcome),
        product_withdrawal_reason=_withdrawal_reason(outcome),
    )


def _ams_link(outcome: Outcome, portal_address: str | None) -> str | None:
    if outcome.alert_id is None or portal_address is None:
        return None
    return f"{portal_address}/alerts/{outcome.alert_id}"


def _state_on_the_wire(state: PackState | None) -> str | None:
    """Clients know no word for a pack that another market decommissioned without saying how."""
    return None if state is None or state is PackState.INACTIVE else state.value


def _recall_reason(outcome: Outcome) -> str | None:
    pack = outcome.facts.pack
    if pack is None or outcome.decision.batch_state is None:
        return None
    return pack.batch.recall_reason if pack.batch.recalled else None


def _withdrawal_reason(outcome: Outcome) -> str | None:
    product = outcome.facts.product
    if product is None or outcome.decision.batch_state not in {BatchState.WITHDRAWN, BatchState.RECALLED}:
        return None
    return product.withdrawal_reason if product.withdrawn else None


def render_code(code: OperationCode, language: Language, **fields: object) -> tuple[int, bytes]:
    """HTTP status and JSON body of an answer that concerns no single pack, with further fields as given."""
    message = code.texts[language].message
    return code.http_status, _encode({"operationCode": code.code, code.message_field: message, **fields})
