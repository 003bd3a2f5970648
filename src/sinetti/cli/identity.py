"""`sinetti organisation`, `location` and `equipment`: who takes part, and with which credentials."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from sinetti.cli.audited import changed
from sinetti.cli.errors import UserError
from sinetti.cli.participants import all_pages, show, shown, tell
from sinetti.identity import registry, secrets
from sinetti.identity.model import ClientEquipment
from sinetti.identity.secrets import Credentials
from sinetti.kit.clock import system_clock
from sinetti.kit.settings import Settings, load_settings
from sinetti.rules.vocabulary import ClientRole, OrganisationKind

_NUMBER_MAX = 2**31 - 1
_ORGANISATION, _LOCATION, _EQUIPMENT = "sinetti organisation", "sinetti location", "sinetti equipment"
"""Who the audit names."""

organisation = typer.Typer(help="Add, list and lock organisations.", no_args_is_help=True)
location = typer.Typer(help="Add, list and lock locations of organisations.", no_args_is_help=True)
equipment = typer.Typer(
    help="Add, list, lock and delete client equipment: the IT systems of a location.", no_args_is_help=True
)


class RoleChoice(StrEnum):
    """A client role, or plainly none."""

    FULL_ACCESS = "full_access"
    VERIFY_ONLY = "verify_only"
    NONE = "none"


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Name = Annotated[str, typer.Option(help="Name that people know it by.")]
Reason = Annotated[str, typer.Option(help="Why. The user reads it.")]
OrganisationId = Annotated[int, typer.Argument(min=1, max=_NUMBER_MAX, metavar="ORGANISATION")]
LocationId = Annotated[int, typer.Argument(min=1, max=_NUMBER_MAX, metavar="LOCATION")]
EquipmentId = Annotated[int, typer.Argument(min=1, max=_NUMBER_MAX, metavar="EQUIPMENT")]


@organisation.command("add")
def add_organisation(
    name: Name,
    kind: Annotated[OrganisationKind, typer.Option(help="What it is; decides what its systems may do.")],
    as_json: AsJson = False,
) -> None:
    """Add an organisation."""
    added = changed(
        lambda tx: registry.add_organisation(tx, name=name, kind=kind, now=system_clock()),
        _ORGANISATION,
        "organisation_added",
        tells=lambda one: {"name": one.name, "kind": one.kind},
    )
    tell(added, as_json, f"Organisation {added.organisation_id} added: {added.name}, {added.kind}")


@organisation.command("list")
def list_organisations(as_json: AsJson = False) -> None:
    """List all organisations."""
    found = all_pages(registry.organisations, lambda last: last.organisation_id)
    show(found, as_json, ("organisation_id", "name", "kind"))


@organisation.command("lock")
def lock_organisation(organisation_id: OrganisationId, reason: Reason, as_json: AsJson = False) -> None:
    """Stop all client equipment of an organisation, within a second."""
    locked = changed(
        lambda tx: registry.lock_organisation(tx, organisation_id, reason=reason, now=system_clock()),
        _ORGANISATION,
        "organisation_locked",
        reason=reason,
    )
    tell(locked, as_json, f"Organisation {organisation_id} locked: {locked.name}")


@organisation.command("unlock")
def unlock_organisation(organisation_id: OrganisationId, as_json: AsJson = False) -> None:
    """Let an organisation work again."""
    unlocked = changed(
        lambda tx: registry.unlock_organisation(tx, organisation_id), _ORGANISATION, "organisation_unlocked"
    )
    tell(unlocked, as_json, f"Organisation {organisation_id} unlocked: {unlocked.name}")


@location.command("add")
def add_location(
    organisation: Annotated[
        int, typer.Option(min=1, max=_NUMBER_MAX, help="Number of the organisation it belongs to.")
    ],
    name: Name,
    as_json: AsJson = False,
) -> None:
    """Add a location to an organisation."""
    added = changed(
        lambda tx: registry.add_location(tx, organisation_id=organisation, name=name, now=system_clock()),
        _LOCATION,
        "location_added",
        tells=lambda one: {"name": one.name},
    )
    tell(added, as_json, f"Location {added.location_id} added: {added.name}, of {added.organisation_name}")


@location.command("list")
def list_locations(
    organisation: Annotated[
        int | None, typer.Option(min=1, max=_NUMBER_MAX, help="Only those of this organisation.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List locations."""
    found = all_pages(
        lambda tx, **page: registry.locations(tx, organisation_id=organisation, **page),
        lambda last: last.location_id,
    )
    show(found, as_json, ("location_id", "name", "organisation_id", "organisation_name"))


@location.command("lock")
def lock_location(location_id: LocationId, reason: Reason, as_json: AsJson = False) -> None:
    """Stop all client equipment of a location, within a second."""
    locked = changed(
        lambda tx: registry.lock_location(tx, location_id, reason=reason, now=system_clock()),
        _LOCATION,
        "location_locked",
        reason=reason,
    )
    tell(locked, as_json, f"Location {location_id} locked: {locked.name}")


@location.command("unlock")
def unlock_location(location_id: LocationId, as_json: AsJson = False) -> None:
    """Let a location work again."""
    unlocked = changed(lambda tx: registry.unlock_location(tx, location_id), _LOCATION, "location_unlocked")
    tell(unlocked, as_json, f"Location {location_id} unlocked: {unlocked.name}")


