"""The rules of the country, for pages that show what they say. Read once: they change with a restart only."""

from __future__ import annotations

from functools import cache

from sinetti.rules.load import load_rules
from sinetti.rules.types import Rules


@cache
def country_rules(market: str) -> Rules:
    """Rules of this market."""
    return load_rules(market)
