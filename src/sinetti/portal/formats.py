"""Dates, numbers and names as the language writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from sinetti.rules.vocabulary import Language

_LOCALES = {Language.FI: Locale("fi", "FI"), Language.SV: Locale("sv", "FI"), Language.EN: Locale("en", "GB")}


def formats(language: Language, zone: ZoneInfo) -> Mapping[str, Callable[..., str]]:
    """Filters for templates. Times are shown in the zone of the country."""
    locale = _LOCALES[language]

    def day(value: date | datetime | None) -> str:
        if value is None:
            return "–"
        local = value.astimezone(zone) if isinstance(value, datetime) else value
        return format_date(local, "medium", locale=locale)

    def moment(value: datetime | None) -> str:
        if value is None:
            return "–"
        return format_datetime(value, "medium", tzinfo=zone, locale=locale)

    def number(value: float) -> str:
        return format_decimal(value, locale=locale)

    return {"day": day, "moment": moment, "number": number}
