"""uvicorn's HTTP protocol, made cheaper where a country's load is felt.

The head and the body of an answer are handed to the operating system together, and a request that must be sent away
because too many came is answered before anything is made for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

Header = tuple[bytes, bytes]

Answer = tuple[int, Sequence[Header], bytes]
"""HTTP status, header fields with Content-Length, body."""

TurnAway = Callable[[bytes, Sequence[Header]], Answer | None]
"""Given a request's target and header fields: the answer that sends it away, or `None` where it is welcome.

An application hands its own over in the state of its lifespan, under `TURN_AWAY`.
"""

TURN_AWAY = "turn_away"

BODY_BYTES_MAX = 64 * 1024
"""A larger body is not waited for here: whoever serves it may refuse before it has come."""


class JoinedWrites:
    """A transport that holds what is written until the event loop comes round, and writes it in one piece.

    uvicorn writes the head of an answer and its body one after the other, which costs two calls into the operating
    system and two packets for each of our answers of a few hundred bytes. Everything else is the transport's own.
    """

    __slots__ = ("_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Write soon, in order."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)

    def close(self) -> None:
        """Write what is held, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._transport.write(b"".join(held))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transport has
        return getattr(self._transport, name)


class JoiningProtocol(HttpToolsProtocol):
    """Give it to uvicorn as `http`."""

    _farewell: Answer | None = None
    """What the request that is being read will be answered, if it is sent away."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Serve a new connection through `JoinedWrites`."""
        super().connection_made(JoinedWrites(transport, self.loop))  # type: ignore[arg-type]

    def on_headers_complete(self) -> None:
        """Ask whether the request is welcome, and only then make something of it.

        Refusing through the application costs as much as a good part of serving: at twice the load that a process
        can take, it would do nothing else any more.
        """
        turn_away: TurnAway | None = self.app_state.get(TURN_AWAY)
        self._farewell = turn_away(self.url, self.headers) if turn_away and self._is_plain() else None
        if self._farewell is None:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass over the body of a request that is sent away."""
        if self._farewell is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Answer a request that is sent away; the connection goes on."""
        if self._farewell is None:
            super().on_message_complete()
            return
        (status, headers, body), self._farewell = self._farewell, None
        lines = [STATUS_LINE[status]]
        for name, value in (*self.server_state.default_headers, *headers):
            lines += [name, b": ", value, b"\r\n"]
        lines += [b"\r\n", body]
        self.transport.write(b"".join(lines))
        self.on_response_complete()

    def _is_plain(self) -> bool:
        """Whether this is a request that can be answered here: nothing is under way, and nothing special is asked."""
        if self.pipeline or not getattr(self.cycle, "response_complete", True):
            return False
        if self.expect_100_continue or self.parser.should_upgrade() or not self.parser.should_keep_alive():
            return False
        return (
            all(
                name != b"transfer-encoding"
                and (name != b"content-length" or (value.isdigit() and int(value) <= BODY_BYTES_MAX))
                for name, value in self.headers
            )
            and self.parser.get_http_version() == "1.1"
        )
