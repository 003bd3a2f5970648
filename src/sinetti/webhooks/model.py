"""Endpoints and deliveries as others see them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec


class EndpointState(StrEnum):
    """How an endpoint stands."""

    UNPROVEN = "unproven"
    """Has not taken the test message yet; gets nothing else."""
    IN_USE = "in_use"
    PAUSED = "paused"
    """Nothing is sent until somebody starts it again; what happened meanwhile is sent then."""
    ENDED = "ended"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An address of an organisation that messages are sent to."""

    endpoint_id: UUID
    organisation_id: int
    address: str
    created_at: datetime
    created_by_name: str
    proven_at: datetime | None
    replaces: UUID | None
    """The endpoint that ends when this one has taken its first message."""
    former_until: datetime | None
    """How long the secret from before still signs, too."""
    paused_at: datetime | None
    pause_reason: str | None
    paused_by_name: str | None
    """Who paused it; `None` where the system did."""
    ended_at: datetime | None
    waiting: int
    """Messages that have not arrived yet."""

    @property
    def state(self) -> EndpointState:
        """How it stands."""
        if self.ended_at is not None:
            return EndpointState.ENDED
        if self.paused_at is not None:
            return EndpointState.PAUSED
        return EndpointState.UNPROVEN if self.proven_at is None else EndpointState.IN_USE


class FaultKind(StrEnum):
    """Why an attempt failed, for those who can do something about it."""

    ANSWERED = "answered"
    """The receiver answered, and not with success."""
    SLOW = "slow"
    UNKNOWN_NAME = "unknown_name"
    PRIVATE = "private"
    """The name leads into our own network."""
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"


_FAULTS: Final = (
    ("answered ", FaultKind.ANSWERED),
    ("410 Gone", FaultKind.ANSWERED),
    ("no answer within", FaultKind.SLOW),
    ("is not known", FaultKind.UNKNOWN_NAME),
    ("is not a public address", FaultKind.PRIVATE),
    ("SSL", FaultKind.CERTIFICATE),
)


def fault_kind(fault: str) -> FaultKind:
    """What kind of fault a line of the log tells. Pure."""
    return next((kind for part, kind in _FAULTS if part in fault), FaultKind.UNREACHABLE)


class DeliveryState(StrEnum):
    """What became of a message at an endpoint."""

    WAITING = "waiting"
    ARRIVED = "arrived"
    GIVEN_UP = "given_up"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message that is or was owed to one endpoint."""

    message_id: UUID
    kind: str
    occurred_at: datetime
    alert_id: str | None
    """Of messages about an alert."""
    attempts: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    given_up_at: datetime | None

    @property
    def state(self) -> DeliveryState:
        """How it stands."""
        if self.delivered_at is not None:
            return DeliveryState.ARRIVED
        return DeliveryState.WAITING if self.given_up_at is None else DeliveryState.GIVEN_UP


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, as one organisation hears of it."""

    message_number: int
    message_id: UUID
    kind: str
    occurred_at: datetime
    body: dict[str, object]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the delivery log."""

    attempt_number: int
    message_id: UUID
    kind: str | None
    """`None` where the message has been forgotten since."""
    attempted_at: datetime
    milliseconds: int
    http_status: int | None
    fault: str | None
