"""The list of alerts as rows of a file: what the party may see, in its language, for REST and for the portal's pages.

Give `heads` and `rows` to `kit.exports.csv_of_chunks` or `xlsx_of_chunks`, which make no cell a formula.
"""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import UNSET

from sinetti.alerts.listing import LISTED, Listed, list_alerts
from sinetti.alerts.model import Doer
from sinetti.alerts.root_cause.words import cause_name
from sinetti.alerts.searching import Search
from sinetti.alerts.view import Named
from sinetti.kit.db import Transaction
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Sight
from sinetti.rules.vocabulary import Language

NAME: Final = "alerts"
"""Of the file, without its ending."""

_GROUPS: Final = frozenset({"kind", "status", "closing_reason", "outcome", "classification"})
"""Fields whose words are a group of the rules' texts."""


class _Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    column: Mapping[str, str]
    operation: Mapping[str, str]
    entry_mode: Mapping[str, str]


def columns(rules: AlertRules, doer: Doer) -> list[str]:
    """Fields that the party sees of at least some alerts, in their order."""
    return [field for field in LISTED if rules.sights[field][doer.party] is not Sight.NO]


def heads(rules: AlertRules, doer: Doer, language: Language) -> list[str]:
    """What the columns are called."""
    words = _texts(language).column
    return [words[field] for field in columns(rules, doer)]


async def rows(
    tx: Transaction,
    rules: AlertRules,
    market: str,
    doer: Doer,
    search: Search,
    now: datetime,
    language: Language,
) -> AsyncIterator[list[list[object]]]:
    """All alerts of the doer that the search finds, some hundred rows at a time."""
    fields = columns(rules, doer)
    after: str | None = None
    while True:
        found = await list_alerts(tx, rules, market, doer, search, now, after=after)
        if found.alerts:
            yield [_row(rules, language, fields, one) for one in found.alerts]
        if found.next is None:
            return
        after = found.next


def _row(rules: AlertRules, language: Language, fields: list[str], one: Listed) -> list[object]:
    return [_cell(rules, language, field, getattr(one.view, field)) for field in fields]


def _cell(rules: AlertRules, language: Language, field: str, value: Any) -> object:  # noqa: ANN401 - any field
    if value is UNSET or value is None:
        return None
    words, texts = rules.words[language], _texts(language)
    told: object = value
    if field in _GROUPS:
        told = words(field, value)
    elif isinstance(value, Named):
        told = value.name
    elif field == "cause":
        told = cause_name(value, language)
    elif field == "investigations":
        sides = (f"{words('side', side)}: {words('investigation', said)}" for side, said in value.items())
        told = "; ".join(sides)
    elif field == "operation":
        told = texts.operation.get(value, value)
    elif field == "entry_mode":
        told = texts.entry_mode.get(value, value)
    return told


@cache
def _texts(language: Language) -> _Texts:
    source = files("sinetti.alerts").joinpath("texts", f"{language}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(source), _Texts)
