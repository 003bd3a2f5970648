"""What one pack operation is made of, from request to decision: values only, no behaviour that reads or writes.

They are msgspec structs where the rest of Sinetti has frozen dataclasses: a struct is as frozen and as typed, and
is made in a tenth of the time, which counts where every request makes four of them.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from sinetti.identity.model import Caller
from sinetti.rules.types import OperationCode
from sinetti.rules.vocabulary import BatchState, Language, Operation, PackState

UNKNOWN_OPERATION = "unknown"
"""In the figures: the state asked for belongs to no operation."""


class PackRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One operation on one pack as the client sent it: odd values are kept, rules judge them later."""

    caller: Caller
    operation: Operation | None
    """`None` where the requested state was missing or unknown, which `request_checks.csv` answers."""
    requested_state: str | None
    """The word in the body as sent, `None` when there was none, or for a verification."""
    scheme: str
    product_code: str
    """As sent, padded to 14 digits where it is a shorter GTIN."""
    serial_number: str
    batch: str | None
    expiry: str | None
    """YYMMDD as sent; day 00 means the whole month."""
    entry_mode: str | None
    """Value of `emvs-data-entry-mode` as sent; `None` when the header is missing."""
    language: Language
    transaction_id: str
    """A UUID in its usual form, also shown to the user; a string, because nothing here needs more of it."""
    received_at: datetime
    api_version: str | None = None
    user_agent: str | None = None
    source_address: str | None = None
    idempotency_key: str | None = None
    request_digest: bytes | None = None
    """SHA-256 of what was asked; set with `idempotency_key`."""
    bulk_id: UUID | None = None

    @property
    def target_state(self) -> PackState | None:
        """State asked for; `None` for a verification and for a word that is no state."""
        return _STATES.get(self.requested_state or "")


_STATES = {state.value: state for state in PackState}


class ProductRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the repository knows of a product."""

    product_id: int
    name: str
    nhrn: str | None
    """National number, in Finland the Nordic article number (Vnr)."""
    withdrawn: bool
    withdrawal_reason: str | None


class BatchRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was uploaded for a batch."""

    batch_id: int
    batch: str
    expiry: str
    """YYMMDD as uploaded; `250300` and `250331` are different values."""
    recalled: bool
    recall_reason: str | None
    serial_length_min: int
    serial_length_max: int
    serial_format: int
    """Union of the character classes (`gs1.charset.character_classes`) of the serial numbers uploaded."""


class PackRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A stored pack."""

    state: PackState
    location_id: int | None
    """Where the pack got its present state; `None` while active, and where another market did not say."""
    decommissioned_at: datetime | None
    repeat_count: int
    """Repeats at the same location that have been answered with a notice since the pack got its state."""
    batch: BatchRecord


class PackFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that the store knows about one request, read in the transaction that will record its outcome."""

    product: ProductRecord | None
    asked_batch: BatchRecord | None
    """The batch that the request names, if the product has it."""
    pack: PackRecord | None
    non_fmd: bool
    """The product code and batch asked for are on the national non-FMD list."""


NOTHING_KNOWN = PackFacts(product=None, asked_batch=None, pack=None, non_fmd=False)


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Outcome of one operation on one pack."""

    code: OperationCode
    hub_code: str | None
    """EU Hub code, such as `A7`."""
    state_before: PackState | None
    """`None` where the pack is not known, or its identity was not confirmed."""
    state_after: PackState | None
    repeat_count: int
    """New value of the pack's repeat counter; stored when it or the state has changed."""
    batch_state: BatchState | None
    can_reactivate: bool
    can_reactivate_until: datetime | None

    @property
    def is_alert(self) -> bool:
        """Whether this is a possible suspicion of falsification that gets an alert id (level L5)."""
        return self.code.alert


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the client is told: a request, what was known, the decision, and the alert it raised."""

    request: PackRequest
    facts: PackFacts
    decision: Decision
    alert_id: str | None

    @property
    def judged(self) -> tuple[str, str]:
        """Operation and operation code, as the figures count them."""
        return self.request.operation or UNKNOWN_OPERATION, self.decision.code.code
