"""All rules about a changed value together: what may have been meant, and how a stored value became what was sent."""

from __future__ import annotations

from collections.abc import Iterable

from sinetti.alerts.root_cause import (
    barcode_appended,
    case_swap,
    edges,
    expiry_dates,
    keyboard_layout,
    look_alike,
    lost_separator,
    residue,
    typing_error,
)
from sinetti.alerts.root_cause.explained import Explain, Explained, Guesses
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.gs1.identifiers import is_serial_number

_GUESSING: tuple[Guesses, ...] = (
    case_swap.guesses,
    keyboard_layout.guesses,
    lost_separator.guesses,
    barcode_appended.guesses,
    edges.guesses,
    look_alike.guesses,
    residue.guesses,
)
_EXPLAINING: tuple[Explain, ...] = (
    case_swap.explain,
    keyboard_layout.explain,
    lost_separator.explain,
    barcode_appended.explain,
    residue.explain,
    look_alike.explain,
    edges.explain_truncated,
    edges.explain_extra,
    typing_error.explain,
)
_EXPLAINING_DATES: tuple[Explain, ...] = (
    expiry_dates.explain_order,
    expiry_dates.explain_day,
    typing_error.explain,
)


def guessed_serial_numbers(sent: Sent) -> set[str]:
    """Serial numbers that may have been meant, to be looked up: some hundred, never the one that was sent.

    What was sent as the batch is one of them: the two may stand in each other's place.
    """
    value = sent.serial_number
    made: set[str] = {sent.batch} if sent.batch else set()
    for rule in _GUESSING:
        made.update(rule(sent, Field.SERIAL_NUMBER, value))
    made.discard(value)
    return {one for one in made if is_serial_number(one, sent.scheme)}


def explanations(sent: Sent, field: Field, stored: str, value: str) -> list[Explained]:
    """Every way in which the stored value may have become what was sent, in the order of the rules."""
    if stored == value:
        return []
    rules: Iterable[Explain] = _EXPLAINING_DATES if field is Field.EXPIRY else _EXPLAINING
    found = (rule(sent, field, stored, value) for rule in rules)
    return [one for one in found if one is not None]
