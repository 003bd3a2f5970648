"""R10: a sign that the scanner or the software sends for itself was left in the value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.rules.vocabulary import Cause

RULE = "R10"


@cache
def _residues() -> tuple[dict[Field, tuple[str, ...]], tuple[str, ...]]:
    """Signs before a value, by field, and after it; the longest first."""
    table = tomllib.loads((resources.files(__package__) / "tables" / "residues.toml").read_text("utf-8"))
    before = {
        field: tuple(
            sorted({*table["before"].get(field, ()), *table["before"]["both"]}, key=len, reverse=True)
        )
        for field in (Field.SERIAL_NUMBER, Field.BATCH)
    }
    return before, tuple(sorted(table["after"]["both"], key=len, reverse=True))


def guesses(_: Sent, field: Field, value: str) -> Iterator[str]:
    """The value without a known sign before it, after it, or on both sides."""
    before, after = _residues()
    without_start = [value.removeprefix(sign) for sign in before.get(field, ()) if value.startswith(sign)]
    for start in (value, *without_start):
        yield start
        for sign in after:
            if start.endswith(sign):
                yield start.removesuffix(sign)


def explain(sent: Sent, field: Field, stored: str, value: str) -> Explained | None:
    """The stored value with a known sign before or after it."""
    if stored == value or len(stored) >= len(value) or stored not in guesses(sent, field, value):
        return None
    how = "residue_after" if value.startswith(stored) else "residue_before"
    return Explained(rule=RULE, cause=Cause.RESIDUE_CHARACTERS, how=how, tries=len(value))
