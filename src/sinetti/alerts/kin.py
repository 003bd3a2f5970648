"""Which case an alert belongs to: what it has in common with its kin. Pure."""

from __future__ import annotations

import msgspec

from sinetti.alerts.model import AlertFile
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Kin
from sinetti.rules.vocabulary import Cause

MANY_PRODUCTS = 0
"""Stands for the product in cases that may hold alerts of several."""


class KinKey(msgspec.Struct, frozen=True, kw_only=True):
    """Names what the alerts of a case have in common."""

    product_id: int
    kin: Kin
    key: str


def kin_of_pack(product_id: int, product_code: str, serial_number: str) -> KinKey:
    """The kin of an alert of which nothing more is known yet: all alerts about the same pack."""
    return KinKey(product_id=product_id, kin=Kin.PACK, key=f"pack {product_code} {serial_number}")


def kin_of(rules: AlertRules, alert: AlertFile, cause: Cause) -> KinKey:
    """The kin of an alert whose likeliest cause is this."""
    kin = rules.kin[cause]
    if kin is Kin.LOCATION and alert.location_id is not None:
        return KinKey(product_id=MANY_PRODUCTS, kin=kin, key=f"location {alert.location_id} {cause}")
    if kin is Kin.BATCH and alert.batch is not None:
        return KinKey(product_id=alert.key.product_id, kin=kin, key=f"batch {alert.batch} {cause}")
    return kin_of_pack(alert.key.product_id, alert.product_code, alert.serial_number)
