"""Asks for the hand-over of notices, in the transaction that makes them. What it is lies in `handing`."""

from __future__ import annotations

from typing import Final

from sinetti.kit import jobs
from sinetti.kit.db import Transaction, load_queries

HAND_OVER: Final = "hand_over_notices"
MAIL_NOTICES: Final = "mail_notices"

_SQL = load_queries("sinetti.alerts.store", "notices.sql")


async def ask_for_hand_over(tx: Transaction) -> None:
    """Have the notices of this transaction handed over after its commit, by one task however many they are.

    No word that lets it wait only once in the whole queue: whoever writes that word would make all others who change
    alerts wait for the end of its transaction, and deadlock with those who hold an alert that it wants.
    """
    row = await (await tx.execute(_SQL["first_asking"])).fetchone()
    if row is not None and row[0]:
        await jobs.defer(tx, HAND_OVER)
