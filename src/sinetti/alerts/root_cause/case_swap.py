"""R01: upper and lower case are exchanged, by Caps Lock, by the scanner's settings or by software."""

from __future__ import annotations

from collections.abc import Iterator

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.rules.vocabulary import Cause

RULE = "R01"


def guesses(_: Sent, __: Field, value: str) -> Iterator[str]:
    """The value in the other case, and in one case."""
    yield value.swapcase()
    yield value.upper()
    yield value.lower()


def explain(_: Sent, __: Field, stored: str, value: str) -> Explained | None:
    """All letters exchanged, all made one case, or only some of another case."""
    if stored.casefold() != value.casefold():
        return None
    letters = sum(map(str.isalpha, value))
    if stored.swapcase() == value:
        how, tries = "all_swapped", 1
    elif value == stored.upper():
        how, tries = "all_upper", 2 ** min(letters, 10)
    elif value == stored.lower():
        how, tries = "all_lower", 2 ** min(letters, 10)
    else:
        how, tries = "some_swapped", 2 ** min(letters, 10)
    return Explained(rule=RULE, cause=Cause.CASE_SWAP, how=how, tries=tries)
