"""The list of alerts as rows of a file: what the party may see, in its language, for REST and for the portal's pages.

Give `heads` and `rows` to `kit.exports.csv_of_chunks` or `xlsx_of_chunks`, which make no cell a formula.
"""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import UNSET

from sinetti.alerts.listing import EXPORTED_AT_ONCE, LISTED, list_alerts
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
    told = [(field, _teller(rules, language, field)) for field in columns(rules, doer)]
    after: str | None = None
    while True:
        found = await list_alerts(tx, rules, market, doer, search, now, after=after, at_most=EXPORTED_AT_ONCE)
        if found.alerts:
            yield [[tell(getattr(one.view, field)) for field, tell in told] for one in found.alerts]
        if found.next is None:
            return
        after = found.next


def _teller(rules: AlertRules, language: Language, field: str) -> Callable[[Any], object]:
    """What a cell says for a value of the field: found once for each code, and not for each of a million cells."""
    words, texts = rules.words[language], _texts(language)
    if field in _GROUPS:
        return _Codes(lambda code: words(field, code))
    if field == "cause":
        return _Codes(lambda cause: cause_name(cause, language))
    if field == "operation":
        return _Codes(lambda operation: texts.operation.get(operation, operation))
    if field == "entry_mode":
        return _Codes(lambda mode: texts.entry_mode.get(mode, mode))
    if field == "investigations":

        def said_by(sides: Any) -> object:  # noqa: ANN401 - what of each side is known
            if not isinstance(sides, Mapping):
                return None
            return "; ".join(
                f"{words('side', side)}: {words('investigation', said)}" for side, said in sides.items()
            )

        return said_by
    return _plain


def _plain(value: Any) -> object:  # noqa: ANN401 - any field
    if value is UNSET:
        return None
    return value.name if isinstance(value, Named) else value


class _Codes(dict[Any, object]):
    """Words by code, each asked for once."""

    def __init__(self, words: Callable[[Any], object]) -> None:
        super().__init__({None: None, UNSET: None})
        self._words = words

    def __call__(self, code: Any) -> object:  # noqa: ANN401 - any code
        """The words of a code."""
        return self[code]

    def __missing__(self, code: Any) -> object:  # noqa: ANN401 - any code
        self[code] = self._words(code)
        return self[code]


@cache
def _texts(language: Language) -> _Texts:
    source = files("sinetti.alerts").joinpath("texts", f"{language}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(source), _Texts)
