"""The code that the authenticator app of a person of the demo would show now."""

from __future__ import annotations

from datetime import datetime

from sinetti.cli.errors import UserError
from sinetti.demo.demo_file import demo_path, read_demo_file
from sinetti.identity.people.totp import code_at
from sinetti.kit.settings import Settings


def code_of(settings: Settings, email: str, now: datetime) -> str:
    """Six digits. Raises `UserError` where there is no such person, or the person needs no code."""
    demo = read_demo_file(settings.home)
    if demo is None:
        raise UserError(f"there is no demo in {settings.home}: sinetti demo start")
    person = demo.person(email)
    if person is None:
        known = ", ".join(one.email for one in demo.people)
        raise UserError(f"nobody in {demo_path(settings.home)} has the address {email}; there are: {known}")
    if person.totp_secret is None:
        raise UserError(f"{person.name} signs in with the password alone")
    return code_at(person.totp_secret, now)
