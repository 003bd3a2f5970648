"""What time it is, as a value that is passed in, so that tests and rules can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC."""


def system_clock() -> datetime:
    """Present moment by the machine's clock, in UTC."""
    return datetime.now(UTC)
