"""Registers the participants of the demo country, through the same use cases as the command line does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sinetti.demo.demo_file import DemoClient, DemoLocation, DemoOrganisation
from sinetti.demo.tables import DemoCountry, Equipment, Location, Organisation
from sinetti.identity import registry, secrets
from sinetti.identity.model import Caller
from sinetti.identity.secrets import Credentials
from sinetti.kit.db import Transaction
from sinetti.rules.vocabulary import ClientRole


@dataclass(slots=True)
class Participants:
    """Everybody who takes part, as the database knows them and as `demo.json` shows them."""

    shown: list[DemoOrganisation] = field(default_factory=list)
    callers: dict[str, Caller] = field(default_factory=dict)
    """Who asks, by client id; equipment that is locked too."""
    organisation_ids: dict[str, int] = field(default_factory=dict)
    """Numbers of the organisations by their key in the table."""


async def register(tx: Transaction, country: DemoCountry, market: str, now: datetime) -> Participants:
    """Add all organisations, locations and client equipment, with new secrets."""
    participants = Participants()
    for organisation in country.organisations:
        added = await registry.add_organisation(tx, name=organisation.name, kind=organisation.kind, now=now)
        participants.organisation_ids[organisation.key] = added.organisation_id
        locations = [
            await _location(tx, country, participants, organisation, location, market, now)
            for location in country.locations
            if location.organisation == organisation.key
        ]
        participants.shown.append(
            DemoOrganisation(
                organisation_id=added.organisation_id,
                name=added.name,
                kind=added.kind.value,
                locations=tuple(locations),
            )
        )
    return participants


async def _location(
    tx: Transaction,
    country: DemoCountry,
    participants: Participants,
    organisation: Organisation,
    location: Location,
    market: str,
    now: datetime,
) -> DemoLocation:
    organisation_id = participants.organisation_ids[organisation.key]
    added = await registry.add_location(tx, organisation_id=organisation_id, name=location.name, now=now)
    clients = []
    for equipment in country.equipment:
        if equipment.location != location.key:
            continue
        client, equipment_id = await _client(tx, equipment, added.location_id, market, now)
        clients.append(client)
        participants.callers[equipment.client_id] = Caller(
            equipment_id=equipment_id,
            location_id=added.location_id,
            organisation_id=organisation_id,
            organisation_kind=organisation.kind,
            client_role=_role(equipment),
        )
    return DemoLocation(location_id=added.location_id, name=added.name, clients=tuple(clients))


async def _client(
    tx: Transaction, equipment: Equipment, location_id: int, market: str, now: datetime
) -> tuple[DemoClient, int]:
    credentials = Credentials(equipment.client_id, secrets.new_credentials(market).client_secret)
    added = await registry.add_equipment(
        tx,
        location_id=location_id,
        name=equipment.name,
        role=_role(equipment),
        credentials=credentials,
        now=now,
    )
    if equipment.locked_reason is not None:
        await registry.lock_equipment(tx, added.equipment_id, reason=equipment.locked_reason, now=now)
    client = DemoClient(
        name=added.name,
        client_id=credentials.client_id,
        client_secret=credentials.client_secret,
        client_role=equipment.client_role,
        locked_reason=equipment.locked_reason,
    )
    return client, added.equipment_id


def _role(equipment: Equipment) -> ClientRole | None:
    return None if equipment.client_role is None else ClientRole(equipment.client_role)
