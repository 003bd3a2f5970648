"""What IT systems read: their alerts, one of them, its photos, and refusals that can be investigated.

Reading changes nothing: an alert becomes active when somebody says so, and not because a machine asks every minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import UNSET
from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts import cases, exporting, listing, photo_cases
from sinetti.alerts.assignments import Assignee, assigned_to
from sinetti.alerts.decide import possible_reasons, possible_statuses, side_of
from sinetti.alerts.files import Change
from sinetti.alerts.http.sender import JSON, Parts, Sender
from sinetti.alerts.investigations import recent_refusals
from sinetti.alerts.model import AlertFile, Doer, FileKey
from sinetti.alerts.reading import read_steps, read_view
from sinetti.alerts.searching import ID_MAX, OPEN, Assigned, Overdue, Search
from sinetti.alerts.view import AlertView
from sinetti.alerts.wire import alert_seen, encoded
from sinetti.contracts.cases import AlertSeen, AlertsSeen, RefusalSeen, RefusalsSeen
from sinetti.kit.db import Transaction
from sinetti.kit.exports import XLSX, csv_of_chunks, xlsx_of_chunks
from sinetti.kit.problems import Problem
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Classification, Party
from sinetti.rules.vocabulary import Cause, Language

LIMIT: Final = 100
"""Alerts a page where the request does not say."""
_REFERENCE_CHARACTERS_MAX: Final = 40
_NUMBER_DIGITS_MAX: Final = 4
_ID_DIGITS_MAX: Final = 10
_TEXT_CHARACTERS_MAX: Final = 500

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("open", "any", *(status.value for status in AlertStatus)),
    "kind": tuple(kind.value for kind in AlertKind),
    "classification": tuple(one.value for one in Classification),
    "cause": tuple(cause.value for cause in Cause),
    "overdue": tuple(overdue.value for overdue in Overdue),
    "sort": tuple(listing.SORTS),
    "assigned": (Assigned.NOBODY.value,),
    "countPacks": ("yes", "no"),
}


def routes(parts: Parts, reading: Reading) -> list[Route]:
    """Routes that read."""
    return [
        parts.guarded("GET", "/ams/alerts", reading.page),
        parts.guarded("GET", "/ams/alerts/export", reading.export),
        parts.guarded("GET", "/ams/refusals", reading.refusals),
        parts.guarded("GET", "/ams/alerts/{alert_id}", reading.one),
        parts.guarded("GET", "/ams/alerts/{alert_id}/photos/{photo_id}", reading.photo),
    ]


class Reading:
    """What each route does, for a system that has to do with alerts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, sender: Sender) -> Response:
        """A page of the alerts that are the party's matter."""
        parts, query = self._parts, sender.request.query_params
        search, at_most = search_of(query), _limit(query)
        async with parts.database.transaction() as tx:
            change = await parts.change(tx, sender)
            found = await listing.list_alerts(
                tx,
                parts.rules.alerts,
                parts.market,
                change.doer,
                search,
                change.now,
                after=query.get("after"),
                at_most=at_most,
            )
            assigned = await self._assigned(tx, change.doer, [one.file.key for one in found.alerts])
            if change.doer.party is Party.AUTHORITY:
                await parts.note(tx, sender, change, "alerts_listed", None)
        seen = tuple(
            alert_seen(
                parts.rules.alerts,
                sender.language,
                one.file,
                one.view,
                self._link,
                assigned=assigned.get(one.file.key),
            )
            for one in found.alerts
        )
        page = AlertsSeen(alerts=seen) if found.next is None else AlertsSeen(alerts=seen, next=found.next)
        return Response(encoded(page), media_type=JSON)

    async def export(self, sender: Sender) -> Response:
        """All alerts that a search finds, as a file in words: CSV, or a workbook where that alone is asked for."""
        parts, search = self._parts, search_of(sender.request.query_params)
        async with parts.database.transaction() as tx:
            change = await parts.change(tx, sender)
            if change.doer.party is Party.AUTHORITY:
                await parts.note(tx, sender, change, "alerts_listed", None)
            rules, language = parts.rules.alerts, sender.language
            heads = exporting.heads(rules, change.doer, language)
            chunks = exporting.rows(tx, rules, parts.market, change.doer, search, change.now, language)
            if wants_workbook(sender.request.headers.get("accept", "")):
                return await xlsx_of_chunks(exporting.NAME, heads, chunks, parts.zone)
            return await csv_of_chunks(exporting.NAME, heads, chunks)

    async def one(self, sender: Sender) -> Response:
        """One alert with all that the party may see of it; the packs of its batches are counted where that is asked."""
        parts = self._parts
        with_states = _word(sender.request.query_params, "countPacks") == "yes"
        async with parts.database.transaction() as tx:
            change = await parts.change(tx, sender)
            file = await cases.own_file(tx, change.doer, alert_id_of(sender))
            if change.doer.party is Party.AUTHORITY:
                await parts.note(tx, sender, change, "alert_read", file)
            seen = await self.seen(tx, change, file, sender.language, with_states=with_states)
        return Response(encoded(seen), media_type=JSON)

    async def photo(self, sender: Sender) -> Response:
        """A photo as it is shown: upright, without anything hidden in the file."""
        parts = self._parts
        photo_id = _uuid_of(sender.request.path_params["photo_id"])
        async with parts.database.transaction() as tx:
            change = await parts.change(tx, sender)
            file = await cases.own_file(tx, change.doer, alert_id_of(sender))
            content = (
                None if photo_id is None else await photo_cases.picture(tx, file.key, photo_id, small=False)
            )
        if content is None:
            raise Problem("unknown-photo", 404)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"}
        return Response(content, media_type="image/jpeg", headers=headers)

    async def refusals(self, sender: Sender) -> Response:
        """Refusals of the last weeks without an alert, for which nobody has asked yet."""
        parts = self._parts
        async with parts.database.transaction() as tx:
            doer = await sender.doer(tx)
            is_user = doer.party is Party.END_USER_LOCATION
            found = await recent_refusals(tx, parts.rules.alerts, doer, sender.at) if is_user else []
        shown = tuple(
            RefusalSeen(
                reference=one.reference,
                recorded_at=one.recorded_at,
                operation_code=one.operation_code,
                product_code=one.product_code,
                sent_serial_number=one.serial_number,
                **{
                    name: value
                    for name, value in (("sent_batch", one.batch), ("sent_expiry", one.expiry))
                    if value is not None
                },
            )
            for one in found
        )
        return Response(encoded(RefusalsSeen(refusals=shown)), media_type=JSON)

    async def seen(
        self,
        tx: Transaction,
        change: Change,
        file: AlertFile,
        language: Language,
        *,
        with_trail: bool = False,
        with_states: bool = False,
    ) -> AlertSeen:
        """The alert as its party sees it now."""
        rules, doer = self._parts.rules.alerts, change.doer
        view = await read_view(
            tx, rules, self._parts.market, doer, file, with_trail=with_trail, with_states=with_states
        )
        side = side_of(doer.party)
        steps = None
        if side is not None:
            done = await cases.steps_done(tx, file, side)
            told = await read_steps(tx, rules, file, side, view, language)
            steps = [(step, step.step in done) for step in told]
        if not with_trail:
            # It is not empty: it was not asked for.
            view = _without_trail(view)
        can_close = AlertStatus.CLOSED in possible_statuses(rules, file, doer)
        return alert_seen(
            rules,
            language,
            file,
            view,
            self._link,
            steps=steps,
            reasons=possible_reasons(rules, file, doer, change.now) if can_close else None,
            assigned=(await self._assigned(tx, doer, [file.key])).get(file.key),
        )

    async def _assigned(
        self, tx: Transaction, doer: Doer, keys: Sequence[FileKey]
    ) -> Mapping[FileKey, Assignee]:
        """Of the caller's own organisation; the authority shares nothing out."""
        return {} if doer.party is Party.AUTHORITY else await assigned_to(tx, doer, keys)

    @property
    def _link(self) -> str:
        return f"{self._parts.portal_address}/alerts"


