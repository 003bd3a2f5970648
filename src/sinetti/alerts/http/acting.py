"""What IT systems do with alerts: each route is one use case of the alert management, and judged there.

The answer is the alert as its party sees it afterwards. What is refused changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, TypeVar

from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts import cases, many, photo_cases, register, talking, trail_requests
from sinetti.alerts.assignments import AssignmentChange
from sinetti.alerts.decide import side_of
from sinetti.alerts.files import Change, find_file
from sinetti.alerts.http.reading import Reading, alert_id_of
from sinetti.alerts.http.sender import BODY_BYTES_MAX, JSON, Parts, Sender, chosen, decoded, sent_body
from sinetti.alerts.http.sharing import named_assignee, note_assignment
from sinetti.alerts.investigations import find_attempt, request_investigation
from sinetti.alerts.model import AlertFile, FileKey
from sinetti.alerts.reading import read_view
from sinetti.alerts.wire import encoded
from sinetti.contracts.cases import (
    AlertChanged,
    AlertsChanged,
    ClassificationOrder,
    HandOverOrder,
    InvestigationOrder,
    ManyAlertsOrder,
    MessageOrder,
    RequestForInvestigation,
    SetAsideEndOrder,
    SetAsideOrder,
    StatusOrder,
    StepOrder,
    TrailOrder,
    TrailRequestOrder,
    TrailRequestStepOrder,
)
from sinetti.gs1.explain import explain
from sinetti.gs1.images import IMAGE_BYTES_MAX, ImageRefusedError
from sinetti.kit.db import Transaction
from sinetti.kit.problems import Problem
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Party,
    Refusal,
    SetAsideEnd,
    TrailRequestStep,
)

PICTURES: Final = ("image/jpeg", "image/png", "image/webp")

_NUMBER_END: Final = 2**63

Order = TypeVar("Order")
Act = Callable[[Transaction, Change, AlertFile, Any], Awaitable[object]]
"""Does what an order asks for with an alert that is the doer's matter; a `Refusal` says why not."""


def routes(parts: Parts, reading: Reading) -> list[Route]:
    """Routes that change something."""
    acting = _Acting(parts, reading)
    one = "/ams/alerts/{alert_id}"
    return [
        parts.guarded("POST", "/ams/alerts/changes", acting.change_many),
        *(
            parts.guarded("POST", one + below, acting.ordered(shape, act))
            for below, shape, act in (
                ("/status", StatusOrder, _change_status),
                ("/investigation", InvestigationOrder, _investigate),
                ("/hand-over", HandOverOrder, _hand_over),
                ("/classification", ClassificationOrder, _classify),
                ("/messages", MessageOrder, _say),
                ("/steps", StepOrder, _tick),
                ("/set-aside", SetAsideOrder, _set_aside),
                ("/trail-requests", TrailRequestOrder, partial(_ask_other_operator, parts.market)),
                ("/trail-requests/steps", TrailRequestStepOrder, _note_trail_request),
            )
        ),
        parts.guarded("POST", one + "/set-aside/end", acting.end_set_aside),
        parts.guarded("POST", one + "/request-for-investigation", acting.ask),
        parts.guarded("POST", one + "/trail", acting.trail),
        parts.guarded("POST", one + "/photos", acting.add_photo),
    ]


async def _change_status(tx: Transaction, change: Change, file: AlertFile, order: StatusOrder) -> object:
    reason = order.closing_reason
    return await cases.change_status(
        tx,
        change,
        file.reference,
        chosen(AlertStatus, order.status, "status"),
        reason=None if reason is None else chosen(ClosingReason, reason, "closingReason"),
        comment=order.comment,
    )


async def _investigate(tx: Transaction, change: Change, file: AlertFile, order: InvestigationOrder) -> object:
    answer = chosen(InvestigationStatus, order.investigation_status, "investigationStatus")
    side = side_of(change.doer.party)
    if side is None:
        return Refusal.NOT_FOR_THIS_PARTY
    return await cases.investigate(tx, change, file.reference, side, answer, comment=order.comment)


async def _hand_over(tx: Transaction, change: Change, file: AlertFile, _order: HandOverOrder) -> object:
    return await cases.hand_over(tx, change, file.reference)


async def _classify(tx: Transaction, change: Change, file: AlertFile, order: ClassificationOrder) -> object:
    to = chosen(Classification, order.classification, "classification")
    return await cases.classify(tx, change, file.reference, to, comment=order.comment)


