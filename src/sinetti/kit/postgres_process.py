"""Processes of the embedded PostgreSQL: starting, stopping, and what a crash leaves behind."""

from __future__ import annotations

import hashlib
import os
import pwd
import signal
import socket
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from sinetti.kit.postgres_programs import Cluster, ServerError, begin, give, run

SOCKET_NAME = ".s.PGSQL.5432"

SOCKET_PATH_MAX = 100
"""Bytes that the path of a Unix socket may have: 108 on Linux, 104 on macOS, with an end mark."""

ORPHANS_WAIT_SECONDS = 2.0
"""How long processes that outlived their postmaster get to end by themselves, which most do at once."""

START_SECONDS_MAX = 24 * 3600
STOP_SECONDS_MAX = 120
_LOG_KEPT_BYTES = 20 * 1024 * 1024


Progress = Callable[[str], None]
"""Told in a sentence what a start that takes longer is waiting for."""


def socket_folder(cluster: Cluster) -> Path:
    """Folder for the socket: the data folder, which only the server's user may enter, or where its path is
    too long for a socket, one of our own below /tmp.
    """
    data, account = cluster.data, cluster.account
    if len(os.fsencode(data / f"{SOCKET_NAME}.lock")) <= SOCKET_PATH_MAX:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = Path("/tmp") / f"sinetti-{digest}"  # noqa: S108 - owner and mode are checked below
    owner = os.geteuid() if account is None else account.uid
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        give(folder, account)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or stat.S_IMODE(found.st_mode) & 0o077:
        name = pwd.getpwuid(owner).pw_name
        raise ServerError(f"{folder} should be a folder that belongs to {name} alone; remove it")
    return folder


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server's main process, as its `postmaster.pid` describes it."""

    pid: int
    socket_dir: Path | None
    status: str
    """`starting`, `ready`, `stopping`, `standby`, or empty before the first is written."""


def running_postmaster(data: Path) -> Postmaster | None:
    """The server of this data folder, if it lives; a pid that belongs to another by now does not count."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not _works_in(psutil_process(pid), data):
        return None
    lines += [""] * 8
    return Postmaster(pid, Path(lines[4].strip()) if lines[4].strip() else None, lines[7].strip())


def psutil_process(pid: int) -> psutil.Process | None:
    """The process with this id, if there is one."""
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None


def _works_in(process: psutil.Process | None, data: Path) -> bool:
    """Whether this is a process of the data folder's server: they all have it as their working directory."""
    if process is None:
        return False
    try:
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return bool(Path(process.cwd()).resolve() == data.resolve())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
    except psutil.AccessDenied:
        return False  # another user's, so not ours


def end_orphans(data: Path, progress: Progress | None) -> None:
    """End what a killed postmaster left behind, and remove its files, so that a new one can start.

    A backend in the middle of a long statement does not notice that its postmaster is dead, and PostgreSQL
    refuses to start while it lives ("pre-existing shared memory block is still in use"), rightly: two servers
    on one folder would ruin it. To be ended so is no worse for the data than the crash that has happened
    already. Call only where no postmaster lives, and with the start lock held.
    """
    orphans = _processes_in(data)
    if orphans:
        if progress:
            progress(f"Waiting for {len(orphans)} processes of a killed PostgreSQL to end")
        for signal_number in (None, signal.SIGQUIT, signal.SIGKILL):
            for orphan in orphans:
                with suppress(psutil.NoSuchProcess):
                    if signal_number is not None:
                        orphan.send_signal(signal_number)
            _, orphans = psutil.wait_procs(orphans, timeout=ORPHANS_WAIT_SECONDS)
            if not orphans:
                break
        alive = [orphan.pid for orphan in _processes_in(data)]
        if alive:
            raise ServerError(f"processes of a killed PostgreSQL do not end: {alive}")
    # Nothing of the old server lives. Its pid may be another process's by now, and PostgreSQL would believe
    # it.
    for folder in {data, _socket_dir_written(data) or data}:
        for name in ("postmaster.pid", f"{SOCKET_NAME}.lock", SOCKET_NAME):
            (folder / name).unlink(missing_ok=True)


