"""Requests to hold a batch: a company asks and lifts, wholesalers' locations answer, operator and authority look."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts import sales_holds
from sinetti.alerts.decide import is_of
from sinetti.alerts.files import Change, find_file
from sinetti.alerts.http.refusals import work_refused
from sinetti.alerts.http.sender import (
    BODY_BYTES_MAX,
    JSON,
    PAGE_ROWS,
    PAGE_ROWS_MAX,
    Parts,
    Sender,
    Work,
    chosen,
    decoded,
    number_of,
    path_number,
    sent_body,
    word_of,
)
from sinetti.alerts.sales_holds_seen import (
    NEWEST,
    HeldBatch,
    Hold,
    HoldAnswer,
    answers_of,
    figures,
    find_batch,
    find_hold,
    page_of_batches,
    page_of_holds,
)
from sinetti.alerts.wire import encoded, known
from sinetti.contracts.case_work import (
    HeldBatchesSeen,
    HeldBatchOrder,
    HeldBatchSeen,
    SalesHoldAnswerSeen,
    SalesHoldFigures,
    SalesHoldLiftOrder,
    SalesHoldOrder,
    SalesHoldSeen,
    SalesHoldsSeen,
)
from sinetti.contracts.cases import Place
from sinetti.gs1.identifiers import is_batch, is_gtin, pad_gtin
from sinetti.kit.db import Transaction
from sinetti.kit.problems import Problem
from sinetti.nmvs.trail import KnownProduct, find_product
from sinetti.rules.alerts.vocabulary import Party, Refusal
from sinetti.rules.sales_holds.vocabulary import (
    HoldField,
    HoldRefusal,
    HoldSide,
    HoldState,
    HoldStep,
    HoldViewer,
)
from sinetti.rules.vocabulary import OrganisationKind, Scheme

_VIEWERS = {
    Party.OBP: HoldViewer.COMPANY,
    Party.OPERATOR: HoldViewer.OPERATOR,
    Party.AUTHORITY: HoldViewer.AUTHORITY,
}
_AUDITED = {
    HoldStep.HOLD: "sales_hold_packs_held",
    HoldStep.NONE_IN_STOCK: "sales_hold_none_in_stock",
    HoldStep.RELEASE: "sales_hold_packs_released",
}


def routes(parts: Parts) -> list[Route]:
    """Routes to requests and answers."""
    asking, answering = _Asking(parts), _Answering(parts)
    return [
        parts.guarded_each("/ams/sales-holds", {"GET": asking.page, "POST": asking.ask}),
        parts.guarded("GET", "/ams/sales-holds/{hold_id}", asking.one),
        parts.guarded("POST", "/ams/sales-holds/{hold_id}/lift", asking.lift),
        parts.guarded("GET", "/ams/held-batches", answering.page),
        parts.guarded("GET", "/ams/held-batches/{hold_id}", answering.one),
        parts.guarded("POST", "/ams/held-batches/{hold_id}/answer", answering.answer),
    ]


class _Asking:
    """The company's side, which operator and authority look at."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, sender: Sender) -> Response:
        """Requests, the latest first."""
        query = sender.request.query_params
        state = word_of(query, "holdState", HoldState.ASKED.value, HoldState.LIFTED.value, "any")
        after = number_of(query, "after", 1, NEWEST, NEWEST)
        at_most = number_of(query, "limit", 1, PAGE_ROWS_MAX, PAGE_ROWS)
        async with self._parts.database.transaction() as tx:
            change = await self._parts.change(tx, sender)
            viewer = self._viewer(change, sender)
            found = await page_of_holds(tx, change.doer.organisation_id, state, after, at_most + 1)
            given = found[:at_most]
            seen = await self._seen(tx, viewer, given)
        more = {"next": str(given[-1].hold_id)} if len(found) > at_most else {}
        return Response(encoded(SalesHoldsSeen(sales_holds=seen, **more)), media_type=JSON)

    async def one(self, sender: Sender) -> Response:
        """One request."""
        async with self._parts.database.transaction() as tx:
            change = await self._parts.change(tx, sender)
            viewer = self._viewer(change, sender)
            (seen,) = await self._seen(tx, viewer, [await self._hold(tx, change, sender)])
        return Response(encoded(seen), media_type=JSON)

    async def ask(self, sender: Sender) -> Response:
        """Ask every distributor, and have their people told."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, SalesHoldOrder)

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            viewer = self._company(change, sender)
            product = await _own_product(tx, change, order.product_code)
            if not is_batch(order.batch, Scheme.GS1 if is_gtin(pad_gtin(order.product_code)) else Scheme.IFA):
                raise Problem("invalid-body", 422, path="$.batch", reason="Expected a batch number")
            done = await sales_holds.ask(
                tx,
                change,
                product_id=product.product_id,
                batch=order.batch,
                reason=order.reason,
                event_number=await _event_of(tx, change, product, order.alert_id),
            )
            if isinstance(done, HoldRefusal):
                raise work_refused(done, sender.language)
            return await self._changed(tx, sender, change, viewer, done, "sales_hold_asked")

        return await self._parts.once(sender, body, make)

    async def lift(self, sender: Sender) -> Response:
        """End a request, and have those told who hold packs."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, SalesHoldLiftOrder)

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            viewer = self._company(change, sender)
            hold = await self._hold(tx, change, sender)
            done = await sales_holds.lift(tx, change, hold.hold_id, order.reason)
            if done is not None:
                raise work_refused(done, sender.language)
            return await self._changed(tx, sender, change, viewer, hold.hold_id, "sales_hold_lifted")

        return await self._parts.once(sender, body, make)

    async def _changed(
        self, tx: Transaction, sender: Sender, change: Change, viewer: HoldViewer, hold_id: int, action: str
    ) -> bytes:
        hold = await find_hold(tx, hold_id)
        assert hold is not None, "it was changed just now"
        await self._parts.letters.of_hold(tx, hold, sender.at)
        work = Work(
            kind="sales_hold",
            number=hold.hold_id,
            name=f"{hold.product_code} {hold.batch}",
            organisation_id=hold.organisation_id,
            new={"batch": hold.batch},
            reason=hold.lift_reason or hold.reason,
        )
        await self._parts.note_work(tx, sender, change, action, work)
        (seen,) = await self._seen(tx, viewer, [hold])
        return encoded(seen)

    def _viewer(self, change: Change, sender: Sender) -> HoldViewer:
        viewer = _VIEWERS.get(change.doer.party)
        if viewer is None:
            raise self._parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
        return viewer

    def _company(self, change: Change, sender: Sender) -> HoldViewer:
        viewer = self._viewer(change, sender)
        if viewer is not HoldViewer.COMPANY:
            raise self._parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
        return viewer

    async def _hold(self, tx: Transaction, change: Change, sender: Sender) -> Hold:
        number = path_number(sender, "hold_id")
        hold = await find_hold(tx, number)
        own = change.doer.organisation_id
        if hold is None or (own is not None and hold.organisation_id != own):
            raise Problem("unknown-sales-hold", 404, number=number)
        return hold

    async def _seen(
        self, tx: Transaction, viewer: HoldViewer, found: Sequence[Hold]
    ) -> tuple[SalesHoldSeen, ...]:
        answers: dict[int, list[HoldAnswer]] = {}
        for answer in await answers_of(tx, [hold.hold_id for hold in found]):
            answers.setdefault(answer.hold_id, []).append(answer)
        return tuple(self._one_seen(viewer, hold, answers.get(hold.hold_id, [])) for hold in found)

    def _one_seen(self, viewer: HoldViewer, hold: Hold, answers: Sequence[HoldAnswer]) -> SalesHoldSeen:
        rules = self._parts.rules.sales_holds
        sees_reason = rules.sees(HoldField.REASON, viewer)
        counted = figures(answers)
        return SalesHoldSeen(
            hold_id=hold.hold_id,
            company=Place(id=hold.organisation_id, name=hold.company_name)
            if rules.sees(HoldField.COMPANY, viewer)
            else None,
            product_code=hold.product_code,
            product_name=hold.product_name,
            batch=hold.batch,
            state=hold.state.value,
            state_at=hold.state_at,
            asked_at=hold.asked_at,
            **known(
                reason=hold.reason if sees_reason else None,
                lift_reason=hold.lift_reason if sees_reason else None,
                alert_id=hold.alert_id,
            ),
            figures=SalesHoldFigures(
                asked=counted.asked,
                answered=counted.answered,
                holding=counted.holding,
                packs=counted.packs,
                none_in_stock=counted.none_in_stock,
                released=counted.released,
            )
            if rules.sees(HoldField.COUNTS, viewer)
            else None,
            answers=tuple(_answer_seen(one) for one in answers)
            if rules.sees(HoldField.PLACES, viewer)
            else (),
        )