def _without_trail(view: AlertView) -> AlertView:
    return msgspec.structs.replace(view, pack_trail=UNSET)


def wants_workbook(accept: str) -> bool:
    """Whether a workbook is named among what is accepted, and CSV is not."""
    accepted = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return XLSX in accepted and "text/csv" not in accepted


def alert_id_of(sender: Sender) -> str:
    """The alert id or reference in the path; what can be none is not known."""
    alert_id: str = sender.request.path_params["alert_id"]
    if len(alert_id) > _REFERENCE_CHARACTERS_MAX or not (alert_id.isascii() and alert_id.isprintable()):
        raise Problem("unknown-alert", 404, alert_id=alert_id[:_REFERENCE_CHARACTERS_MAX])
    return alert_id.upper()


def search_of(query: QueryParams) -> Search:
    """What a list or an export is asked for. Problem 422: what is none of the words that there are."""
    given = {name: _word(query, name) for name in _CHOICES}
    status = given["status"] or "open"
    location_id = _number(query, "location")
    return Search(
        statuses=_statuses(status),
        kind=AlertKind(given["kind"]) if given["kind"] else None,
        classification=Classification(given["classification"]) if given["classification"] else None,
        cause=Cause(given["cause"]) if given["cause"] else None,
        exactly=_text(query, "search"),
        operation_code=_text(query, "code"),
        product_code=_text(query, "product"),
        batch=_text(query, "sentBatch"),
        location_ids=None if location_id is None else (location_id,),
        organisation_id=_number(query, "organisation"),
        equipment_id=_number(query, "equipment"),
        software=_text(query, "software"),
        company_id=_number(query, "company"),
        overdue=Overdue(given["overdue"]) if given["overdue"] else None,
        assigned=Assigned(given["assigned"]) if given["assigned"] else None,
        recorded_from=_moment(query, "recordedFrom"),
        recorded_before=_moment(query, "recordedBefore"),
        sort=given["sort"] or "-recordedAt",
    )


def _statuses(status: str) -> frozenset[AlertStatus] | None:
    if status == "any":
        return None
    return OPEN if status == "open" else frozenset({AlertStatus(status)})


def _word(query: QueryParams, name: str) -> str | None:
    word = query.get(name)
    if word is not None and word not in _CHOICES[name]:
        raise Problem("parameter-invalid", 422, field=name, accepted=list(_CHOICES[name]))
    return word


def _text(query: QueryParams, name: str) -> str | None:
    text = (query.get(name) or "").strip()[:_TEXT_CHARACTERS_MAX]
    if "\0" in text:
        raise Problem("parameter-invalid", 422, field=name, accepted=["text"])
    return text or None


def _number(query: QueryParams, name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS_MAX
    if not is_number or not 1 <= int(text) <= ID_MAX:
        raise Problem("parameter-invalid", 422, field=name, accepted=[f"1–{ID_MAX}"])
    return int(text)


def _moment(query: QueryParams, name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        # A plus sign that was not encoded arrives as a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Problem("moment-invalid", 422, field=name, value=text[:100]) from None


def _limit(query: QueryParams) -> int:
    text = query.get("limit", str(LIMIT))
    is_number = text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS_MAX
    if not is_number or not 1 <= int(text) <= listing.PAGE_MAX:
        raise Problem("parameter-invalid", 422, field="limit", accepted=[f"1–{listing.PAGE_MAX}"])
    return int(text)


def _uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
