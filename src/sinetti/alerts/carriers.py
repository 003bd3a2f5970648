"""The port through which a request for a trail reaches the operator of another country (docs/adr/0022).

Today people carry it, by protected mail or telephone: the adapter keeps it waiting until somebody says that it went.
The connection to the EU Hub comes later as another carrier, and changes nothing else.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from sinetti.kit.db import Transaction


class RequestToCarry(msgspec.Struct, frozen=True, kw_only=True):
    """What another operator is asked."""

    product_id: int
    request_id: int
    country: str
    text: str
    """All that it is told, made of nothing but the fields that another operator sees."""


class TrailCarrier(Protocol):
    """Carries requests to operators of other countries."""

    name: str
    """Kept with each request."""

    async def carry(self, tx: Transaction, request: RequestToCarry) -> bool:
        """Take a request on in the caller's transaction; whether it is on its way, and nobody has to carry it.

        Nothing goes over a network here: what is on its way was written down for a worker to send.
        """


class ByHand:
    """Somebody carries it. Nothing is on its way until that person says so."""

    name = "by_hand"

    async def carry(self, _tx: Transaction, _request: RequestToCarry) -> bool:
        """It waits."""
        return False


def carrier_for(_country: str) -> TrailCarrier:
    """What carries requests to this country."""
    return ByHand()
