"""Asks operators of other countries for their part of a pack's trail, and keeps how each stands (docs/adr/0022).

A trail tells only what was done in this country. Each use case is one procedure in the caller's transaction, as in
`cases`; what may be done when is `trail_request_transitions.csv`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from typing import Any, Final

from msgspec import UNSET

from sinetti.alerts import files
from sinetti.alerts.carriers import RequestToCarry, carrier_for
from sinetti.alerts.cases import own_file
from sinetti.alerts.decide import decide_trail_step
from sinetti.alerts.files import Change
from sinetti.alerts.model import (
    COMMENT_CHARACTERS_MAX,
    MESSAGE_CHARACTERS_MAX,
    AlertFile,
    Doer,
    FileKey,
)
from sinetti.alerts.view import TrailRequestSeen, TrailRequestStepSeen, Whole, view_for
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    Party,
    Refusal,
    TrailRequestState,
    TrailRequestStep,
)
from sinetti.rules.vocabulary import Language

_SQL = load_queries("sinetti.alerts.store", "trail_requests.sql")
REQUESTS_MAX: Final = 50
"""Requests of one alert that are shown, the latest ones."""

_TOLD: Final = ("alert_id", "recorded_at", "product_code", "sent_serial_number", "sent_batch", "sent_expiry")


async def ask_country(
    tx: Transaction, change: Change, alert_id: str, country: str, question: str, *, market: str
) -> int | Refusal:
    """Ask another country's operator for its part of the trail of the alert's pack; the request's number."""
    file = await own_file(tx, change.doer, alert_id, lock=True)
    rules = change.rules.alerts
    row = decide_trail_step(rules, None, change.doer, TrailRequestStep.ASK, question)
    if isinstance(row, Refusal):
        return row
    if country == market or country not in rules.trail_countries:
        return Refusal.COUNTRY_NOT_ASKED
    if len(question) > COMMENT_CHARACTERS_MAX:
        return Refusal.COMMENT_TOO_LONG
    if file.status is AlertStatus.CLOSED:
        return Refusal.IS_CLOSED
    carrier = carrier_for(country)
    values = _of(file.key) | {
        "country": country,
        "state": row.to_state,
        "carrier": carrier.name,
        "now": change.now,
        "due_at": change.now + _time_to_answer(change),
    }
    made = await (await tx.execute(_SQL["add_trail_request"], values)).fetchone()
    if made is None:
        return Refusal.ASKED_ALREADY
    request_id: int = made[0]
    await _write_step(
        tx, change, file, request_id, country, None, TrailRequestStep.ASK, row.to_state, question
    )
    text = request_text(rules, Whole.of_file(file, market), question)
    to_carry = RequestToCarry(
        product_id=file.key.product_id, request_id=request_id, country=country, text=text
    )
    if await carrier.carry(tx, to_carry):
        await take_trail_step(tx, change, alert_id, request_id, TrailRequestStep.SEND)
    return request_id


async def take_trail_step(
    tx: Transaction,
    change: Change,
    alert_id: str,
    request_id: int,
    step: TrailRequestStep,
    said: str | None = None,
) -> TrailRequestState | Refusal:
    """Say that a request went, note an answer or a refusal of it, withdraw it, or open it again."""
    file = await own_file(tx, change.doer, alert_id, lock=True)
    of_request = _of(file.key) | {"request_id": request_id}
    found = await (await tx.execute(_SQL["lock_trail_request"], of_request)).fetchone()
    if found is None:
        raise Problem("unknown-trail-request", 404, number=request_id)
    country, before = found[0], TrailRequestState(found[1])
    row = decide_trail_step(change.rules.alerts, before, change.doer, step, said)
    if isinstance(row, Refusal):
        return row
    if len(said or "") > MESSAGE_CHARACTERS_MAX:
        return Refusal.COMMENT_TOO_LONG
    if step is TrailRequestStep.REOPEN:
        cursor = await tx.execute(_SQL["country_is_asked"], of_request | {"country": country})
        if (await cursor.fetchone() or (False,))[0]:
            return Refusal.ASKED_ALREADY
    values = of_request | {"state": row.to_state, "due_at": change.now + _time_to_answer(change)}
    await tx.execute(_SQL["set_trail_request"], values)
    await _write_step(tx, change, file, request_id, country, before, step, row.to_state, said)
    return row.to_state


