"""Notices about a suspected or confirmed falsification: a company tells the authority and the distribution chain.

Whom it may tell from which classification on is `chain_notice_recipients.csv`. What is sent is written down here; the
mails are made where the words of pages are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from sinetti.alerts.files import Change
from sinetti.alerts.model import AlertFile
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.vocabulary import Classification, Party
from sinetti.rules.chain_notices import Recipients, recipients_at

ADDITION_CHARACTERS_MAX: Final = 2000
NEWEST: Final = 2**63 - 1
"""To be listed after: all of them are."""

_SQL = load_queries("sinetti.alerts.store", "chain_notices.sql")


class NoticeFault(StrEnum):
    """Why a notice is not sent."""

    NO_SUSPICION = "no_suspicion"
    RECIPIENTS = "recipients"
    """Nobody is named, or somebody who may not be told yet."""
    TOO_LONG = "too_long"
    NOT_YOURS = "not_yours"


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who gets the mail."""

    email: str
    language: str
    is_authority: bool


class ChainNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice that was sent. Who got it is counted, and not named."""

    notice_id: int
    sent_at: datetime
    alert_id: str
    product_code: str
    product_name: str | None
    batch: str | None
    classification: Classification
    recipients: list[Recipients]
    people: int
    addition: str | None
    organisation_id: int
    company_name: str


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it goes out: whoever sends the mails goes through the people."""

    notice_id: int
    recipients: list[Recipients]
    addition: str
    people: list[Addressee]


def decide_notice(
    change: Change, file: AlertFile, wanted: Collection[str], addition: str
) -> list[Recipients] | NoticeFault:
    """Who is told, or why nobody is."""
    if change.doer.party not in {Party.MAH, Party.OBP}:
        return NoticeFault.NOT_YOURS
    may = recipients_at(change.rules.chain_notices, file.classification)
    chosen = [kind for kind in may if kind.value in wanted]
    if not may:
        return NoticeFault.NO_SUSPICION
    if not chosen or len(chosen) < len(set(wanted)):
        return NoticeFault.RECIPIENTS
    if len(addition) > ADDITION_CHARACTERS_MAX:
        return NoticeFault.TOO_LONG
    return chosen


async def send(
    tx: Transaction, change: Change, file: AlertFile, wanted: Collection[str], addition: str
) -> Sent | NoticeFault:
    """Write down a notice about a locked alert, and say who is to be told, each once."""
    addition = addition.strip()
    chosen = decide_notice(change, file, wanted, addition)
    if isinstance(chosen, NoticeFault):
        return chosen
    people = await addressees(tx, chosen)
    values = {
        "product_id": file.key.product_id,
        "event_number": file.key.event_number,
        "organisation_id": change.doer.organisation_id,
        "classification": file.classification,
        "recipients": [kind.value for kind in chosen],
        "addition": addition or None,
        "people": len(people),
        "now": change.now,
        "user_id": change.doer.user_id,
        "equipment_id": change.doer.equipment_id,
        "user_name": change.doer.user_name,
        "transaction_id": change.doer.transaction_id,
    }
    row = await (await tx.execute(_SQL["add_chain_notice"], values)).fetchone()
    assert row is not None, "an insert returns its row"
    return Sent(notice_id=row[0], recipients=chosen, addition=addition, people=people)


async def addressees(tx: Transaction, recipients: Sequence[Recipients]) -> list[Addressee]:
    """Everybody of these kinds, each once."""
    values = {"recipients": [kind.value for kind in recipients]}
    cursor = await tx.cursor(row_factory=rows_as(Addressee)).execute(_SQL["addressees"], values)
    return list(await cursor.fetchall())


async def page_of_notices(
    tx: Transaction, organisation_id: int | None, after: int, at_most: int
) -> list[ChainNotice]:
    """Notices of a company, or of all, that are older than one, the latest first."""
    values = {"organisation_id": organisation_id, "after": after, "at_most": at_most}
    cursor = await tx.cursor(row_factory=rows_as(ChainNotice)).execute(_SQL["page_of_notices"], values)
    return list(await cursor.fetchall())
