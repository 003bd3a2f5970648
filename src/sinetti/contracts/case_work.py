"""What IT systems do beside single alerts: share them out, keep packs apart, have batches held, tell the chain.

As with alerts, a field that the caller may not see is not there.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct

from sinetti.contracts.cases import CAUSES, Number, Place, Text, Time
from sinetti.contracts.fields import Moment
from sinetti.rules.alerts.vocabulary import Classification, SetAsideEnd
from sinetti.rules.chain_notices import Recipients
from sinetti.rules.sales_holds.vocabulary import HoldState, HoldStep

_ANSWERED = [step.value for step in (HoldStep.HOLD, HoldStep.NONE_IN_STOCK, HoldStep.RELEASE)]
_NEXT = Meta(description="Value of `after` for the page that follows; not there on the last page.")
_PRODUCT_CODE = Meta(description="Product code.", examples=["06412345678907"])
_BATCH = Meta(description="Batch number.", examples=["LOT-42/A"])


# ---------------------------------------------------------------- who takes care of what


class AssigneeSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A team or a person of your organisation that alerts can be assigned to."""

    assignee: Annotated[str, Meta(description="What to send to assign an alert to it.", examples=["team-3"])]
    name: Annotated[str, Meta(description="Its name.")]


class AssigneesSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Teams and people of your organisation that alerts can be assigned to."""

    assignees: Annotated[tuple[AssigneeSeen, ...], Meta(description="Teams first, then people, by name.")]


class AssignmentOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Assign an alert to a team or a person of your organisation, or to nobody. No other organisation learns it."""

    assignee: Annotated[
        str,
        Meta(description="One of the list of assignees, or `nobody`.", examples=["nobody"], max_length=40),
    ]


