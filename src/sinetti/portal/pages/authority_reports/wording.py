"""A report in words: what a person reads for a value, and the lines that stand above a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from sinetti.portal.formats import formats
from sinetti.portal.pages.authority_reports.catalogue import REPORTS
from sinetti.portal.pages.authority_reports.inquiry import Row
from sinetti.portal.words import common_words, fill, page_words
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language, ParameterName

# What of the alert management each column's codes are words of.
_GROUPS: Final = {
    "kind": "kind",
    "class_before": "classification",
    "class_after": "classification",
    "classification": "classification",
    "party": "party",
    "alert_status": "status",
    "closing_reason": "closing_reason",
}
_COMMON: Final = {
    "organisation_kind": "organisation_kind",
    "location_kind": "location_kind",
    "role": "role",
    "state": "state",
}
_OWN: Final = frozenset({"age", "what", "user_state", "standing"})
"""Columns whose codes are words of these pages."""
_COUNTED_PACKS: Final = frozenset({"supplied", "undone"})
NOTHING: Final = "–"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which report, of which days, for which purpose."""

    report: str
    purpose: str
    first: date
    last: date
    contains: str = ""
    """Only rows in which these words are."""


class Wording:
    """Words of one language."""

    def __init__(self, rules: Rules, language: Language, zone: ZoneInfo, actions: Mapping[str, str]) -> None:
        self._rules = rules
        self._language = language
        self._common = common_words(language)
        self._actions = actions
        self.zone = zone
        self.words = page_words("authority_reports", language)
        self.formats = formats(language, zone)

    def heads(self, asked: Asked) -> list[str]:
        """What the columns are called."""
        return [self.words["column"][column] for column in REPORTS[asked.report].columns]

    def row(self, asked: Asked, row: Row) -> list[Any]:
        """What a person reads for a row: text, numbers and times."""
        return [self._value(column, row) for column in REPORTS[asked.report].columns]

    def _value(self, column: str, row: Row) -> Any:  # noqa: ANN401 - a value of a row
        value = row[column]
        if column in _COUNTED_PACKS and value is None and row.get("is_suppressed"):
            most = self._rules.parameters[ParameterName.REPORT_SUPPRESSED_BELOW_PACKS].value
            return fill(self.words["fewer"], most=most)
        if isinstance(value, bool):
            return self._common["yes" if value else "no"]
        if value is None or not isinstance(value, str):
            return value
        return self._word(column, value)

    def _word(self, column: str, code: str) -> str:
        found = code
        if column in _GROUPS:
            found = self._rules.alerts.words[self._language](_GROUPS[column], code)
        elif column in _COMMON:
            found = self._common[_COMMON[column]].get(code, code)
        elif column in _OWN:
            found = self.words["value"][code]
        elif column == "action":
            found = self._actions.get(code, code)
        elif column == "told":
            found = self._told(code)
        elif column == "region":
            found = code or self.words["no_region"]
        return found

    def _told(self, value: str) -> str:
        words = self._rules.alerts.words[self._language]
        pairs = [one.partition(" ") for one in value.split(", ")]
        return ", ".join(f"{words('party', party)} {moment}" for party, _, moment in pairs)

    def shown(self, value: Any) -> str:  # noqa: ANN401 - a value of a row in words
        """A value as text."""
        match value:
            case None:
                return NOTHING
            case datetime():
                return self.formats["moment"](value)
            case date():
                return self.formats["day"](value)
            case int() | float():
                return self.formats["number"](value)
        return str(value)

    def lines(self, asked: Asked, made_at: datetime) -> list[str]:
        """What the report says, of which days, when and for which purpose it was made, and what it leaves out."""
        words, report = self.words, REPORTS[asked.report]
        day, moment, purpose = self.formats["day"], self.formats["moment"], words["purpose"][asked.purpose]
        made = words["made_now"] if report.as_of_now else words["made"]
        lines = [
            words["report_means"][asked.report],
            fill(made, first=day(asked.first), last=day(asked.last), moment=moment(made_at), purpose=purpose),
        ]
        if asked.contains:
            lines.append(fill(words["only_with"], words=asked.contains))
        if report.whole_months:
            most = self._rules.parameters[ParameterName.REPORT_SUPPRESSED_BELOW_PACKS].value
            lines.append(fill(words["suppression"], most=most))
        return lines
