"""Keep-alive HTTP/1.1 connections without a library: as little as a load generator must know of the protocol."""

from __future__ import annotations

import select
import socket
import sys
import time
from collections.abc import Callable

RECEIVE_BYTES = 65536
CONNECT_SECONDS_MAX = 10
TICK_SECONDS = 0.000_25
BROKEN_MAX = 1000
CODE_FIELD = b'"operationCode":"'
CODE_LENGTH = 8
CONTENT_LENGTH = b"ontent-length: "  # whatever the case of its first letter


class ConnectionEndedError(Exception):
    """The server closed a connection whose answer was not complete."""


if sys.platform == "linux":

    class Poller:
        """Says which sockets have something to read."""

        def __init__(self) -> None:
            self._epoll = select.epoll()

        def watch(self, fd: int) -> None:
            """Begin to watch a socket; closing it ends that."""
            self._epoll.register(fd, select.EPOLLIN)

        def wait(self, seconds: float) -> list[int]:
            """Those that can be read, at the latest after so many seconds, which count in milliseconds."""
            return [event[0] for event in self._epoll.poll(seconds)]

        def wait_briefly(self, seconds: float) -> list[int]:
            """The same where milliseconds are too coarse. Below a tick it only sleeps, which costs least."""
            if seconds < TICK_SECONDS:
                time.sleep(TICK_SECONDS)
            else:
                select.select([self._epoll.fileno()], (), (), seconds)
            return self.wait(0)

else:

    class Poller:
        """Says which sockets have something to read."""

        def __init__(self) -> None:
            self._kqueue = select.kqueue()

        def watch(self, fd: int) -> None:
            """Begin to watch a socket; closing it ends that."""
            self._kqueue.control([select.kevent(fd, select.KQ_FILTER_READ, select.KQ_EV_ADD)], 0, 0)

        def wait(self, seconds: float) -> list[int]:
            """Those that can be read, at the latest after so many seconds."""
            return [int(event.ident) for event in self._kqueue.control(None, 1024, seconds)]

        def wait_briefly(self, seconds: float) -> list[int]:
            """The same. Below a tick it only sleeps, which costs least."""
            if seconds < TICK_SECONDS:
                time.sleep(TICK_SECONDS)
                return self.wait(0)
            return self.wait(seconds)


class Connections:
    """Open connections, by file descriptor, and their unfinished answers."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self.poller = Poller()
        self.send: dict[int, Callable[[bytes], int]] = {}
        self._receive: dict[int, Callable[[int], bytes]] = {}
        self._sockets: dict[int, socket.socket] = {}
        self._unfinished: dict[int, bytes] = {}
        self.broken = 0
        """How many ended in the middle of an answer."""

    def open(self) -> int:
        """A new connection."""
        opened = socket.create_connection(self._address, timeout=CONNECT_SECONDS_MAX)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.settimeout(0)
        fd = opened.fileno()
        self._sockets[fd] = opened
        self.send[fd], self._receive[fd] = opened.send, opened.recv
        self.poller.watch(fd)
        return fd

    def drop(self, fd: int) -> None:
        """Close one that the server has ended or will not keep."""
        del self.send[fd], self._receive[fd]
        self._unfinished.pop(fd, None)
        self._sockets.pop(fd).close()

    def close(self) -> None:
        """Close all."""
        for fd in list(self._sockets):
            self.drop(fd)

    def answer(self, fd: int) -> bytes | None:
        """The whole answer that has come, or `None` when more is to come; `ConnectionEndedError` when none will."""
        try:
            received = self._receive[fd](RECEIVE_BYTES)
        except BlockingIOError:
            return None
        except ConnectionError:
            received = b""
        if not received:
            self.broken += 1
            if self.broken > BROKEN_MAX:
                raise SystemExit(f"the server ended {self.broken} connections")
            raise ConnectionEndedError
        if self._unfinished:
            received = self._unfinished.pop(fd, b"") + received
        end = received.find(b"\r\n\r\n")
        if end < 0 or len(received) < end + 4 + _content_length(received, end):
            self._unfinished[fd] = received
            return None
        return received


def _content_length(answer: bytes, end: int) -> int:
    place = answer.find(CONTENT_LENGTH, 0, end)
    if place >= 0:
        return int(answer[place + len(CONTENT_LENGTH) : answer.index(b"\r", place)])
    for line in answer[:end].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def outcome(answer: bytes) -> bytes:
    """Status and operation code, as one key to count by."""
    place = answer.find(CODE_FIELD)
    if place < 0:
        return answer[9:12]
    place += len(CODE_FIELD)
    return answer[9:12] + answer[place : place + CODE_LENGTH]


def is_accepted(answer: bytes) -> bool:
    """Whether the status is 200."""
    return answer[9:12] == b"200"


def will_close(answer: bytes) -> bool:
    """Whether the server ends the connection after this answer, which it may only do after a refusal."""
    return answer[9:10] != b"2" and b"connection: close" in answer[:400].lower()
