"""What alerts tell a company of its own uploads, gaps and near misses; and what was uploaded of a product."""

from __future__ import annotations

from datetime import timedelta

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts import upload_gaps
from sinetti.alerts.company_sums import AT_ONCE, bring_up_to_date
from sinetti.alerts.gaps import GAP_DAYS, ListedGap
from sinetti.alerts.http.sender import JSON, PAGE_ROWS, PAGE_ROWS_MAX, Parts, Sender, number_of, word_of
from sinetti.alerts.near_misses import (
    NEAR_MISS_DAYS,
    NearMiss,
    in_words,
    telling_of,
)
from sinetti.alerts.upload_gaps import OneBatch
from sinetti.alerts.wire import encoded, known
from sinetti.contracts.case_work import (
    NearMissesSeen,
    NearMissSeen,
    SentSerialSeen,
    SentSerialsSeen,
    UploadGapSeen,
    UploadGapsSeen,
)
from sinetti.contracts.uploads import StoredBatches
from sinetti.kit.db import Transaction
from sinetti.kit.exports import EXPORTED_ROWS_MAX
from sinetti.kit.problems import Problem
from sinetti.nmvs.http.uploads import stored_batch
from sinetti.nmvs.store.batches import read_batches
from sinetti.nmvs.trail import find_product
from sinetti.rules.vocabulary import Language, OrganisationKind, ParameterName

_PAGE_MAX = 999_999_999
ALERTS_MAX = 4_000
"""Of a batch, that a request counts itself, as a page does; what is larger the worker counts all the time."""
_TEXT_CHARACTERS_MAX = 100


def routes(parts: Parts) -> list[Route]:
    """Routes to what was uploaded, and what seems not to have been."""
    uploading = _Uploading(parts)
    return [
        parts.guarded("GET", "/ams/upload-gaps", uploading.gaps),
        parts.guarded("GET", "/ams/upload-gaps/serial-numbers", uploading.serial_numbers),
        parts.guarded("GET", "/ams/near-misses", uploading.near_misses),
        parts.guarded("GET", "/ams/uploaded-batches", uploading.batches),
    ]


