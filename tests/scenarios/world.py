"""What a scenario is played in: the packs, places and clock of a small country, and anything that answers in it.

The same tables are played against `decide` alone (`pure.py`) and against a whole system: whatever answers only
has to be a `World`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sinetti.identity.model import Caller
from sinetti.nmvs.model import Decision, PackRequest
from sinetti.rules.vocabulary import ClientRole, OrganisationKind, PackState

_ORGANISATIONS = {
    "A": OrganisationKind.PHARMACY,
    "B": OrganisationKind.PHARMACY,
    "hospital": OrganisationKind.HOSPITAL_PHARMACY,
    "depot": OrganisationKind.MEDICAL_DEPOT,
    "wholesaler": OrganisationKind.WHOLESALER,
    "mah": OrganisationKind.MAH_OBP,
}
_EQUIPMENT = {
    "": ClientRole.FULL_ACCESS,
    "/second": ClientRole.FULL_ACCESS,
    "/verify_only": ClientRole.VERIFY_ONLY,
    "/no_role": None,
}


def _callers() -> dict[str, Caller]:
    """Each location by its name, each of its equipments by `location/equipment`."""
    return {
        location + equipment: Caller(
            equipment_id=place * 10 + number,
            location_id=place,
            organisation_id=place,
            organisation_kind=kind,
            client_role=role,
        )
        for place, (location, kind) in enumerate(_ORGANISATIONS.items(), start=1)
        for number, (equipment, role) in enumerate(_EQUIPMENT.items())
    }


CALLERS = _callers()


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product of the scenario. One that is not uploaded is only a code on a pack."""

    name: str
    scheme: str = "gs1"
    code: str = "09520000000011"
    uploaded: bool = True
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch of the scenario."""

    name: str
    product: str = "X"
    expiry: str = "281231"
    uploaded: bool = True
    recalled: bool = False
    non_fmd: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack of the scenario, as it is printed and as the repository has it in the beginning."""

    name: str
    serial: str
    batch: str = "B1"
    uploaded: bool = True
    state: PackState = PackState.ACTIVE
    at: str | None = None
    """Location where it got its state; `None` where another market did not say, and while it is active."""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything that is there when a scenario begins."""

    zone: ZoneInfo
    products: dict[str, Product] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    packs: dict[str, Pack] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that others do in the middle of a scenario: `recall` a batch, `withdraw` a product, `upload` a pack."""

    kind: str
    name: str


class Answer(Protocol):
    """What came of one operation: an `Outcome` is one."""

    @property
    def decision(self) -> Decision:
        """Code, states and what else was decided."""
        ...


class World(Protocol):
    """Plays one scenario: gets ready once, then everything in the order of the table."""

    async def prepare(self, setup: Setup) -> None:
        """Have these products, batches and packs, and nothing else."""
        ...

    async def change(self, event: Event, now: datetime) -> None:
        """Let an event happen."""
        ...

    async def perform(self, request: PackRequest, now: datetime) -> Answer:
        """Judge one request, and keep what came of it."""
        ...
