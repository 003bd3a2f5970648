"""R05: characters are missing at the beginning or the end of a value, or stand there in excess."""

from __future__ import annotations

from collections.abc import Iterator

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.rules.vocabulary import Cause

RULE = "R05"
LEFT_MIN = 4
"""So much of a value must be left at least: less is part of too many."""


def guesses(_: Sent, __: Field, value: str) -> Iterator[str]:
    """The value without its end, and without its beginning. What is missing cannot be guessed."""
    for length in range(LEFT_MIN, len(value)):
        yield value[:length]
        yield value[-length:]


def explain_truncated(_: Sent, __: Field, stored: str, value: str) -> Explained | None:
    """A part of the stored value."""
    if len(value) < min(LEFT_MIN, len(stored) - 1) or len(value) >= len(stored) or value not in stored:
        return None
    if stored.startswith(value):
        how = "missing_at_end"
    elif stored.endswith(value):
        how = "missing_at_start"
    else:
        how = "missing_at_both"
    return Explained(rule=RULE, cause=Cause.TRUNCATED, how=how, tries=len(stored) - len(value) + 1)


def explain_extra(_: Sent, __: Field, stored: str, value: str) -> Explained | None:
    """The stored value with more before or after it, or with one character doubled, as by a key that bounces."""
    if _is_doubled(stored, value):
        return Explained(rule=RULE, cause=Cause.EXTRA_CHARACTERS, how="one_doubled", tries=len(value))
    if len(stored) < min(LEFT_MIN, len(value) - 1) or len(stored) >= len(value) or stored not in value:
        return None
    if value.startswith(stored):
        how = "more_at_end"
    elif value.endswith(stored):
        how = "more_at_start"
    else:
        how = "more_at_both"
    return Explained(rule=RULE, cause=Cause.EXTRA_CHARACTERS, how=how, tries=2 * len(value))


def _is_doubled(stored: str, value: str) -> bool:
    """Whether the value is the stored one with one character twice, not at its end, where anything may stand."""
    if len(value) != len(stored) + 1 or len(stored) < LEFT_MIN:
        return False
    place = next((at for at, sign in enumerate(stored) if sign != value[at]), len(stored))
    return place > 0 and value[place] == value[place - 1] and value[place + 1 :] == stored[place:]
