"""Many packs in one request, answered later: bulk (one state for all) and recovery (a transition for each).

Everything a client sends is optional here, so that what is missing gets the operation code of the rules.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sinetti.contracts.fields import (
    TRANSITION_TYPES,
    BatchId,
    ExpiryDate,
    Moment,
    OperationCodeText,
    ProductCode,
    ProductCodeScheme,
    RequestedState,
    SerialNumber,
)
from sinetti.contracts.packs import PackAnswer

PACKS_MAX = 500_000
"""Packs in one request at most (seen in client code); the result has them all in one page."""

NumberOfPacks = Annotated[
    int,
    Meta(
        description="How many packs the request has, counted by the sender; it must fit the list.",
        extra_json_schema={"minimum": 1, "maximum": PACKS_MAX},
    ),
]


class BulkPack(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """One pack of a bulk request."""

    product_code_scheme: ProductCodeScheme | None = None
    product_code: ProductCode | None = None
    serial_number: SerialNumber | None = None
    batch_id: BatchId | None = None
    expiry_date: ExpiryDate | None = None


class RecoveryPack(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """One pack of a recovery request, with what was done to it during the outage."""

    transition_type: Annotated[
        str | None,
        Meta(
            description="State that the pack got while the national system was out of reach.",
            examples=["SUPPLIED"],
            extra_json_schema={"enum": list(TRANSITION_TYPES)},
        ),
    ] = None
    product_code_scheme: ProductCodeScheme | None = None
    product_code: ProductCode | None = None
    serial_number: SerialNumber | None = None
    batch_id: BatchId | None = None
    expiry_date: ExpiryDate | None = None


class BulkRequest(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """The same operation on many packs. Without `state` the packs are only verified."""

    state: RequestedState | None = None
    number_of_packs: NumberOfPacks | None = None
    packs: Annotated[list[BulkPack] | None, Meta(description="The packs, each once.")] = None


class RecoveryRequest(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """What was done to packs while the national system was out of reach (Delegated Regulation art. 29)."""

    number_of_packs: NumberOfPacks | None = None
    packs: Annotated[
        list[RecoveryPack] | None, Meta(description="The packs, in the order of what was done.")
    ] = None


class BulkReceipt(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """A request for many packs was taken; the result is behind the `Location` header."""

    operation_code: OperationCodeText
    information: Annotated[str | None, Meta(description="What happened, in the language asked for.")] = None
    eta: Annotated[Moment | None, Meta(description="When to ask for the result first (UTC).")] = None
    expires: Annotated[Moment | None, Meta(description="When the result is thrown away (UTC).")] = None


class BulkPackResult(Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """Outcome for one pack of a bulk request."""

    pack: Annotated[BulkPack, Meta(description="The pack as sent.")]
    result: Annotated[PackAnswer, Meta(description="Its outcome, as a single request would have got it.")]


class RecoveryPackResult(Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """Outcome for one pack of a recovery request."""

    pack: Annotated[RecoveryPack, Meta(description="The pack as sent.")]
    result: Annotated[PackAnswer, Meta(description="Its outcome, as a single request would have got it.")]


class BulkResult(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """Result of a bulk request: every pack, in the order sent."""

    operation_code: OperationCodeText
    information: Annotated[str | None, Meta(description="What happened, in the language asked for.")] = None
    packs: Annotated[tuple[BulkPackResult, ...], Meta(description="Outcome for each pack.")] = ()


class RecoveryResult(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """Result of a recovery request: every pack, in the order sent."""

    operation_code: OperationCodeText
    information: Annotated[str | None, Meta(description="What happened, in the language asked for.")] = None
    packs: Annotated[tuple[RecoveryPackResult, ...], Meta(description="Outcome for each pack.")] = ()


class CodeAnswer(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """An operation code without a pack: refused bulk requests, results not ready or gone, missing rights."""

    operation_code: OperationCodeText
    information: Annotated[str | None, Meta(description="What happened, in the language asked for.")] = None
    warning: Annotated[
        str | None, Meta(description="What happened, where somebody must do something about it.")
    ] = None
    detail: Annotated[str | None, Meta(description="Where in the request, for whoever has to mend it.")] = (
        None
    )
