"""The embedded PostgreSQL through starts, crashes and strangers. These servers run with Sinetti's own settings."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from tests.conftest import RUN_FOLDER

from sinetti.kit.postgres import EmbeddedPostgres, EmbeddedPostgresError, start_embedded, stop_embedded
from sinetti.kit.postgres_process import running_postmaster

pytestmark = pytest.mark.slow

STRANGER = 65534
"""User id of `nobody`."""


@pytest.fixture
def postgres(home: Path) -> Iterator[EmbeddedPostgres]:
    """A server of this test's own."""
    started = start_embedded(home)
    yield started
    stop_embedded(home)


def pid_of(postgres: EmbeddedPostgres) -> int:
    postmaster = running_postmaster(postgres.home / "postgres")
    assert postmaster is not None
    return postmaster.pid


def scalar(postgres: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def kill_everything(postgres: EmbeddedPostgres) -> None:
    postmaster = psutil.Process(pid_of(postgres))
    for process in [*postmaster.children(), postmaster]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@contextmanager
def busy_backend(postgres: EmbeddedPostgres) -> Iterator[None]:
    """A backend in the middle of a statement that takes for ever, which does not notice that its server died."""
    for_ever = "DO $$ BEGIN /* for ever */ LOOP END LOOP; END $$"
    psql = [str(postgres.bin_dir / "psql"), postgres.url, "-c", for_ever]
    with subprocess.Popen(psql, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as client:
        while scalar(postgres, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%for ever%'") != 2:
            time.sleep(0.05)
        try:
            yield
        finally:
            client.kill()


@contextmanager
def other_process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the server until its standard input ends."""
    code = (
        "import sys, pathlib, sinetti.kit.postgres as p\n"
        "held = p.start_embedded(pathlib.Path(sys.argv[1]))\n"
        "print('holds', flush=True)\n"
        "sys.stdin.read()\n"
        "print('stopped' if held.stop() else 'left running')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        try:
            yield process
        finally:
            process.kill()


# ------------------------------------------------------------------------------------------------ starting, stopping


def test_data_is_there_after_stop_and_start(postgres):
    with psycopg.connect(postgres.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    assert postgres.stop()
    again = start_embedded(postgres.home)
    assert scalar(again, "SELECT value FROM kept") == 42


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
        ("jit", "off"),
    ],
)
def test_settings_are_durable_and_local(durable_server, setting, value):
    assert scalar(durable_server, f"SHOW {setting}") == value


@pytest.fixture(scope="module")
def durable_server() -> Iterator[EmbeddedPostgres]:
    """One server for the tests that only look at it."""
    started = start_embedded(Path(tempfile.mkdtemp(dir=os.environ[RUN_FOLDER])))
    yield started
    started.stop()


def test_text_sorts_by_code_point_and_knows_letters(durable_server):
    assert (
        scalar(durable_server, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{ä,Z,a,A}'::text[]) x")
        == "AZaä"
    )
    assert scalar(durable_server, "SELECT upper('äö')") == "ÄÖ"


def test_operators_own_settings_come_last(home):
    (home / "postgres-local.conf").write_text("work_mem = '33MB'\n", encoding="ascii")
    started = start_embedded(home)
    try:
        assert scalar(started, "SHOW work_mem") == "33MB"
    finally:
        started.stop()


def test_a_server_that_will_not_start_says_why(home):
    (home / "postgres-local.conf").write_text("work_mem = 'plenty'\n", encoding="ascii")
    with pytest.raises(EmbeddedPostgresError, match=r'invalid value for parameter "work_mem": "plenty"'):
        start_embedded(home)


def test_a_home_with_a_long_name_gets_its_socket_elsewhere(home):
    home = home / ("long-" * 20) / "it's a näme"
    started = start_embedded(home)
    try:
        assert scalar(started, "SELECT 1") == 1
        assert "long-long" not in started.url
    finally:
        assert started.stop()


def test_a_half_made_data_folder_is_made_anew(home):
    unfinished = home / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n", encoding="ascii")
    started = start_embedded(home)
    try:
        assert scalar(started, "SELECT 1") == 1
        assert not unfinished.exists()
    finally:
        started.stop()


def test_a_folder_that_is_something_else_is_left_alone(home):
    (home / "postgres").mkdir()
    (home / "postgres" / "thesis.txt").write_text("three years of work", encoding="ascii")
    with pytest.raises(EmbeddedPostgresError, match="is not a data folder of PostgreSQL"):
        start_embedded(home)
    assert (home / "postgres" / "thesis.txt").exists()


def test_data_of_another_postgresql_version_is_refused(postgres):
    postgres.stop()
    (postgres.home / "postgres" / "PG_VERSION").write_text("16\n", encoding="ascii")
    with pytest.raises(EmbeddedPostgresError, match="was made by PostgreSQL 16 and this Sinetti brings 18"):
        start_embedded(postgres.home)


# ------------------------------------------------------------------------------------------------ several processes


def test_the_last_process_to_stop_stops_the_server(postgres):
    with other_process(postgres.home) as other:
        assert not postgres.stop()
        assert other.communicate("")[0] == "stopped\n"
    assert running_postmaster(postgres.home / "postgres") is None


def test_the_first_process_to_stop_leaves_the_server_to_the_other(postgres):
    with other_process(postgres.home) as other:
        assert other.communicate("")[0] == "left running\n"
    assert scalar(postgres, "SELECT 1") == 1
    assert postgres.stop()


def test_a_killed_process_neither_keeps_nor_stops_the_server(postgres):
    with other_process(postgres.home) as other:
        other.kill()
        other.wait()
        assert scalar(postgres, "SELECT 1") == 1
        assert postgres.stop()


def test_stopping_twice_is_stopping_once(postgres):
    with other_process(postgres.home):
        assert not postgres.stop()
        assert not postgres.stop()
        assert running_postmaster(postgres.home / "postgres") is not None


def test_an_explicit_stop_stops_the_server_under_everybody(postgres):
    with other_process(postgres.home):
        assert stop_embedded(postgres.home)
        assert running_postmaster(postgres.home / "postgres") is None
    assert not stop_embedded(postgres.home)


def test_four_processes_that_start_at_once_get_one_server(home):
    code = "import sys, pathlib, sinetti.kit.postgres as p; print(p.start_embedded(pathlib.Path(sys.argv[1])).url)"
    starters = [
        subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    urls = {starter.communicate()[0] for starter in starters}
    assert len(urls) == 1
    assert [starter.returncode for starter in starters] == [0, 0, 0, 0]
    assert stop_embedded(home), "they ended without a stop, so it runs"


# ------------------------------------------------------------------------------------------------ crashes


def test_what_was_acknowledged_survives_kill_9_of_everything_under_load(postgres):
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE supplied (number integer PRIMARY KEY)")
    acknowledged: list[int] = []

    def supply(first: int) -> None:
        with suppress(psycopg.Error), psycopg.connect(postgres.url, autocommit=True) as connection:
            for number in range(first, first + 1_000_000):
                connection.execute("INSERT INTO supplied VALUES (%s)", (number,))
                acknowledged.append(number)

    clients = [threading.Thread(target=supply, args=(1_000_000 * n,)) for n in range(4)]
    for client in clients:
        client.start()
    while len(acknowledged) < 500:
        time.sleep(0.01)
    kill_everything(postgres)
    for client in clients:
        client.join()

    again = start_embedded(postgres.home)
    with psycopg.connect(again.url) as connection:
        there = {number for (number,) in connection.execute("SELECT number FROM supplied")}
    assert set(acknowledged) <= there
    assert len(there) <= len(acknowledged) + len(clients), (
        "no more than one for each client went unacknowledged"
    )


def test_a_backend_that_outlives_its_server_does_not_keep_the_next_from_starting(postgres):
    told: list[str] = []
    with busy_backend(postgres):
        os.kill(pid_of(postgres), signal.SIGKILL)
        again = start_embedded(postgres.home, told.append)
        assert scalar(again, "SELECT 1") == 1
    assert told[0] == "Waiting for 1 processes of a killed PostgreSQL to end"


@pytest.mark.parametrize("whose", ["ours", "another server's"])
def test_a_stale_file_with_the_number_of_a_living_process_is_not_believed(postgres, server, whose):
    other = os.getpid() if whose == "ours" else pid_of(server)
    kill_everything(postgres)
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        file = postgres.home / "postgres" / name
        _, *rest = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join([str(other), *rest, ""]), encoding="utf-8")
    again = start_embedded(postgres.home)
    assert scalar(again, "SELECT 1") == 1
    assert pid_of(again) != other
    assert psutil.pid_exists(other)


def test_a_server_that_runs_where_it_cannot_be_seen_is_not_doubled(postgres):
    postgres.stop()
    with socket.socket(socket.AF_UNIX) as in_another_container:
        in_another_container.bind(str(postgres.home / "postgres" / ".s.PGSQL.5432"))
        in_another_container.listen(64)
        with pytest.raises(EmbeddedPostgresError, match="a server that cannot be seen from here"):
            start_embedded(postgres.home)


def test_a_dead_server_is_revived_for_those_who_hold_it(postgres):
    assert not postgres.revive()
    kill_everything(postgres)
    assert postgres.revive()
    assert scalar(postgres, "SELECT 1") == 1


# ------------------------------------------------------------------------------------------------ who may

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@needs_root
def test_no_other_user_of_the_machine_gets_in(postgres):
    psql = [str(postgres.bin_dir / "psql"), postgres.url, "-c", "SELECT 1"]
    tried = subprocess.run(
        psql,
        user=STRANGER,
        group=STRANGER,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert tried.returncode == 2
    assert "Permission denied" in tried.stderr


@needs_root
def test_no_other_user_gets_in_even_where_the_folder_is_open(postgres):
    data = postgres.home / "postgres"
    data.chmod(0o711)
    (data / ".s.PGSQL.5432").chmod(0o777)
    psql = [str(postgres.bin_dir / "psql"), postgres.url, "-c", "SELECT 1"]
    tried = subprocess.run(
        psql,
        user=STRANGER,
        group=STRANGER,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    data.chmod(0o700)
    assert 'Peer authentication failed for user "postgres"' in tried.stderr


@needs_root
def test_an_ordinary_user_can_run_it_and_root_can_join():
    # It becomes another user after its imports, because Python itself may stand where only root gets to.
    code = (
        "import encodings.ascii, os, pathlib, sys, sinetti.kit.postgres as p\n"
        f"os.setgroups([]); os.setgid({STRANGER}); os.setuid({STRANGER})\n"
        "p.start_embedded(pathlib.Path(sys.argv[1]))"
    )
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, STRANGER, STRANGER)
        tried = subprocess.run(
            [sys.executable, "-c", code, folder], capture_output=True, text=True, check=False, cwd="/"
        )
        if "Permission denied" in tried.stderr:
            pytest.skip("this environment is not readable for others")
        assert tried.returncode == 0, tried.stderr
        joined = start_embedded(Path(folder))
        assert psutil.Process(pid_of(joined)).uids().real == STRANGER
        assert scalar(joined, "SELECT 1") == 1
        assert joined.stop()
