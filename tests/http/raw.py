"""HTTP by hand over a socket: what no client library would send, and the answer as it comes."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def said(self) -> str:
        """The operation code, or else the key of the problem or the error of OAuth, or else the text."""
        if "json" not in self.headers.get("content-type", ""):
            return self.body.decode()
        body = self.json()
        return str(
            body.get("operationCode") or body.get("error") or body.get("type", "").removeprefix("/problems/")
        )


def request(
    method: bytes,
    target: bytes,
    headers: Sequence[bytes] = (),
    body: bytes = b"",
    *,
    length: int | None = None,
) -> bytes:
    """A request as bytes. `length` says what `Content-Length` claims where that is not the truth."""
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: test", *headers]
    if body or length is not None:
        lines.append(b"Content-Length: %d" % (len(body) if length is None else length))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def exchange(
    address: str, pieces: bytes | Iterable[bytes], *, seconds: float = 30, head_only: bool = False
) -> RawAnswer:
    """Send everything, then read one answer; a server that answers before it has heard all is heard too."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=seconds) as connection:
        try:
            for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough
        return _read(connection, head_only=head_only)


def _read(connection: socket.socket, *, head_only: bool) -> RawAnswer:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = 0 if head_only else int(headers.get("content-length", "-1"))
    while length < 0 or len(body) < length:
        try:
            body += _more(connection)
        except EOFError:
            break
    match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", status_line)
    assert match, status_line
    return RawAnswer(int(match[1]), headers, body)


def _more(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise EOFError("the server closed the connection")
    return received