async def _say(tx: Transaction, change: Change, file: AlertFile, order: MessageOrder) -> object:
    if order.is_note:
        return await talking.add_note(tx, change, file.reference, order.body)
    return await talking.send_message(tx, change, file.reference, order.body, to_all=bool(order.to_all))


async def _tick(tx: Transaction, change: Change, file: AlertFile, order: StepOrder) -> object:
    return await cases.tick_step(tx, change, file.reference, order.step, done=order.is_done)


async def _set_aside(tx: Transaction, change: Change, file: AlertFile, order: SetAsideOrder) -> object:
    return await register.set_pack_aside(tx, change, file.reference, place=order.place)


async def _ask_other_operator(
    market: str, tx: Transaction, change: Change, file: AlertFile, order: TrailRequestOrder
) -> object:
    return await trail_requests.ask_country(
        tx, change, file.reference, order.country, order.question, market=market
    )


async def _note_trail_request(
    tx: Transaction, change: Change, file: AlertFile, order: TrailRequestStepOrder
) -> object:
    step = chosen(TrailRequestStep, order.step, "step")
    if not 0 < order.request_id < _NUMBER_END:
        raise Problem("unknown-trail-request", 404, number=order.request_id)
    return await trail_requests.take_trail_step(
        tx, change, file.reference, order.request_id, step, order.said
    )


