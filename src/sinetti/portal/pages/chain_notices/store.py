"""Notices that were sent, and who gets one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from sinetti.alerts.files import Change
from sinetti.alerts.model import AlertFile
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.rules.alerts.vocabulary import Classification
from sinetti.rules.chain_notices import Recipients

_QUERIES = load_queries("sinetti.portal.pages.chain_notices", "chain_notices.sql")

ORDERS: Orders = {
    "sent_at": ("sent_at", "sent_at DESC"),
    "product": ("product_name NULLS FIRST, batch", "product_name DESC NULLS LAST, batch DESC"),
}


class ListedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list. Who got it is counted, and not named."""

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
    company_name: str


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who gets the mail."""

    email: str
    language: str
    is_authority: bool


async def list_notices(
    tx: Transaction, query: ListQuery, reach: Reach, language: str
) -> ListPage[ListedNotice]:
    """A page of the notices."""
    return await list_page(
        tx,
        _QUERIES["list_chain_notices"],
        ListedNotice,
        query,
        orders=ORDERS,
        key="notice_id",
        values={**reach_values(reach), **list_values(query, language)},
    )


async def addressees(tx: Transaction, recipients: Sequence[Recipients]) -> list[Addressee]:
    """Everybody of these kinds, each once."""
    values = {"recipients": [kind.value for kind in recipients]}
    cursor = await tx.cursor(row_factory=rows_as(Addressee)).execute(_QUERIES["addressees"], values)
    return list(await cursor.fetchall())


async def add_notice(
    tx: Transaction,
    change: Change,
    file: AlertFile,
    recipients: Sequence[Recipients],
    addition: str,
    people: int,
) -> None:
    """Write down what was sent, by whom, to which kinds of people."""
    await tx.execute(
        _QUERIES["add_chain_notice"],
        {
            "product_id": file.key.product_id,
            "event_number": file.key.event_number,
            "organisation_id": change.doer.organisation_id,
            "classification": file.classification,
            "recipients": [kind.value for kind in recipients],
            "addition": addition or None,
            "people": people,
            "now": change.now,
            "user_id": change.doer.user_id,
            "user_name": change.doer.user_name,
            "transaction_id": change.doer.transaction_id,
        },
    )
