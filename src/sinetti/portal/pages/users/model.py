"""What the pages of users show."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from sinetti.identity.people.model import PeopleRole


class UserState(StrEnum):
    """How a user stands."""

    IN_USE = "in_use"
    INVITED = "invited"
    """No password has been chosen yet."""
    LOCKED = "locked"


class ListedUser(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    user_id: int
    name: str
    email: str
    role: PeopleRole
    organisation_name: str | None
    state: UserState
    last_signed_in_at: datetime | None
