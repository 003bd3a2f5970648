"""Mails that go to many at once, for IT systems: the pages' own, of sales holds and notices of falsification."""

from __future__ import annotations

from datetime import datetime

from sinetti.alerts.chain_notices import Sent
from sinetti.alerts.model import AlertFile
from sinetti.alerts.sales_holds_seen import Hold
from sinetti.kit.db import Transaction
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal.pages.chain_notices.letters import mail_chain_notice, product_name, text_of_notice
from sinetti.portal.pages.sales_holds.letters import mail_hold
from sinetti.rules.vocabulary import Language


class Letters:
    """Sends them, for whoever has no page of its own."""

    def __init__(self, sealer: Sealer, settings: Settings) -> None:
        self._sealer = sealer
        self._settings = settings

    async def of_hold(self, tx: Transaction, hold: Hold, now: datetime) -> None:
        """That a batch is to be held, or no more."""
        await mail_hold(tx, self._sealer, self._settings, hold, now)

    async def of_falsification(self, tx: Transaction, file: AlertFile, sent: Sent, now: datetime) -> None:
        """A notice to all whom it is for."""
        product = await product_name(tx, file)
        await mail_chain_notice(tx, self._sealer, self._settings, file, product, sent, now)

    async def text_of_falsification(
        self, tx: Transaction, file: AlertFile, language: Language
    ) -> tuple[str, list[str]]:
        """Subject and paragraphs of a notice, as they would go out."""
        return text_of_notice(file, await product_name(tx, file), language)
