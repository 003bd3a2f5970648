"""What a report is made of and what is known of a request for one: values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

ALERTS = "alerts"
"""Stands as the report type of a window of the alerts interface."""


class ValueKind(StrEnum):
    """What the cells of a column, or the value of a parameter, are."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"
    YES_NO = "yes_no"


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a report, named as tools expect it."""

    name: str
    kind: ValueKind = ValueKind.TEXT
    is_known: bool = True
    """`False` where Sinetti knows nothing of it: the column is there for the tools, and always empty."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table of a report."""

    name: str
    columns: tuple[Column, ...]


class ReportParameter(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a request for a report may say."""

    name: str
    kind: ValueKind
    is_required: bool = True


class ReportType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of report."""

    report_type: str
    """Its id, as tools write it."""
    name: str
    description: str
    tables: tuple[Table, ...]
    parameters: tuple[ReportParameter, ...] = ()
    is_daily: bool = False
    """Made by the system itself each day, and only to be fetched."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A span of time: from its start on, and before its end."""

    starts_at: datetime
    ends_at: datetime


class NewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is taken."""

    request_id: UUID
    report_type: str
    title: str | None
    requested_by: str | None
    parameters: Mapping[str, str]
    window: Window | None
    language: str
    equipment_id: int | None
    """Whose it is; `None` for a snapshot, which is everybody's who may call the interface."""
    organisation_id: int | None
    snapshot_day: date | None
    source_address: str | None
    requested_at: datetime


class FoundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it stands."""

    request_id: UUID
    report_type: str
    title: str | None
    requested_by: str | None
    parameters: dict[str, Any]
    starts_at: datetime | None
    ends_at: datetime | None
    language: str
    snapshot_day: date | None
    requested_at: datetime
    eta: datetime
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    given_up_at: datetime | None
    finished_attempt: int | None
    row_count: int | None
    is_truncated: bool
    is_over_limit: bool
    full_asked_at: datetime | None
    workbook_asked_at: datetime | None
    workbook_finished_at: datetime | None
    expires_at: datetime

    @property
    def window(self) -> Window:
        """The span of time that it is about."""
        assert self.starts_at is not None, f"{self.report_type} has no window"
        assert self.ends_at is not None, f"{self.report_type} has no window"
        return Window(starts_at=self.starts_at, ends_at=self.ends_at)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the making."""

    row_count: int
    events_read: int
    is_truncated: bool = False
    is_over_limit: bool = False
