"""Requests that the protocol sends away before the application sees them, over real sockets."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn

from sinetti.kit.http_protocol import TURN_AWAY, JoiningProtocol

REFUSAL = (429, [(b"retry-after", b"1"), (b"content-length", b"4")], b"busy")


class Server:
    """An application that answers with the body it got, and a porter that can be told to send everybody away."""

    def __init__(self):
        self.closed = False
        self.asked = []
        self.served = 0
        self.port = 0

    def turn_away(self, target, headers):
        self.asked.append((target, dict(headers)))
        return REFUSAL if self.closed else None

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            scope["state"][TURN_AWAY] = self.turn_away
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.served += 1
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def server():
    application = Server()
    config = uvicorn.Config(
        application, port=0, http=JoiningProtocol, log_config=None, lifespan="on", timeout_keep_alive=1
    )
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    application.port = running.servers[0].sockets[0].getsockname()[1]
    yield application
    running.should_exit = True
    await task


@asynccontextmanager
async def connected(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


def request(body=b"", *fields, version=b"1.1"):
    lines = [b"PATCH /pack/1?batch=A HTTP/" + version, b"Host: x", b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join([*lines, b"", body])


async def answer(reader):
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    length = next(
        int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    return int(head[9:12]), head.lower(), await asyncio.wait_for(reader.readexactly(length), 5)


async def test_the_connection_of_a_request_sent_away_goes_on(server):
    async with connected(server) as (reader, writer):
        for closed, expected in ((True, (429, b"busy")), (False, (200, b"one")), (True, (429, b"busy"))):
            server.closed = closed
            writer.write(request(b"one"))
            status, head, body = await answer(reader)
            assert (status, body) == expected
            assert b"\r\ndate:" in head
            assert (b"\r\nretry-after: 1" in head) == closed
    assert server.served == 1
    target, headers = server.asked[0]
    assert (target, headers[b"host"]) == (b"/pack/1?batch=A", b"x")


async def test_a_body_that_comes_later_is_passed_over_before_the_answer(server):
    server.closed = True
    async with connected(server) as (reader, writer):
        whole = request(b"0123456789")
        writer.write(whole[:-6])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        writer.write(whole[-6:])
        assert (await answer(reader))[0] == 429
        server.closed = False
        writer.write(request(b"next"))
        assert (await answer(reader))[2] == b"next"


async def test_requests_sent_without_waiting_are_answered_in_their_order(server):
    server.closed = True
    async with connected(server) as (reader, writer):
        writer.write(request(b"a") * 3)
        assert [(await answer(reader))[0] for _ in range(3)] == [429, 429, 429]


async def test_what_follows_a_request_under_way_waits_for_it(server):
    async with connected(server) as (reader, writer):
        first = request(b"first")
        writer.write(first[:-1])
        while not server.served:  # noqa: ASYNC110 - the application is inside
            await asyncio.sleep(0.01)
        server.closed = True
        writer.write(first[-1:] + request(b"second"))
        assert [(await answer(reader))[2] for _ in range(2)] == [b"first", b"second"]


@pytest.mark.parametrize(
    "sent",
    [
        request(b"x", b"Expect: 100-continue"),
        request(b"x", b"Connection: close"),
        request(b"x", version=b"1.0"),
        request(b"x" * 70_000),
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    ],
    ids=["expects to be asked", "closes", "HTTP/1.0", "large body", "body of unknown length"],
)
async def test_what_is_out_of_the_ordinary_is_left_to_the_application(server, sent):
    server.closed = True
    async with connected(server) as (reader, writer):
        writer.write(sent)
        if b"100-continue" in sent:
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
        assert (await answer(reader))[0] == 200
    assert server.served == 1


async def test_a_connection_that_says_nothing_more_is_closed_after_a_while(server):
    server.closed = True
    async with connected(server) as (reader, writer):
        writer.write(request(b"x"))
        assert (await answer(reader))[0] == 429
        assert await asyncio.wait_for(reader.read(), 5) == b""
