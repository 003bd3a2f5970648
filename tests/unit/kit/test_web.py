"""The edge towards the network: every answer is one that is documented, whatever comes in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import httpx
import msgspec
import psycopg
import pytest
import uvicorn
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from sinetti.kit.problems import Problem
from sinetti.kit.web import decode_json, endpoint, json_response, problem_handlers, read_body

LIMIT = 1000
SECONDS = 0.5


async def show(request: Request) -> Response:
    return json_response({"id": str(request.state.transaction_id), "language": request.state.language})


async def take(request: Request) -> Response:
    return json_response({"bytes": len(await read_body(request, LIMIT, seconds=SECONDS))}, status=201)


async def fail(request: Request) -> Response:
    match request.query_params["with"]:
        case "problem":
            raise Problem("unknown-product", 404, product_code="123")
        case "bug":
            raise ZeroDivisionError("the secret is 42")
        case "pool":
            raise PoolTimeout
        case "server":
            raise psycopg.errors.AdminShutdown("terminating connection due to administrator command")
        case "deadlock":
            raise psycopg.errors.DeadlockDetected("deadlock detected")
        case other:
            raise AssertionError(other)


def make_app() -> Starlette:
    app = Starlette(
        routes=[
            Route("/show", endpoint(show)),
            Route("/take", endpoint(take), methods=["POST"]),
            Route("/fail", endpoint(fail)),
        ],
        exception_handlers=problem_handlers(),
    )
    app.state.default_language = "fi"
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Calls the application without a network."""
    transport = httpx.ASGITransport(make_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://nmvs.test") as calling:
        yield calling


@pytest.fixture
async def address() -> AsyncIterator[tuple[str, int]]:
    """Host and port of a real server."""
    server = uvicorn.Server(uvicorn.Config(make_app(), port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it so
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    await serving


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log nothing to the terminal."""
    with capture_logs():
        yield


# ------------------------------------------------------------------------------------------------ every answer


async def test_every_answer_carries_its_transaction_id(client):
    for path in ("/show", "/fail?with=problem", "/fail?with=bug", "/nowhere"):
        answer = await client.get(path)
        assert UUID(answer.headers["X-Transaction-Id"]).version == 7
    answer = await client.get("/show")
    assert answer.json()["id"] == answer.headers["X-Transaction-Id"]


async def test_a_problem_carries_the_same_id_in_header_and_body(client):
    answer = await client.get("/fail?with=problem")
    assert answer.json()["transactionId"] == answer.headers["X-Transaction-Id"]


@pytest.mark.parametrize(("header", "language"), [(None, "fi"), ("sv-SE", "sv"), ("de", "en")])
async def test_the_handler_knows_the_language_asked_for(client, header, language):
    answer = await client.get("/show", headers={"Accept-Language": header} if header else {})
    assert answer.json()["language"] == language


@pytest.mark.parametrize(
    ("method", "path", "status", "problem", "headers"),
    [
        ("GET", "/fail?with=problem", 404, "unknown-product", {}),
        ("GET", "/fail?with=bug", 500, "internal-error", {}),
        ("GET", "/fail?with=pool", 503, "database-unavailable", {"Retry-After": "2"}),
        ("GET", "/fail?with=server", 503, "database-unavailable", {"Retry-After": "2"}),
        ("GET", "/fail?with=deadlock", 503, "database-unavailable", {"Retry-After": "2"}),
        ("GET", "/nowhere", 404, "not-found", {}),
        ("GET", "/product/%00/%ff", 404, "not-found", {}),
        ("PUT", "/take", 405, "method-not-allowed", {"Allow": "POST"}),
        ("PATCH", "/show", 405, "method-not-allowed", {"Allow": "GET, HEAD"}),
        ("POST", "/take", 413, "body-too-large", {}),
    ],
)
async def test_a_fault_is_a_problem(client, method, path, status, problem, headers):
    answer = await client.request(method, path, content=b"x" * 2000)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{problem}"
    assert answer.json()["status"] == status
    assert headers.items() <= {name.title(): value for name, value in answer.headers.items()}.items()


async def test_a_bug_is_logged_with_its_traceback_and_told_to_nobody(client):
    with capture_logs() as logged:
        answer = await client.get("/fail?with=bug")
    assert "secret" not in answer.text
    (line,) = [one for one in logged if one["event"] == "unexpected error"]
    assert line["log_level"] == "error"
    assert isinstance(line["exc_info"], ZeroDivisionError)


# ------------------------------------------------------------------------------------------------ bodies


@pytest.mark.parametrize(("length", "status"), [(0, 201), (1, 201), (LIMIT, 201), (LIMIT + 1, 413)])
async def test_a_body_may_be_as_long_as_the_limit(client, length, status):
    answer = await client.post("/take", content=b"x" * length)
    assert answer.status_code == status


async def test_a_body_of_50_megabytes_gets_its_answer(address):
    host, port = address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=30) as client:
        answer = await client.post("/take", content=b"x" * 50_000_000)
        assert (answer.status_code, answer.json()["limitBytes"]) == (413, LIMIT)
        assert (await client.post("/take", content=b"x")).json() == {"bytes": 1}


async def test_a_body_of_50_megabytes_without_a_length_gets_its_answer(address):
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 1_000_000

    host, port = address
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=30) as client:
        assert (await client.post("/take", content=pieces())).status_code == 413


async def exchange(address: tuple[str, int], *sent: bytes, pause: float = 0.0) -> tuple[bytes, bytes]:
    """Head and body of the answer, after sending one piece after the other until it comes."""
    reader, writer = await asyncio.open_connection(*address)
    answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
    for piece in sent:
        if not answer.done():
            writer.write(piece)
            await asyncio.sleep(pause)
    head = await asyncio.wait_for(answer, 10)
    try:
        body = await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        body = b""  # a piece was still sent when the server had closed already
    writer.close()
    return head, body


HEAD = b"POST /take HTTP/1.1\r\nHost: nmvs.test\r\nContent-Length: 100\r\n\r\n"


async def test_a_body_that_does_not_come_is_given_up(address):
    head, body = await exchange(address, HEAD, b"only this")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert json.loads(body)["type"] == "/problems/body-too-slow"


async def test_a_body_that_comes_one_byte_at_a_time_is_given_up_too(address):
    head, _ = await exchange(address, HEAD, *[b"x"] * 20, pause=0.08)
    assert head.startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_goes_away_leaves_the_server_well(address):
    _, writer = await asyncio.open_connection(*address)
    writer.write(HEAD)
    await writer.drain()
    writer.close()
    await asyncio.sleep(0.1)
    async with httpx.AsyncClient(base_url="http://{}:{}".format(*address)) as client:
        assert (await client.get("/show")).status_code == 200


# ------------------------------------------------------------------------------------------------ JSON


class Pack(msgspec.Struct, forbid_unknown_fields=True):
    state: str
    count: int = 0


class Packs(msgspec.Struct):
    packs: list[Pack]


@pytest.mark.parametrize(
    ("body", "status", "key", "values"),
    [
        (b"", 400, "malformed-json", {"position": 0}),
        (b'{"packs": [', 400, "malformed-json", {"position": 11}),
        (b'{"packs": [}', 400, "malformed-json", {"position": 11}),
        (b"<packs/>", 400, "malformed-json", {"position": 0}),
        (b'{"packs": [{"state": "\xff\xfe"}]}', 400, "malformed-json", None),
        (b"\xef\xbb\xbf{}", 400, "malformed-json", {"position": 0}),
        (b'{"packs": ' + b"[" * 100_000, 422, "invalid-body", None),
        (b'{"other": ' + b"[" * 100_000, 400, "malformed-json", None),
        (b"[]", 422, "invalid-body", {"path": "$", "reason": "Expected `object`, got `array`"}),
        (b"{}", 422, "invalid-body", {"path": "$", "reason": "Object missing required field `packs`"}),
        (b'{"packs": [{"state": 7}]}', 422, "invalid-body",
         {"path": "$.packs[0].state", "reason": "Expected `str`, got `int`"}),
        (b'{"packs": [{"state": "Supplied", "colour": 1}]}', 422, "invalid-body",
         {"path": "$.packs[0]", "reason": "Object contains unknown field `colour`"}),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_json_that_does_not_fit_says_where(body, status, key, values):
    with pytest.raises(Problem) as raised:
        decode_json(body, Packs)
    assert (raised.value.status, raised.value.key) == (status, key)
    assert values is None or raised.value.values == values


def test_json_that_fits_is_a_value():
    assert decode_json(b'{"packs": [{"state": "Supplied"}]}', Packs) == Packs([Pack("Supplied")])
