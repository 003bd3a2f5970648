"""What a client can do, as flows that either client carries out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import httpx

from sinetti.contracts.cases import AlertSeen, AlertsSeen, MessagesSeen
from sinetti.contracts.uploads import BatchHead, UploadReceipt
from sinetti.rules.vocabulary import PackState
from sinetti.sdk import alerts, calls
from sinetti.sdk.answers import Answer, BulkTicket, PackOutcome, Reader
from sinetti.sdk.exchange import Call, Flow, Patience, Pause, exchange, retry_after_seconds
from sinetti.sdk.pack import Pack

T = TypeVar("T")

POLL_SECONDS = 2.0
"""Wait between two looks at a result that is not ready, where the system names no time."""


class Flows:
    """All operations of a client, each a flow."""

    def __init__(self, reader: Reader, patience: Patience) -> None:
        self._reader = reader
        self._patience = patience

    def verify(self, pack: Pack) -> Flow[Answer]:
        """Ask what the system knows of a pack."""
        return self._read(calls.verify_call(pack), self._reader.pack)

    def change(self, pack: Pack, state: PackState, idempotency_key: str | None) -> Flow[Answer]:
        """Ask for a new state of a pack."""
        call = calls.change_call(pack, state, idempotency_key or calls.new_idempotency_key())
        return self._read(call, self._reader.pack)

    def submit_bulk(
        self, packs: Sequence[Pack], state: PackState | None, idempotency_key: str | None
    ) -> Flow[BulkTicket]:
        """Send many packs for one state."""
        call = calls.bulk_call(packs, state, idempotency_key or calls.new_idempotency_key())
        return self._read(call, lambda response: self._reader.ticket(response, is_recovery=False))

    def submit_recovery(
        self, changes: Sequence[tuple[Pack, PackState]], idempotency_key: str | None
    ) -> Flow[BulkTicket]:
        """Send what was done during an outage."""
        call = calls.recovery_call(changes, idempotency_key or calls.new_idempotency_key())
        return self._read(call, lambda response: self._reader.ticket(response, is_recovery=True))

    def wait_for(self, ticket: BulkTicket, timeout_seconds: float) -> Flow[list[PackOutcome]]:
        """Wait until the outcome is there, then fetch it. `RefusedError` (not ready) when time runs out."""
        left = timeout_seconds
        until_eta = 0.0 if ticket.eta is None else (ticket.eta - datetime.now(UTC)).total_seconds()
        wait = min(max(until_eta, 0.0), left)
        while True:
            if wait > 0:
                yield Pause(wait)
                left -= wait
            response = yield from exchange(calls.result_call(ticket.location), self._patience)
            if response.status_code != httpx.codes.CONFLICT or left <= 0:
                return self._reader.outcomes(response, is_recovery=ticket.is_recovery)
            wait = min(max(retry_after_seconds(response) or POLL_SECONDS, 0.1), left)

    def upload(self, upload: calls.Upload) -> Flow[UploadReceipt]:
        """Send data of products or packs."""
        return self._read(calls.upload_call(upload), self._reader.receipt)

    def upload_batch_lines(self, head: BatchHead, serial_numbers: Iterable[str]) -> Flow[UploadReceipt]:
        """Send a large batch as lines."""
        return self._read(calls.upload_lines_call(head, serial_numbers), self._reader.receipt)

    def list_alerts(self, after: str | None, limit: int, filters: Mapping[str, str]) -> Flow[AlertsSeen]:
        """Ask for a page of alerts."""
        return self._shape(alerts.list_call(after, limit, filters), AlertsSeen)

    def read_alert(self, alert_id: str) -> Flow[AlertSeen]:
        """Ask for one alert."""
        return self._shape(alerts.read_call(alert_id), AlertSeen)

    def act(self, alert_id: str, order: alerts.AlertOrder, idempotency_key: str | None) -> Flow[AlertSeen]:
        """Say or do something about an alert."""
        call = alerts.order_call(alert_id, order, idempotency_key or calls.new_idempotency_key())
        return self._shape(call, AlertSeen)

    def add_photo(self, alert_id: str, content: bytes, media_type: str) -> Flow[AlertSeen]:
        """Add a photo to an alert."""
        return self._shape(alerts.photo_call(alert_id, content, media_type), AlertSeen)

    def messages(self, after: str, limit: int) -> Flow[MessagesSeen]:
        """Ask what happened after a message."""
        return self._shape(alerts.messages_call(after, limit), MessagesSeen)

    def _shape(self, call: Call, shape: type[T]) -> Flow[T]:
        return self._read(call, lambda response: self._reader.shape(response, shape))

    def _read(self, call: Call, read: Callable[[httpx.Response], T]) -> Flow[T]:
        return read((yield from exchange(call, self._patience)))
