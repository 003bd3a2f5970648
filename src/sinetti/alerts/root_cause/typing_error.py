"""R05, second part: one or two characters differ, and no other stored value is as near."""

from __future__ import annotations

from rapidfuzz.distance import OSA

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.gs1.charset import DIGIT, LOWER_CASE, OTHER, UPPER_CASE, character_classes
from sinetti.rules.vocabulary import Cause

RULE = "R05"
DISTANCE_MAX = 2
_LENGTH_MIN = 4
_SIZES = {DIGIT: 10, UPPER_CASE: 26, LOWER_CASE: 26, OTHER: 20}


def explain(_: Sent, field: Field, stored: str, value: str) -> Explained | None:
    """One or two characters replaced, left out, put in, or exchanged with their neighbour."""
    longest = max(len(stored), len(value))
    distance_max = DISTANCE_MAX if longest > 2 * _LENGTH_MIN or field is Field.EXPIRY else 1
    distance = OSA.distance(stored, value, score_cutoff=distance_max)
    if distance > distance_max or longest < _LENGTH_MIN:
        return None
    return Explained(
        rule=RULE,
        cause=Cause.TYPING_ERROR,
        how=_how(stored, value, distance),
        tries=variants(stored, distance),
    )


def _how(stored: str, value: str, distance: int) -> str:
    if distance > 1:
        return "two_differ"
    if len(value) < len(stored):
        return "one_missing"
    if len(value) > len(stored):
        return "one_more"
    return "one_replaced" if sum(map(str.__ne__, stored, value)) == 1 else "neighbours_exchanged"


def alphabet_size(value: str) -> int:
    """How many characters a value of these kinds may be made of."""
    classes = character_classes(value)
    return sum(size for kind, size in _SIZES.items() if classes & kind) or 1


def variants(value: str, distance: int) -> int:
    """About how many other values are so near."""
    size, length = alphabet_size(value), len(value)
    one = length * (size - 1) + (length + 1) * size + 2 * length
    return one if distance <= 1 else one * one // 2
