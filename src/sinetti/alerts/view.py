"""What one party sees of an alert: everything that is known, cut down by the table of fields and parties. Pure.

Pages, REST, mails, exports and webhooks all show an `AlertView` and nothing else, so that the table holds everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from sinetti.alerts.decide import supply_outcome
from sinetti.alerts.model import AlertFile, Doer
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    Deadline,
    InvestigationStatus,
    Party,
    Side,
    Sight,
    SupplyOutcome,
    TrailRequestState,
    TrailRequestStep,
)
from sinetti.rules.vocabulary import Cause, Language

_END_USERS: Final = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION})


Told = TypeVar("Told", int | None, str | None)


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Something of the registry, with the name that people know."""

    number: int
    name: str


class UploadSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One upload into the batch."""

    uploaded_at: datetime
    pack_count: int
    transaction_id: UUID | None = None
    """What the company got as the answer to it, so that both sides can name the same upload."""


class CorrectionSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One correction of a batch's number or expiry date after it was uploaded."""

    corrected_at: datetime
    previous_batch: str
    previous_expiry: str
    batch: str
    expiry: str
    reason: str


class BatchSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was uploaded of one batch that the alert is about (NMVO-0048 §6.2 to 6.5)."""

    batch: str
    is_sent: bool
    """Whether the alert names it; else it is the batch of the pack that is likely meant."""
    uploaded_at: datetime | None
    """`None` where nothing was uploaded under this name; then all that follows is nothing, too."""
    expiry: str | None = None
    pack_count: int = 0
    recalled_at: datetime | None = None
    recall_reason: str | None = None
    withdrawn_at: datetime | None = None
    """When the product was withdrawn."""
    uploads: tuple[UploadSeen, ...] = ()
    corrections: tuple[CorrectionSeen, ...] = ()
    """The first one first."""
    states: Mapping[str, int] | None = None
    """How many packs are in each state; `None` where they were not counted."""


class DueSeen(msgspec.Struct, frozen=True, kw_only=True):
    """When something is due of a side."""

    deadline: Deadline
    side: Side
    due_at: datetime
    met_at: datetime | None


class EntrySeen(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the history."""

    recorded_at: datetime
    change: str
    side: Side | None
    before: str | None
    after: str
    closing_reason: ClosingReason | None
    comment: str | None
    party: Party
    person: str | None
    """`None` for Sinetti itself, and for people whose names the reader does not see."""
    organisation_id: int | None
    rule_id: str | None
    rules_version: str


class MessageSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A message or note."""

    number: int
    sent_at: datetime
    party: Party
    person: str | None
    organisation_id: int | None
    location_id: int | None
    """The location whose conversation it belongs to; `None` where it is for all of the case."""
    location_name: str | None
    """Its name, for whoever sees the location."""
    obp_organisation_id: int | None
    is_note: bool
    body: str


class PhotoSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A photo of the pack, without its picture."""

    photo_id: UUID
    taken_in_at: datetime
    party: Party
    person: str | None
    organisation_id: int | None
    sha256: str
    """Of the file as it came, in hexadecimal digits."""
    width: int
    height: int
    codes: tuple[str, ...]
    """What a scanner would send of each Data Matrix on it."""
    remarks: tuple[str, ...]


class TrailSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the pack."""

    recorded_at: datetime
    operation: str
    operation_code: str | None
    state_before: str | None
    state_after: str | None
    location: Named | None
    organisation: Named | None
    equipment: Named | None
    alert_id: str | None
    """Where it raised an alert."""


class ContactSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to call or write to at a location, as its organisation keeps it. What is not kept is `None`."""

    location: Named
    organisation_name: str
    raised_it: bool
    """Whether the alert was raised there; else the pack had got its state there before."""
    person: str | None
    phone: str | None
    email: str | None
    languages: tuple[str, ...]
    """That the location works in."""


class TrailRequestStepSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a request to another country's operator."""

    recorded_at: datetime
    step: TrailRequestStep
    said: str | None
    party: Party
    person: str | None


class TrailRequestSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A request to another country's operator for its part of the pack's trail."""

    request_id: int
    country: str
    """ISO 3166, two letters."""
    state: TrailRequestState
    carrier: str
    """`by_hand`: people carry it."""
    due_at: datetime
    """When an answer is due; it counts only while the request is open."""
    steps: tuple[TrailRequestStepSeen, ...]

    @property
    def is_open(self) -> bool:
        """Whether an answer is still waited for."""
        return self.state in {TrailRequestState.ASKED, TrailRequestState.SENT}

    @property
    def question(self) -> str:
        """What was asked."""
        return self.steps[0].said or ""


class SetAsideSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The pack in a location's register."""

    product_id: int
    set_aside_id: int
    location_id: int
    organisation_id: int
    set_aside_at: datetime
    place: str | None
    ended_at: datetime | None
    ended_as: str | None


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known about an alert, never shown as it is. Its fields are rows of `visible_fields.csv`."""

    file: AlertFile
    level: int
    market: str
    product_name: str | None
    location: Named | None
    organisation: Named | None
    equipment: Named | None
    software: str | None
    earlier_place: Named | None
    earlier_organisation_id: int | None
    earlier_time: datetime | None
    contacts: tuple[ContactSeen, ...] = ()
    untold: tuple[Named, ...] = ()
    stored_serial_number: str | None = None
    stored_batch: str | None = None
    stored_expiry: str | None = None
    uploaded: tuple[UploadSeen, ...] = ()
    batches: tuple[BatchSeen, ...] = ()
    confidence: int | None = None
    explanation: tuple[Mapping[str, Any], ...] = ()
    differences: tuple[Mapping[str, Any], ...] = ()
    deadlines: tuple[DueSeen, ...] = ()
    history: tuple[EntrySeen, ...] = ()
    messages: tuple[MessageSeen, ...] = ()
    pack_trail: tuple[TrailSeen, ...] = ()
    trail_requests: tuple[TrailRequestSeen, ...] = ()
    set_aside: tuple[SetAsideSeen, ...] = ()
    photos: tuple[PhotoSeen, ...] = ()
    own_location_ids: frozenset[int] = frozenset()
    """Locations that count as the reader's own."""

    @classmethod
    def of_file(cls, file: AlertFile, market: str) -> Whole:
        """What the alert itself says, and nothing of what is known beside it."""
        return cls(
            file=file,
            level=0,
            market=market,
            product_name=None,
            location=None,
            organisation=None,
            equipment=None,
            software=None,
            earlier_place=None,
            earlier_organisation_id=None,
            earlier_time=None,
        )


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """What one party sees. A field that it does not see is not there, rather than empty."""

    alert_id: str | UnsetType | None = UNSET
    case_id: int | UnsetType = UNSET
    recorded_at: datetime | UnsetType = UNSET
    level: int | UnsetType = UNSET
    market: str | UnsetType = UNSET
    kind: AlertKind | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    operation_code: str | UnsetType = UNSET
    entry_mode: str | UnsetType | None = UNSET
    product_code: str | UnsetType = UNSET
    product_name: str | UnsetType | None = UNSET
    sent_serial_number: str | UnsetType = UNSET
    sent_batch: str | UnsetType | None = UNSET
    sent_expiry: str | UnsetType | None = UNSET
    location: Named | UnsetType | None = UNSET
    organisation: Named | UnsetType | None = UNSET
    equipment: Named | UnsetType | None = UNSET
    software: str | UnsetType | None = UNSET
    earlier_place: Named | UnsetType | None = UNSET
    earlier_time: datetime | UnsetType | None = UNSET
    contacts: tuple[ContactSeen, ...] | UnsetType = UNSET
    untold: tuple[Named, ...] | UnsetType = UNSET
    """Locations and organisations of which nobody could be told by mail."""
    stored_serial_number: str | UnsetType | None = UNSET
    stored_batch: str | UnsetType | None = UNSET
    stored_expiry: str | UnsetType | None = UNSET
    uploaded: tuple[UploadSeen, ...] | UnsetType = UNSET
    batches: tuple[BatchSeen, ...] | UnsetType = UNSET
    cause: Cause | UnsetType | None = UNSET
    confidence: int | UnsetType | None = UNSET
    explanation: tuple[Mapping[str, Any], ...] | UnsetType = UNSET
    differences: tuple[Mapping[str, Any], ...] | UnsetType = UNSET
    status: AlertStatus | UnsetType = UNSET
    closing_reason: ClosingReason | UnsetType | None = UNSET
    closing_comment: str | UnsetType | None = UNSET
    outcome: SupplyOutcome | UnsetType = UNSET
    classification: Classification | UnsetType = UNSET
    investigations: Mapping[Side, InvestigationStatus] | UnsetType = UNSET
    deadlines: tuple[DueSeen, ...] | UnsetType = UNSET
    history: tuple[EntrySeen, ...] | UnsetType = UNSET
    messages: tuple[MessageSeen, ...] | UnsetType = UNSET
    notes: tuple[MessageSeen, ...] | UnsetType = UNSET
    pack_trail: tuple[TrailSeen, ...] | UnsetType = UNSET
    trail_requests: tuple[TrailRequestSeen, ...] | UnsetType = UNSET
    set_aside: tuple[SetAsideSeen, ...] | UnsetType = UNSET
    photos: tuple[PhotoSeen, ...] | UnsetType = UNSET


