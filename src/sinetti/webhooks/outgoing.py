"""Sends a request to an address that somebody else chose, without reaching what only we should reach.

The name is looked up here, every address of it is judged, and the connection goes to one that was judged: a name that
answers otherwise the second time gets nowhere (CWE-918).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import Iterable, Mapping
from typing import Final

import httpcore
import httpx
import msgspec

from sinetti import __version__

SECONDS_MAX: Final = 15.0
ANSWER_BYTES_MAX: Final = 64 * 1024
"""What a receiver answers is not read; one that answers without end is left."""

_SUCCESS: Final = range(200, 300)


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a request."""

    http_status: int | None
    """`None` where there was no answer."""
    fault: str | None
    """`None` for a success; for people, without anything that was sent or answered."""
    milliseconds: int


class AddressRefusedError(httpcore.ConnectError):
    """The name leads to an address inside our own network."""


def is_public(address: str) -> bool:
    """Whether an address may be reached by whoever names it: not ours, not this machine's, not a cloud's own."""
    judged = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(judged, ipaddress.IPv6Address) and judged.ipv4_mapped is not None:
        judged = judged.ipv4_mapped
    return judged.is_global and not judged.is_multicast


class _Judged(httpcore.AsyncNetworkBackend):
    """Connects to public addresses alone."""

    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base's own
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} is not known") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or not all(is_public(address) for address in addresses):
            raise AddressRefusedError(f"{host} is not a public address")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - the base's own
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefusedError(f"{path} is not a public address")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def client(*, private_too: bool) -> httpx.AsyncClient:
    """A client for such requests. `private_too` is for a demo and tests, whose receivers stand on this machine."""
    transport = httpx.AsyncHTTPTransport(retries=0, verify=True)
    if not private_too:
        transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001 - httpx has no way to hand one in
            ssl_context=httpx.create_ssl_context(), network_backend=_Judged(), max_keepalive_connections=10
        )
    return httpx.AsyncClient(
        transport=transport,
        timeout=SECONDS_MAX,
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": f"Sinetti/{__version__}"},
    )


async def send(through: httpx.AsyncClient, address: str, body: bytes, headers: Mapping[str, str]) -> Sent:
    """POST the body. Any answer from 200 to 299 is a success; nothing else is, a redirection least of all."""
    started = time.monotonic()
    status, fault = None, None
    try:
        async with asyncio.timeout(SECONDS_MAX):
            request = through.build_request(
                "POST", address, content=body, headers={**headers, "Content-Type": "application/json"}
            )
            answer = await through.send(request, stream=True)
            try:
                status = answer.status_code
                received = 0
                async for piece in answer.aiter_raw():
                    received += len(piece)
                    if received > ANSWER_BYTES_MAX:
                        break
            finally:
                await answer.aclose()
        if status not in _SUCCESS:
            fault = f"answered {status}"
    except TimeoutError:
        fault = f"no answer within {SECONDS_MAX:.0f} seconds"
    except (httpx.HTTPError, httpx.InvalidURL, AddressRefusedError) as error:
        fault = f"{type(error).__name__}: {error}"[:200]
    return Sent(http_status=status, fault=fault, milliseconds=round((time.monotonic() - started) * 1000))
