"""What a rule about a changed value says: which cause, how, and how likely the match is by accident."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from sinetti.alerts.root_cause.model import Field, Sent
from sinetti.rules.vocabulary import Cause


class Explained(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a stored value became what was sent."""

    rule: str
    cause: Cause
    how: str
    values: Mapping[str, str] = msgspec.field(default_factory=dict)
    tries: int = 1
    """How many values the rule would have taken for the stored one: what chance has to find one among them."""


Guesses: TypeAlias = Callable[[Sent, Field, str], Iterator[str]]
"""Values that may have been meant, to be looked up one by one; may give some twice, and the value itself."""

Explain: TypeAlias = Callable[[Sent, Field, str, str], Explained | None]
"""(sent, field, stored value, value that was sent): how one became the other, or `None`. They always differ."""
