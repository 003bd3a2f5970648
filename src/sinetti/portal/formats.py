"""Dates, numbers and names as the language writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from sinetti.gs1.identifiers import is_expiry, last_day
from sinetti.rules.vocabulary import Language

_LOCALES = {Language.FI: Locale("fi", "FI"), Language.SV: Locale("sv", "FI"), Language.EN: Locale("en", "GB")}


_WHOLE_MONTH = "00"
"""A day that means the end of the month (GS1 General Specifications, AI (17))."""


def expiry_text(expiry: str | None, language: Language) -> str:
    """An expiry date YYMMDD as a date: month and year where it has no day, as sent where it is no date."""
    if not expiry:
        return "–"
    if not is_expiry(expiry):
        return expiry
    month_alone = expiry.endswith(_WHOLE_MONTH)
    return format_date(last_day(expiry), "MM/yyyy" if month_alone else "medium", locale=_LOCALES[language])


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

    def expiry(value: str | None) -> str:
        return expiry_text(value, language)

    def expiry_as_sent(value: str | None) -> str:
        """With the characters of the code beside it, for whoever compares them."""
        shown = expiry_text(value, language)
        return shown if not value or shown == value else f"{shown} ({value})"

    return {
        "day": day,
        "moment": moment,
        "number": number,
        "expiry": expiry,
        "expiry_as_sent": expiry_as_sent,
    }
