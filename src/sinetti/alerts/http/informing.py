"""Notices about a suspected or confirmed falsification: a company sends them, operator and authority see them."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts import cases, chain_notices
from sinetti.alerts.chain_notices import (
    NEWEST,
    ChainNotice,
    NoticeFault,
    addressees,
    decide_notice,
    page_of_notices,
)
from sinetti.alerts.http.reading import alert_id_of
from sinetti.alerts.http.refusals import work_refused
from sinetti.alerts.http.sender import (
    BODY_BYTES_MAX,
    JSON,
    PAGE_ROWS,
    PAGE_ROWS_MAX,
    Parts,
    Sender,
    Work,
    decoded,
    number_of,
    sent_body,
)
from sinetti.alerts.wire import encoded, known
from sinetti.contracts.case_work import ChainNoticeOrder, ChainNoticeSeen, ChainNoticesSeen, ChainNoticeText
from sinetti.contracts.cases import Place
from sinetti.kit.db import Transaction
from sinetti.rules.alerts.vocabulary import Party, Refusal

_SEES_COMPANIES = frozenset({Party.OPERATOR, Party.AUTHORITY})


def routes(parts: Parts) -> list[Route]:
    """Routes to notices."""
    informing = _Informing(parts)
    return [
        parts.guarded("GET", "/ams/chain-notices", informing.page),
        parts.guarded("POST", "/ams/alerts/{alert_id}/chain-notices", informing.send),
    ]


class _Informing:
    """What each route does."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def page(self, sender: Sender) -> Response:
        """What was sent, the latest first."""
        query = sender.request.query_params
        after = number_of(query, "after", 1, NEWEST, NEWEST)
        at_most = number_of(query, "limit", 1, PAGE_ROWS_MAX, PAGE_ROWS)
        async with self._parts.database.transaction() as tx:
            doer = await sender.doer(tx)
            if doer.party not in {Party.OBP, *_SEES_COMPANIES}:
                raise self._parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
            found = await page_of_notices(tx, doer.organisation_id, after, at_most + 1)
        given = found[:at_most]
        more = {"next": str(given[-1].notice_id)} if len(found) > at_most else {}
        seen = tuple(_seen(one, with_company=doer.party in _SEES_COMPANIES) for one in given)
        return Response(encoded(ChainNoticesSeen(chain_notices=seen, **more)), media_type=JSON)

    async def send(self, sender: Sender) -> Response:
        """Send a notice to everybody of the kinds that are named, each once, or show it as it would go out."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, ChainNoticeOrder)

        async def make(tx: Transaction) -> bytes:
            parts, addition = self._parts, (order.addition or "").strip()
            change = await parts.change(tx, sender)
            file = await cases.own_file(tx, change.doer, alert_id_of(sender), lock=True)
            decided = decide_notice(change, file, order.recipients, addition)
            if isinstance(decided, NoticeFault):
                raise work_refused(decided, sender.language)
            subject, paragraphs = await parts.letters.text_of_falsification(tx, file, sender.language)
            people = len(await addressees(tx, decided))
            if not order.is_preview:
                done = await chain_notices.send(tx, change, file, order.recipients, addition)
                assert not isinstance(done, NoticeFault), "it was decided just now, of the locked alert"
                await parts.letters.of_falsification(tx, file, done, sender.at)
                people = len(done.people)
                work = Work(
                    kind="chain_notice",
                    number=file.reference,
                    name=f"{file.product_code} {file.batch or ''}".strip(),
                    organisation_id=change.doer.organisation_id,
                    new={"recipients": [kind.value for kind in done.recipients], "people": people},
                    reason=addition or None,
                )
                await parts.note_work(tx, sender, change, "chain_notice_sent", work)
            text = ChainNoticeText(
                is_preview=order.is_preview, subject=subject, paragraphs=tuple(paragraphs), people=people
            )
            return encoded(text)

        return await self._parts.once(sender, body, make)


def _seen(notice: ChainNotice, *, with_company: bool) -> ChainNoticeSeen:
    return ChainNoticeSeen(
        notice_id=notice.notice_id,
        sent_at=notice.sent_at,
        company=Place(id=notice.organisation_id, name=notice.company_name) if with_company else None,
        alert_id=notice.alert_id,
        product_code=notice.product_code,
        classification=notice.classification.value,
        recipients=tuple(kind.value for kind in notice.recipients),
        people=notice.people,
        **known(product_name=notice.product_name, sent_batch=notice.batch, addition=notice.addition),
    )