class _Uploading:
    """What each route does."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def gaps(self, sender: Sender) -> Response:
        """Batches that are not uploaded, in part, late, or otherwise than printed."""
        organisation_id = _company(sender)
        skip, at_most, with_closed = _paging(sender.request.query_params)
        since = sender.at - timedelta(days=GAP_DAYS)
        async with self._parts.database.transaction() as tx:
            await self._count(tx, sender)
            found = await upload_gaps.page_of_gaps(
                tx, organisation_id, since, with_closed=with_closed, skip=skip, at_most=at_most + 1
            )
        seen = tuple(_gap(one) for one in found[:at_most])
        shown = UploadGapsSeen(upload_gaps=seen, has_more=len(found) > at_most)
        return Response(encoded(shown), media_type=JSON)

    async def serial_numbers(self, sender: Sender) -> Response:
        """What came up of one batch without having been uploaded."""
        query = sender.request.query_params
        wanted = OneBatch(
            organisation_id=_company(sender),
            product_code=_text(query, "product"),
            batch=_text(query, "sentBatch"),
        )
        async with self._parts.database.transaction() as tx:
            await self._count(tx, sender)
            found = await upload_gaps.serial_numbers(tx, wanted, EXPORTED_ROWS_MAX)
            suspected = await upload_gaps.suspected_packs(tx, wanted)
        seen = tuple(
            SentSerialSeen(
                sent_serial_number=one.serial_number,
                first_at=one.first_at,
                alerts=one.alerts,
                is_uploaded=one.is_uploaded,
                **known(sent_expiry=one.expiry),
            )
            for one in found
        )
        shown = SentSerialsSeen(serial_numbers=seen, suspected_packs=suspected)
        return Response(encoded(shown), media_type=JSON)

    async def near_misses(self, sender: Sender) -> Response:
        """How what was sent differs from what was uploaded, by batch and kind of difference."""
        organisation_id = _company(sender)
        skip, at_most, with_closed = _paging(sender.request.query_params)
        since = sender.at - timedelta(days=NEAR_MISS_DAYS)
        async with self._parts.database.transaction() as tx:
            await self._count(tx, sender)
            found = await upload_gaps.page_of_near_misses(
                tx, organisation_id, since, with_closed=with_closed, skip=skip, at_most=at_most + 1
            )
        enough = self._parts.rules.parameters[ParameterName.SAME_DIFFERENCE_LOCATIONS].value
        seen = tuple(_near_miss(one, enough, sender.language) for one in found[:at_most])
        shown = NearMissesSeen(near_misses=seen, has_more=len(found) > at_most)
        return Response(encoded(shown), media_type=JSON)

    async def _count(self, tx: Transaction, sender: Sender) -> None:
        """What has changed of the company's alerts is counted, as far as that is quickly done, as for its pages."""
        await bring_up_to_date(tx, _company(sender), sender.at, at_most=AT_ONCE, alerts_max=ALERTS_MAX)

    async def batches(self, sender: Sender) -> Response:
        """What was uploaded of a product: for the operator and the authority of any, for a company of its own."""
        kind = sender.caller.organisation_kind
        everything = kind in {OrganisationKind.OPERATOR, OrganisationKind.AUTHORITY}
        own = None if everything else _company(sender)
        query = sender.request.query_params
        code, batch = _text(query, "product"), query.get("sentBatch")
        async with self._parts.database.transaction() as tx:
            product = await find_product(tx, code)
            if product is None or (own is not None and product.organisation_id != own):
                raise Problem("unknown-product", 404, product_code=code)
            found = await read_batches(tx, product.product_id, batch and _text(query, "sentBatch"))
        shown = StoredBatches(
            withdrawn_at=product.withdrawn_at,
            withdrawal_reason=product.withdrawal_reason,
            batches=tuple(stored_batch(one) for one in found),
        )
        return Response(encoded(shown), media_type=JSON)


def _company(sender: Sender) -> int:
    if sender.caller.organisation_kind is not OrganisationKind.MAH_OBP:
        raise Problem("forbidden-organisation", 403)
    return sender.caller.organisation_id


def _paging(query: QueryParams) -> tuple[int, int, bool]:
    """How many rows are before the page, how many it has, and whether closed alerts count."""
    at_most = number_of(query, "limit", 1, PAGE_ROWS_MAX, PAGE_ROWS)
    page = number_of(query, "page", 1, _PAGE_MAX, 1)
    return (page - 1) * at_most, at_most, word_of(query, "alertState", "open", "any") == "any"


def _text(query: QueryParams, name: str) -> str:
    text = query.get(name, "")
    if not text.strip() or "\0" in text or len(text) > _TEXT_CHARACTERS_MAX:
        raise Problem("parameter-invalid", 422, field=name, accepted=["text"])
    return text.strip()


def _gap(one: ListedGap) -> UploadGapSeen:
    return UploadGapSeen(
        product_code=one.product_code,
        sent_batch=one.batch,
        gap=one.gap.value,
        alerts=one.alerts,
        open_alerts=one.open_alerts,
        packs=one.packs,
        locations=one.locations,
        first_at=one.first_at,
        **known(product_name=one.product_name),
    )


def _near_miss(one: NearMiss, enough: int, language: Language) -> NearMissSeen:
    return NearMissSeen(
        product_code=one.product_code,
        batch=one.batch,
        cause=one.cause.value,
        says=in_words(one, language)[1],
        telling=telling_of(one, enough).value,
        alerts=one.alerts,
        sent_values=one.sent_values,
        locations=one.locations,
        same_value_locations=one.same_value_locations,
        latest_at=one.latest_at,
        **known(product_name=one.product_name),
    )
