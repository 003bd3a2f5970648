"""R02: the scanner types for another keyboard layout than the computer has. All pairs of layouts, from data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.gs1.charset import SET_82
from sinetti.gs1.keyboards import layout_changes
from sinetti.rules.vocabulary import Cause

RULE = "R02"
_NOTHING = 0xFF


@cache
def _tables() -> tuple[tuple[bytes, bytes, tuple[str, str]], ...]:
    """For each way in which layouts differ: what arrives, what was meant, and the likeliest pair of layouts.

    As tables of bytes, which translate ten times as fast as dictionaries, and only within set 82: a value with any
    other character is refused before anything is looked up. Many pairs then do the same; the first is kept.
    """
    letters = frozenset(map(ord, SET_82))
    found: dict[bytes, tuple[bytes, bytes, tuple[str, str]]] = {}
    for change in layout_changes():
        arrives, meant = bytearray(range(256)), bytearray(range(256))
        for here, there in change.arrives.items():
            arrives[here] = there if there in letters else _NOTHING
        came = frozenset(change.arrives.values())
        for here in letters:
            if here in change.arrives and here not in came:
                meant[here] = _NOTHING
        for there, here in change.meant.items():
            if there in letters:
                meant[there] = here
        found.setdefault(bytes(arrives), (bytes(arrives), bytes(meant), change.pairs[0]))
    return tuple(found.values())


def guesses(_: Sent, __: Field, value: str) -> Iterator[str]:
    """What each pair of layouts would have made of which value, with and without Caps Lock."""
    arrived = value.encode("ascii", "replace")
    meant = {arrived.translate(back) for _, back, _ in _tables()} - {arrived}
    for one in meant:
        if _NOTHING not in one:
            text = one.decode("ascii")
            yield text
            yield text.swapcase()


def explain(_: Sent, __: Field, stored: str, value: str) -> Explained | None:
    """The first pair of layouts that makes the stored value into what was sent, with Caps Lock where need be."""
    if len(stored) != len(value):
        return None
    arrived = value.encode("ascii", "replace")
    for text, how in ((stored, "layout"), (stored.swapcase(), "layout_and_case")):
        meant = text.encode("ascii", "replace")
        for there, _back, (scanner, computer) in _tables():
            if meant.translate(there) == arrived != meant:
                values = {"scanner": scanner, "computer": computer}
                tries = 2 * len(_tables())
                return Explained(rule=RULE, cause=Cause.KEYBOARD_LAYOUT, how=how, values=values, tries=tries)
    return None
