"""People who sign in: their roles, and what a request knows of whoever sent it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from sinetti.rules.vocabulary import OrganisationKind


class PeopleRole(StrEnum):
    """What somebody is in the portal. A person has one role."""

    ORGANISATION_MAIN_USER = "organisation_main_user"
    LOCATION_USER = "location_user"
    OPERATOR_ADMINISTRATOR = "operator_administrator"
    OPERATOR_SUPPORT = "operator_support"
    MAH_OBP_MAIN_USER = "mah_obp_main_user"
    MAH_OBP_INVESTIGATOR = "mah_obp_investigator"
    AUTHORITY_INSPECTOR = "authority_inspector"


NEEDS_SECOND_FACTOR = frozenset(
    {
        PeopleRole.OPERATOR_ADMINISTRATOR,
        PeopleRole.OPERATOR_SUPPORT,
        PeopleRole.MAH_OBP_MAIN_USER,
        PeopleRole.MAH_OBP_INVESTIGATOR,
        PeopleRole.AUTHORITY_INSPECTOR,
    }
)
"""Roles that see more than their own pharmacy: nobody works in them with a password alone."""
WITHOUT_ORGANISATION = frozenset(
    {PeopleRole.OPERATOR_ADMINISTRATOR, PeopleRole.OPERATOR_SUPPORT, PeopleRole.AUTHORITY_INSPECTOR}
)
OF_MAH_OBP = frozenset({PeopleRole.MAH_OBP_MAIN_USER, PeopleRole.MAH_OBP_INVESTIGATOR})
KINDS_WITH_PEOPLE = tuple(
    kind for kind in OrganisationKind if kind not in {OrganisationKind.OPERATOR, OrganisationKind.AUTHORITY}
)
"""Organisations of the other kinds stand for systems only: people of the operator and the authority belong to none."""
MAIN_ROLES = frozenset(
    {
        PeopleRole.ORGANISATION_MAIN_USER,
        PeopleRole.MAH_OBP_MAIN_USER,
        PeopleRole.OPERATOR_ADMINISTRATOR,
    }
)
"""Roles that look after the people of their organisation: one of them must stay."""


class ActingFor(StrEnum):
    """On whose behalf something is done to a person, where that decides what may be done."""

    ORGANISATION = "organisation"
    """The person's own organisation."""
    OPERATOR = "operator"
    INSTALLATION = "installation"
    """Whoever runs the machine, on its command line."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in."""

    user_id: int
    name: str
    email: str
    role: PeopleRole
    organisation_id: int | None
    organisation_name: str | None
    language: str
    has_password: bool
    """Whether the invitation has been accepted."""
    has_totp: bool
    """Whether an authenticator app is set up."""
    has_passkey: bool
    location_ids: tuple[int, ...]
    """Of a location user; empty for all others."""
    last_signed_in_at: datetime | None
    locked_at: datetime | None
    lock_reason: str | None
    locked_by_operator: bool
    """Whose lock it is; means nothing without a lock."""

    @property
    def has_second_factor(self) -> bool:
        """Whether something beside the password is asked for."""
        return self.has_totp or self.has_passkey


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent a request, as the session says."""

    user_id: int
    name: str
    email: str
    role: PeopleRole
    organisation_id: int | None
    """`None` for the operator and the authority."""
    location_ids: tuple[int, ...]
    """Locations that a location user is bound to; empty for all others."""
    language: str
    session_id: str
    csrf_token: str
    second_factor_done: bool
    """Whether the session needs no second factor any more."""
    must_set_second_factor: bool
    """Whether the role demands a second factor that the person does not have yet."""
    seen_long_ago: bool = False
    """Whether it is time to note that the session is used."""

    def __repr__(self) -> str:
        """Show who it is, never the tokens: a representation can end in a log."""
        return f"SignedIn(user_id={self.user_id}, role={self.role.value!r})"
