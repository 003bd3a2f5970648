"""The client for programs that do many things at once (asyncio)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self, TypeVar

import httpx

from sinetti.contracts.cases import AlertSeen, AlertsSeen, MessagesSeen
from sinetti.contracts.uploads import BatchHead, UploadReceipt
from sinetti.rules.load import load_rules
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language, PackState
from sinetti.sdk.alerts import AlertOrder
from sinetti.sdk.answers import Answer, BulkTicket, PackOutcome, Reader
from sinetti.sdk.calls import Upload
from sinetti.sdk.connection import client_options
from sinetti.sdk.exchange import HAPPENED, Flow, Patience, Pause, Result
from sinetti.sdk.flows import Flows
from sinetti.sdk.pack import Pack

T = TypeVar("T")


class AsyncSinetti:
    """As `Sinetti`, for asyncio. Close it, or use it with `async with`; it may be shared between tasks."""

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        language: str = "fi",
        *,
        rules: Rules | None = None,
        patience: Patience | None = None,
        timeout_seconds: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        codes = (rules or load_rules()).codes
        self._flows = Flows(Reader(codes, Language(language)), patience or Patience())
        self._http = httpx.AsyncClient(
            transport=transport,
            **client_options(base_url, client_id, client_secret, language, timeout_seconds),
        )

    async def verify(self, pack: Pack) -> Answer:
        """What the system knows of the pack."""
        return await self._run(self._flows.verify(pack))

    async def supply(self, pack: Pack, *, idempotency_key: str | None = None) -> Answer:
        """Decommission the pack because it is handed to the public (Delegated Regulation art. 25)."""
        return await self._run(self._flows.change(pack, PackState.SUPPLIED, idempotency_key))

    async def decommission(
        self, pack: Pack, state: PackState, *, idempotency_key: str | None = None
    ) -> Answer:
        """Decommission the pack for another reason: `DESTROYED`, `SAMPLE`, `EXPORTED` and so on."""
        return await self._run(self._flows.change(pack, state, idempotency_key))

    async def reactivate(self, pack: Pack, *, idempotency_key: str | None = None) -> Answer:
        """Undo: make the pack active again (Delegated Regulation art. 13)."""
        return await self._run(self._flows.change(pack, PackState.ACTIVE, idempotency_key))

    async def submit_bulk(
        self, packs: Sequence[Pack], state: PackState | None, *, idempotency_key: str | None = None
    ) -> BulkTicket:
        """Send many packs for one state (none: verify); `wait_for` fetches the outcome."""
        return await self._run(self._flows.submit_bulk(packs, state, idempotency_key))

    async def submit_recovery(
        self, changes: Sequence[tuple[Pack, PackState]], *, idempotency_key: str | None = None
    ) -> BulkTicket:
        """Send what was done while the system was out of reach (art. 29); `wait_for` fetches the outcome."""
        return await self._run(self._flows.submit_recovery(changes, idempotency_key))

    async def wait_for(self, ticket: BulkTicket, *, timeout_seconds: float = 600.0) -> list[PackOutcome]:
        """Outcome of every pack, in the order sent, once it is there."""
        return await self._run(self._flows.wait_for(ticket, timeout_seconds))

    async def upload(self, upload: Upload) -> UploadReceipt:
        """Send a product, a batch, a correction, recall or withdrawal, or packs' states (see `contracts.uploads`)."""
        return await self._run(self._flows.upload(upload))

    async def upload_batch_lines(self, head: BatchHead, serial_numbers: Iterable[str]) -> UploadReceipt:
        """Send a large batch as lines of JSON."""
        return await self._run(self._flows.upload_batch_lines(head, serial_numbers))

    async def list_alerts(self, *, after: str | None = None, limit: int = 100, **filters: str) -> AlertsSeen:
        """A page of the caller's alerts, open ones unless `status` says otherwise. `next` goes into `after`.

        Filters are the parameters of `GET /ams/alerts`, such as `status="any"` or `cause="case_swap"`.
        """
        return await self._run(self._flows.list_alerts(after, limit, filters))

    async def read_alert(self, alert_id: str) -> AlertSeen:
        """An alert with all that the caller may see: likely cause in words, history, what to do now."""
        return await self._run(self._flows.read_alert(alert_id))

    async def act(self, alert_id: str, order: AlertOrder, *, idempotency_key: str | None = None) -> AlertSeen:
        """Say or do something about an alert (orders of `contracts.cases`); the alert as it is afterwards.

        `ProblemError` where the tables refuse it: its `detail` is the sentence to show.
        """
        return await self._run(self._flows.act(alert_id, order, idempotency_key))

    async def add_photo(self, alert_id: str, content: bytes, *, media_type: str = "image/jpeg") -> AlertSeen:
        """Add a photo of the pack, a JPEG, PNG or WebP file as the camera made it."""
        return await self._run(self._flows.add_photo(alert_id, content, media_type))

    async def messages(self, *, after: str = "0", limit: int = 100) -> MessagesSeen:
        """What happened to the company's alerts after a message, the oldest first; `next` goes into `after`."""
        return await self._run(self._flows.messages(after, limit))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def _run(self, flow: Flow[T]) -> T:
        result: Result = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as finished:
                value: T = finished.value
                return value
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                result = None
                continue
            try:
                result = await self._http.request(
                    step.method, step.url, headers=dict(step.headers), content=step.content
                )
            except HAPPENED as error:
                result = error