class _Acting:
    """What each route does, for a system that has to do with alerts."""

    def __init__(self, parts: Parts, reading: Reading) -> None:
        self._parts = parts
        self._reading = reading

    def ordered(self, shape: type[Any], act: Act) -> Callable[[Sender], Awaitable[Response]]:
        """A handler of orders of this shape about one alert."""

        async def answered(sender: Sender) -> Response:
            body = await sent_body(sender, BODY_BYTES_MAX, JSON)
            order = decoded(body, shape)

            async def make(tx: Transaction) -> bytes:
                change = await self._parts.change(tx, sender)
                file = await cases.own_file(tx, change.doer, alert_id_of(sender), lock=True)
                if getattr(order, "changes", None) not in {None, file.changes}:
                    raise self._parts.refused(Refusal.CHANGED_MEANWHILE, sender.language)
                self._made(await act(tx, change, file, order), sender)
                return await self._seen(tx, change, file.reference, sender)

            return await self._parts.once(sender, body, make)

        return answered

    async def end_set_aside(self, sender: Sender) -> Response:
        """Take the alert's pack out of the register of packs set aside."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, SetAsideEndOrder)
        end = chosen(SetAsideEnd, order.end, "end")

        async def make(tx: Transaction) -> bytes:
            parts = self._parts
            change = await parts.change(tx, sender)
            file = await cases.own_file(tx, change.doer, alert_id_of(sender), lock=True)
            view = await read_view(tx, parts.rules.alerts, parts.market, change.doer, file)
            kept = view.set_aside or ()
            pack = next((one for one in kept if one.ended_at is None), None)
            if pack is None:
                raise parts.refused(Refusal.NOT_SET_ASIDE, sender.language)
            done = await register.end_set_aside(
                tx,
                change,
                pack.product_id,
                pack.set_aside_id,
                end,
                comment=order.comment,
                agreed_with_mah=bool(order.agreed_with_mah),
            )
            self._made(done, sender)
            await parts.note(tx, sender, change, "set_aside_ended", file)
            return await self._seen(tx, change, file.reference, sender)

        return await self._parts.once(sender, body, make)

    async def ask(self, sender: Sender) -> Response:
        """Ask for the investigation of an alert or a refusal of one's own (NMVO-0048 §6.1)."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, RequestForInvestigation)

        async def make(tx: Transaction) -> bytes:
            parts, reference = self._parts, alert_id_of(sender)
            change = await parts.change(tx, sender)
            if change.doer.party is not Party.END_USER_LOCATION:
                await cases.own_file(tx, change.doer, reference)
                raise parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
            attempt = await find_attempt(tx, parts.rules.alerts, change.doer, reference, sender.at)
            if attempt is None:
                raise Problem("unknown-alert", 404, alert_id=reference)
            done = await request_investigation(tx, change, attempt, order.body)
            self._made(done, sender)
            file = await cases.own_file(tx, change.doer, attempt.reference)
            await parts.note(tx, sender, change, "investigation_asked", file)
            return await self._seen(tx, change, attempt.reference, sender)

        return await self._parts.once(sender, body, make)

    async def trail(self, sender: Sender) -> Response:
        """The alert with its pack's trail, after the ground was recorded (art. 38(2), 39)."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, TrailOrder)

        async def make(tx: Transaction) -> bytes:
            parts = self._parts
            change = await parts.change(tx, sender)
            done = await cases.note_trail_read(tx, change, alert_id_of(sender), order.ground)
            self._made(done, sender)
            file = await cases.own_file(tx, change.doer, alert_id_of(sender))
            await parts.note(tx, sender, change, "trail_read", file, ground=order.ground)
            return encoded(await self._reading.seen(tx, change, file, sender.language, with_trail=True))

        return await self._parts.once(sender, body, make)

    async def add_photo(self, sender: Sender) -> Response:
        """Take a photo in. The same file again changes nothing."""
        content = await sent_body(sender, IMAGE_BYTES_MAX, *PICTURES)

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            file = await cases.own_file(tx, change.doer, alert_id_of(sender))
            try:
                done = await photo_cases.add_photo(
                    tx, change, file, content, source_address=sender.source_address
                )
            except ImageRefusedError as refused:
                why = str(explain(refused.finding, sender.language))
                raise Problem("photo-refused", 422, finding=refused.finding.key, why=why) from None
            if done is not Refusal.ALREADY_SO:
                self._made(done, sender)
            return await self._seen(tx, change, file.reference, sender)

        return await self._parts.once(sender, content, make)

    async def change_many(self, sender: Sender) -> Response:
        """One change of many alerts, or what it would do. Those that refuse stay as they are."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, ManyAlertsOrder)
        wanted = (order.status, order.investigation_status, order.classification, order.assignee)
        if sum(one is not None for one in wanted) != 1:
            reason = "Expected one of status, investigationStatus, classification and assignee"
            raise Problem("invalid-body", 422, path="$", reason=reason)

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            judge = await self._judge(tx, change, order, sender)
            keys = await _keys(tx, order.alert_ids)
            perform = many.preview_many if order.is_preview else many.change_many
            judged = await perform(tx, change, keys, judge)
            for one in judged:
                if isinstance(one.decided, AssignmentChange) and not order.is_preview:
                    reference = one.file.reference
                    await note_assignment(self._parts, tx, sender, change, reference, one.decided)
            return encoded(
                AlertsChanged(
                    is_preview=order.is_preview, results=tuple(self._result(one, sender) for one in judged)
                )
            )

        return await self._parts.once(sender, body, make)

    async def _judge(
        self, tx: Transaction, change: Change, order: ManyAlertsOrder, sender: Sender
    ) -> many.Judge:
        if order.status is not None:
            reason = order.closing_reason
            return many.status_for_many(
                change,
                chosen(AlertStatus, order.status, "status"),
                reason=None if reason is None else chosen(ClosingReason, reason, "closingReason"),
                comment=order.comment,
            )
        if order.classification is not None:
            to = chosen(Classification, order.classification, "classification")
            return many.classification_for_many(change, to, comment=order.comment)
        if order.assignee is not None:
            return many.assignment_for_many(change, await named_assignee(tx, change.doer, order.assignee))
        assert order.investigation_status is not None, "one of the four is there"
        answer = chosen(InvestigationStatus, order.investigation_status, "investigationStatus")
        side = side_of(change.doer.party)
        if side is None:
            raise self._parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
        return many.investigation_for_many(change, side, answer, comment=order.comment)

    def _result(self, judged: many.Judged, sender: Sender) -> AlertChanged:
        refusal = judged.decided
        if not isinstance(refusal, Refusal):
            return AlertChanged(alert_id=judged.file.reference, is_made=True)
        why = self._parts.rules.alerts.words[sender.language]("refusal", refusal)
        return AlertChanged(alert_id=judged.file.reference, is_made=False, refusal=refusal.value, why=why)

    def _made(self, done: object, sender: Sender) -> None:
        if isinstance(done, Refusal):
            raise self._parts.refused(done, sender.language)

    async def _seen(self, tx: Transaction, change: Change, reference: str, sender: Sender) -> bytes:
        file = await cases.own_file(tx, change.doer, reference)
        return encoded(await self._reading.seen(tx, change, file, sender.language))


async def _keys(tx: Transaction, alert_ids: tuple[str, ...]) -> list[FileKey]:
    """The alerts with these ids, each once. Ids of none are left out, like those of others."""
    found: dict[FileKey, None] = {}
    for alert_id in alert_ids:
        file = await find_file(tx, alert_id.upper())
        if file is not None:
            found[file.key] = None
    return list(found)
