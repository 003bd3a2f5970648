"""Whom to write to where no people of a party can read its notices: the contact address of location or organisation.

Where there is none either, nobody can be told, which is noted for the operator. An OBP whose systems take webhooks is
told by them all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Notice, Pace, Party

if TYPE_CHECKING:
    from sinetti.alerts.notices.handing import WaitingNotice

WRITTEN_TO: Final = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION, Party.OBP})
"""Parties that have contact addresses."""

_SQL = load_queries("sinetti.alerts.store", "notice_contacts.sql")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A party with its address."""

    party: Party
    organisation_id: int
    location_id: int | None
    name: str
    """Of the location, else of the organisation."""
    email: str | None
    languages: list[str]
    """Of the location, in its order; none where that is not known."""
    has_systems: bool
    """Whether a system of it takes webhooks."""


async def contact_of(
    tx: Transaction, party: Party, organisation_id: int, location_id: int | None
) -> Contact | None:
    """The party's address as it is now; `None` where there is no such organisation."""
    values = {"organisation_id": organisation_id, "location_id": location_id}
    row = await (await tx.execute(_SQL["contact"], values)).fetchone()
    if row is None:
        return None
    return Contact(
        party=party,
        organisation_id=organisation_id,
        location_id=location_id,
        name=row[0],
        email=row[1],
        languages=row[2],
        has_systems=row[3],
    )


def pace_for_contact(rules: AlertRules, party: Party, notice: Notice) -> Pace:
    """How soon an address hears of it, as the table has it: there is nobody to choose otherwise. Pure."""
    return rules.paces[rules.notice_groups[notice]].usual[party]


async def write_to_contact(tx: Transaction, one: WaitingNotice, pace: Pace, due_at: datetime) -> bool:
    """Have a notice that no person hears of go with the next mail to the contact address; whether there is one."""
    assert one.organisation_id is not None, "parties with addresses are organisations"
    contact = await contact_of(tx, one.party, one.organisation_id, one.location_id)
    of_notice = {"product_id": one.product_id, "notice_number": one.notice_number}
    if contact is None or contact.email is None:
        if contact is None or not contact.has_systems:
            await tx.execute(_SQL["note_told_nobody"], of_notice)
        return False
    values = msgspec.to_builtins(contact) | of_notice
    await tx.execute(
        _SQL["add_for_contact"],
        values
        | {
            "event_number": one.event_number,
            "notice": one.notice,
            "pace": pace,
            "made_at": one.made_at,
            "due_at": due_at,
        },
    )
    return True


def unheard(taken: Sequence[WaitingNotice], heard: Collection[int]) -> list[WaitingNotice]:
    """Notices of parties with addresses that no person will hear of. Pure."""
    return [one for one in taken if one.party in WRITTEN_TO and one.notice_number not in heard]
