"""`demo.json`: everything that a person or a test needs to try the demo. The only place with its secrets."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import msgspec

ABOUT = (
    "Credentials and sample packs of a Sinetti demo country. Everything in it is made up. The client secrets are in "
    "this file only; the database has digests. samplePacks: send what each says and compare operationCode; one with "
    "singleUse is answered otherwise the second time, one with until after that moment."
)


class DemoClient(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Client equipment with its credentials."""

    name: str
    client_id: str
    client_secret: str
    client_role: str | None
    """`None`: it may do nothing until somebody chooses a role."""
    locked_reason: str | None
    """Why it gets no token; `None` where it does."""


class DemoLocation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A location with its client equipment."""

    location_id: int
    name: str
    clients: tuple[DemoClient, ...]


class DemoOrganisation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An organisation with its locations."""

    organisation_id: int
    name: str
    kind: str
    locations: tuple[DemoLocation, ...]


class DemoPerson(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Somebody who can sign in to the portal."""

    name: str
    email: str
    role: str
    organisation: str | None
    """`None` for the operator and the authority."""
    password: str
    totp_secret: str | None
    """Of the authenticator app, in base 32; `None` where the role needs none."""


class SamplePack(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something to try, with the answer."""

    name: str
    title: str
    operation: str
    """`verify`, `supply`, `decommission` or `reactivate`."""
    client_id: str
    """Who does it; the answer depends on it."""
    entry_mode: str
    scheme: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    requested_state: str | None
    """Body of the PATCH, `{"state": …}`; `None` for a verification, which is a GET."""
    path: str
    """Path and query, percent-encoded, below the base URL."""
    scan: str
    """What a scanner sends for it."""
    http_status: int
    operation_code: str
    """What the system answers."""
    alert: bool
    single_use: bool
    until: datetime | None
    """Last moment at which the answer holds; `None` where it always does."""


class DemoFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The whole file."""

    about: str = ABOUT
    base_url: str
    token_url: str
    verification_url: str
    documentation_url: str
    portal_url: str | None = None
    """Where the portal is served; `None` before the first start of a demo that is older than the portal."""
    seeded_at: datetime
    organisations: tuple[DemoOrganisation, ...]
    sample_packs: tuple[SamplePack, ...]
    people: tuple[DemoPerson, ...] = ()
    """Empty before the first start of a demo that is older than the portal."""

    @property
    def clients(self) -> tuple[DemoClient, ...]:
        """All client equipment."""
        return tuple(
            client
            for organisation in self.organisations
            for location in organisation.locations
            for client in location.clients
        )

    def client(self, client_id: str) -> DemoClient | None:
        """The client equipment with this id."""
        return next((client for client in self.clients if client.client_id == client_id), None)

    def with_portal(self, portal_url: str) -> DemoFile:
        """The same demo, with its portal at this address."""
        return msgspec.structs.replace(self, portal_url=portal_url)

    def with_people(self, people: tuple[DemoPerson, ...]) -> DemoFile:
        """The same demo, with these people."""
        return msgspec.structs.replace(self, people=people)

    def person(self, email: str) -> DemoPerson | None:
        """Who has this address."""
        return next((person for person in self.people if person.email == email.strip().lower()), None)

    def served_at(self, base_url: str) -> DemoFile:
        """The same demo at another address."""
        return msgspec.structs.replace(self, **_addresses(base_url))


def demo_file(
    base_url: str,
    seeded_at: datetime,
    organisations: tuple[DemoOrganisation, ...],
    sample_packs: tuple[SamplePack, ...],
) -> DemoFile:
    """The file of a demo that is served at this address."""
    return DemoFile(
        seeded_at=seeded_at,
        organisations=organisations,
        sample_packs=sample_packs,
        people=(),
        **_addresses(base_url),
    )


def _addresses(base_url: str) -> dict[str, str]:
    return {
        "base_url": base_url,
        "token_url": f"{base_url}/identity/connect/token",
        "verification_url": f"{base_url}/verification",
        "documentation_url": f"{base_url}/docs",
    }


def demo_path(home: Path) -> Path:
    """Where the file is."""
    return home / "demo.json"


def write_demo_file(home: Path, demo: DemoFile) -> Path:
    """Write the file whole or not at all, readable by its owner only, and return its path."""
    path = demo_path(home)
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(demo), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path


def read_demo_file(home: Path) -> DemoFile | None:
    """The demo of this folder; `None` where there is none. Raises `ValueError` where the file is not one."""
    try:
        content = demo_path(home).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(content, type=DemoFile)
