"""What a difference between sent and uploaded data, seen at so many locations, tells the company. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from sinetti.alerts.guidance import READING
from sinetti.alerts.root_cause.words import explain_kept
from sinetti.rules.vocabulary import Cause, Language

NEAR_MISS_DAYS: Final = 90
"""A near miss that has not come up for so many days is not shown any more: a batch is on sale for months."""


class Telling(StrEnum):
    """What a row tells, the most pressing first."""

    PRINT = "print"
    """The same wrong value at several locations: scanners do not err alike, so the print is to be looked at."""
    MANY_PLACES = "many_places"
    """The same kind of difference at several locations: the print of the batch may bring it about."""
    ONE_PLACE = "one_place"
    """A fault of reading or typing at one location."""
    FEW = "few"
    """Too little to tell."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One wrong value of a near miss beside what is stored."""

    difference: dict[str, Any]
    alert_id: str | None
    """One of the alerts that it came with."""
    alerts: int
    locations: int


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """A row: a batch, and one kind of difference. Locations are counted and never named."""

    near_miss_id: int
    product_id: int
    product_code: str
    product_name: str | None
    batch: str
    """The uploaded batch where the analysis has found it, else the one that was sent."""
    cause: Cause
    field: str
    how: str
    places: str
    """What the sentence about the difference has to name, as JSON; never a stored value."""
    alerts: int
    sent_values: int
    locations: int
    same_value_locations: int
    latest_at: datetime


def telling_of(row: NearMiss, locations_enough: int) -> Telling:
    """`locations_enough` is the operator's parameter for rule R16, so that page and analysis say the same."""
    if row.same_value_locations >= locations_enough:
        return Telling.PRINT
    if row.locations >= locations_enough:
        return Telling.MANY_PLACES
    if row.locations == 1 and row.cause in READING:
        return Telling.ONE_PLACE
    return Telling.FEW


def in_words(row: NearMiss, language: Language) -> tuple[str, str]:
    """What the cause is called, and the kind of difference in a sentence."""
    places: Mapping[str, str] = msgspec.json.decode(row.places)
    difference = {"field": row.field, "how": row.how, "values": places}
    explained = explain_kept({"cause": row.cause, "differences": [difference], "evidence": []}, language)
    return explained.name, explained.because[0]
