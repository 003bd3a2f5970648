"""Times that tools send, and the spans that they make. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sinetti.kit.problems import Problem
from sinetti.reports.model import Window

_MOMENT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MICROSECOND_DIGITS: Final = 6
_DAY_LENGTH: Final = timedelta(days=1)


def read_moment(text: str, field: str) -> tuple[datetime, timedelta]:
    """A moment in UTC, and how long a step its last digit is; without an offset it is UTC, as everything here is.

    Problem: `moment-invalid`, for a time that does not exist as well.
    """
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise Problem("moment-invalid", 422, field=field, value=text[:100])
    whole, digits, offset = match[1], (match[2] or "")[:_MICROSECOND_DIGITS], match[3] or "Z"
    try:
        at = datetime.fromisoformat(f"{whole}.{digits.ljust(_MICROSECOND_DIGITS, '0')}{offset}").astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        raise Problem("moment-invalid", 422, field=field, value=text) from None
    return at, timedelta(microseconds=10 ** (_MICROSECOND_DIGITS - len(digits)))


def read_day(text: str, field: str) -> date:
    """A day. Problem: `moment-invalid`."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Problem("moment-invalid", 422, field=field, value=text[:100])


def window_of(start: tuple[str, str], end: tuple[str, str], *, days_max: int) -> Window:
    """The span from one moment to another, each given by field and value.

    The end belongs to it: `23:59:59Z` is the whole of that second, because tools ask for days in that way.
    Problems: `moment-invalid`, `window-reversed`, `window-too-long`.
    """
    starts_at, _ = read_moment(start[1], start[0])
    last, step = read_moment(end[1], end[0])
    return _bounded(starts_at, last, step, (start[0], end[0]), days_max)


def window_of_days(start: tuple[str, str], end: tuple[str, str], *, days_max: int) -> Window:
    """The span from one day to another in UTC, both belonging to it. Problems as of `window_of`."""
    first, last = _midnight(read_day(start[1], start[0])), _midnight(read_day(end[1], end[0]))
    return _bounded(first, last, _DAY_LENGTH, (start[0], end[0]), days_max)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _bounded(
    starts_at: datetime, last: datetime, step: timedelta, fields: tuple[str, str], days_max: int
) -> Window:
    """The span to the end of the step that the last moment stands for."""
    try:
        ends_at = last + step
    except OverflowError:
        raise Problem("moment-invalid", 422, field=fields[1], value=last.isoformat()) from None
    if ends_at <= starts_at:
        raise Problem("window-reversed", 422, start_field=fields[0], end_field=fields[1])
    # The last second of the last day goes over by one.
    if ends_at - starts_at > timedelta(days=days_max, seconds=1):
        raise Problem("window-too-long", 422, days_max=days_max)
    return Window(starts_at=starts_at, ends_at=ends_at)


def shown_moment(at: datetime | None) -> str:
    """How moments stand in reports and in `eta`: always with milliseconds, which tools' formats demand."""
    if at is None:
        return ""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
