"""One operation on one pack: what a client asks and what it is told."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sinetti.contracts.fields import (
    BATCH_STATES,
    Moment,
    OperationCodeText,
    PackStateText,
    RequestedState,
)


class StateChange(Struct, rename="camel", frozen=True, kw_only=True, gc=False):
    """Body of a state change: supply, decommission or reactivate one pack."""

    state: RequestedState | None = None


class PackAnswer(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """Outcome of one operation on one pack. Only the fields that apply are there."""

    operation_code: OperationCodeText
    state: PackStateText | None = None
    information: Annotated[str | None, Meta(description="What happened, in the language asked for.")] = None
    warning: Annotated[
        str | None, Meta(description="What happened, where somebody must do something about it.")
    ] = None
    alert_id: Annotated[
        str | None,
        Meta(
            description="Id of the alert that this answer raised: a possible suspicion of falsification.",
            examples=["FI-7KD-2MP-X9A-4TQ-H8C"],
            extra_json_schema={"pattern": "^[A-Z]{2}(-[2-9A-HJ-NP-Z]{3}){5}$"},
        ),
    ] = None
    ams_link: Annotated[
        str | None,
        Meta(
            description="The alert's page in the portal, for whoever may see it; it is there at once.",
            examples=["https://portal.example/alerts/FI-7KD-2MP-X9A-4TQ-H8C"],
            extra_json_schema={"format": "uri"},
        ),
    ] = None
    nhrn: Annotated[str | None, Meta(description="National number of the product, in Finland the Vnr.")] = (
        None
    )
    product_name: Annotated[str | None, Meta(description="Name of the product.")] = None
    is_intermarket: Annotated[
        bool | None, Meta(description="True where another market's system gave the answer.")
    ] = None
    batch_state: Annotated[
        str | None,
        Meta(
            description="What recall, withdrawal or expiry makes of the pack, beside its own state.",
            extra_json_schema={"enum": list(BATCH_STATES)},
        ),
    ] = None
    can_reactivate: Annotated[
        bool | None, Meta(description="Whether this location could make the pack active again now.")
    ] = None
    can_reactivate_until: Annotated[
        Moment | None, Meta(description="Last moment for that (UTC), where there is a time limit.")
    ] = None
    batch_recall_reason: Annotated[str | None, Meta(description="Why the batch was recalled.")] = None
    product_withdrawal_reason: Annotated[str | None, Meta(description="Why the product was withdrawn.")] = (
        None
    )
