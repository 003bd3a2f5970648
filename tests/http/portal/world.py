"""The portal in this process, over a real database with two organisations of each kind and a person of every role."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from sinetti.asgi import create_portal
from sinetti.identity import registry, secrets
from sinetti.identity.model import ClientEquipment, Location, Organisation
from sinetti.identity.people.model import PeopleRole
from sinetti.identity.people.sessions import begin_session
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal.app import PortalApplication
from sinetti.rules.vocabulary import ClientRole, OrganisationKind
from sinetti.webhooks import endpoints
from sinetti.webhooks.messages import tell

SESSION_COOKIE = "sinetti_session"


@dataclass
class Place:
    """An organisation with one location and one piece of client equipment."""

    organisation: Organisation
    location: Location
    equipment: ClientEquipment
    user_id: int = 0
    """Somebody of the organisation who is not its main user."""
    alert_id: str = ""
    """An alert of the place, or on its product, once `raise_alerts` has made it."""
    photo_id: str = ""
    """A photo of that alert."""
    set_aside: tuple[int, int] = (0, 0)
    """Product and number of a pack in the register of packs set aside, once `set_packs_aside` has put it there."""
    team_id: int = 0
    """A team of the organisation, once `make_teams` has made it."""
    webhook: tuple[str, str] = ("", "")
    """An endpoint of the organisation and its test message, once `add_webhooks` has made them."""
    hold_id: int = 0
    """A sales hold of the company that the pharmacy's location is asked about, once `hold_batches` has asked for it."""
    application_id: int = 0
    """Of an application of the organisation, where a test has made one."""


@dataclass
class World:
    """A small country: `own` and `other` pharmacies, `own_obp` and `other_obp` companies, people of each role."""

    database: Database
    clock: Clock
    places: dict[str, Place] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    """Number of the person, by role; of the own organisation where the role has one. `other_…` of the other one."""

    def place(self, role: PeopleRole, whose: str) -> Place:
        """What is the own or the other's for somebody of this role."""
        return self.places[f"{whose}_obp" if role.value.startswith("mah_obp") else whose]

    async def sign_in(
        self, person: str, *, second_factor_done: bool = True, must_set_second_factor: bool = False
    ) -> str:
        """Token of a new session."""
        async with self.database.transaction() as tx:
            return await begin_session(
                tx,
                self.people[person],
                self.clock(),
                second_factor_done=second_factor_done,
                must_set_second_factor=must_set_second_factor,
            )


async def furnish(database: Database, clock: Clock) -> World:
    """Make the country."""
    world = World(database, clock)
    now = clock()
    async with database.transaction() as tx:
        for key, name, kind in (
            ("own", "Metson apteekki", OrganisationKind.PHARMACY),
            ("other", "Ärlan apteekki", OrganisationKind.PHARMACY),
            ("own_obp", "Revontuli Oy", OrganisationKind.MAH_OBP),
            ("other_obp", "Nordlicht GmbH", OrganisationKind.MAH_OBP),
        ):
            organisation = await registry.add_organisation(tx, name=name, kind=kind, now=now)
            location = await registry.add_location(
                tx, organisation_id=organisation.organisation_id, name=f"{name}, keskusta", now=now
            )
            equipment = await registry.add_equipment(
                tx,
                location_id=location.location_id,
                name="Apteekkijärjestelmä",
                role=ClientRole.FULL_ACCESS,
                credentials=secrets.new_credentials("FI"),
                now=now,
            )
            world.places[key] = Place(organisation, location, equipment)
        for role in PeopleRole:
            world.people[role.value] = await add_person(tx, world, role, "own", now)
            if role.value.startswith(("organisation", "location", "mah_obp")):
                world.people[f"other_{role.value}"] = await add_person(tx, world, role, "other", now)
        world.places["own"].user_id = world.people["location_user"]
        world.places["other"].user_id = world.people["other_location_user"]
        world.places["own_obp"].user_id = world.people["mah_obp_investigator"]
        world.places["other_obp"].user_id = world.people["other_mah_obp_investigator"]
    return world


async def add_webhooks(world: World) -> None:
    """An endpoint for each organisation, with a message about an alert that has not arrived."""
    now = world.clock()
    for key, place in world.places.items():
        organisation_id = place.organisation.organisation_id
        async with world.database.transaction() as tx:
            made, _ = await endpoints.add_endpoint(
                tx,
                Sealer(b"k" * 32),
                organisation_id=organisation_id,
                address=f"https://{key.replace('_', '-')}.example.fi/sinetti",
                created_by_name=f"{key} main user",
                now=now,
            )
            message_id = await tell(
                tx,
                organisation_id,
                "alert.raised",
                {"alert": {"alert_id": place.alert_id}},
                now,
                test_of=made.endpoint_id,
            )
            await tx.execute(
                "INSERT INTO webhook_attempt (endpoint_id, message_id, attempted_at, milliseconds, http_status, fault)"
                " VALUES (%s, %s, %s, 230, 503, 'answered 503')",
                (made.endpoint_id, message_id, now),
            )
        place.webhook = (str(made.endpoint_id), str(message_id))


async def add_person(tx: Any, world: World, role: PeopleRole, whose: str, now: Any) -> int:
    """A person of that role, of the own or the other organisation where the role has one."""
    without = role.value.startswith(("operator", "authority"))
    place = world.place(role, whose)
    row = await (
        await tx.execute(
            "INSERT INTO person (name, email, role, organisation_id, language, created_at)"
            " VALUES (%s, %s, %s, %s, 'fi', %s) RETURNING user_id",
            (
                f"{whose} {role.value}".replace("_", " "),
                f"{whose}-{role.value}@example.fi",
                role.value,
                None if without else place.organisation.organisation_id,
                now,
            ),
        )
    ).fetchone()
    user_id: int = row[0]
    if role is PeopleRole.LOCATION_USER:
        await tx.execute(
            "INSERT INTO person_location (user_id, location_id) VALUES (%s, %s)",
            (user_id, place.location.location_id),
        )
    return user_id


@dataclass
class PortalClient:
    """The portal as one browser after another sees it."""

    application: PortalApplication
    world: World

    @asynccontextmanager
    async def browser(
        self, person: str | None = None, *, language: str | None = None, **session: bool
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A client with its own cookies; signed in where a person is named. Follows no redirects."""
        cookies = {SESSION_COOKIE: await self.world.sign_in(person, **session)} if person else {}
        if language is not None:
            cookies["sinetti_language"] = language
        transport = httpx.ASGITransport(app=self.application, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport,
            base_url="http://portal.test",
            cookies=cookies,
            headers={"Accept-Language": "en"},
        ) as client:
            yield client


def csrf_token(page: str) -> str:
    """The token of the first form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form with a token"
    return found[1]


async def send_form(client: httpx.AsyncClient, path: str, page: str, **fields: str) -> httpx.Response:
    """Send a form as a browser does that shows `page`."""
    return await client.post(
        path,
        data={"csrf_token": csrf_token(page), **fields},
        headers={"Origin": "http://portal.test", "Sec-Fetch-Site": "same-origin"},
    )


@asynccontextmanager
async def a_portal(
    database_url: str, database: Database, clock: Clock, home: Path, *, show_mail: str = "no"
) -> AsyncIterator[PortalClient]:
    """The portal, started and stopped as a server does."""
    application = create_portal(
        Settings(database_url=database_url, home=home, log_level="ERROR", show_mail=show_mail), clock=clock
    )
    async with application.running():
        yield PortalClient(application, await furnish(database, clock))