def refuse_unseen(socket_dir: Path) -> None:
    """Raise where somebody listens on the server's socket although no server is to be seen.

    So it is when the server runs in another container that has the same folder: its processes cannot be seen or
    ended from here, and PostgreSQL's own guards do not see them either. A second server would ruin the data.
    """
    give_up = time.monotonic() + ORPHANS_WAIT_SECONDS
    while time.monotonic() < give_up:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(socket_dir / SOCKET_NAME))
        except OSError:
            return
        time.sleep(0.1)
    raise ServerError(
        f"a server that cannot be seen from here, in another container perhaps, uses {socket_dir}"
    )


def _processes_in(data: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["name"]) if _works_in(process, data)]


def _socket_dir_written(data: Path) -> Path | None:
    with suppress(OSError, IndexError):
        line = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[4].strip()
        return Path(line) if line else None
    return None


def start(cluster: Cluster, progress: Progress | None) -> None:
    """Start the server and wait until it takes connections, through a crash recovery if need be."""
    log = cluster.log
    _turn_over(log)
    log.touch(mode=0o600)
    give(log, cluster.account)
    shown_from = log.stat().st_size
    command = [str(cluster.bin_dir / "pg_ctl"), "start", "--wait", f"--timeout={START_SECONDS_MAX}"]
    command += [f"--pgdata={cluster.data}", f"--log={log}", "--silent"]
    # pg_ctl notices at once when the server gives up, and lets it live on by itself when it does not.
    with begin(command, cluster.account) as starter:
        _wait_while(lambda: starter.poll() is None, log, progress)
    if starter.returncode:
        with log.open(encoding="utf-8", errors="replace") as lines:
            lines.seek(shown_from)
            said = lines.read()[-2000:].strip()
        raise ServerError(f"PostgreSQL did not start. Its log, {log}, says:\n{said}")


def wait_ready(cluster: Cluster, progress: Progress | None) -> Postmaster | None:
    """The server that runs already, when it is ready; `None` when there is none, or it ends instead."""
    _wait_while(lambda: _status(cluster.data) not in {"ready", None}, cluster.log, progress)
    return running_postmaster(cluster.data)


def _status(data: Path) -> str | None:
    postmaster = running_postmaster(data)
    return None if postmaster is None else postmaster.status


def _wait_while(waiting: Callable[[], bool], log: Path, progress: Progress | None) -> None:
    """Wait, and tell of the log's last line every two seconds."""
    told = time.monotonic()
    while waiting():
        time.sleep(0.02)
        if progress and time.monotonic() - told > 2:  # noqa: PLR2004
            told = time.monotonic()
            progress(f"PostgreSQL is starting: {_last_message(log)}")


def _last_message(log: Path) -> str:
    with suppress(OSError, IndexError), log.open("rb") as lines:
        lines.seek(max(log.stat().st_size - 2000, 0))
        return lines.read().decode(errors="replace").splitlines()[-1].partition("LOG:")[2].strip()
    return ""


def _turn_over(log: Path) -> None:
    """Keep the log from growing for ever: above 20 MB it becomes `postgres.log.1`."""
    if log.exists() and log.stat().st_size > _LOG_KEPT_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def stop(cluster: Cluster) -> bool:
    """Stop the server: connections end, what is in memory is written, no recovery at the next start."""
    if running_postmaster(cluster.data) is None:
        return False
    command = [str(cluster.bin_dir / "pg_ctl"), "stop", "--wait", f"--pgdata={cluster.data}", "--silent"]
    try:
        run([*command, "--mode=fast", f"--timeout={STOP_SECONDS_MAX}"], cluster.account)
    except ServerError:
        if running_postmaster(cluster.data) is not None:
            run([*command, "--mode=immediate"], cluster.account)
    if (socket_dir := socket_folder(cluster)) != cluster.data:
        socket_dir.rmdir()
    return True
