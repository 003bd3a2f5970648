"""Registers the places of the traffic beside those of the demo, once; and keeps their credentials.

What it adds is known by the client ids, which begin with `demo-traffic-`; nothing else is looked at or changed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from sinetti.demo.traffic.world import Place, World
from sinetti.identity import registry
from sinetti.identity.model import Caller, ClientEquipment
from sinetti.identity.registry import PAGE_MAX
from sinetti.identity.secrets import Credentials, new_credentials
from sinetti.kit.db import Database, Transaction
from sinetti.kit.problems import Problem
from sinetti.rules.vocabulary import ClientRole

_SUCCESSORS_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A place as the system knows it."""

    caller: Caller
    credentials: Credentials | None
    """`None` where its equipment was there before, since a secret is shown only once."""


def traffic_folder(home: Path) -> Path:
    """Where everything of the traffic is kept beside the database."""
    return home / "traffic"


def traffic_credentials(home: Path) -> Path:
    """Where the credentials of the places are kept, and nowhere else."""
    return traffic_folder(home) / "participants.json"


async def enrol(tx: Transaction, world: World, market: str, now: datetime) -> dict[str, Enrolled]:
    """Add the places that the system does not have; all of them by their key."""
    equipment = await _equipment(tx)
    organisations: dict[str, int] = {}
    for place in world.places:
        if place.key in equipment:
            organisations[place.organisation] = equipment[place.key].organisation_id
    enrolled = {}
    for place in world.places:
        if place.organisation not in organisations:
            added = await registry.add_organisation(tx, name=place.organisation, kind=place.kind, now=now)
            organisations[place.organisation] = added.organisation_id
        found, credentials = equipment.get(place.key), None
        if found is None:
            location = await registry.add_location(
                tx, organisation_id=organisations[place.organisation], name=place.name, now=now
            )
            found, credentials = await _add(tx, place.key, location.location_id, market, now)
        enrolled[place.key] = Enrolled(caller=_caller(place, found), credentials=credentials)
    return enrolled


async def credentials_of(
    database: Database, world: World, market: str, path: Path, now: datetime
) -> Mapping[str, Credentials]:
    """Credentials of all places by their key, from the file where they are kept; places are added where need be.

    Equipment whose secret is in no file any more is deleted, and the place gets another.
    """
    kept = _read(path)
    credentials: dict[str, Credentials] = {}
    async with database.transaction() as tx:
        for key, one in (await enrol(tx, world, market, now)).items():
            living = await registry.one_equipment(tx, one.caller.equipment_id)
            known = one.credentials or kept.get(key)
            if known is None or known.client_id != living.client_id:
                place = next(place for place in world.places if place.key == key)
                known = await _replace(tx, place, living, market, now)
            credentials[key] = known
        _write(path, {**kept, **credentials})
    return credentials


async def _equipment(tx: Transaction) -> dict[str, ClientEquipment]:
    """Living equipment of the traffic by the key of its place; its client id is the key, or begins with it."""
    found: dict[str, ClientEquipment] = {}
    after = 0
    while True:
        page = await registry.equipment(tx, after=after, limit=PAGE_MAX)
        found |= {one.client_id.partition(_SUCCESSOR)[0]: one for one in page}
        if len(page) < PAGE_MAX:
            return found
        after = page[-1].equipment_id


_SUCCESSOR: Final = "-again-"


async def _replace(
    tx: Transaction, place: Place, lost: ClientEquipment, market: str, now: datetime
) -> Credentials:
    await registry.delete_equipment(tx, lost.equipment_id, now=now)
    for number in range(1, _SUCCESSORS_MAX):
        try:
            added = await _add(tx, f"{place.key}{_SUCCESSOR}{number}", lost.location_id, market, now)
        except Problem as problem:
            if problem.key != "client-id-taken":
                raise
        else:
            return added[1]
    raise AssertionError(f"{place.key} has lost its credentials {_SUCCESSORS_MAX} times")


async def _add(
    tx: Transaction, client_id: str, location_id: int, market: str, now: datetime
) -> tuple[ClientEquipment, Credentials]:
    credentials = Credentials(client_id, new_credentials(market).client_secret)
    added = await registry.add_equipment(
        tx,
        location_id=location_id,
        name="Liikenne",
        role=ClientRole.FULL_ACCESS,
        credentials=credentials,
        now=now,
    )
    return added, credentials


def _caller(place: Place, equipment: ClientEquipment) -> Caller:
    return Caller(
        equipment_id=equipment.equipment_id,
        location_id=equipment.location_id,
        organisation_id=equipment.organisation_id,
        organisation_kind=place.kind,
        client_role=equipment.client_role,
    )


def _read(path: Path) -> Mapping[str, Credentials]:
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=dict[str, tuple[str, str]])
    except FileNotFoundError:
        return {}
    return {key: Credentials(*pair) for key, pair in kept.items()}


def _write(path: Path, credentials: Mapping[str, Credentials]) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    rows = {key: (one.client_id, one.client_secret) for key, one in sorted(credentials.items())}
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
    unfinished.replace(path)
