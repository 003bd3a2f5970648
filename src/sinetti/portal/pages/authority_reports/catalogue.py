"""The reports that there are: what each says in which columns, and how much there is to read for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from sinetti.portal.pages.authority_reports import from_record, registers
from sinetti.portal.pages.authority_reports.inquiry import Inquiry, Row


class Reads(StrEnum):
    """Where a report comes from, which tells how long it takes."""

    REGISTERS = "registers"
    ALERTS = "alerts"
    RECORD = "record"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report. Its name, article and meaning are texts under its key."""

    columns: tuple[str, ...]
    reads: Reads
    compile: Callable[[Inquiry], Awaitable[list[Row]]]
    as_of_now: bool = False
    """Whether it tells how things stand, whatever the days."""
    whole_months: bool = False
    """Whether it counts only months that are over."""


_PLACE: Final = ("organisation", "organisation_kind", "location", "city")

REPORTS: Final[Mapping[str, Report]] = MappingProxyType(
    {
        "falsifications": Report(
            columns=(
                "classified_at", "reference", "class_before", "class_after", "party", "person", "comment", "product",
                "product_code", "batch", "serial_number", "location", "company", "alert_status", "closing_reason",
                "told",
            ),
            reads=Reads.REGISTERS,
            compile=registers.falsifications,
        ),
        "alerts": Report(
            columns=(
                "kind", "operation_code", "market", "company", "organisation_kind", "location_kind", "alert_status",
                "closing_reason", "classification", "age", "alerts", "late_alerts", "first_at", "last_at",
            ),
            reads=Reads.ALERTS,
            compile=registers.alerts,
        ),
        "locations": Report(
            columns=(
                *_PLACE, "state", "equipment", "last_used_at", "operations", "last_operation_at", "is_silent",
                "supplied", "alerts", "open_alerts", "alerts_per_thousand",
            ),
            reads=Reads.RECORD,
            compile=from_record.locations,
        ),
        "companies": Report(
            columns=(
                "company", "products", "batches", "packs", "late_batches", "latest_hours", "missing_batches",
                "late_packs", "operations", "alerts", "alerts_per_thousand", "a2", "a2_per_thousand", "a3",
                "a3_per_thousand", "a68", "a52", "recalls", "withdrawals",
            ),
            reads=Reads.RECORD,
            compile=from_record.companies,
        ),
        "wholesalers": Report(
            columns=(
                "organisation", "location", "city", "verified", *from_record.CHANGES.values(), "not_done", "alerts",
                "open_alerts",
            ),
            reads=Reads.RECORD,
            compile=from_record.wholesalers,
        ),
        "undo": Report(
            columns=(*_PLACE, "undone", "too_late", "elsewhere", "otherwise"),
            reads=Reads.RECORD,
            compile=from_record.undo,
        ),
        "taken_back": Report(
            columns=(
                "what", "since", "company", "product", "product_code", "batch", "reason", "packs", "verified",
                "other_attempts", "locations", "last_at",
            ),
            reads=Reads.RECORD,
            compile=from_record.taken_back,
        ),
        "supplied": Report(
            columns=(
                "month", "product_code", "product", "company", "region", "supplied", "undone", "is_suppressed",
            ),
            reads=Reads.RECORD,
            compile=from_record.supplied,
            whole_months=True,
        ),
        "non_fmd": Report(
            columns=(
                "product_code", "product", "batch", "added_at", "added_by", "risk_note", "removed_at", "removed_by",
                "removal_reason",
            ),
            reads=Reads.REGISTERS,
            compile=registers.non_fmd,
        ),
        "people": Report(
            columns=(
                "person", "role", "organisation", "organisation_kind", "locations", "user_state", "second_factor",
                "created_at", "last_signed_in_at", "locked_at", "lock_reason",
            ),
            reads=Reads.REGISTERS,
            compile=registers.people,
            as_of_now=True,
        ),
        "access_changes": Report(
            columns=("changed_at", "action", "about", "person", "role", "reason"),
            reads=Reads.REGISTERS,
            compile=registers.access_changes,
        ),
        "legitimacy": Report(
            columns=(
                "organisation", "organisation_kind", "location", "standing", "due_on", "checked_on", "checked_by",
                "method", "document_reference",
            ),
            reads=Reads.REGISTERS,
            compile=registers.legitimacy,
            as_of_now=True,
        ),
        "trail_access": Report(
            columns=("read_at", "person", "role", "pack", "ground"),
            reads=Reads.REGISTERS,
            compile=registers.trail_access,
        ),
    }
)  # fmt: skip