@equipment.command("add")
def add_equipment(
    *,
    location: Annotated[
        int, typer.Option(min=1, max=_NUMBER_MAX, help="Number of the location where it is used.")
    ],
    name: Annotated[str, typer.Option(help="Plain name of the IT system (Equipment Id in the portal).")],
    role: Annotated[
        RoleChoice, typer.Option(help="What it may do. Nearly always full_access; none means nothing at all.")
    ],
    client_id: Annotated[
        str | None, typer.Option(help="Client id that the system has already; needs its secret too.")
    ] = None,
    client_secret: Annotated[
        str | None, typer.Option(help="Its client secret. Others on this machine may see it: prefer stdin.")
    ] = None,
    secret_from_stdin: Annotated[
        bool, typer.Option("--client-secret-stdin", help="Read the client secret from standard input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add client equipment to a location, and show its client secret this once."""
    settings = load_settings()
    if secret_from_stdin:
        if client_secret is not None:
            raise UserError("--client-secret and --client-secret-stdin do not go together")
        client_secret = sys.stdin.readline().rstrip("\r\n")
    credentials = _credentials(settings, client_id, client_secret)
    added = changed(
        lambda tx: registry.add_equipment(
            tx,
            location_id=location,
            name=name,
            role=_role(role),
            credentials=credentials,
            now=system_clock(),
        ),
        _EQUIPMENT,
        "equipment_added",
        tells=lambda one: {"name": one.name, "client_id": one.client_id, "client_role": one.client_role},
    )
    _warn_without_role(added)
    secret = "as given" if client_id is not None else credentials.client_secret
    tell(
        added,
        as_json,
        f"Client equipment {added.equipment_id} added: {added.name}, at {added.location_name}\n"
        f"Client id:     {added.client_id}\n"
        f"Client secret: {secret}\n"
        f"Client role:   {shown(added.client_role)}"
        + ("" if client_id is not None else "\nThe client secret is not shown again. Keep it safe."),
        client_secret=credentials.client_secret,
    )


@equipment.command("list")
def list_equipment(
    location: Annotated[
        int | None, typer.Option(min=1, max=_NUMBER_MAX, help="Only that of this location.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List client equipment, without what has been deleted."""
    found = all_pages(
        lambda tx, **page: registry.equipment(tx, location_id=location, **page),
        lambda last: last.equipment_id,
    )
    show(found, as_json, ("equipment_id", "name", "client_id", "client_role", "location_id", "location_name"))


@equipment.command("lock")
def lock_equipment(equipment_id: EquipmentId, reason: Reason, as_json: AsJson = False) -> None:
    """Stop client equipment, within a second."""
    locked = changed(
        lambda tx: registry.lock_equipment(tx, equipment_id, reason=reason, now=system_clock()),
        _EQUIPMENT,
        "equipment_locked",
        reason=reason,
    )
    tell(locked, as_json, f"Client equipment {equipment_id} locked: {locked.name}")


@equipment.command("unlock")
def unlock_equipment(equipment_id: EquipmentId, as_json: AsJson = False) -> None:
    """Let client equipment work again."""
    unlocked = changed(
        lambda tx: registry.unlock_equipment(tx, equipment_id), _EQUIPMENT, "equipment_unlocked"
    )
    tell(unlocked, as_json, f"Client equipment {equipment_id} unlocked: {unlocked.name}")


@equipment.command("role")
def set_role(equipment_id: EquipmentId, role: RoleChoice, as_json: AsJson = False) -> None:
    """Set what client equipment may do."""
    equipment = changed(
        lambda tx: registry.set_role(tx, equipment_id, _role(role)),
        _EQUIPMENT,
        "equipment_changed",
        tells=lambda one: {"client_role": one.client_role},
    )
    _warn_without_role(equipment)
    tell(equipment, as_json, f"Client equipment {equipment_id} has the role {shown(equipment.client_role)}")


@equipment.command("delete")
def delete_equipment(
    equipment_id: EquipmentId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take client equipment out of use for ever. The record of packs still names it."""
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Delete client equipment {equipment_id}? It cannot be brought back", abort=True)
    deleted = changed(
        lambda tx: registry.delete_equipment(tx, equipment_id, now=system_clock()),
        _EQUIPMENT,
        "equipment_deleted",
        tells=lambda one: {"client_id": one.client_id},
    )
    tell(deleted, as_json, f"Client equipment {equipment_id} deleted: {deleted.name}")


def _credentials(settings: Settings, client_id: str | None, client_secret: str | None) -> Credentials:
    if client_id is None and client_secret is None:
        return secrets.new_credentials(settings.market)
    if client_id is None or client_secret is None:
        raise UserError("a client id and its client secret are taken over together: give both, or neither")
    return registry.imported_credentials(client_id, client_secret)


def _role(role: RoleChoice) -> ClientRole | None:
    return None if role is RoleChoice.NONE else ClientRole(role.value)


def _warn_without_role(shown: ClientEquipment) -> None:
    if shown.client_role is None:
        print(
            f"Warning: client equipment {shown.equipment_id} has no client role and may do nothing. "
            f"To mend it: sinetti equipment role {shown.equipment_id} full_access",
            file=sys.stderr,
        )