def view_for(
    rules: AlertRules, doer: Doer, whole: Whole, names: Sequence[str] = AlertView.__struct_fields__
) -> AlertView:
    """What the doer sees of an alert that is its matter; of `names` only, where a list needs no more."""
    shown: dict[str, Any] = {}
    for name in names:
        sight = rules.sights[name][doer.party]
        if sight is not Sight.NO:
            shown[name] = _VALUES[name](rules, doer, whole, sight is Sight.OWN)
    return AlertView(**shown)


Value = Callable[[AlertRules, Doer, Whole, bool], Any]
"""The value of a field; where the last argument holds, only what is the reader's own."""


def _of_file(name: str) -> Value:
    return lambda _rules, _doer, whole, _own: getattr(whole.file, name)


def _of_whole(name: str) -> Value:
    return lambda _rules, _doer, whole, _own: getattr(whole, name)


def _earlier(name: str) -> Value:
    def value(_rules: AlertRules, _doer: Doer, whole: Whole, own: bool) -> Any:  # noqa: ANN401, FBT001
        place = whole.earlier_place
        is_own = place is not None and place.number in whole.own_location_ids
        return getattr(whole, name) if is_own or not own else None

    return value


def _history(rules: AlertRules, doer: Doer, whole: Whole, _own: bool) -> tuple[EntrySeen, ...]:  # noqa: FBT001
    """Each entry that the reader may know of, people by name only where the table says so."""
    hidden = set()
    if rules.sights["pack_trail"][doer.party] is not Sight.YES:
        hidden.add("trail_read")
    if rules.sights["trail_requests"][doer.party] is Sight.NO:
        hidden.add("trail_request")
    if rules.sights["set_aside"][doer.party] is Sight.NO:
        hidden.add("set_aside")
    return tuple(
        msgspec.structs.replace(
            entry, person=_person(rules, doer, entry), organisation_id=_organisation(rules, doer, entry)
        )
        for entry in whole.history
        if entry.change not in hidden
    )


def _messages(*, notes: bool) -> Value:
    def value(rules: AlertRules, doer: Doer, whole: Whole, _own: bool) -> tuple[MessageSeen, ...]:  # noqa: FBT001
        return tuple(
            msgspec.structs.replace(
                message,
                person=_person(rules, doer, message),
                organisation_id=_organisation(rules, doer, message),
                location_id=_location(rules, doer, message.location_id),
                location_name=_location(rules, doer, message.location_name),
            )
            for message in whole.messages
            if message.is_note is notes
            and (_is_own(doer, message) if notes else _may_read(doer, whole, message))
        )

    return value


