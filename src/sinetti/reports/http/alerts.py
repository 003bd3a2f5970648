"""The alerts interface: ask for a window, fetch its pages, ask for all of it."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sinetti.contracts.alerts import AlertsReceipt, AlertsRequest
from sinetti.kit.problems import Problem
from sinetti.kit.web import json_response
from sinetti.reports import requests
from sinetti.reports.content import read_pieces
from sinetti.reports.http.sender import JSON, Parts, sent_json, uuid_of
from sinetti.reports.making.alerts import RECORDS_A_PIECE
from sinetti.reports.model import FoundRequest
from sinetti.reports.requests import Sender
from sinetti.rules.vocabulary import Interface

PAGE_SIZE: Final = 1000
"""Where the request says nothing."""
_NUMBER_DIGITS_MAX: Final = 9


def routes(parts: Parts) -> list[Route]:
    """Routes of the alerts interface."""
    alerts = _Alerts(parts)
    return [
        parts.guarded(Interface.ALERTS, "POST", "/alerts", alerts.ask),
        parts.guarded(Interface.ALERTS, "GET", "/alerts/data/{request_id}", alerts.page),
        parts.guarded(Interface.ALERTS, "POST", "/alerts/fulldataset/{request_id}", alerts.ask_full),
    ]


class _Alerts:
    """What each route does, for a caller who may."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ask(self, request: Request, sender: Sender) -> Response:
        """Take a window: 202 with its id, and where its alerts will be."""
        parts, body = self._parts, await sent_json(request, AlertsRequest)
        request_id = await requests.ask_alerts(
            parts.database, parts.rules, sender, body.start_timestamp, body.end_timestamp
        )
        location = parts.address(request, f"/alerts/data/{request_id}")
        return json_response(AlertsReceipt(request_id=str(request_id)), 202, {"Location": location})

    async def page(self, request: Request, sender: Sender) -> Response:
        """A page of the alerts, once they are there."""
        page, page_size = self._asked_page(request)
        request_id = uuid_of(request.path_params["request_id"])
        found = await requests.made_alerts(self._parts.database, sender, request_id)
        return StreamingResponse(self._body(found, page, page_size), media_type=JSON)

    async def ask_full(self, request: Request, sender: Sender) -> Response:
        """Have all alerts of the window put together: 202, and the same address has them later."""
        request_id = uuid_of(request.path_params["request_id"])
        await requests.ask_full(self._parts.database, self._parts.rules, sender, request_id)
        location = self._parts.address(request, f"/alerts/data/{request_id}")
        return json_response(AlertsReceipt(request_id=str(request_id)), 202, {"Location": location})

    def _asked_page(self, request: Request) -> tuple[int, int]:
        most = self._parts.rules.parameters["alerts_page_max"].value
        query = request.query_params
        page, page_size = query.get("page", "1"), query.get("pageSize", str(min(PAGE_SIZE, most)))
        for field, text, limit in (("page", page, None), ("pageSize", page_size, most)):
            is_number = text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS_MAX
            if not is_number or int(text) < 1 or (limit is not None and int(text) > limit):
                raise Problem("page-invalid", 422, field=field, page_size_max=most)
        return int(page), int(page_size)

    async def _body(self, found: FoundRequest, page: int, page_size: int) -> AsyncIterator[bytes]:
        """The page, record by record as they were stored."""
        count = found.row_count or 0
        yield b'{"data":['
        comma = b""
        async for line in self._lines(found, (page - 1) * page_size, min(page * page_size, count)):
            yield comma + line
            comma = b","
        rest = {
            "pages": math.ceil(count / page_size),
            "isTruncated": found.is_truncated,
            "isOverLimit": found.is_over_limit,
        }
        yield b"]," + msgspec.json.encode(rest)[1:]

    async def _lines(self, found: FoundRequest, first: int, end: int) -> AsyncIterator[bytes]:
        """Records from `first` on, before `end`; several to a chunk, with commas between them."""
        if first >= end:
            return
        assert found.finished_attempt is not None, "what has rows is made"
        number = first // RECORDS_A_PIECE
        pieces = read_pieces(self._parts.database, found.request_id, "alerts", found.finished_attempt, number)
        async for piece in pieces:
            at = number * RECORDS_A_PIECE
            lines = piece.split(b"\n")[:-1]
            wanted = lines[max(first - at, 0) : end - at]
            if wanted:
                yield b",".join(wanted)
            number += 1
            if number * RECORDS_A_PIECE >= end:
                return
