"""Who calls the interface to alerts: an IT system as a party, and what the routes read from its requests."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts.chain_notices import Sent
from sinetti.alerts.files import Change
from sinetti.alerts.model import AlertFile, Doer
from sinetti.alerts.sales_holds_seen import Hold
from sinetti.identity import registry
from sinetti.identity.http.authentication import require_caller
from sinetti.identity.model import Caller
from sinetti.identity.tokens import TokenGate
from sinetti.identity.usage import Usage
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.problems import Problem
from sinetti.kit.web import decode_json, endpoint, read_body
from sinetti.nmvs.http.idempotency import idempotency_key
from sinetti.nmvs.store.answers import KeyedRequest, find_answers, store_answers
from sinetti.rules.alerts.vocabulary import Party, Refusal
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import ClientRole, Interface, Language, OrganisationKind

BODY_BYTES_MAX: Final = 128 * 1024
"""The ids of five hundred alerts are some 15 KB, a message of 4000 characters at most 24 KB."""
JSON: Final = "application/json"
PAGE_ROWS: Final = 100
"""Rows of a page where the request does not say."""
PAGE_ROWS_MAX: Final = 500
_NUMBER_DIGITS_MAX: Final = 19
_PATH_DIGITS_MAX: Final = 9

T = TypeVar("T")
Choice = TypeVar("Choice", bound=Enum)

_PARTIES: Final = {
    OrganisationKind.MAH_OBP: Party.OBP,
    OrganisationKind.OPERATOR: Party.OPERATOR,
    OrganisationKind.AUTHORITY: Party.AUTHORITY,
}
_NOT_YOURS: Final = frozenset(
    {
        Refusal.NOT_FOR_THIS_PARTY,
        Refusal.REASON_NOT_FOR_THIS_PARTY,
        Refusal.REASON_NOT_AUTOMATIC,
        Refusal.SIDE_NOT_FOR_THIS_PARTY,
    }
)
_INCOMPLETE: Final = frozenset(
    {
        Refusal.COMMENT_MISSING,
        Refusal.COMMENT_TOO_LONG,
        Refusal.REASON_MISSING,
        Refusal.MESSAGE_EMPTY,
        Refusal.COUNTRY_NOT_ASKED,
    }
)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that belongs into the audit, too, as it does when a person does it in the portal."""

    action: str
    doer: Doer
    file: AlertFile | None
    at: datetime
    source_address: str | None
    ground: str | None = None
    work: Work | None = None
    """What it is about beside alerts."""

    @property
    def about(self) -> str:
        """The alert's reference, or all that a list or a file had."""
        return "alerts" if self.file is None else self.file.reference


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """Something beside alerts that was changed: a team, a request to hold a batch, a notice."""

    kind: str
    number: object
    name: str
    organisation_id: int | None
    """Whose audit has it; `None` for the operator's."""
    location_id: int | None = None
    old: Mapping[str, object] = msgspec.field(default_factory=dict)
    new: Mapping[str, object] = msgspec.field(default_factory=dict)
    reason: str | None = None


Audit = Callable[[Transaction, Entry], Awaitable[None]]


class Letters(Protocol):
    """Mails to many at once. Their words are those of the portal's pages, so they are made there."""

    async def of_hold(self, tx: Transaction, hold: Hold, now: datetime) -> None:
        """That a batch is to be held, or no more."""

    async def of_falsification(self, tx: Transaction, file: AlertFile, sent: Sent, now: datetime) -> None:
        """A notice to all whom it is for."""

    async def text_of_falsification(
        self, tx: Transaction, file: AlertFile, language: Language
    ) -> tuple[str, list[str]]:
        """Subject and paragraphs of a notice, as they would go out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An IT system that may call the interface, and its request."""

    caller: Caller
    request: Request
    language: Language
    at: datetime

    @property
    def source_address(self) -> str | None:
        """Where the request came from."""
        return None if self.request.client is None else self.request.client.host

    @property
    def transaction_id(self) -> UUID:
        """Names the request."""
        transaction_id: UUID = self.request.state.transaction_id
        return transaction_id

    async def doer(self, tx: Transaction) -> Doer:
        """The system as a party. What it does is told under the name of its client equipment."""
        caller = self.caller
        party = _PARTIES.get(caller.organisation_kind, Party.END_USER_LOCATION)
        equipment = await registry.one_equipment(tx, caller.equipment_id)
        return Doer(
            party=party,
            equipment_id=caller.equipment_id,
            user_name=equipment.name,
            # Operator and authority are no organisation of a case, as their people are not.
            organisation_id=None if party in {Party.OPERATOR, Party.AUTHORITY} else caller.organisation_id,
            location_ids=(caller.location_id,) if party is Party.END_USER_LOCATION else (),
            transaction_id=self.transaction_id,
        )


