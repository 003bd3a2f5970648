"""The alerts interface of operators' tools: alerts of a time window, in pages. Names as their public code has them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sinetti.contracts.fields import Moment


def tools_name(name: str) -> str:
    """A field as these tools write it: camel case, but ID and NHRN in capitals."""
    first, *rest = name.split("_")
    return first + "".join({"id": "ID", "nhrn": "NHRN"}.get(word, word.capitalize()) for word in rest)


class AlertsRequest(Struct, rename=tools_name, frozen=True, kw_only=True):
    """The window whose alerts are wanted."""

    start_timestamp: Annotated[
        str,
        Meta(
            description="First moment of the window (UTC).",
            examples=["2026-03-01T00:00:00Z"],
            extra_json_schema={"format": "date-time"},
        ),
    ]
    end_timestamp: Annotated[
        str,
        Meta(
            description="Last moment of the window (UTC); given in seconds, the whole of that second belongs to it.",
            examples=["2026-03-02T23:59:59Z"],
            extra_json_schema={"format": "date-time"},
        ),
    ]


class AlertsReceipt(Struct, rename=tools_name, frozen=True, kw_only=True):
    """The request was taken; the alerts will be behind the `Location` header."""

    request_id: Annotated[str, Meta(description="Id of the request.")]


class AlertRecord(Struct, rename=tools_name, frozen=True, kw_only=True, gc=False):
    """One alert, a possible suspicion of falsification. What is not known is `null`; facts of the pack are of then."""

    alert_date_time: Annotated[Moment, Meta(description="When the alert was raised (UTC).")]
    unique_alert_id: Annotated[str, Meta(description="Alert id, as the answer to the client had it.")]
    error_code: Annotated[str | None, Meta(description="EU Hub code, such as `#A7`.")]
    transaction_id: Annotated[
        str,
        Meta(
            description="Id of the exchange in the system's records; a bulk request has one for all its packs."
        ),
    ]
    error_message: Annotated[str | None, Meta(description="What the operation code stands for, in English.")]
    attempted_operation: Annotated[
        str, Meta(description="`verify`, `supply`, `decommission` or `reactivate`.")
    ]
    organisation_id: Annotated[int | None, Meta(description="Number of the organisation that asked.")]
    client_id: Annotated[str | None, Meta(description="Client id of the client equipment that asked.")]
    user_agent: Annotated[str | None, Meta(description="Its software, as it named itself.")]
    api_version: Annotated[str | None, Meta(description="Version of the interface that it asked for.")]
    manual_entry: Annotated[bool | None, Meta(description="Whether the data was typed by hand.")]
    operation_code: Annotated[str, Meta(description="What the client was answered.")]
    event_message: Annotated[
        str | None,
        Meta(description="The operation code's message, in the language of the request for alerts."),
    ]
    is_intermarket: Annotated[bool, Meta(description="Whether another market had a part in it.")]
    number_of_dispense_attempts: Annotated[
        int, Meta(description="How often supply of the pack had been asked for, this time included.")
    ]
    number_of_decommission_attempts: Annotated[
        int, Meta(description="How often another decommissioning had been asked for, this time included.")
    ]
    product_code_scheme: Annotated[str, Meta(description="Coding scheme as sent.")]
    product_code: Annotated[str, Meta(description="Product code as sent.")]
    product_name: Annotated[str | None, Meta(description="Name of the product.")]
    serial_number: Annotated[str, Meta(description="Serial number as sent.")]
    provided_batch_number: Annotated[str | None, Meta(description="Batch number as sent.")]
    provided_expiry_date: Annotated[str | None, Meta(description="Expiry date as sent.")]
    stored_batch_number: Annotated[str | None, Meta(description="Batch number of the pack as uploaded.")]
    stored_expiry_date: Annotated[str | None, Meta(description="Expiry date of the pack as uploaded.")]
    source_market: Annotated[str, Meta(description="Country of the system that raised the alert.")]
    source_location_id: Annotated[str | None, Meta(description="Number of the location that asked.")]
    requested_pack_target_state: Annotated[
        str | None, Meta(description="State asked for; `null` for a verification.")
    ]
    current_pack_state: Annotated[
        str | None,
        Meta(description="State of the pack when the alert was raised; `null` for an unknown pack."),
    ]
    pack_last_update_location_id: Annotated[
        str | None, Meta(description="Where the pack had last got another state.")
    ]
    pack_last_update_timestamp: Annotated[
        Moment | None,
        Meta(description="When that was (UTC); `null` where nothing had been done to the pack."),
    ]
    pack_last_update_market: Annotated[str | None, Meta(description="In which country that was.")]
    stored_nhrn: Annotated[str | None, Meta(description="National number of the product.")]
    source_business_process: Annotated[str | None, Meta(description="Always `null`: not known.")]
    alert_recency_value: Annotated[
        int, Meta(description="Number of the event in the record: a later alert has a larger one.")
    ]


class AlertsPage(Struct, rename=tools_name, frozen=True, kw_only=True):
    """A page of the alerts of a window, in order of time."""

    data: Annotated[tuple[AlertRecord, ...], Meta(description="The alerts of this page.")]
    pages: Annotated[int, Meta(description="How many pages there are, of the size asked for.", ge=0)]
    is_truncated: Annotated[
        bool,
        Meta(description="There are more alerts than these. Ask for the full data set, or a shorter window."),
    ]
    is_over_limit: Annotated[
        bool,
        Meta(description="There are more than even the full data set may have: only a shorter window helps."),
    ]
