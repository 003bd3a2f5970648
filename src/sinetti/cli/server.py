"""Runs the HTTP server of the national system or of the portal: one socket, one process or many, until told to stop.

What is served is put together in `sinetti.asgi`; the database must be running and migrated.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.importer import import_from_string
from uvicorn.supervisors.multiprocess import Multiprocess

from sinetti.cli.errors import UserError
from sinetti.kit.http_protocol import JoiningProtocol
from sinetti.kit.logging import configure_logging
from sinetti.kit.metrics import share_metrics
from sinetti.kit.settings import Settings

_NMVS: Final = "sinetti.asgi:create_nmvs"
_PORTAL: Final = "sinetti.asgi:create_portal"
"""Named, not imported: commands and composition roots stand side by side and do not know each other."""

KEEP_ALIVE_SECONDS: Final = 75
"""A pharmacy scans every minute or so; a connection that lives on saves it a handshake for each pack."""

GRACE_SECONDS: Final = 10
"""What runs at a stop gets this long to be answered. No operation on packs takes as long."""


def open_socket(host: str, port: int) -> socket.socket:
    """A socket bound to the address, not listening yet. Port 0 takes a free one; the socket knows which.

    Raises `UserError` where the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise UserError(f"{host}: no such address on this machine") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise PortTakenError(host, port, error) from error
    bound.set_inheritable(True)
    return bound


class PortTakenError(UserError):
    """The address cannot be bound; `in_use` where that is because somebody else has it."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        self.in_use = cause.errno == errno.EADDRINUSE
        reason = "is used by another program" if self.in_use else f"cannot be used: {cause.strerror}"
        super().__init__(f"port {port} on {host} {reason}. Choose another with --port; 0 takes a free one")


def address_of(bound: socket.socket) -> str:
    """`http://host:port` that reaches a bound socket from this machine."""
    host, port = bound.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


@contextmanager
def stopping_cleanly() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the block as Ctrl-C does, so that what it started stops too."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_portal(settings: Settings, bound: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve the portal as `run_server` does the national system, in one process: people click one at a time."""
    run_server(replace(settings, workers=1), bound, on_ready, factory="sinetti.cli.server:portal_application")


def run_server(
    settings: Settings,
    bound: socket.socket,
    on_ready: Callable[[], None],
    *,
    factory: str = "sinetti.cli.server:application",
) -> None:
    """Serve until SIGINT or SIGTERM. `on_ready` is called once, in a thread, when requests are answered.

    The settings must name a database. Raises `UserError` where the system cannot start.
    """
    assert settings.database_url is not None
    os.environ.update(environment_of(settings))
    share_metrics(settings.home)
    configure_logging(settings.log_level)
    config = uvicorn.Config(
        factory,
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        http=JoiningProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    stopped = threading.Event()
    threading.Thread(target=_tell_when_ready, args=(bound, on_ready, stopped), daemon=True).start()
    try:
        if _failed_to_start(config, bound):
            raise UserError("the system could not start; the lines above say why")
    finally:
        stopped.set()
        bound.close()


def _failed_to_start(config: uvicorn.Config, bound: socket.socket) -> bool:
    """Serve until told to stop; whether that was because the application never started."""
    if config.workers > 1:
        supervisor = Multiprocess(config, sockets=[bound])
        supervisor.run()
        return any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes)
    try:
        uvicorn.Server(config).run(sockets=[bound])
    except SystemExit as error:
        return error.code == STARTUP_FAILURE
    return False


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, which is how worker processes get them."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {f"SINETTI_{name.upper()}": str(value) for name, value in values.items() if value is not None}


def application() -> ASGIApp:
    """The national system in one server process."""
    return _made(_NMVS)


def portal_application() -> ASGIApp:
    """The portal in its server process."""
    return _made(_PORTAL)


def _made(root: str) -> ASGIApp:
    if multiprocessing.parent_process() is not None:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    made: ASGIApp = import_from_string(root)()
    return made


def _stop_with_parent() -> None:
    """End this worker when its supervisor was killed: nobody would stop it, and it would keep the port."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _tell_when_ready(bound: socket.socket, on_ready: Callable[[], None], stopped: threading.Event) -> None:
    """A server takes connections only once it has started, so the first one that succeeds tells."""
    host, port = bound.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not bound
    while not stopped.is_set():
        try:
            socket.create_connection((reachable, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            on_ready()
            return