def possible_steps(rules: AlertRules, doer: Doer, state: TrailRequestState) -> tuple[TrailRequestStep, ...]:
    """What the doer can do with a request that stands like this."""
    return tuple(
        row.step for row in rules.trail_requests.values() if row.from_state is state and doer.party in row.who
    )


async def read_trail_requests(tx: Transaction, key: FileKey) -> tuple[TrailRequestSeen, ...]:
    """The requests of an alert, the first one first. Only `view_for` may show them."""
    cursor = await tx.execute(_SQL["trail_requests_of_file"], _of(key) | {"requests_max": REQUESTS_MAX})
    number: Callable[[Any], int] = lambda row: row[0]  # noqa: E731 - what rows are grouped by
    found = []
    for request_id, group in groupby(await cursor.fetchall(), key=number):
        rows = list(group)
        found.append(
            TrailRequestSeen(
                request_id=request_id,
                country=rows[0][1],
                state=TrailRequestState(rows[0][2]),
                carrier=rows[0][3],
                due_at=rows[0][4],
                steps=tuple(
                    TrailRequestStepSeen(
                        recorded_at=row[5],
                        step=TrailRequestStep(row[6]),
                        said=row[7],
                        party=Party(row[8]),
                        person=row[9],
                    )
                    for row in rows
                ),
            )
        )
    return tuple(found)


def request_text(rules: AlertRules, whole: Whole, question: str) -> str:
    """What the other operator is told, in English: nothing but what the table lets another operator see."""
    view = view_for(rules, Doer(party=Party.OTHER_OPERATOR), whole)
    lines = [
        "Request for your part of a pack's audit trail",
        "Delegated Regulation (EU) 2016/161, Article 38(2)",
    ]
    if view.kind is not UNSET:
        lines.append(f"Alert: {rules.words[Language.EN]('kind', view.kind)}")
    for name in _TOLD:
        value = getattr(view, name)
        if value is not UNSET and value is not None:
            shown = f"{value:%Y-%m-%d %H:%M} UTC" if name == "recorded_at" else value
            lines.append(f"{_TOLD_AS[name]}: {shown}")
    return "\n".join([*lines, f"Question: {question.strip()}"])


_TOLD_AS: Final = {
    "alert_id": "Alert id",
    "recorded_at": "Raised",
    "product_code": "Product code",
    "sent_serial_number": "Serial number",
    "sent_batch": "Batch",
    "sent_expiry": "Expiry (YYMMDD)",
}


async def _write_step(
    tx: Transaction,
    change: Change,
    file: AlertFile,
    request_id: int,
    country: str,
    before: TrailRequestState | None,
    step: TrailRequestStep,
    after: TrailRequestState,
    said: str | None,
) -> None:
    """The step with all that was said, and an entry in the history of the alert that tells its beginning."""
    said = (said or "").strip() or None
    doer = change.doer
    values = {
        "product_id": file.key.product_id,
        "request_id": request_id,
        "now": change.now,
        "step": step,
        "state": after,
        "said": said,
        "party": doer.party,
        "user_id": doer.user_id,
        "equipment_id": doer.equipment_id,
        "user_name": doer.user_name,
    }
    await tx.execute(_SQL["add_trail_request_step"], values)
    await files.add_history(
        tx,
        change,
        file,
        "trail_request",
        before=None if before is None else f"{country} {before}",
        after=f"{country} {after}",
        comment=None if said is None else said[:COMMENT_CHARACTERS_MAX],
    )
    await files.touch_case(tx, change, file.case)


def _time_to_answer(change: Change) -> timedelta:
    return timedelta(hours=change.rules.parameters["trail_request_answer_hours"].value)


def _of(key: FileKey) -> dict[str, object]:
    return {"product_id": key.product_id, "event_number": key.event_number}
