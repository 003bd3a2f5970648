"""The reporting interface: which reports there are, ask for one, find and fetch it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sinetti.contracts.reports import (
    ReportColumnShape,
    ReportList,
    ReportParameterShape,
    ReportReceipt,
    ReportReference,
    ReportRequest,
    ReportTableShape,
    ReportTypes,
    ReportTypeShape,
)
from sinetti.kit.problems import Problem
from sinetti.kit.web import json_response
from sinetti.reports import requests
from sinetti.reports.content import read_pieces
from sinetti.reports.http.sender import Parts, sent_json, uuid_of
from sinetti.reports.model import FoundRequest, ReportType
from sinetti.reports.requests import Sender
from sinetti.reports.types import REPORT_TYPES
from sinetti.reports.windows import read_day, read_moment, shown_moment
from sinetti.rules.vocabulary import Interface, ServiceAnswer

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK_RETRY_SECONDS: Final = 10
_DAY_CHARACTERS: Final = 10


def routes(parts: Parts) -> list[Route]:
    """Routes of the reporting interface."""
    reports = _Reports(parts)
    return [
        parts.guarded(Interface.REPORTS, method, path, handler)
        for method, path, handler in (
            ("GET", "/report/report-types", reports.all_types),
            ("GET", "/report/report-types/{report_type}", reports.one_type),
            ("POST", "/report/report-request", reports.ask),
            ("GET", "/report/report-requests", reports.ready),
            ("GET", "/report/reports/{report_id}", reports.fetch),
        )
    ]


class _Reports:
    """What each route does, for a caller who may."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def all_types(self, request: Request, sender: Sender) -> Response:  # noqa: ARG002 - as all
        """All report types."""
        return json_response(ReportTypes(report_types=tuple(_shape(one) for one in REPORT_TYPES.values())))

    async def one_type(self, request: Request, sender: Sender) -> Response:  # noqa: ARG002 - as all
        """One report type."""
        known = REPORT_TYPES.get(request.path_params["report_type"])
        if known is None:
            raise Problem("report-type-not-found", 404, known=list(REPORT_TYPES))
        return json_response(_shape(known))

    async def ask(self, request: Request, sender: Sender) -> Response:
        """Take a request: 202 with the time when the report will be ready."""
        parts, body = self._parts, await sent_json(request, ReportRequest)
        asked = await requests.ask_report(
            parts.database,
            parts.rules,
            sender,
            report_type=body.report_type_id or body.report_type_id_plain or "",
            title=body.name,
            requested_by=body.requested_by or body.requested_by_plain,
            parameters=body.parameters or {},
        )
        location = parts.address(request, f"/report/reports/{asked.request_id}")
        return json_response(ReportReceipt(eta=shown_moment(asked.eta)), 202, {"Location": location})

    async def ready(self, request: Request, sender: Sender) -> Response:
        """Reports that are ready, by when they were asked for, type, who asked, and name."""
        parts, query = self._parts, request.query_params
        start = _moment(query.get("fromDate"), "fromDate", is_end=False)
        end = _moment(query.get("toDate"), "toDate", is_end=True)
        if start and end and end < start:
            raise Problem("window-reversed", 422, start_field="fromDate", end_field="toDate")
        found = await requests.list_reports(
            parts.database,
            sender,
            between=(start, end),
            report_type=_searchable(query.get("reportType")),
            requested_by=_searchable(query.get("requestedBy")),
            title=_searchable(query.get("title")),
        )
        code = parts.rules.service_answers[ServiceAnswer.REPORT_LIST]
        answer = ReportList(
            operation_code=code.code,
            information=code.texts[sender.language].message,
            reports=tuple(
                ReportReference(id=str(one), uri=parts.address(request, f"/report/reports/{one}"))
                for one in found
            ),
        )
        return json_response(answer)

    async def fetch(self, request: Request, sender: Sender) -> Response:
        """A report as CSV, or as a workbook where that is asked for; the first to ask has it made."""
        database = self._parts.database
        report_id = uuid_of(request.path_params["report_id"])
        found = await requests.made_report(database, sender, report_id)
        assert found.finished_attempt is not None, "what is made has an attempt"
        if _wants_workbook(request):
            if found.workbook_finished_at is None:
                await requests.ask_workbook(database, found, sender.at)
                seconds = WORKBOOK_RETRY_SECONDS
                raise Problem("report-workbook-not-ready", 409, headers={"Retry-After": str(seconds)})
            pieces = read_pieces(database, found.request_id, "xlsx", found.finished_attempt)
            return StreamingResponse(pieces, headers=_file(found, "xlsx"), media_type=XLSX)
        pieces = read_pieces(database, found.request_id, "csv", found.finished_attempt)
        return StreamingResponse(pieces, headers=_file(found, "csv"), media_type=f"{CSV}; charset=utf-8")


def _wants_workbook(request: Request) -> bool:
    """Whether a workbook is named among what is accepted, and CSV is not."""
    accepted = [
        part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")
    ]
    return XLSX in accepted and CSV not in accepted


def _file(found: FoundRequest, ending: str) -> dict[str, str]:
    name = f"{found.report_type}-{found.requested_at:%Y%m%dT%H%M%SZ}.{ending}"
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _moment(text: str | None, field: str, *, is_end: bool) -> datetime | None:
    """A moment or a day of the query; as an end, the moment after it."""
    if text is None:
        return None
    # A plus sign that was not encoded arrives as a space.
    if len(text) == _DAY_CHARACTERS:
        day = read_day(text, field).isoformat()
        text = f"{day}T23:59:59Z" if is_end else f"{day}T00:00:00Z"
    at, step = read_moment(text.replace(" ", "+"), field)
    try:
        return at + step if is_end else at
    except OverflowError:
        raise Problem("moment-invalid", 422, field=field, value=text[:100]) from None


def _searchable(text: str | None) -> str | None:
    """PostgreSQL's text has no NUL; what has one was never stored."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}") if text else None


def _shape(report_type: ReportType) -> ReportTypeShape:
    return ReportTypeShape(
        id=report_type.report_type,
        name=report_type.name,
        description=report_type.description,
        is_daily=report_type.is_daily,
        parameters=tuple(
            ReportParameterShape(name=one.name, type=one.kind.value, required=one.is_required)
            for one in report_type.parameters
        ),
        tables=tuple(
            ReportTableShape(
                name=table.name,
                columns=tuple(
                    ReportColumnShape(name=one.name, type=one.kind.value, is_known=one.is_known)
                    for one in table.columns
                ),
            )
            for table in report_type.tables
        ),
    )
