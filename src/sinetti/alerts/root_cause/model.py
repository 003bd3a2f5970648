"""What the root-cause analysis is made of: the facts of one alert, and what it says of them. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

import msgspec

from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import (
    Cause,
    CauseClass,
    CauseSide,
    Closing,
    EntryMode,
    Operation,
    OrganisationKind,
    PackState,
    ParameterName,
)

# ---------------------------------------------------------------- facts


class AlertKind(StrEnum):
    """What did not agree, by the table that gave the alert's code."""

    SERIAL_UNKNOWN = "serial_unknown"
    """A3: the batch is known, the serial number is not."""
    BATCH_AND_SERIAL_UNKNOWN = "batch_and_serial_unknown"
    """A2."""
    BATCH_DIFFERS = "batch_differs"
    """A68: the serial number is stored in another batch."""
    EXPIRY_DIFFERS = "expiry_differs"
    """A52."""
    ALREADY_DECOMMISSIONED = "already_decommissioned"
    """A7 and A24."""
    PRODUCT_UNKNOWN = "product_unknown"
    """A1, which is no alert at level L5 but is asked about all the same."""


class Field(StrEnum):
    """A part of the identifier that may differ."""

    SERIAL_NUMBER = "serial_number"
    BATCH = "batch"
    EXPIRY = "expiry"


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who did something: ids only, so that no analysis can name anybody."""

    location_id: int | None
    """`None` for a company's own system that is at no location, and for what another market did."""
    organisation_id: int | None
    organisation_kind: OrganisationKind | None
    equipment_id: int | None = None

    def same_location(self, other: Place) -> bool:
        """Whether both are known to be one location."""
        return self.location_id is not None and self.location_id == other.location_id

    def same_organisation(self, other: Place) -> bool:
        """Whether both are known to belong to one organisation."""
        return self.organisation_id is not None and self.organisation_id == other.organisation_id


class SendingMode(StrEnum):
    """How a request came: one pack, a list, or what was recorded while there was no connection."""

    SINGLE = "single"
    BULK = "bulk"
    RECOVERY = "recovery"


class Sent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The operation that raised the alert, as it was sent and recorded."""

    alert_id: str
    at: datetime
    kind: AlertKind
    operation: Operation | None
    scheme: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    place: Place
    entry_mode: str | None = None
    user_agent: str | None = None
    mode: SendingMode = SendingMode.SINGLE
    state_before: PackState | None = None
    """In which state the pack was found; `None` where its identity was not confirmed."""

    @property
    def is_typed(self) -> bool:
        """Whether a person typed the data by hand."""
        return self.entry_mode == EntryMode.MANUAL

    def value(self, field: Field) -> str | None:
        """What was sent for a field."""
        return (self.serial_number, self.batch, self.expiry)[_FIELDS.index(field)]


_FIELDS = tuple(Field)

UNKNOWN_PACK = frozenset({AlertKind.SERIAL_UNKNOWN, AlertKind.BATCH_AND_SERIAL_UNKNOWN})
"""No pack has the serial number that was sent."""
DIFFERING_FIELD = MappingProxyType(
    {AlertKind.BATCH_DIFFERS: Field.BATCH, AlertKind.EXPIRY_DIFFERS: Field.EXPIRY}
)
"""A pack is stored that has the serial number, and this field of it differs."""


class StoredBatch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was uploaded for a batch."""

    batch_id: int
    batch: str
    expiry: str
    pack_count: int = 0
    serial_length_min: int = 0
    serial_length_max: int = 0
    serial_format: int = 0
    """Union of the character classes of the serial numbers (`gs1.charset.character_classes`)."""
    uploads: tuple[datetime, ...] = ()
    """When serial numbers were uploaded into it, the first one first."""
    corrected_at: datetime | None = None
    """When its number or expiry date was last corrected; `None` where it never was."""
    supplied_locations: int = 0
    """How many locations have decommissioned packs of it without an alert, counted to a bound: its print is right."""


