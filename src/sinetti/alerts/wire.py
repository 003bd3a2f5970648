"""Views of alerts as the shapes that go over the wire. Takes nothing from anywhere but the view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET

from sinetti.alerts.assignments import Assignee
from sinetti.alerts.guidance import Step
from sinetti.alerts.model import AlertFile
from sinetti.alerts.root_cause.words import explain_kept
from sinetti.alerts.view import AlertView, BatchSeen, MessageSeen, Named, outcome_sentence
from sinetti.alerts.view import TrailRequestSeen as Request
from sinetti.contracts.cases import (
    AlertEntry,
    AlertPhoto,
    AlertSeen,
    AnswerDue,
    AssignedTo,
    BatchCorrectionSeen,
    BatchFacts,
    BatchUploadSeen,
    CaseMessage,
    CauseExplained,
    GuidanceStep,
    LocationContact,
    PackEventSeen,
    PackSetAside,
    PacksInState,
    Place,
    SideAnswer,
    TrailRequestSeen,
    TrailRequestStepSeen,
    ValueDifference,
)
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import ClosingReason
from sinetti.rules.vocabulary import Language

Shape = TypeVar("Shape")

_LISTS: Final[Mapping[str, type]] = {
    "uploaded": BatchUploadSeen,
    "deadlines": AnswerDue,
    "history": AlertEntry,
    "messages": CaseMessage,
    "notes": CaseMessage,
    "pack_trail": PackEventSeen,
    "set_aside": PackSetAside,
    "contacts": LocationContact,
    "photos": AlertPhoto,
}


def alert_seen(
    rules: AlertRules,
    language: Language,
    file: AlertFile,
    view: AlertView,
    link: str,
    *,
    steps: Iterable[tuple[Step, bool]] | None = None,
    reasons: Iterable[ClosingReason] | None = None,
    assigned: Assignee | None = None,
) -> AlertSeen:
    """What a party sees of an alert. `file` gives what is no field of the table: its reference, changes and link; what
    the party can do and whom it was assigned to within the party's organisation are the party's own.
    """
    shown = _fields(file, view)
    if view.explanation is not UNSET:
        shown["explanation"] = tuple(_explained(one, language) for one in view.explanation)
    if view.outcome is not UNSET:
        shown["outcome_text"] = outcome_sentence(rules, file, language)
    if steps is not None:
        shown["guidance"] = tuple(
            GuidanceStep(step=step.step, text=step.text, is_done=is_done, help_path=step.help_path)
            for step, is_done in steps
        )
    if reasons is not None:
        shown["closing_reasons"] = tuple(reason.value for reason in reasons)
    if assigned is not None:
        shown["assigned"] = AssignedTo(assignee=assigned.code, name=assigned.name)
    return AlertSeen(link=f"{link}/{file.reference}", **shown)


def alert_told(file: AlertFile, view: AlertView, link: str | None) -> AlertSeen:
    """The same as it goes out unasked, without the sentences: whoever is told has named no language."""
    shown = _fields(file, view)
    return AlertSeen(**shown) if link is None else AlertSeen(link=f"{link}/{file.reference}", **shown)


def message_seen(message: MessageSeen) -> CaseMessage:
    """One message of a case."""
    return _as(CaseMessage, message)


def _fields(file: AlertFile, view: AlertView) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: _shown(name, value)
        for name in AlertView.__struct_fields__
        if name != "explanation" and (value := getattr(view, name)) is not UNSET and value is not None
    }
    return shown | {"alert_id": file.reference, "changes": file.changes}


def _shown(name: str, value: Any) -> Any:  # noqa: ANN401 - fields of all kinds
    if name == "investigations":
        return tuple(
            SideAnswer(side=side.value, investigation_status=answer.value) for side, answer in value.items()
        )
    if name in _PARTS:
        return tuple(_PARTS[name](one) for one in value)
    if name in _LISTS:
        return tuple(_as(_LISTS[name], one) for one in value)
    return _plain(value)


def _explained(kept: Mapping[str, Any], language: Language) -> CauseExplained:
    said = explain_kept(kept, language)
    return CauseExplained(cause=kept["cause"], name=said.name, says=said.says, because=said.because)


def _batch(one: BatchSeen) -> BatchFacts:
    if one.uploaded_at is None:
        return BatchFacts(batch=one.batch, is_sent=one.is_sent, is_uploaded=False)
    known = {
        name: value
        for name in ("expiry", "recalled_at", "recall_reason", "withdrawn_at")
        if (value := getattr(one, name)) is not None
    }
    if one.states is not None:
        known["states"] = tuple(
            PacksInState(state=state, pack_count=count) for state, count in one.states.items()
        )
    return BatchFacts(
        batch=one.batch,
        is_sent=one.is_sent,
        is_uploaded=True,
        uploaded_at=one.uploaded_at,
        pack_count=one.pack_count,
        uploads=tuple(_as(BatchUploadSeen, upload) for upload in one.uploads),
        corrections=tuple(_as(BatchCorrectionSeen, correction) for correction in one.corrections),
        **known,
    )


def _as(shape: type[Shape], one: Any) -> Shape:  # noqa: ANN401 - one of the views' parts
    """The fields that the shape has, without those of which nothing is known."""
    values = {}
    for name in shape.__struct_fields__:  # type: ignore[attr-defined]
        value = getattr(one, name)
        if value is not None:
            values[name] = _plain(value)
    return shape(**values)


def _plain(value: Any) -> Any:  # noqa: ANN401 - fields of all kinds
    match value:
        case Named():
            return Place(id=value.number, name=value.name)
        case Enum() | UUID():
            return str(value)
        case _:
            return value


def _trail_request(one: Request) -> TrailRequestSeen:
    return TrailRequestSeen(
        request_id=one.request_id,
        country=one.country,
        state=one.state.value,
        carrier=one.carrier,
        due_at=one.due_at,
        steps=tuple(_as(TrailRequestStepSeen, step) for step in one.steps),
    )


_PARTS: Final[Mapping[str, Callable[[Any], object]]] = {
    "untold": lambda one: Place(id=one.number, name=one.name),
    "differences": lambda one: ValueDifference(field=one["field"], sent=one["sent"], stored=one["stored"]),
    "batches": _batch,
    "trail_requests": _trail_request,
}


def known(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of all kinds
    """Those of which something is known, for shapes that leave the others out."""
    return {name: value for name, value in values.items() if value is not None}


def encoded(value: object) -> bytes:
    """The shape as JSON."""
    return msgspec.json.encode(value)
