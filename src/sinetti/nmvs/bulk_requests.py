"""From packs as they were sent in a bulk or recovery request to the requests that the rules judge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sinetti.contracts.bulk import BulkPack, RecoveryPack
from sinetti.gs1.identifiers import pad_gtin
from sinetti.identity.model import Caller
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.store.bulk import StartedRequest
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import ClientRole, Language, Operation, OrganisationKind, PackState, Scheme

Pack = BulkPack | RecoveryPack

_VERIFY: Final = "verify"
_STATES: Final = {state.value.casefold(): state.value for state in PackState}


def pack_requests(
    rules: Rules, request: StartedRequest, packs: Sequence[Pack], now: datetime
) -> list[PackRequest]:
    """A request for each pack of a chunk, with what the whole request says."""
    bulk_id = UUID(request.bulk_id)
    caller = Caller(
        equipment_id=request.equipment_id,
        location_id=request.location_id,
        organisation_id=request.organisation_id,
        organisation_kind=OrganisationKind(request.organisation_kind),
        client_role=None if request.client_role is None else ClientRole(request.client_role),
    )
    language = Language(request.language)
    common = (request.requested_state, _operation(rules, request.requested_state))
    asked = []
    for pack in packs:
        state, operation = (
            _transition(rules, pack.transition_type) if isinstance(pack, RecoveryPack) else common
        )
        code = pack.product_code or ""
        asked.append(
            PackRequest(
                caller=caller,
                operation=operation,
                requested_state=state,
                scheme=pack.product_code_scheme or "",
                product_code=pad_gtin(code) if pack.product_code_scheme == Scheme.GS1 else code,
                serial_number=pack.serial_number or "",
                batch=pack.batch_id,
                expiry=pack.expiry_date,
                entry_mode=request.entry_mode,
                language=language,
                transaction_id=request.bulk_id,
                received_at=now,
                api_version=request.api_version,
                user_agent=request.user_agent,
                source_address=request.source_address,
                bulk_id=bulk_id,
            )
        )
    return asked


def _operation(rules: Rules, requested_state: str | None) -> Operation | None:
    return Operation.VERIFY if requested_state is None else rules.operation_for(requested_state)


def _transition(rules: Rules, word: str | None) -> tuple[str | None, Operation | None]:
    """Requested state and operation of a transition type: `FREE_SAMPLE`, as clients write it, or `FreeSample`."""
    if not word:
        return None, None
    plain = word.replace("_", "").casefold()
    if plain == _VERIFY:
        return None, Operation.VERIFY
    state = _STATES.get(plain, word)
    return state, rules.operation_for(state)
