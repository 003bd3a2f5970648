"""A server that does nothing but answer, to find out what the load client itself can do.

`python -m bench.trivial_server` listens on a free port, prints it, and runs until it is stopped.
"""

from __future__ import annotations

import asyncio
from typing import cast

import uvloop

BODY = b'{"operationCode":"11110000","state":"Active"}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


class Answering(asyncio.Protocol):
    """Answers each piece of data as if it were one request, which the load client's are."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._write = cast("asyncio.Transport", transport).write

    def data_received(self, data: bytes) -> None:  # noqa: ARG002  (whatever was asked)
        """Answer."""
        self._write(ANSWER)


async def serve() -> None:
    """Listen on this machine until cancelled."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
