"""`sinetti user`: who may sign in to the portal. The first of an installation is added here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

import typer

from sinetti.cli.audited import record_by_command
from sinetti.cli.participants import in_database, show, tell
from sinetti.identity import registry
from sinetti.identity.people import people
from sinetti.identity.people.model import PeopleRole, Person
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Transaction
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import load_settings
from sinetti.portal.pages.users.notices import Installation
from sinetti.rules.vocabulary import Language

app = typer.Typer(help="Add, invite, list and lock people who use the portal.", no_args_is_help=True)

_NUMBER_MAX = 2**31 - 1
_COMMAND = "sinetti user"
"""Who the audit names."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ByMail = Annotated[
    bool,
    typer.Option("--mail", help="Send the link to the person, and do not print it."),
]
Email = Annotated[str, typer.Argument(help="Mail address of the person.")]


@app.command()
def add(
    *,
    name: Annotated[str, typer.Option(help="The person's name.")],
    email: Annotated[str, typer.Option(help="Mail address; the person signs in with it.")],
    role: Annotated[PeopleRole, typer.Option(help="What the person is in the portal.")],
    organisation: Annotated[
        int | None,
        typer.Option(
            min=1, max=_NUMBER_MAX, help="Number of the organisation; none for operator and authority."
        ),
    ] = None,
    location: Annotated[
        list[int] | None,
        typer.Option(
            min=1, max=_NUMBER_MAX, help="Number of a location, for location users; may be repeated."
        ),
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of the person.")] = Language.FI,
    mail: ByMail = False,
    as_json: AsJson = False,
) -> None:
    """Add a person, and print or send the link with which the person chooses a password: once, within a week."""

    async def added(tx: Transaction) -> tuple[Person, str]:
        now = system_clock()
        person = await people.add_person(
            tx,
            name=name,
            email=email,
            role=role,
            organisation=None if organisation is None else await registry.organisation(tx, organisation),
            location_ids=location or (),
            language=language.value,
            now=now,
        )
        new: dict[str, object] = {"role": role.value, "email": person.email}
        await record_by_command(tx, _COMMAND, "user_added", person, new=new)
        return person, await _link(tx, person, mail=mail)

    person, token = in_database(added)
    _tell_link(person, token, as_json, f"User {person.user_id} added: {person.name}", mail=mail)


@app.command()
def invite(email: Email, mail: ByMail = False, as_json: AsJson = False) -> None:
    """Print or send a new link for choosing a password, for somebody who lost the first or forgot the password."""

    async def invited(tx: Transaction) -> tuple[Person, str]:
        person = await people.person_of_email(tx, email)
        await record_by_command(tx, _COMMAND, "user_invited", person)
        return person, await _link(tx, person, mail=mail)

    person, token = in_database(invited)
    _tell_link(person, token, as_json, f"User {person.user_id} invited: {person.name}", mail=mail)


@app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List everybody."""
    show(in_database(people.people), as_json, ("user_id", "name", "email", "role", "organisation_name"))


@app.command()
def lock(email: Email, reason: Annotated[str, typer.Option(help="Why.")], as_json: AsJson = False) -> None:
    """Keep somebody out of the portal, at once and in every session; the person is told by mail."""

    async def locked(tx: Transaction, person: Person) -> Person:
        return await people.lock_person(tx, person.user_id, reason=reason, now=system_clock())

    person = _changed(email, "user_locked", locked, mail="locked", reason=reason)
    tell(person, as_json, f"User {person.user_id} locked: {person.name}")


@app.command()
def unlock(email: Email, as_json: AsJson = False) -> None:
    """Let somebody in again; the person is told by mail."""

    async def unlocked(tx: Transaction, person: Person) -> Person:
        return await people.unlock_person(tx, person.user_id)

    person = _changed(email, "user_unlocked", unlocked, mail="unlocked", path="/")
    tell(person, as_json, f"User {person.user_id} unlocked: {person.name}")


@app.command("remove-second-factor")
def remove_second_factor(email: Email, as_json: AsJson = False) -> None:
    """Take app, passkeys and recovery codes away from somebody who lost them. Be sure who asks."""

    async def removed(tx: Transaction, person: Person) -> Person:
        await people.remove_second_factor(tx, person.user_id, system_clock())
        return await people.person(tx, person.user_id)

    person = _changed(email, "second_factor_removed", removed, mail="second_factor_removed")
    tell(person, as_json, f"User {person.user_id} sets up a second factor anew: {person.name}")


def _changed(
    email: str,
    action: str,
    change: Callable[[Transaction, Person], Awaitable[Person]],
    *,
    mail: str,
    path: str | None = None,
    reason: str | None = None,
) -> Person:
    async def changed(tx: Transaction) -> Person:
        person = await change(tx, await people.person_of_email(tx, email))
        await record_by_command(tx, _COMMAND, action, person, reason=reason)
        await _installation().tell(tx, person, mail, system_clock(), path=path)
        return person

    return in_database(changed)


async def _link(tx: Transaction, person: Person, *, mail: bool) -> str:
    """Token of the link, which is sent, too, where that is wanted."""
    now = system_clock()
    token = await people.invite(tx, person.user_id, now)
    if mail:
        await _installation().invite(tx, person, token, now)
    return token


def _installation() -> Installation:
    settings = load_settings()
    return Installation(sealer=sealer_of(settings.home), settings=settings)


def _tell_link(person: Person, token: str, as_json: bool, sentence: str, *, mail: bool) -> None:
    if mail:
        tell(person, as_json, f"{sentence}\nThe link is sent to {person.email}.")
        return
    link = f"{load_settings().portal_address}/invitation/{token}"
    until = system_clock() + timedelta(days=people.INVITATION_DAYS)
    tell(
        person,
        as_json,
        f"{sentence}\nGive the person this link. It works once, until {until:%Y-%m-%d %H:%M} UTC:\n{link}",
        invitation_link=link,
    )
