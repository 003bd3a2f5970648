"""Alerts as IT systems work on them: what each party sees, and what it says and does.

A field that the caller may not see is not there, nor is one of which nothing is known (`visible_fields.csv`).
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from sinetti.contracts.fields import Moment
from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    SetAsideEnd,
    Side,
    SupplyOutcome,
    TrailRequestState,
    TrailRequestStep,
)
from sinetti.rules.vocabulary import Cause

CAUSES = tuple(cause.value for cause in Cause)
_CHANGES_MEANING = (
    "How many changes of the alert you have seen; where there were others since, the change is refused."
)
ALERTS_OF_CHANGE_MAX = 500

Text = str | UnsetType
Number = int | UnsetType
Time = Moment | UnsetType
Yes = bool | UnsetType
_StatusText = Annotated[
    str | UnsetType,
    Meta(
        description="Status of the alert.",
        extra_json_schema={"enum": [status.value for status in AlertStatus]},
    ),
]
_ReasonText = Annotated[
    str | UnsetType,
    Meta(
        description="Why it was closed.",
        extra_json_schema={"enum": [reason.value for reason in ClosingReason]},
    ),
]
_AnswerText = Annotated[
    str | UnsetType,
    Meta(
        description="What the side says of the cause.",
        extra_json_schema={"enum": [answer.value for answer in InvestigationStatus]},
    ),
]
_SideText = Annotated[
    str | UnsetType,
    Meta(description="Which side.", extra_json_schema={"enum": [side.value for side in Side]}),
]
_NOTED = [step.value for step in TrailRequestStep if step is not TrailRequestStep.ASK]
_TrailStepText = Annotated[
    str | UnsetType,
    Meta(
        description="What was done.",
        extra_json_schema={"enum": [step.value for step in TrailRequestStep]},
    ),
]
_PartyText = Annotated[Text, Meta(description="As which party it was done.")]
_PersonText = Annotated[
    Text, Meta(description="Name of the person or IT system, where you may see it; none for Sinetti itself.")
]
_OrganisationNumber = Annotated[Number, Meta(description="Number of the organisation, where you may see it.")]
_AlertId = Annotated[
    Text,
    Meta(
        description="Alert id, as in the answer that raised it; for a refusal without an alert its reference.",
        examples=["FI-7KD-2MP-X9A-4TQ-H8C"],
    ),
]


# ---------------------------------------------------------------- what is seen


class Place(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """An organisation, location or client equipment."""

    id: Annotated[int, Meta(description="Its number.")]
    name: Annotated[str, Meta(description="Its name.")]


class BatchUploadSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """An upload into the batch."""

    uploaded_at: Annotated[Moment, Meta(description="When it was uploaded (UTC).")]
    pack_count: Annotated[int, Meta(description="How many packs were uploaded.")]
    transaction_id: Annotated[
        Text, Meta(description="Transaction id of the upload, as in the answer that the company got.")
    ] = UNSET


class BatchCorrectionSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A correction of the batch's number or expiry date after it was uploaded."""

    corrected_at: Annotated[Moment, Meta(description="When it was corrected (UTC).")]
    previous_batch: Annotated[str, Meta(description="Batch number before.")]
    previous_expiry: Annotated[str, Meta(description="Expiry date before, YYMMDD.")]
    batch: Annotated[str, Meta(description="Batch number from then on.")]
    expiry: Annotated[str, Meta(description="Expiry date from then on, YYMMDD.")]
    reason: Annotated[str, Meta(description="Why, as the company said.")]


