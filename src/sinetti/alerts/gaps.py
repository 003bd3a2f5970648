"""Gaps in what a company uploaded, as the alerts of its products show them, and the steps that close one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

GAP_DAYS: Final = 365
"""A gap stays until it is closed; what has not come up for a year is about packs that are hardly on sale any more."""


class Gap(StrEnum):
    """What is wrong with the upload of a batch, the most pressing first."""

    NOT_UPLOADED = "not_uploaded"
    """Nothing was uploaded of the batch (NMVO-0048 v5.0 §6.3)."""
    PARTLY = "partly"
    """Serial numbers of the batch are missing (§6.2)."""
    EXPIRY = "expiry"
    """It was uploaded with another expiry date than is printed (§6.5)."""
    BATCH_NAME = "batch_name"
    """Its packs were uploaded into another batch than is printed (§6.4)."""
    LATE = "late"
    """The data came after the packs were on sale."""


class ListedGap(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of gap of one batch. Locations are counted and never named."""

    product_code: str
    product_name: str | None
    batch: str
    """As it was sent."""
    gap: Gap
    alerts: int
    open_alerts: int
    packs: int
    locations: int
    first_at: datetime


class BatchGap(ListedGap, frozen=True, kw_only=True):
    """The same, with what came up and what is stored."""

    in_analysis: int
    """Alerts that wait to be analysed again."""
    analysed_at: datetime | None
    sent_expiries: list[str] | None
    stored_expiry: str | None
    """`None` where the batch is not stored."""
    stored_packs: int | None
    uploaded_at: datetime | None


class SentSerial(msgspec.Struct, frozen=True, kw_only=True):
    """A serial number that came up without having been uploaded."""

    scheme: str
    product_code: str
    batch: str
    expiry: str | None
    serial_number: str
    first_at: datetime
    alerts: int
    is_uploaded: bool
    """Whether it has been uploaded since."""
    in_all: int
    """How many there are of the batch."""
    missing: int
    """And how many of them have not been uploaded."""


_UPLOADS = (Gap.NOT_UPLOADED, Gap.PARTLY)
_CORRECTED = (Gap.EXPIRY, Gap.BATCH_NAME)


def steps_for(gaps: Sequence[Gap]) -> list[str]:
    """Keys of what to do about a batch with these gaps, in order: texts `[step]`."""
    steps = ["records"]
    if any(gap in _UPLOADS for gap in gaps):
        steps += ["compare", *(gap.value for gap in _UPLOADS if gap in gaps)]
    steps += [gap.value for gap in _CORRECTED if gap in gaps]
    if Gap.LATE in gaps:
        steps.append("late")
    return [*steps, "hold", "again", "answer"]
