"""How endpoints and messages are shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sinetti.portal.words import fill
from sinetti.webhooks.model import DeliveryState, Endpoint, EndpointState, FaultKind, fault_kind

STATE_COLOURS: Final = {
    EndpointState.UNPROVEN.value: "yellow",
    EndpointState.IN_USE.value: "green",
    EndpointState.PAUSED.value: "red",
    EndpointState.ENDED.value: "grey",
}
DELIVERY_COLOURS: Final = {
    DeliveryState.WAITING.value: "yellow",
    DeliveryState.ARRIVED.value: "green",
    DeliveryState.GIVEN_UP.value: "red",
}


def fault_of(words: Mapping[str, Any], http_status: int | None, fault: str | None) -> str | None:
    """Why an attempt failed, and what helps, for whoever runs the receiver; `None` where none did."""
    if fault is None:
        return None
    kind = fault_kind(fault)
    if kind is FaultKind.ANSWERED and http_status is None:
        http_status = _status_in(fault)
    said: str = fill(words["fault"][kind.value], status=http_status or "–")
    return said


def pause_of(words: Mapping[str, Any], endpoint: Endpoint) -> str | None:
    """Who or what paused it; `None` where it is not paused."""
    if endpoint.pause_reason is None:
        return None
    if endpoint.paused_by_name is not None:
        by_name: str = fill(words["paused_by"], name=endpoint.paused_by_name)
        return by_name
    return fault_of(words, None, endpoint.pause_reason)


def _status_in(fault: str) -> int | None:
    number = next((part for part in fault.split() if part.isdigit()), None)
    return None if number is None else int(number)
