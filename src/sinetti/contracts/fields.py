"""Fields that several shapes share: their description, an example and the form a client should send.

The patterns are documentation, not gates: what arrives is kept as it came, and the rules judge it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from sinetti.rules.vocabulary import BatchState, Operation, PackState, Scheme

WIRE_STATES = tuple(state.value for state in PackState if state is not PackState.INACTIVE)
"""States that the wire has a word for (facts of another market's pack may have none)."""

REQUESTABLE_STATES = tuple(state for state in WIRE_STATES if state != PackState.CHECKED_OUT)
"""States that a client may ask for: `Active` reactivates, `Supplied` supplies, the others decommission."""

BATCH_STATES = tuple(state.value for state in BatchState)

TRANSITION_TYPES = tuple(
    name for name in (_state.name for _state in PackState) if name not in ("CHECKED_OUT", "INACTIVE")
)
"""How recovery requests name the state asked for, as seen in client code: `SUPPLIED`, `FREE_SAMPLE` …"""

OPERATIONS = tuple(operation.value for operation in Operation)

OperationCodeText = Annotated[
    str,
    Meta(
        description="What came of it, as eight digits in a string. Look it up; never take it apart.",
        extra_json_schema={"pattern": "^[0-9]{8}$"},
    ),
]

ProductCodeScheme = Annotated[
    str,
    Meta(
        description="Coding scheme of the product code: `gs1` for a GTIN, `ifa` for a PPN.",
        examples=[Scheme.GS1.value],
        extra_json_schema={"enum": [scheme.value for scheme in Scheme]},
    ),
]

ProductCode = Annotated[
    str,
    Meta(
        description="Product code: a GTIN of 14 digits (shorter ones are padded with zeros), or a PPN.",
        examples=["06412345678907"],
    ),
]

SerialNumber = Annotated[
    str,
    Meta(
        description="Serial number as printed: 1 to 20 characters of GS1 character set 82. Case counts.",
        examples=["7K2/9aQ-0001"],
    ),
]

BatchId = Annotated[
    str,
    Meta(description="Batch number as printed: 1 to 20 characters. Case counts.", examples=["LOT-42/A"]),
]

ExpiryDate = Annotated[
    str,
    Meta(
        description="Expiry date YYMMDD as printed. Day 00 means the whole month and stays 00.",
        examples=["291200"],
        extra_json_schema={"pattern": "^[0-9]{6}$"},
    ),
]

PackStateText = Annotated[
    str,
    Meta(
        description="State of the pack after the operation.",
        examples=[PackState.SUPPLIED.value],
        extra_json_schema={"enum": list(WIRE_STATES)},
    ),
]

RequestedState = Annotated[
    str,
    Meta(
        description="State asked for: `Active` reactivates, `Supplied` supplies, every other decommissions.",
        examples=[PackState.SUPPLIED.value],
        extra_json_schema={"enum": list(REQUESTABLE_STATES)},
    ),
]

Moment = Annotated[datetime, Meta(tz=True)]
"""A moment in UTC; written with a final Z."""
