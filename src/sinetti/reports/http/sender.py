"""Who calls the interfaces for operators' tools, and what both of them read from a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinetti.identity.http.authentication import require_caller
from sinetti.identity.tokens import TokenGate
from sinetti.identity.usage import Usage
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database
from sinetti.kit.problems import Problem
from sinetti.kit.web import decode_json, endpoint, read_body
from sinetti.reports.requests import Sender
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import ClientRole, Interface, Language

BODY_BYTES_MAX: Final = 16 * 1024
JSON: Final = "application/json"

T = TypeVar("T")
Handler = Callable[[Request, Sender], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the routes work with."""

    database: Database
    gate: TokenGate
    rules: Rules
    clock: Clock
    usage: Usage
    public_url: str | None

    def guarded(self, interface: Interface, method: str, path: str, handler: Handler) -> Route:
        """A route for systems of the kinds of organisation that may call the interface."""

        async def answered(request: Request) -> Response:
            sender = await self._sender(request, interface)
            response = await handler(request, sender)
            headers = request.headers
            self.usage.note(
                sender.caller.equipment_id,
                sender.at,
                headers.get("user-agent"),
                headers.get("emvs-api-version"),
            )
            return response

        return Route(path, endpoint(answered, route=path), methods=[method])

    async def _sender(self, request: Request, interface: Interface) -> Sender:
        caller = await require_caller(request, self.gate, self.clock)
        if interface not in self.rules.interfaces[caller.organisation_kind]:
            raise Problem("forbidden-organisation", 403)
        if caller.client_role is not ClientRole.FULL_ACCESS:
            raise Problem("forbidden-role", 403)
        return Sender(
            caller=caller,
            request_id=request.state.transaction_id,
            language=Language(request.state.language),
            source_address=None if request.client is None else request.client.host,
            at=self.clock(),
        )

    def address(self, request: Request, path: str) -> str:
        """Where clients reach a path."""
        return (self.public_url or f"{request.url.scheme}://{request.url.netloc}") + path


async def sent_json(request: Request, shape: type[T]) -> T:
    """The body as a shape. Problems: 415, 413, 408, 400, 422."""
    content_type = request.headers.get("content-type", JSON)
    if content_type.partition(";")[0].strip().lower() != JSON:
        raise Problem("unsupported-media-type", 415, content_type=content_type, accepted=[JSON])
    return decode_json(await read_body(request, BODY_BYTES_MAX), shape)


def uuid_of(text: str) -> UUID | None:
    """The id in a path; `None` where it is none, which no request has."""
    try:
        return UUID(text)
    except ValueError:
        return None