def _may_read(doer: Doer, whole: Whole, message: MessageSeen) -> bool:
    """Users of one case never read each other's conversations, and companies never each other's."""
    if doer.party in _END_USERS:
        return message.location_id is None or message.location_id in whole.own_location_ids
    if doer.party in {Party.MAH, Party.OBP}:
        return message.obp_organisation_id == doer.organisation_id
    return True


def _is_own(doer: Doer, said: EntrySeen | MessageSeen | PhotoSeen) -> bool:
    """Whether it was said inside the reader's own organisation; the operator is one, too."""
    if doer.party is Party.OPERATOR:
        return said.party is Party.OPERATOR
    return doer.organisation_id is not None and said.organisation_id == doer.organisation_id


def _person(rules: AlertRules, doer: Doer, said: EntrySeen | MessageSeen | PhotoSeen) -> str | None:
    sight = rules.sights["people"][doer.party]
    visible = sight is Sight.YES or (sight is Sight.OWN and _is_own(doer, said))
    return said.person if visible else None


def _organisation(rules: AlertRules, doer: Doer, said: EntrySeen | MessageSeen | PhotoSeen) -> int | None:
    visible = rules.sights["organisation"][doer.party] is Sight.YES and doer.party not in _END_USERS
    return said.organisation_id if visible or _is_own(doer, said) else None


def _location(rules: AlertRules, doer: Doer, told: Told) -> Told | None:
    """What tells a location, where the table says that the reader sees it."""
    return told if rules.sights["location"][doer.party] is Sight.YES else None


def _pack_trail(_rules: AlertRules, _doer: Doer, whole: Whole, own: bool) -> tuple[TrailSeen, ...]:  # noqa: FBT001
    return tuple(
        event
        for event in whole.pack_trail
        if not own or (event.location is not None and event.location.number in whole.own_location_ids)
    )


def _set_aside(_rules: AlertRules, _doer: Doer, whole: Whole, own: bool) -> tuple[SetAsideSeen, ...]:  # noqa: FBT001
    return tuple(pack for pack in whole.set_aside if not own or pack.location_id in whole.own_location_ids)


def _photos(rules: AlertRules, doer: Doer, whole: Whole, _own: bool) -> tuple[PhotoSeen, ...]:  # noqa: FBT001
    """The photos, with the names of people and organisations only where the table says so."""
    return tuple(
        msgspec.structs.replace(
            photo, person=_person(rules, doer, photo), organisation_id=_organisation(rules, doer, photo)
        )
        for photo in whole.photos
    )


_RENAMED = {"sent_serial_number": "serial_number", "sent_batch": "batch", "sent_expiry": "expiry"}
_MADE: Final[Mapping[str, Value]] = MappingProxyType(
    {
        "case_id": lambda _rules, _doer, whole, _own: whole.file.case.case_id,
        "earlier_place": _earlier("earlier_place"),
        "earlier_time": _earlier("earlier_time"),
        "investigations": lambda _rules, _doer, whole, _own: dict(whole.file.investigations),
        "outcome": lambda rules, _doer, whole, _own: supply_outcome(rules, whole.file),
        "history": _history,
        "messages": _messages(notes=False),
        "notes": _messages(notes=True),
        "pack_trail": _pack_trail,
        "set_aside": _set_aside,
        "photos": _photos,
    }
)
_VALUES: Final[Mapping[str, Value]] = MappingProxyType(
    {
        name: _MADE.get(name)
        or (_of_whole(name) if name in Whole.__struct_fields__ else _of_file(_RENAMED.get(name, name)))
        for name in AlertView.__struct_fields__
    }
)


def outcome_sentence(rules: AlertRules, file: AlertFile, language: Language) -> str:
    """The one sentence for whoever has the pack: it can be supplied, or must not be, and why."""
    words = rules.words[language]
    suspected = file.classification is not Classification.POTENTIAL_SUSPICION
    if file.closing_reason is None or (suspected and file.closing_reason is not ClosingReason.FALSIFICATION):
        why = words("why_open", file.classification)
    else:
        why = words("why_closed", file.closing_reason)
    return f"{words('outcome', supply_outcome(rules, file))}: {why}"
