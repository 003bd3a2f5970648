"""What a plan of traffic is made of: values only. It says what everybody does when, and what each alert is due to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sinetti.demo.traffic.world import Place, Product, World
from sinetti.rules.vocabulary import Cause, EntryMode, Operation, PackState


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a plan is made for. The same options give the same plan."""

    seed: int = 1
    run: int = 1
    """How many times this seed has been played against the same system: each run needs packs that are still active."""
    first_day: date = date(2026, 11, 23)
    starts_at_hour: int = 7
    hours: float = 14.0
    """How long it goes on; the nights between are quiet."""
    pharmacies: int = 40
    packs_per_day: int = 90
    """Packs that a pharmacy of middle size supplies on a weekday."""
    alert_percent: float = 0.33
    """Alerts per hundred operations. 0.33 is the European figure of 2021 (EMVO, third anniversary of the EMVS)."""
    alerts: int | None = None
    """This many alerts, whatever the number of operations."""
    only: frozenset[Cause] = frozenset()
    """Alerts of these causes alone; empty for all."""


class Answer(StrEnum):
    """What a step should be answered."""

    OK = "ok"
    NOTICE = "notice"
    """Done or done already, and the client should look twice: yellow."""
    ERROR = "error"
    """Refused without an alert."""
    ALERT = "alert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What stands on a pack."""

    product: Product
    serial_number: str
    batch: str
    expiry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What is sent about a pack, be it right or wrong."""

    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    entry_mode: EntryMode = EntryMode.NON_MANUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class PackStep:
    """A location does something with a pack."""

    at: datetime
    place: Place
    operation: Operation
    state: PackState | None
    """State asked for; `None` for a verification."""
    printed: Printed
    sent: Sent
    answer: Answer = Answer.OK
    cause: Cause | None = None
    """Why the answer is not a good one; `None` where it is, or follows from an earlier one of the story."""
    note: str = ""
    """What went wrong, in a few words of English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadStep:
    """An OBP uploads a batch, or more of its packs."""

    at: datetime
    place: Place
    product: Product
    batch: str
    expiry: str
    serial_numbers: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatesStep:
    """An OBP tells of states that packs got elsewhere."""

    at: datetime
    place: Place
    product: Product
    state: PackState
    serial_numbers: tuple[str, ...]
    reason: str
    note: str = ""


Step = PackStep | UploadStep | StatesStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Steps that belong together, each after the one before; no other story touches their packs."""

    number: int
    episode: int
    """Number of the first of the stories that have one reason: all packs that one faulty scanner gets wrong."""
    title: str
    """What happens, in a line of English."""
    cause: Cause | None
    """What its alerts are due to; `None` where it has none."""
    steps: tuple[Step, ...]

    @property
    def alerts(self) -> int:
        """How many alerts it should raise."""
        return sum(isinstance(step, PackStep) and step.answer is Answer.ALERT for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole plan."""

    options: Options
    world: World
    starts_at: datetime
    ends_at: datetime
    before: tuple[UploadStep, ...]
    """Batches that have been uploaded long before the plan begins."""
    stories: tuple[Story, ...]

    def timed(self) -> Iterator[tuple[Story, Step]]:
        """All steps in the order of time; of one story in the order of the story."""
        rows = [
            (step.at, story.number, number, story, step)
            for story in self.stories
            for number, step in enumerate(story.steps)
        ]
        rows.sort(key=lambda row: row[:3])
        for _, _, _, story, step in rows:
            yield story, step

    @property
    def operations(self) -> int:
        """How many operations on packs it has."""
        return sum(isinstance(step, PackStep) for story in self.stories for step in story.steps)

    @property
    def alerts(self) -> int:
        """How many alerts it should raise."""
        return sum(story.alerts for story in self.stories)

    @property
    def length(self) -> timedelta:
        """From its beginning to its end."""
        return self.ends_at - self.starts_at


def as_printed(printed: Printed, entry_mode: EntryMode = EntryMode.NON_MANUAL) -> Sent:
    """What is sent when all goes well."""
    return Sent(
        product_code=printed.product.product_code,
        serial_number=printed.serial_number,
        batch=printed.batch,
        expiry=printed.expiry,
        entry_mode=entry_mode,
    )
