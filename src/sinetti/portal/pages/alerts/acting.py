"""What a reader does with an alert: each form is one use case of the alert management, and judged there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, TypeVar

from starlette.responses import Response

from sinetti.alerts import cases, register, talking
from sinetti.alerts.decide import side_of
from sinetti.alerts.files import find_file
from sinetti.alerts.model import MESSAGE_CHARACTERS_MAX, AlertFile
from sinetti.alerts.view import Named
from sinetti.portal import form_keys
from sinetti.portal.pages.alerts.showing import change_of, locations_reached, show_alert
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Refusal,
)

Choice = TypeVar("Choice", bound=Enum)

NOTE: Final = "note"
TO_ALL: Final = "all"
LOCATIONS_SHOWN_MAX: Final = 50

_FIELDS: Mapping[Refusal, str] = {
    Refusal.REASON_MISSING: "reason",
    Refusal.COMMENT_MISSING: "comment",
    Refusal.COMMENT_TOO_LONG: "comment",
    Refusal.MESSAGE_EMPTY: "body",
}


async def change_status(visit: Visit) -> Response:
    """Close the alert with a reason, reopen it, escalate it or put it under investigation."""
    change = change_of(visit)
    to = _chosen(AlertStatus, visit.form.get("to"))
    if to is None:
        return await _refused(visit, "to", visit.words["fault"]["choose"])
    done = await cases.change_status(
        visit.tx,
        change,
        _alert_id(visit),
        to,
        reason=_chosen(ClosingReason, visit.form.get("reason")),
        comment=visit.form.get("comment"),
        seen=_number(visit.form.get("seen")),
    )
    if to is AlertStatus.CLOSED:
        return await _answer(visit, done, "closed")
    return await _answer(visit, done, "changed", comment=f"comment-{to}")


async def investigate(visit: Visit) -> Response:
    """Say for the reader's side whether the cause was there."""
    change = change_of(visit)
    side, answer = side_of(change.doer.party), _chosen(InvestigationStatus, visit.form.get("answer"))
    if answer is None or side is None:
        return await _refused(visit, "answer", visit.words["fault"]["choose"])
    done = await cases.investigate(
        visit.tx, change, _alert_id(visit), side, answer, comment=visit.form.get("comment")
    )
    return await _answer(visit, done, "answered", comment="comment-answer")


async def hand_over(visit: Visit) -> Response:
    """Not the reader's own error: ask the others."""
    done = await cases.hand_over(visit.tx, change_of(visit), _alert_id(visit))
    return await _answer(visit, done, "handed_over")


async def classify(visit: Visit) -> Response:
    """Classify the alert (NMVO-0048 §6)."""
    to = _chosen(Classification, visit.form.get("classification"))
    if to is None:
        return await _refused(visit, "classification", visit.words["fault"]["choose"])
    done = await cases.classify(
        visit.tx, change_of(visit), _alert_id(visit), to, comment=visit.form.get("comment", "")
    )
    return await _answer(visit, done, "classified", comment="comment-class")


async def tick(visit: Visit) -> Response:
    """Tick the steps off that were done. What was ticked and is not any more was a mistake."""
    change, alert_id = change_of(visit), _alert_id(visit)
    for step in visit.form_lists.get("step", []):
        done = step in visit.form_lists.get("done", [])
        if refusal := await cases.tick_step(visit.tx, change, alert_id, step, done=done):
            return await _answer(visit, refusal, "")
    return _back(visit, "ticked", "steps")


async def send_message(visit: Visit) -> Response:
    """Say something to the other parties, or write a note for one's own organisation. Sent twice it is said once."""
    change, alert_id, body = change_of(visit), _alert_id(visit), visit.form.get("body", "")
    readers = visit.form.get("readers", "")
    if not body.strip():
        return await _answer(visit, Refusal.MESSAGE_EMPTY, "")
    if readers == TO_ALL and len(body) <= MESSAGE_CHARACTERS_MAX:
        reached = await locations_reached(visit, change, await _file(visit))
        if visit.form.get("reached") != str(len(reached)):
            return await _ask_to_all(visit, body, reached)
    before = await form_keys.use(visit)
    if before is not None:
        return visit.redirect(before)
    if readers == NOTE:
        said = await talking.add_note(visit.tx, change, alert_id, body)
    else:
        said = await talking.send_message(visit.tx, change, alert_id, body, to_all=readers == TO_ALL)
    await form_keys.keep_result(visit, visit.url("alert", alert_id=alert_id))
    return await _answer(visit, said, "note_kept" if readers == NOTE else "sent")


async def _ask_to_all(visit: Visit, body: str, reached: Sequence[Named]) -> Response:
    """Whom it would reach, before it is said: a message cannot be taken back."""
    if not reached:
        return await _answer(visit, Refusal.NOT_FOR_THIS_PARTY, "")
    return visit.render(
        "to_all.html",
        file=await _file(visit),
        body=body,
        reached=reached,
        changed="reached" in visit.form,
        shown_max=LOCATIONS_SHOWN_MAX,
    )


async def set_aside(visit: Visit) -> Response:
    """Enter the pack into the location's register of packs that are kept apart."""
    done = await register.set_pack_aside(
        visit.tx, change_of(visit), _alert_id(visit), place=visit.form.get("place")
    )
    return await _answer(visit, done, "set_aside")


async def _answer(
    visit: Visit, done: AlertFile | int | Refusal, key: str, *, comment: str = "comment"
) -> Response:
    """`comment` is the field of the form's comment: the page has several."""
    if isinstance(done, Refusal):
        words = visit.rules.alerts.words[visit.language]
        field = _FIELDS.get(done, "")
        return await _refused(visit, comment if field == "comment" else field, words("refusal", done))
    return _back(visit, key, "content")


def _back(visit: Visit, key: str, part: str) -> Response:
    return visit.redirect(f"{visit.url('alert', alert_id=_alert_id(visit))}#{part}", done=key)


async def _refused(visit: Visit, field: str, why: str) -> Response:
    return await show_alert(visit, change_of(visit), await _file(visit), {field: why})


async def _file(visit: Visit) -> AlertFile:
    file = await find_file(visit.tx, _alert_id(visit))
    assert file is not None, "the concern of the route has found it"
    return file


def _alert_id(visit: Visit) -> str:
    alert_id: str = visit.request.path_params["alert_id"]
    return alert_id


def _chosen(kind: type[Choice], given: str | None) -> Choice | None:
    return next((one for one in kind if one.value == given), None)


def _number(given: str | None) -> int | None:
    return int(given) if given is not None and re.fullmatch("[0-9]{1,9}", given) else None
