"""What webhooks tell, fetched: for systems of OBPs that listen to nothing, or whose endpoint was away."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts.http.sender import JSON, Parts, Sender, number_of
from sinetti.alerts.wire import encoded
from sinetti.contracts.cases import MessageSeen, MessagesSeen
from sinetti.kit.problems import Problem
from sinetti.rules.vocabulary import OrganisationKind
from sinetti.webhooks.messages import PAGE_MAX, messages_after
from sinetti.webhooks.model import Message
from sinetti.webhooks.signing import name_of

LIMIT: Final = 100
"""Messages a page where the request does not say."""
_NUMBER_MAX: Final = 2**63 - 1


def routes(parts: Parts) -> list[Route]:
    """The one route."""

    async def page(sender: Sender) -> Response:
        return await _page(parts, sender)

    return [parts.guarded("GET", "/ams/messages", page)]


async def _page(parts: Parts, sender: Sender) -> Response:
    """Messages after a number. One more is read than is given, to know whether there are more."""
    if sender.caller.organisation_kind is not OrganisationKind.MAH_OBP:
        raise Problem("forbidden-organisation", 403)
    query = sender.request.query_params
    after, limit = number_of(query, "after", 0, _NUMBER_MAX, 0), number_of(query, "limit", 1, PAGE_MAX, LIMIT)
    async with parts.database.transaction() as tx:
        found = await messages_after(tx, sender.caller.organisation_id, after, limit + 1)
    given = found[:limit]
    seen = MessagesSeen(
        messages=tuple(map(_seen, given)),
        next=str(given[-1].message_number if given else after),
        has_more=len(found) > limit,
    )
    return Response(encoded(seen), media_type=JSON)


def _seen(message: Message) -> MessageSeen:
    return MessageSeen(
        id=name_of(message.message_id), type=message.kind, timestamp=message.occurred_at, data=message.body
    )