class StoredPack(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A stored pack: the one that was asked about, or one that may have been meant."""

    serial_number: str
    batch: StoredBatch
    state: PackState = PackState.ACTIVE
    location_id: int | None = None
    organisation_id: int | None = None
    organisation_kind: OrganisationKind | None = None
    decommissioned_at: datetime | None = None

    def value(self, field: Field) -> str:
        """What is stored for a field."""
        return (self.serial_number, self.batch.batch, self.batch.expiry)[_FIELDS.index(field)]


class Happened(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event in the history of a serial number of the product."""

    at: datetime
    serial_number: str
    operation: str
    place: Place
    is_alert: bool = False
    confirmed: bool = False
    """Whether the pack was found with all its data as stored: state before and after are known."""
    state_before: PackState | None = None
    state_after: PackState | None = None
    answered: bool = True
    """False for a change that came from a company's system or another market, which got no operation code."""

    @property
    def changed(self) -> bool:
        """Whether it gave the pack another state."""
        return self.state_after is not None and self.state_before is not self.state_after


class Photographed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a code in a photograph of the pack says, sign by sign. Read by Sinetti, not by the location's scanner."""

    product_code: str | None
    serial_number: str | None
    batch: str | None
    expiry: str | None


class LocationAlerts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The other alerts of the same location in the days before and after."""

    alerts: int = 0
    signs: Mapping[Cause, int] = MappingProxyType({})
    """How many of them show each cause, each alert taken alone (`Analysis.sign`)."""
    replayed_packs: int = 0
    """Packs that the same equipment sent as decommissioned already, a few minutes around this alert."""


class BatchAlerts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The alerts about the batch that was sent, this one among them. Counted once for all alerts of the batch."""

    locations_of_value: Mapping[tuple[AlertKind, str, str], frozenset[int]] = MappingProxyType({})
    """Locations that sent the same wrong value: by kind of alert, batch and expiry as sent."""
    packs_at_location: Mapping[int, int] = MappingProxyType({})
    """Unknown serial numbers without anything near, by location."""
    unexplained_packs: int = 0
    """Unknown serial numbers without anything near, at all locations."""
    packs_supplied_twice: int = 0
    """Packs of the batch that two unrelated locations have supplied or tried to."""

    @property
    def unexplained_locations(self) -> int:
        """Locations that sent unknown serial numbers without anything near."""
        return len(self.packs_at_location)


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that is known about one alert when it is analysed."""

    sent: Sent
    now: datetime
    product_known: bool = True
    non_fmd: bool = False
    """The batch is on the national list of exempted batches."""
    asked_batch: StoredBatch | None = None
    """The stored batch that has the name that was sent."""
    pack: StoredPack | None = None
    """The stored pack with the serial number that was sent."""
    near: tuple[StoredPack, ...] = ()
    """Other packs of the product that may have been meant: found by exact look-up or as near in the batch."""
    near_is_complete: bool = True
    """False where more values were near than were looked at: then none of them says anything."""
    history: tuple[Happened, ...] = ()
    """What happened to the serial number that was sent, oldest first, this alert among it."""
    later: tuple[Happened, ...] = ()
    """Operations of the same location on packs that may have been meant, after the alert, that found nothing wrong."""
    location_alerts: LocationAlerts = LocationAlerts()
    batch_alerts: BatchAlerts = BatchAlerts()
    photographed: tuple[Photographed, ...] = ()
    """The codes in the photographs that those who have the pack in hand have added to the alert."""
    product_packs: int = 0
    """Packs stored for the product, counted by batches: how likely nearness by accident is."""


# ---------------------------------------------------------------- limits


class Limits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the operator may set (`parameters.csv`)."""

    retry_soon: timedelta
    retry_window: timedelta
    reactivation_window: timedelta
    upload_gap_packs: int
    upload_gap_locations: int
    same_difference_locations: int
    location_burst_days: int
    location_burst_alerts: int
    location_burst_percent: int
    replay_window: timedelta
    replay_packs: int
    high_risk_locations: int
    high_risk_packs: int
    impossible_journey: timedelta


def limits_of(rules: Rules) -> Limits:
    """The limits of a market."""

    def value(name: ParameterName) -> int:
        return rules.parameters[name].value

    return Limits(
        retry_soon=timedelta(minutes=value(ParameterName.RETRY_SOON_MINUTES)),
        retry_window=timedelta(hours=value(ParameterName.RETRY_WINDOW_HOURS)),
        reactivation_window=timedelta(hours=value(ParameterName.REACTIVATION_WINDOW_HOURS)),
        upload_gap_packs=value(ParameterName.UPLOAD_GAP_PACKS),
        upload_gap_locations=value(ParameterName.UPLOAD_GAP_LOCATIONS),
        same_difference_locations=value(ParameterName.SAME_DIFFERENCE_LOCATIONS),
        location_burst_days=value(ParameterName.LOCATION_BURST_DAYS),
        location_burst_alerts=value(ParameterName.LOCATION_BURST_ALERTS),
        location_burst_percent=value(ParameterName.LOCATION_BURST_PERCENT),
        replay_window=timedelta(minutes=value(ParameterName.REPLAY_WINDOW_MINUTES)),
        replay_packs=value(ParameterName.REPLAY_PACKS),
        high_risk_locations=value(ParameterName.HIGH_RISK_LOCATIONS),
        high_risk_packs=value(ParameterName.HIGH_RISK_PACKS),
        impossible_journey=timedelta(minutes=value(ParameterName.IMPOSSIBLE_JOURNEY_MINUTES)),
    )


# ---------------------------------------------------------------- analysis


class Span(msgspec.Struct, frozen=True, gc=False):
    """Characters that differ: where in what was sent, and where in what is stored. Either may be empty."""

    sent_start: int
    sent_end: int
    stored_start: int
    stored_end: int


class Difference(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How one field differs. Holds a stored value: only for those who may see it."""

    field: Field
    how: str
    """Key of `texts`, such as `all_swapped`; what kind of difference, which anybody may know."""
    values: Mapping[str, str] = msgspec.field(default_factory=dict)
    """For the places of that text, such as the two keyboard layouts. Never a stored value."""
    sent: str
    stored: str
    spans: tuple[Span, ...]


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that speaks for a hypothesis: key of `texts` and values for its places."""

    key: str
    values: Mapping[str, str | int] = msgspec.field(default_factory=dict)
    """Counts, times and kinds, open to everybody who may see the alert. Never a stored value."""


class Identifier(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the pack likely says. Stored values: only for those who may see them."""

    product_code: str
    serial_number: str
    batch: str
    expiry: str


class Bar(StrEnum):
    """A guard rail: why an alert may not be closed without a person, whatever the operator's parameters say."""

    NEVER_BY_RULE = "never_by_rule"
    """The rule's row says so."""
    NOT_CONFIRMED = "not_confirmed"
    """The rule asks for a later success at the same location, and there is none."""
    OTHER_LOCATION = "other_location"
    """Another location is involved: may be a falsification (NMVO-0048 v5.0 §6.6 step 4)."""
    AMBIGUOUS = "ambiguous"
    """More than one stored value, or more than one cause, would explain it."""
    HIGH_RISK = "high_risk"
    """A pattern of falsification is there."""
    BY_CHANCE = "by_chance"
    """The nearness may be an accident."""
    PHOTOGRAPH = "photograph"
    """A photograph of the pack speaks against it."""
    UNSURE = "unsure"
    """The confidence is too low."""


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One possible cause, with what speaks for it."""

    cause: Cause
    cause_class: CauseClass
    side: CauseSide
    rule: str
    rule_version: int
    confidence: int
    """0 to 99: of a hundred alerts judged so, about how many have that cause (docs/root-cause-quality.md measures)."""
    differences: tuple[Difference, ...] = ()
    corrected: Identifier | None = None
    evidence: tuple[Evidence, ...] = ()
    closing: Closing = Closing.NEVER
    confirmed: bool = False
    """The same location soon did the same successfully with the pack that was meant, or undid what it had done."""
    bars: tuple[Bar, ...] = ()

    @property
    def may_close(self) -> bool:
        """Whether the guard rails would let an operator close the alert on this hypothesis without a person."""
        return not self.bars


class Analysis(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is thought of an alert: the likeliest hypothesis first, and always at least one."""

    alert_id: str
    hypotheses: tuple[Hypothesis, ...]
    is_high_risk: bool
    """Must be escalated: a pattern of falsification is there."""
    is_ambiguous: bool
    sign: Cause | None
    """The fault of scanning or typing that the alert shows taken alone, to be counted with the location's others."""
    analysed_at: datetime
    rules_version: str

    @property
    def first(self) -> Hypothesis:
        """The likeliest hypothesis."""
        return self.hypotheses[0]

    def closing_rule(self, automatic: Mapping[str, bool]) -> str | None:
        """The rule on whose word this alert is closed without a person, if guard rails and parameters allow it.

        `automatic` is `Rules.automatic_closing`. Only the likeliest hypothesis counts.
        """
        first = self.first
        return first.rule if first.may_close and automatic.get(first.rule, False) else None