class _Answering:
    """The side of a wholesaler's location. Nothing of the company is read here."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, sender: Sender) -> Response:
        """Batches that the location is asked to hold, or to release."""
        query = sender.request.query_params
        state = word_of(query, "heldState", "under_way", "waiting", "any")
        after = number_of(query, "after", 1, NEWEST, NEWEST)
        at_most = number_of(query, "limit", 1, PAGE_ROWS_MAX, PAGE_ROWS)
        location_id = self._location(sender)
        async with self._parts.database.transaction() as tx:
            found = await page_of_batches(tx, location_id, state, after, at_most + 1)
        given = found[:at_most]
        more = {"next": str(given[-1].hold_id)} if len(found) > at_most else {}
        seen = tuple(self._seen(batch) for batch in given)
        return Response(encoded(HeldBatchesSeen(held_batches=seen, **more)), media_type=JSON)

    async def one(self, sender: Sender) -> Response:
        """One of them."""
        async with self._parts.database.transaction() as tx:
            batch = await self._batch(tx, sender)
        return Response(encoded(self._seen(batch)), media_type=JSON)

    async def answer(self, sender: Sender) -> Response:
        """Say for the location's stock what is held, that there is none, or that it is released."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, HeldBatchOrder)
        step = chosen(HoldStep, order.step, "step")

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            before = await self._batch(tx, sender)
            packs = order.packs if step is HoldStep.HOLD else None
            done = await sales_holds.answer(tx, change, before.hold_id, before.location_id, step, packs)
            if isinstance(done, HoldRefusal):
                raise work_refused(done, sender.language)
            after = await self._batch(tx, sender)
            work = Work(
                kind="sales_hold",
                number=after.hold_id,
                name=f"{after.product_code} {after.batch}",
                organisation_id=after.organisation_id,
                location_id=after.location_id,
                old={"packs": before.packs},
                new={"packs": after.packs},
            )
            await self._parts.note_work(tx, sender, change, _AUDITED[step], work)
            return encoded(self._seen(after))

        return await self._parts.once(sender, body, make)

    def _location(self, sender: Sender) -> int:
        """Only wholesalers are asked."""
        if sender.caller.organisation_kind is not OrganisationKind.WHOLESALER:
            raise Problem("forbidden-organisation", 403)
        return sender.caller.location_id

    async def _batch(self, tx: Transaction, sender: Sender) -> HeldBatch:
        number = path_number(sender, "hold_id")
        batch = await find_batch(tx, number, self._location(sender))
        if batch is None:
            raise Problem("unknown-sales-hold", 404, number=number)
        return batch

    def _seen(self, batch: HeldBatch) -> HeldBatchSeen:
        steps = self._parts.rules.sales_holds.steps(batch.state, HoldSide.DISTRIBUTOR, batch.request_state)
        return HeldBatchSeen(
            hold_id=batch.hold_id,
            product_code=batch.product_code,
            product_name=batch.product_name,
            batch=batch.batch,
            request_state=batch.request_state.value,
            asked_at=batch.asked_at,
            reason=batch.reason,
            state=batch.state.value,
            state_at=batch.state_at,
            possible_steps=tuple(step.value for step in steps),
            **known(lift_reason=batch.lift_reason, packs=batch.packs),
        )


async def _own_product(tx: Transaction, change: Change, product_code: str) -> KnownProduct:
    product = await find_product(tx, pad_gtin(product_code.strip()))
    if product is None or product.organisation_id != change.doer.organisation_id:
        raise Problem("unknown-product", 422, product_code=product_code)
    return product


async def _event_of(
    tx: Transaction, change: Change, product: KnownProduct, alert_id: str | None
) -> int | None:
    """The alert that led to it, where it is one of the product. Another's is as if it were not there."""
    if alert_id is None:
        return None
    file = await find_file(tx, alert_id.upper())
    if file is None or not is_of(file, change.doer) or file.key.product_id != product.product_id:
        raise Problem("unknown-alert", 422, alert_id=alert_id)
    return file.key.event_number


def _answer_seen(answer: HoldAnswer) -> SalesHoldAnswerSeen:
    return SalesHoldAnswerSeen(
        location=Place(id=answer.location_id, name=answer.location_name),
        organisation_name=answer.organisation_name,
        state=answer.state.value,
        state_at=answer.state_at,
        **known(packs=answer.packs),
    )