class PacksInState(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """How many packs of a batch are in a state."""

    state: Annotated[str, Meta(description="The state.", examples=["Supplied"])]
    pack_count: Annotated[int, Meta(description="How many packs.")]


class BatchFacts(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What was uploaded of a batch that the alert is about."""

    batch: Annotated[str, Meta(description="Batch number.")]
    is_sent: Annotated[
        bool,
        Meta(description="Whether it was sent; else it is the batch of the pack that is likely meant."),
    ]
    is_uploaded: Annotated[bool, Meta(description="Whether anything was uploaded under this batch number.")]
    uploaded_at: Annotated[Time, Meta(description="When its first packs were uploaded (UTC).")] = UNSET
    expiry: Annotated[Text, Meta(description="Expiry date as uploaded.")] = UNSET
    pack_count: Annotated[Number, Meta(description="How many packs were uploaded in all.")] = UNSET
    recalled_at: Annotated[Time, Meta(description="When the batch was recalled (UTC).")] = UNSET
    recall_reason: Annotated[Text, Meta(description="Why it was recalled.")] = UNSET
    withdrawn_at: Annotated[Time, Meta(description="When the product was withdrawn (UTC).")] = UNSET
    uploads: Annotated[
        tuple[BatchUploadSeen, ...] | UnsetType, Meta(description="Its uploads, the first one first.")
    ] = UNSET
    corrections: Annotated[
        tuple[BatchCorrectionSeen, ...],
        Meta(description="Corrections of its number or expiry date, the first one first."),
    ] = ()
    states: Annotated[
        tuple[PacksInState, ...] | UnsetType,
        Meta(description="How many packs are in which state; only where it is asked for (`countPacks`)."),
    ] = UNSET


class LocationContact(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Whom to call or write to at a location."""

    location: Annotated[Place, Meta(description="The location.")]
    organisation_name: Annotated[str, Meta(description="Name of its organisation.")]
    raised_it: Annotated[
        bool,
        Meta(description="Whether the alert was raised there; else the pack had got its state there before."),
    ]
    person: Annotated[Text, Meta(description="Name of the contact person.")] = UNSET
    phone: Annotated[Text, Meta(description="Telephone number.")] = UNSET
    email: Annotated[Text, Meta(description="E-mail address.")] = UNSET
    languages: Annotated[
        tuple[str, ...] | UnsetType, Meta(description="Languages that the location works in.")
    ] = UNSET


class CauseExplained(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One possible cause, in words."""

    cause: Annotated[str, Meta(description="The cause.", extra_json_schema={"enum": list(CAUSES)})]
    name: Annotated[str, Meta(description="What it is called.")]
    says: Annotated[str, Meta(description="What it means for the pack.")]
    because: Annotated[tuple[str, ...], Meta(description="What speaks for it, a sentence each.")]


class ValueDifference(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What was sent beside what is stored."""

    field: Annotated[str, Meta(description="Which part of the identifier.", examples=["serial_number"])]
    sent: Annotated[str, Meta(description="What was sent.")]
    stored: Annotated[str, Meta(description="What is stored.")]


class SideAnswer(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What a side says of the cause."""

    side: _SideText = UNSET
    investigation_status: _AnswerText = UNSET


class AnswerDue(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """When something is due of a side."""

    deadline: Annotated[Text, Meta(description="Which deadline.")] = UNSET
    side: _SideText = UNSET
    due_at: Annotated[Time, Meta(description="When it is due (UTC).")] = UNSET
    met_at: Annotated[Time, Meta(description="When it was met (UTC).")] = UNSET


class AlertEntry(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One entry of the history of an alert."""

    recorded_at: Annotated[Time, Meta(description="When (UTC).")] = UNSET
    change: Annotated[Text, Meta(description="What changed.", examples=["status"])] = UNSET
    side: _SideText = UNSET
    before: Annotated[Text, Meta(description="What it was.")] = UNSET
    after: Annotated[Text, Meta(description="What it became.")] = UNSET
    closing_reason: _ReasonText = UNSET
    comment: Annotated[Text, Meta(description="What was said with it.")] = UNSET
    party: _PartyText = UNSET
    person: _PersonText = UNSET
    organisation_id: _OrganisationNumber = UNSET
    rule_id: Annotated[Text, Meta(description="The rule on whose word Sinetti did it.")] = UNSET
    rules_version: Annotated[Text, Meta(description="Version of the rules.")] = UNSET


class CaseMessage(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A message to the parties, or a note inside one's own organisation."""

    number: Annotated[int, Meta(description="Its number in the case.")]
    sent_at: Annotated[Time, Meta(description="When it was written (UTC).")] = UNSET
    party: _PartyText = UNSET
    person: _PersonText = UNSET
    organisation_id: _OrganisationNumber = UNSET
    location_id: Annotated[
        Number, Meta(description="The location whose conversation it belongs to, where you may see it.")
    ] = UNSET
    location_name: Annotated[Text, Meta(description="Its name.")] = UNSET
    body: Annotated[Text, Meta(description="The words.")] = UNSET


class AlertPhoto(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A photo of the pack."""

    photo_id: Annotated[str, Meta(description="Id of the photo.")]
    taken_in_at: Annotated[Time, Meta(description="When it came (UTC).")] = UNSET
    party: _PartyText = UNSET
    person: _PersonText = UNSET
    organisation_id: _OrganisationNumber = UNSET
    sha256: Annotated[Text, Meta(description="SHA-256 of the file as it came, in hexadecimal digits.")] = (
        UNSET
    )
    width: Annotated[Number, Meta(description="Pixels across.")] = UNSET
    height: Annotated[Number, Meta(description="Pixels down.")] = UNSET
    codes: Annotated[
        tuple[str, ...] | UnsetType, Meta(description="What a scanner would send of each Data Matrix on it.")
    ] = UNSET
    remarks: Annotated[tuple[str, ...] | UnsetType, Meta(description="What could not be read, and why.")] = (
        UNSET
    )


class PackEventSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One event of the pack."""

    recorded_at: Annotated[Time, Meta(description="When (UTC).")] = UNSET
    operation: Annotated[Text, Meta(description="`verify`, `supply`, `decommission` or `reactivate`.")] = (
        UNSET
    )
    operation_code: Annotated[Text, Meta(description="What was answered.")] = UNSET
    state_before: Annotated[Text, Meta(description="State of the pack before.")] = UNSET
    state_after: Annotated[Text, Meta(description="State of the pack after.")] = UNSET
    location: Annotated[Place | UnsetType, Meta(description="Where.")] = UNSET
    organisation: Annotated[Place | UnsetType, Meta(description="The organisation of the location.")] = UNSET
    equipment: Annotated[Place | UnsetType, Meta(description="The client equipment that asked.")] = UNSET
    alert_id: Annotated[Text, Meta(description="Alert id, where it raised an alert.")] = UNSET


class TrailRequestStepSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A step of a request to another country's operator."""

    recorded_at: Annotated[Time, Meta(description="When (UTC).")] = UNSET
    step: _TrailStepText = UNSET
    said: Annotated[Text, Meta(description="What was asked, answered or said with it.")] = UNSET
    party: _PartyText = UNSET
    person: _PersonText = UNSET


class TrailRequestSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A request to another country's operator for its part of the pack's trail."""

    request_id: Annotated[int, Meta(description="Its number.")]
    country: Annotated[Text, Meta(description="Which country, ISO 3166.", examples=["SE"])] = UNSET
    state: Annotated[
        Text,
        Meta(
            description="How it stands.",
            extra_json_schema={"enum": [state.value for state in TrailRequestState]},
        ),
    ] = UNSET
    carrier: Annotated[Text, Meta(description="What carries it: `by_hand` where people do.")] = UNSET
    due_at: Annotated[Time, Meta(description="When an answer is due while it is open (UTC).")] = UNSET
    steps: Annotated[
        tuple[TrailRequestStepSeen, ...] | UnsetType, Meta(description="What was done with it.")
    ] = UNSET


class PackSetAside(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """The pack in a location's register of packs set aside."""

    set_aside_id: Annotated[int, Meta(description="Its number in the register, which its label has.")]
    location_id: Annotated[Number, Meta(description="Number of the location.")] = UNSET
    set_aside_at: Annotated[Time, Meta(description="Since when (UTC).")] = UNSET
    place: Annotated[Text, Meta(description="Where it is kept.")] = UNSET
    ended_at: Annotated[Time, Meta(description="Until when (UTC).")] = UNSET
    ended_as: Annotated[Text, Meta(description="How it left.")] = UNSET


class GuidanceStep(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A step of the guidance for your side, in the order in which to do it."""

    step: Annotated[str, Meta(description="Name of the step.")]
    text: Annotated[str, Meta(description="What to do.")]
    is_done: Annotated[bool, Meta(description="Whether it was ticked off.")]
    help_path: Annotated[str, Meta(description="Path of the public page that tells more.")]


class AssignedTo(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Who of your organisation takes care of an alert. No other organisation learns it."""

    assignee: Annotated[str, Meta(description="As in the list of assignees.", examples=["team-3"])]
    name: Annotated[str, Meta(description="Its name.")]


class AlertSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """An alert as your party sees it: a possible suspicion of falsification until it is classified."""

    alert_id: _AlertId = UNSET
    case_id: Annotated[Number, Meta(description="The case of alerts that are kin.")] = UNSET
    link: Annotated[Text, Meta(description="Its page in the portal.")] = UNSET
    changes: Annotated[Number, Meta(description="How many changes it has seen; send it with yours.")] = UNSET
    recorded_at: Annotated[Time, Meta(description="When (UTC).")] = UNSET
    level: Annotated[Number, Meta(description="Level of the deviation.")] = UNSET
    market: Annotated[Text, Meta(description="Country of the system that raised it.")] = UNSET
    kind: Annotated[
        Text,
        Meta(
            description="Which of the kinds of NMVO-0048.",
            extra_json_schema={"enum": [kind.value for kind in AlertKind]},
        ),
    ] = UNSET
    operation: Annotated[Text, Meta(description="`verify`, `supply`, `decommission` or `reactivate`.")] = (
        UNSET
    )
    operation_code: Annotated[Text, Meta(description="What was answered.")] = UNSET
    entry_mode: Annotated[Text, Meta(description="Whether the data was scanned or typed by hand.")] = UNSET
    product_code: Annotated[Text, Meta(description="Product code as sent.")] = UNSET
    product_name: Annotated[Text, Meta(description="Name of the product.")] = UNSET
    sent_serial_number: Annotated[Text, Meta(description="Serial number as sent.")] = UNSET
    sent_batch: Annotated[Text, Meta(description="Batch number as sent.")] = UNSET
    sent_expiry: Annotated[Text, Meta(description="Expiry date as sent.")] = UNSET
    location: Annotated[Place | UnsetType, Meta(description="Where.")] = UNSET
    organisation: Annotated[Place | UnsetType, Meta(description="The organisation of the location.")] = UNSET
    equipment: Annotated[Place | UnsetType, Meta(description="The client equipment that asked.")] = UNSET
    software: Annotated[Text, Meta(description="Its software, as it named itself.")] = UNSET
    earlier_place: Annotated[
        Place | UnsetType, Meta(description="Where the pack had got the state it was found in.")
    ] = UNSET
    earlier_time: Annotated[Time, Meta(description="When that was (UTC).")] = UNSET
    contacts: Annotated[
        tuple[LocationContact, ...] | UnsetType,
        Meta(description="Whom the operator calls or writes to; nobody else sees it."),
    ] = UNSET
    untold: Annotated[
        tuple[Place, ...] | UnsetType,
        Meta(
            description="Locations and organisations of which nobody could be told by mail, for the operator."
        ),
    ] = UNSET
    stored_serial_number: Annotated[Text, Meta(description="Serial number as uploaded.")] = UNSET
    stored_batch: Annotated[Text, Meta(description="Batch number as uploaded.")] = UNSET
    stored_expiry: Annotated[Text, Meta(description="Expiry date as uploaded.")] = UNSET
    uploaded: Annotated[
        tuple[BatchUploadSeen, ...] | UnsetType, Meta(description="Uploads into the batch.")
    ] = UNSET
    batches: Annotated[
        tuple[BatchFacts, ...] | UnsetType,
        Meta(
            description="What was uploaded of the batch that was sent, and of the one that is likely meant."
        ),
    ] = UNSET
    cause: Annotated[
        Text, Meta(description="The likeliest cause.", extra_json_schema={"enum": list(CAUSES)})
    ] = UNSET
    confidence: Annotated[
        Number, Meta(description="Of a hundred alerts judged so, about how many have that cause.")
    ] = UNSET
    explanation: Annotated[
        tuple[CauseExplained, ...] | UnsetType, Meta(description="The possible causes, the likeliest first.")
    ] = UNSET
    differences: Annotated[
        tuple[ValueDifference, ...] | UnsetType, Meta(description="Where what was sent and is stored differ.")
    ] = UNSET
    status: _StatusText = UNSET
    closing_reason: _ReasonText = UNSET
    closing_comment: Annotated[Text, Meta(description="What was said when it was closed.")] = UNSET
    outcome: Annotated[
        Text,
        Meta(
            description="What is known of the pack. Never a permission: the decision is the pharmacist's.",
            extra_json_schema={"enum": [outcome.value for outcome in SupplyOutcome]},
        ),
    ] = UNSET
    outcome_text: Annotated[Text, Meta(description="The same as a sentence to show, and why.")] = UNSET
    classification: Annotated[
        Text,
        Meta(
            description="Possible suspicion, suspicion, or confirmed falsification (NMVO-0048 §6).",
            extra_json_schema={"enum": [one.value for one in Classification]},
        ),
    ] = UNSET
    investigations: Annotated[
        tuple[SideAnswer, ...] | UnsetType, Meta(description="What each side says of the cause.")
    ] = UNSET
    deadlines: Annotated[tuple[AnswerDue, ...] | UnsetType, Meta(description="What is due of whom.")] = UNSET
    history: Annotated[tuple[AlertEntry, ...] | UnsetType, Meta(description="What was done about it.")] = (
        UNSET
    )
    messages: Annotated[
        tuple[CaseMessage, ...] | UnsetType, Meta(description="Messages of the case that are meant for you.")
    ] = UNSET
    notes: Annotated[
        tuple[CaseMessage, ...] | UnsetType, Meta(description="Notes of your own organisation.")
    ] = UNSET
    pack_trail: Annotated[
        tuple[PackEventSeen, ...] | UnsetType,
        Meta(description="Events of the pack, where they were asked for on a ground."),
    ] = UNSET
    trail_requests: Annotated[
        tuple[TrailRequestSeen, ...] | UnsetType,
        Meta(description="Requests to other countries' operators for their part of the trail."),
    ] = UNSET
    set_aside: Annotated[
        tuple[PackSetAside, ...] | UnsetType, Meta(description="The pack in registers of packs set aside.")
    ] = UNSET
    photos: Annotated[tuple[AlertPhoto, ...] | UnsetType, Meta(description="Photos of the pack.")] = UNSET
    guidance: Annotated[
        tuple[GuidanceStep, ...] | UnsetType, Meta(description="What your side does now, step by step.")
    ] = UNSET
    closing_reasons: Annotated[
        tuple[str, ...] | UnsetType,
        Meta(
            description="Reasons with which your party can close it as things stand.",
            extra_json_schema={
                "items": {"type": "string", "enum": [reason.value for reason in ClosingReason]}
            },
        ),
    ] = UNSET
    assigned: Annotated[
        AssignedTo | UnsetType,
        Meta(description="The team or person of your organisation that takes care of it, if any."),
    ] = UNSET


class AlertsSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A page of alerts. Lists leave out what only a single alert has: history, messages, photos, guidance."""

    alerts: Annotated[tuple[AlertSeen, ...], Meta(description="The alerts, in the order asked for.")]
    next: Annotated[
        Text, Meta(description="Value of `after` for the page that follows; not there on the last page.")
    ] = UNSET


class RefusalSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """An operation of yours that was refused without an alert, and that can be investigated."""

    reference: Annotated[str, Meta(description="Its reference, to be used in place of an alert id.")]
    recorded_at: Annotated[Time, Meta(description="When (UTC).")] = UNSET
    operation_code: Annotated[Text, Meta(description="What was answered.")] = UNSET
    product_code: Annotated[Text, Meta(description="Product code as sent.")] = UNSET
    sent_serial_number: Annotated[Text, Meta(description="Serial number as sent.")] = UNSET
    sent_batch: Annotated[Text, Meta(description="Batch number as sent.")] = UNSET
    sent_expiry: Annotated[Text, Meta(description="Expiry date as sent.")] = UNSET


class RefusalsSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Refusals of the last weeks for which nobody has asked."""

    refusals: Annotated[tuple[RefusalSeen, ...], Meta(description="The refusals, the newest first.")]


class NoticeTold(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What a webhook tells of an alert, and the same message when it is fetched: the `data` of it."""

    notice: Annotated[str, Meta(description="What happened, as a word.", examples=["alert_raised"])]
    happened_at: Annotated[Moment, Meta(description="When it happened (UTC).")]
    analysis: Annotated[
        str,
        Meta(
            description="Whether it had been analysed: while that is pending, no cause is not yet that none was found.",
            extra_json_schema={"enum": ["done", "pending"]},
        ),
    ]
    alert: Annotated[
        AlertSeen,
        Meta(
            description="The alert as you see it, without what grows without end and what is said in sentences."
        ),
    ]
    message: Annotated[
        CaseMessage | UnsetType, Meta(description="The newest message, where one was written.")
    ] = UNSET


class MessageSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Something that happened to an alert, as a webhook tells it."""

    id: Annotated[
        str, Meta(description="The `webhook-id` of the same message: whoever gets it twice knows by this.")
    ]
    type: Annotated[
        str, Meta(description="What happened, such as `alert.raised`.", examples=["alert.raised"])
    ]
    timestamp: Annotated[Moment, Meta(description="When it happened (UTC).")]
    data: Annotated[
        dict[str, Any],
        Meta(description="The body of the webhook's `data`: the notice, and the alert as you see it."),
    ]


class MessagesSeen(Struct, rename="camel", frozen=True, kw_only=True):
    """Messages in the order of their numbers, the oldest first."""

    messages: Annotated[tuple[MessageSeen, ...], Meta(description="The messages; none where nothing is new.")]
    next: Annotated[
        str,
        Meta(
            description="Value of `after` for the next request. Keep it once you have worked on the messages."
        ),
    ]
    has_more: Annotated[bool, Meta(description="Whether there are more at once.")]


class AlertChanged(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What became of one alert of many."""

    alert_id: _AlertId = UNSET
    is_made: Annotated[Yes, Meta(description="Whether the change is made, or would be.")] = UNSET
    refusal: Annotated[Text, Meta(description="Why not, as a word.")] = UNSET
    why: Annotated[Text, Meta(description="Why not, as a sentence.")] = UNSET


class AlertsChanged(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What became of each alert. Those of others are left out, as if they were not there."""

    is_preview: Annotated[bool, Meta(description="True where nothing was changed.")]
    results: Annotated[tuple[AlertChanged, ...], Meta(description="An alert each.")]


# ---------------------------------------------------------------- what is said and done

_Changes = Annotated[Annotated[int, Meta(ge=0, le=2**31 - 1)] | None, Meta(description=_CHANGES_MEANING)]
_Comment = Annotated[
    str | None, Meta(description="Why, in words that all parties read. 500 characters at most.")
]
_STATUS_META = Meta(
    description="The status wanted.",
    examples=[AlertStatus.CLOSED.value],
    extra_json_schema={"enum": [status.value for status in AlertStatus]},
)
_ANSWER_META = Meta(
    description="What your side says of the cause.",
    examples=[InvestigationStatus.NO_CAUSE_ON_MY_SIDE.value],
    extra_json_schema={"enum": [answer.value for answer in InvestigationStatus]},
)
_CLASS_META = Meta(
    description="The class wanted.",
    examples=[Classification.SUSPICION.value],
    extra_json_schema={"enum": [one.value for one in Classification]},
)
_Reason = Annotated[
    str | None,
    Meta(
        description="Why it is closed; only with that status.",
        extra_json_schema={"enum": [reason.value for reason in ClosingReason]},
    ),
]


class StatusOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Move an alert to another status."""

    status: Annotated[str, _STATUS_META]
    closing_reason: _Reason = None
    comment: _Comment = None
    changes: _Changes = None


class InvestigationOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Say for your side whether the cause was there."""

    investigation_status: Annotated[str, _ANSWER_META]
    comment: _Comment = None
    changes: _Changes = None


class HandOverOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Say that it is not your error, and have the others asked."""

    changes: _Changes = None


class ClassificationOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Classify an alert (NMVO-0048 §6)."""

    classification: Annotated[str, _CLASS_META]
    comment: Annotated[str, Meta(description="Why, in words. 500 characters at most.")]
    changes: _Changes = None


class MessageOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Say something to the other parties, or write a note for your own organisation."""

    body: Annotated[str, Meta(description="The words. 4000 characters at most.")]
    is_note: Annotated[bool | None, Meta(description="Keep it inside your own organisation.")] = None
    to_all: Annotated[bool | None, Meta(description="To every location of the case; not for users.")] = None


class StepOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Tick a step of the guidance off, or take the tick away."""

    step: Annotated[str, Meta(description="Name of the step.")]
    is_done: Annotated[bool, Meta(description="Whether it is done.")]


class SetAsideOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Enter the alert's pack into your location's register of packs set aside."""

    place: Annotated[str | None, Meta(description="Where it is kept.", examples=["Shelf 3"])] = None


class SetAsideEndOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Take the alert's pack out of the register."""

    end: Annotated[
        str,
        Meta(
            description="How it leaves.",
            examples=[SetAsideEnd.BACK_TO_STOCK.value],
            extra_json_schema={"enum": [end.value for end in SetAsideEnd]},
        ),
    ]
    comment: _Comment = None
    agreed_with_mah: Annotated[
        bool | None, Meta(description="Whether the MAH has agreed that it may be returned.")
    ] = None


class RequestForInvestigation(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Ask for the investigation of an alert, or of a refusal without one (NMVO-0048 §6.1)."""

    body: Annotated[
        str, Meta(description="What the alert is about, in plain words. 4000 characters at most.")
    ]


class TrailOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Read the pack's trail on a ground, which is recorded (Delegated Regulation (EU) 2016/161 art. 38(2), 39)."""

    ground: Annotated[str, Meta(description="On which ground. 500 characters at most.")]


class TrailRequestOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Ask another country's operator for its part of the pack's trail. It waits until somebody carries it."""

    country: Annotated[str, Meta(description="Which country, ISO 3166.", examples=["SE"])]
    question: Annotated[str, Meta(description="What is asked, and why. 500 characters at most.")]


class TrailRequestStepOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Note what was done with a request to another country, or what came of it."""

    request_id: Annotated[int, Meta(description="Number of the request, as in `trailRequests`.")]
    step: Annotated[
        str,
        Meta(
            description="What was done.",
            extra_json_schema={"enum": _NOTED},
        ),
    ]
    said: Annotated[
        str | None, Meta(description="The answer as it came, or why. 4000 characters at most.")
    ] = None


class ManyAlertsOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One change of many alerts: a status, what your side says of the cause, a class, or who takes care of them."""

    alert_ids: Annotated[
        tuple[str, ...],
        Meta(
            description="Ids of the alerts.",
            examples=[["FI-7KD-2MP-X9A-4TQ-H8C"]],
            min_length=1,
            max_length=ALERTS_OF_CHANGE_MAX,
        ),
    ]
    is_preview: Annotated[
        bool, Meta(description="True to see what would become of each, and change nothing.")
    ]
    status: Annotated[str | None, _STATUS_META] = None
    closing_reason: _Reason = None
    investigation_status: Annotated[str | None, _ANSWER_META] = None
    classification: Annotated[str | None, _CLASS_META] = None
    assignee: Annotated[str | None, Meta(description="One of the list of assignees, or `nobody`.")] = None
    comment: _Comment = None