Handler = Callable[[Sender], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes work with."""

    database: Database
    gate: TokenGate
    rules: Rules
    clock: Clock
    usage: Usage
    market: str
    zone: ZoneInfo
    portal_address: str
    audit: Audit
    letters: Letters

    def guarded(self, method: str, path: str, handler: Handler) -> Route:
        """A route for systems that have to do with alerts."""
        return self.guarded_each(path, {method: handler})

    def guarded_each(self, path: str, handlers: Mapping[str, Handler]) -> Route:
        """The same for a path that has several methods: one route, so that `Allow` names them all."""

        async def answered(request: Request) -> Response:
            sender = await self._sender(request)
            # What is asked with HEAD is what GET would answer.
            method = "GET" if request.method == "HEAD" else request.method
            response = await handlers[method](sender)
            headers = request.headers
            agent, version = headers.get("user-agent"), headers.get("emvs-api-version")
            self.usage.note(sender.caller.equipment_id, sender.at, agent, version)
            response.headers["Cache-Control"] = "private, no-store"
            return response

        return Route(path, endpoint(answered, route=path), methods=list(handlers))

    async def _sender(self, request: Request) -> Sender:
        caller = await require_caller(request, self.gate, self.clock)
        if Interface.CASES not in self.rules.interfaces[caller.organisation_kind]:
            raise Problem("forbidden-organisation", 403)
        if caller.client_role is not ClientRole.FULL_ACCESS:
            raise Problem("forbidden-role", 403)
        return Sender(
            caller=caller, request=request, language=Language(request.state.language), at=self.clock()
        )

    async def change(self, tx: Transaction, sender: Sender) -> Change:
        """What surrounds a change that this request makes."""
        return Change(rules=self.rules, doer=await sender.doer(tx), now=sender.at)

    async def note(
        self,
        tx: Transaction,
        sender: Sender,
        change: Change,
        action: str,
        file: AlertFile | None,
        *,
        ground: str | None = None,
    ) -> None:
        """Write it into the audit."""
        entry = Entry(
            action=action,
            doer=change.doer,
            file=file,
            at=sender.at,
            source_address=sender.source_address,
            ground=ground,
        )
        await self.audit(tx, entry)

    async def note_work(
        self, tx: Transaction, sender: Sender, change: Change, action: str, work: Work
    ) -> None:
        """Write something into the audit that is no alert."""
        entry = Entry(
            action=action,
            doer=change.doer,
            file=None,
            at=sender.at,
            source_address=sender.source_address,
            work=work,
        )
        await self.audit(tx, entry)

    def refused(self, refusal: Refusal, language: Language) -> Problem:
        """A change that is not made, as an answer with the sentence that a person would read."""
        status = 403 if refusal in _NOT_YOURS else 422 if refusal in _INCOMPLETE else 409
        why = self.rules.alerts.words[language]("refusal", refusal)
        return Problem("alert-change-refused", status, refusal=refusal.value, why=why)

    async def once(
        self, sender: Sender, body: bytes, make: Callable[[Transaction], Awaitable[bytes]]
    ) -> Response:
        """Do it in one transaction. Sent again with the same `Idempotency-Key`, it is answered as the first time."""
        key = idempotency_key(sender.request.headers.get("idempotency-key"))
        async with self.database.transaction() as tx:
            if key is None:
                return Response(await make(tx), media_type=JSON)
            asked = hashlib.sha256(f"{sender.request.method} {sender.request.url.path} ".encode() + body)
            keyed = KeyedRequest(
                equipment_id=sender.caller.equipment_id, key=key, request_digest=asked.digest()
            )
            earlier = (await find_answers(tx, [keyed])).get(0)
            if earlier is not None:
                if earlier.request_digest != keyed.request_digest:
                    raise Problem("idempotency-key-reused", 422)
                return Response(earlier.body, earlier.http_status, media_type=JSON)
            answer = await make(tx)
            await store_answers(tx, [(keyed, 200, answer, str(sender.transaction_id))], sender.at)
            return Response(answer, media_type=JSON)


async def sent_body(sender: Sender, limit_bytes: int, *accepted: str) -> bytes:
    """The body, of one of these media types. Problems: 415, 413, 408."""
    content_type = sender.request.headers.get("content-type", accepted[0])
    if content_type.partition(";")[0].strip().lower() not in accepted:
        raise Problem("unsupported-media-type", 415, content_type=content_type, accepted=list(accepted))
    return await read_body(sender.request, limit_bytes)


def decoded(body: bytes, shape: type[T]) -> T:
    """The body as a shape. Texts are kept in PostgreSQL, which has no NUL."""
    order = decode_json(body, shape)
    for name in getattr(shape, "__struct_fields__", ()):
        value = getattr(order, name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and "\0" in text:
                raise Problem("invalid-body", 422, path=f"$.{_camel(name)}", reason="NUL is no text")
    return order


def chosen(kind: type[Choice], given: str, field: str) -> Choice:
    """The word of the vocabulary that was sent. Problem: 422 with those that there are."""
    found = next((one for one in kind if one.value == given), None)
    if found is None:
        known = ", ".join(str(one.value) for one in kind)
        raise Problem("invalid-body", 422, path=f"$.{field}", reason=f"Expected one of: {known}")
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def number_of(query: QueryParams, field: str, least: int, most: int, usual: int) -> int:
    """A whole number of the query. Problem: 422 with what is accepted."""
    text = query.get(field, str(usual))
    is_number = text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS_MAX
    if not is_number or not least <= int(text) <= most:
        raise Problem("parameter-invalid", 422, field=field, accepted=[f"{least}–{most}"])
    return int(text)


def word_of(query: QueryParams, field: str, *words: str) -> str:
    """One of some words of the query; the first where it says nothing. Problem: 422 with the others."""
    word = query.get(field, words[0])
    if word not in words:
        raise Problem("parameter-invalid", 422, field=field, accepted=list(words))
    return word


def path_number(sender: Sender, field: str) -> int:
    """A number in the path; what can be none is 0, which nothing has."""
    text: str = sender.request.path_params[field]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _PATH_DIGITS_MAX else 0
