"""The mail that a batch is to be held, or no more: to distributors' people, whoever asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sinetti.alerts import sales_holds
from sinetti.alerts.sales_holds_seen import Hold
from sinetti.kit.db import Transaction
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal.mailing import post
from sinetti.rules.sales_holds.vocabulary import HoldState
from sinetti.rules.vocabulary import Language

_PAGE = "sales_holds"


async def mail_hold(
    tx: Transaction,
    sealer: Sealer,
    settings: Settings,
    hold: Hold,
    now: datetime,
    location_ids: Sequence[int] | None = None,
) -> None:
    """As the request stands, to the distributors' people, each once; without the company's name.

    Of some locations only, where they are said.
    """
    is_lifted = hold.state is HoldState.LIFTED
    values = {
        "product": hold.product_name,
        "product_code": hold.product_code,
        "batch": hold.batch,
        "reason": hold.lift_reason if is_lifted else hold.reason,
    }
    for one in await sales_holds.addressees(tx, hold.hold_id, location_ids):
        await post(
            tx,
            sealer,
            settings,
            page=_PAGE,
            key="lifted" if is_lifted else "asked",
            to=one.email,
            language=Language(one.language),
            path="/held-batches",
            now=now,
            values=values,
        )
