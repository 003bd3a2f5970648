"""The register of packs set aside, as a list. A pack goes in and out by its alert (`acting`)."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts.http.sender import (
    JSON,
    PAGE_ROWS,
    PAGE_ROWS_MAX,
    Parts,
    Sender,
    number_of,
    word_of,
)
from sinetti.alerts.model import FileKey, reference_of
from sinetti.alerts.register import KeptPack, alerts_of_pack_at, page_of_register, ways_out
from sinetti.alerts.wire import encoded, known
from sinetti.contracts.case_work import PackKept, PacksKept
from sinetti.contracts.cases import Place
from sinetti.kit.db import Transaction
from sinetti.rules.alerts.vocabulary import Party, Refusal, Sight

_NEWEST = 2**63 - 1


def routes(parts: Parts) -> list[Route]:
    """The one route."""

    async def page(sender: Sender) -> Response:
        return await _page(parts, sender)

    return [parts.guarded("GET", "/ams/set-aside", page)]


async def _page(parts: Parts, sender: Sender) -> Response:
    """Packs that are apart, that are gone, or both: of the location, or of all for operator and authority."""
    query = sender.request.query_params
    state = word_of(query, "registerState", "apart", "gone", "any")
    after = number_of(query, "after", 1, _NEWEST, _NEWEST)
    at_most = number_of(query, "limit", 1, PAGE_ROWS_MAX, PAGE_ROWS)
    async with parts.database.transaction() as tx:
        change = await parts.change(tx, sender)
        doer = change.doer
        if parts.rules.alerts.sights["set_aside"][doer.party] is Sight.NO:
            raise parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
        own = list(doer.location_ids) if doer.party is Party.END_USER_LOCATION else None
        found = await page_of_register(tx, own, state, after, at_most + 1)
        given = found[:at_most]
        seen = tuple([await _seen(tx, parts, pack) for pack in given])
        if doer.party is Party.AUTHORITY:
            await parts.note(tx, sender, change, "set_aside_listed", None)
    more = {"next": str(given[-1].set_aside_id)} if len(found) > at_most else {}
    return Response(encoded(PacksKept(packs_set_aside=seen, **more)), media_type=JSON)


async def _seen(tx: Transaction, parts: Parts, pack: KeptPack) -> PackKept:
    ends: tuple[str, ...] = ()
    if pack.ended_at is None:
        alerts = await alerts_of_pack_at(tx, pack.product_id, pack.serial_number, pack.location_id)
        ends = tuple(end.value for end in ways_out(parts.rules.alerts, alerts).now)
    reference = None
    if pack.event_number is not None:
        reference = reference_of(FileKey(pack.product_id, pack.event_number), pack.alert_id)
    return PackKept(
        set_aside_id=pack.set_aside_id,
        location=Place(id=pack.location_id, name=pack.location_name),
        product_code=pack.product_code,
        sent_serial_number=pack.serial_number,
        set_aside_at=pack.set_aside_at,
        may_end_as=ends,
        **known(
            alert_id=reference,
            product_name=pack.product_name,
            sent_batch=pack.batch,
            sent_expiry=pack.expiry,
            place=pack.place,
            ended_at=pack.ended_at,
            ended_as=pack.ended_as,
        ),
    )