class TeamMember(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Somebody of a team."""

    user_id: Annotated[int, Meta(description="Number of the person.")]
    name: Annotated[str, Meta(description="Name of the person.")]
    is_locked: Annotated[bool, Meta(description="Whether the person can sign in no more.")]


class TeamSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """People of your organisation who take care of alerts together."""

    team_id: Annotated[int, Meta(description="Number of the team.")]
    name: Annotated[str, Meta(description="Its name.")]
    markets: Annotated[
        tuple[str, ...], Meta(description="Countries whose alerts it takes care of, ISO 3166.")
    ]
    members: Annotated[tuple[TeamMember, ...], Meta(description="Its people.")]


class TeamsSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """The teams of your organisation."""

    teams: Annotated[tuple[TeamSeen, ...], Meta(description="The teams, by name.")]


class TeamOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """How a team is to be: all of it, not what changes."""

    name: Annotated[str, Meta(description="Its name, 60 characters at most.", examples=["Nordic countries"])]
    markets: Annotated[
        tuple[str, ...],
        Meta(description="Countries whose alerts it takes care of, ISO 3166.", examples=[["FI"]]),
    ]
    members: Annotated[
        tuple[int, ...] | None,
        Meta(description="Numbers of its people; those of other organisations are left out."),
    ] = None


# ---------------------------------------------------------------- packs set aside


class PackKept(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A pack in the register of packs set aside."""

    set_aside_id: Annotated[int, Meta(description="Its number in the register, which its label has.")]
    alert_id: Annotated[
        Text, Meta(description="The alert that it was set aside for; its end goes there.")
    ] = UNSET
    location: Annotated[Place, Meta(description="Where it is kept apart.")]
    product_code: Annotated[str, _PRODUCT_CODE]
    product_name: Annotated[Text, Meta(description="Name of the product.")] = UNSET
    sent_serial_number: Annotated[str, Meta(description="Serial number as sent.")]
    sent_batch: Annotated[Text, Meta(description="Batch number as sent.")] = UNSET
    sent_expiry: Annotated[Text, Meta(description="Expiry date as sent.")] = UNSET
    place: Annotated[Text, Meta(description="Where it is kept.")] = UNSET
    set_aside_at: Annotated[Moment, Meta(description="Since when (UTC).")]
    ended_at: Annotated[Time, Meta(description="Until when (UTC).")] = UNSET
    ended_as: Annotated[Text, Meta(description="How it left.")] = UNSET
    may_end_as: Annotated[
        tuple[str, ...],
        Meta(
            description="How it may leave as things stand.",
            extra_json_schema={"items": {"type": "string", "enum": [end.value for end in SetAsideEnd]}},
        ),
    ] = ()


class PacksKept(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A page of the register of packs set aside."""

    packs_set_aside: Annotated[tuple[PackKept, ...], Meta(description="The packs, the latest first.")]
    next: Annotated[Text, _NEXT] = UNSET


# ---------------------------------------------------------------- sales holds

_HOLD_STATE = Meta(
    description="How the request stands: `asked` while it is in force, or `lifted`.",
    extra_json_schema={"enum": [HoldState.ASKED.value, HoldState.LIFTED.value]},
)
_ANSWER_STATE = Meta(
    description="What the location answers; `asked` where it has not answered.",
    extra_json_schema={"enum": [state.value for state in HoldState if state is not HoldState.LIFTED]},
)


class SalesHoldOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Ask every distributor to hold a batch of your own product while it is investigated (NMVO-0048 §6.2)."""

    product_code: Annotated[str, _PRODUCT_CODE]
    batch: Annotated[str, _BATCH]
    reason: Annotated[
        str, Meta(description="Why, as distributors read it. 1000 characters at most, and no name of yours.")
    ]
    alert_id: Annotated[str | None, Meta(description="The alert that led to it.")] = None


class SalesHoldLiftOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """End a request, and have those told who hold packs."""

    reason: Annotated[str, Meta(description="Why, as distributors read it. 1000 characters at most.")]


class SalesHoldFigures(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """The answers of distributors, counted: which of them answers what, the company does not learn."""

    asked: Annotated[int, Meta(description="Locations that were asked.")]
    answered: Annotated[int, Meta(description="Locations that have answered.")]
    holding: Annotated[int, Meta(description="Locations that hold packs.")]
    packs: Annotated[int, Meta(description="Packs that they hold.")]
    none_in_stock: Annotated[int, Meta(description="Locations that have none in stock.")]
    released: Annotated[int, Meta(description="Locations that have released their packs.")]


class SalesHoldAnswerSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What one location answers."""

    location: Annotated[Place, Meta(description="The location.")]
    organisation_name: Annotated[str, Meta(description="Name of its organisation.")]
    state: Annotated[str, _ANSWER_STATE]
    state_at: Annotated[Moment, Meta(description="Since when (UTC).")]
    packs: Annotated[Number, Meta(description="How many packs it holds, or has held.")] = UNSET


class SalesHoldSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A request to hold a batch, as your party sees it."""

    hold_id: Annotated[int, Meta(description="Number of the request.")]
    company: Annotated[Place | None, Meta(description="The company that asks.")] = None
    product_code: Annotated[str, _PRODUCT_CODE]
    product_name: Annotated[str, Meta(description="Name of the product.")]
    batch: Annotated[str, _BATCH]
    state: Annotated[str, _HOLD_STATE]
    state_at: Annotated[Moment, Meta(description="Since when (UTC).")]
    asked_at: Annotated[Moment, Meta(description="When it was asked for (UTC).")]
    reason: Annotated[Text, Meta(description="Why it was asked for.")] = UNSET
    lift_reason: Annotated[Text, Meta(description="Why it was lifted.")] = UNSET
    alert_id: Annotated[Text, Meta(description="The alert that led to it.")] = UNSET
    figures: Annotated[SalesHoldFigures | None, Meta(description="The answers, counted.")] = None
    answers: Annotated[tuple[SalesHoldAnswerSeen, ...], Meta(description="The answers, by location.")] = ()


class SalesHoldsSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A page of the requests to hold batches."""

    sales_holds: Annotated[tuple[SalesHoldSeen, ...], Meta(description="The requests, the latest first.")]
    next: Annotated[Text, _NEXT] = UNSET


class HeldBatchSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A batch that your location is asked to hold, or to release. Who asks is not told."""

    hold_id: Annotated[int, Meta(description="Number of the request.")]
    product_code: Annotated[str, _PRODUCT_CODE]
    product_name: Annotated[str, Meta(description="Name of the product.")]
    batch: Annotated[str, _BATCH]
    request_state: Annotated[str, _HOLD_STATE]
    asked_at: Annotated[Moment, Meta(description="When it was asked for (UTC).")]
    reason: Annotated[str, Meta(description="Why it was asked for.")]
    lift_reason: Annotated[Text, Meta(description="Why it was lifted.")] = UNSET
    state: Annotated[str, _ANSWER_STATE]
    state_at: Annotated[Moment, Meta(description="Since when (UTC).")]
    packs: Annotated[Number, Meta(description="How many packs it holds, or has held.")] = UNSET
    possible_steps: Annotated[
        tuple[str, ...],
        Meta(
            description="What the location can answer as things stand.",
            extra_json_schema={"items": {"type": "string", "enum": _ANSWERED}},
        ),
    ]


class HeldBatchesSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A page of the batches that your location is asked to hold."""

    held_batches: Annotated[tuple[HeldBatchSeen, ...], Meta(description="The batches, the latest first.")]
    next: Annotated[Text, _NEXT] = UNSET


class HeldBatchOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Answer for your location's stock of a batch."""

    step: Annotated[
        str,
        Meta(
            description="What the location does.",
            examples=[HoldStep.NONE_IN_STOCK.value],
            extra_json_schema={"enum": _ANSWERED},
        ),
    ]
    packs: Annotated[
        Annotated[int, Meta(ge=1, le=100_000_000)] | None,
        Meta(description="How many packs it holds; only with `hold`."),
    ] = None


# ---------------------------------------------------------------- notices of falsification

_RECIPIENTS = [kind.value for kind in Recipients]


class ChainNoticeOrder(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Tell the authority and the distribution chain of a suspected or confirmed falsification (NMVO-0048 §6.2)."""

    recipients: Annotated[
        tuple[str, ...],
        Meta(
            description="Kinds of people who are told, each once, by mail and at once. It cannot be taken back.",
            examples=[[Recipients.AUTHORITY.value]],
            extra_json_schema={"items": {"type": "string", "enum": _RECIPIENTS}},
            max_length=10,
        ),
    ]
    is_preview: Annotated[
        bool, Meta(description="True to see the text and to how many it goes, and send nothing.")
    ]
    addition: Annotated[
        str | None, Meta(description="Words of your own. 2000 characters at most, and no serial number.")
    ] = None


class ChainNoticeText(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A notice as it goes out, here in your language; each person gets it in theirs."""

    is_preview: Annotated[bool, Meta(description="True where nothing was sent.")]
    subject: Annotated[str, Meta(description="Its subject.")]
    paragraphs: Annotated[tuple[str, ...], Meta(description="What it says, without your addition.")]
    people: Annotated[int, Meta(description="How many people are told.")]


class ChainNoticeSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A notice that was sent. Who got it is counted, and not named."""

    notice_id: Annotated[int, Meta(description="Its number.")]
    sent_at: Annotated[Moment, Meta(description="When it was sent (UTC).")]
    company: Annotated[Place | None, Meta(description="The company that sent it.")] = None
    alert_id: Annotated[Text, Meta(description="The alert that it is about.")] = UNSET
    product_code: Annotated[str, _PRODUCT_CODE]
    product_name: Annotated[Text, Meta(description="Name of the product.")] = UNSET
    sent_batch: Annotated[Text, Meta(description="Batch number as sent.")] = UNSET
    classification: Annotated[
        str,
        Meta(
            description="How the alert was classified then.",
            extra_json_schema={"enum": [one.value for one in Classification]},
        ),
    ]
    recipients: Annotated[
        tuple[str, ...],
        Meta(
            description="Kinds of people who were told.",
            extra_json_schema={"items": {"type": "string", "enum": _RECIPIENTS}},
        ),
    ]
    people: Annotated[int, Meta(description="How many people were told.")]
    addition: Annotated[Text, Meta(description="What the company added.")] = UNSET


class ChainNoticesSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A page of the notices of falsification."""

    chain_notices: Annotated[tuple[ChainNoticeSeen, ...], Meta(description="The notices, the latest first.")]
    next: Annotated[Text, _NEXT] = UNSET


# ---------------------------------------------------------------- what a company sees of its own data


class UploadGapSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One kind of gap in the upload of a batch, as alerts of the last year show it. Locations are counted only."""

    product_code: Annotated[str, _PRODUCT_CODE]
    product_name: Annotated[Text, Meta(description="Name of the product.")] = UNSET
    sent_batch: Annotated[str, Meta(description="Batch number as sent.")]
    gap: Annotated[
        str,
        Meta(
            description="What is wrong with the upload.",
            extra_json_schema={"enum": ["not_uploaded", "partly", "expiry", "batch_name", "late"]},
        ),
    ]
    alerts: Annotated[int, Meta(description="Alerts that show it.")]
    open_alerts: Annotated[int, Meta(description="Those of them that are open.")]
    packs: Annotated[int, Meta(description="Serial numbers that they are about.")]
    locations: Annotated[int, Meta(description="Locations where they were raised.")]
    first_at: Annotated[Moment, Meta(description="When the first was raised (UTC).")]


class UploadGapsSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Gaps in your uploads, those with most open alerts first."""

    upload_gaps: Annotated[tuple[UploadGapSeen, ...], Meta(description="The gaps.")]
    has_more: Annotated[bool, Meta(description="Whether there is a next page.")]


class SentSerialSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """A serial number that came up without having been uploaded. It may be a falsified one: compare, never copy."""

    sent_serial_number: Annotated[str, Meta(description="Serial number as sent.")]
    sent_expiry: Annotated[Text, Meta(description="Expiry date as sent.")] = UNSET
    first_at: Annotated[Moment, Meta(description="When the first was raised (UTC).")]
    alerts: Annotated[int, Meta(description="Alerts that show it.")]
    is_uploaded: Annotated[bool, Meta(description="Whether it has been uploaded since.")]


class SentSerialsSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """What came up of a batch without having been uploaded, to be compared with what was packed."""

    serial_numbers: Annotated[
        tuple[SentSerialSeen, ...], Meta(description="Serial numbers; those under suspicion are left out.")
    ]
    suspected_packs: Annotated[int, Meta(description="Packs of the batch that are under suspicion.")]


class NearMissSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """One kind of difference between what was sent and what you uploaded, in one batch. Locations are counted only."""

    product_code: Annotated[str, _PRODUCT_CODE]
    product_name: Annotated[Text, Meta(description="Name of the product.")] = UNSET
    batch: Annotated[
        str, Meta(description="The uploaded batch where it was found, else the one that was sent.")
    ]
    cause: Annotated[str, Meta(description="The likeliest cause.", extra_json_schema={"enum": list(CAUSES)})]
    says: Annotated[str, Meta(description="The kind of difference, as a sentence.")]
    telling: Annotated[
        str,
        Meta(
            description="What it tells: that the print may differ, or that a location reads or types wrongly.",
            extra_json_schema={"enum": ["print", "many_places", "one_place", "few"]},
        ),
    ]
    alerts: Annotated[int, Meta(description="Alerts that show it.")]
    sent_values: Annotated[int, Meta(description="Different values that were sent.")]
    locations: Annotated[int, Meta(description="Locations where they were raised.")]
    same_value_locations: Annotated[int, Meta(description="Locations that sent the same wrong value.")]
    latest_at: Annotated[Moment, Meta(description="When the latest was raised (UTC).")]


class NearMissesSeen(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Differences between what was sent and what you uploaded, the most telling first."""

    near_misses: Annotated[tuple[NearMissSeen, ...], Meta(description="The differences.")]
    has_more: Annotated[bool, Meta(description="Whether there is a next page.")]
