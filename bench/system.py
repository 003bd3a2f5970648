"""The system under test: a data folder, a PostgreSQL and server processes of its own, started as an operator does."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from psycopg import sql

from sinetti.kit.migrate import migrate
from sinetti.kit.postgres import EmbeddedPostgres, start_embedded

# The only departure from what Sinetti sets: pgbench needs a connection for each of its 256 clients.
MORE_CONNECTIONS = "max_connections = 300\n"
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 20.0
USER_AGENT = "sinetti-bench/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """Client equipment that may do everything, with its credentials."""

    organisation_id: int
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Server processes that answer at an address."""

    host: str
    port: int
    workers: int
    pid: int

    def token(self, equipment: Equipment) -> str:
        """A Bearer token of this equipment."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": equipment.client_id,
                "client_secret": equipment.client_secret,
            }
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/identity/connect/token", form, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"no token: {answer.status} {body.decode(errors='replace')}")
        return str(json.loads(body)["access_token"])

    def headers(self, equipment: Equipment) -> dict[str, str]:
        """Headers of a pack operation, as a pharmacy system sends them."""
        return {
            "Authorization": f"Bearer {self.token(equipment)}",
            "Accept": "application/json",
            "Accept-Language": "fi",
            "User-Agent": USER_AGENT,
            "emvs-api-version": "3.1",
            "emvs-data-entry-mode": "non-manual",
        }


@contextmanager
def postgres() -> Iterator[EmbeddedPostgres]:
    """An embedded PostgreSQL with Sinetti's durable settings in a folder of its own, deleted at the end."""
    home = Path(tempfile.mkdtemp(prefix="sinetti-bench-"))
    (home / "postgres-local.conf").write_text(MORE_CONNECTIONS, encoding="ascii")
    server = start_embedded(home)
    try:
        yield server
    finally:
        server.stop(even_if_used=True)
        shutil.rmtree(home, ignore_errors=True)


def make_database(server: EmbeddedPostgres, name: str) -> str:
    """A migrated database without packs; its URL."""
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = server.url_of(name)
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT ensure_pack_event_month(now() + make_interval(months => ahead)) FROM generate_series(0, 1) AS ahead"
        )
    return url


def drop_database(server: EmbeddedPostgres, name: str) -> None:
    """Forget a database and free its space."""
    with psycopg.connect(server.url_of("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def add_equipment(connection: psycopg.Connection, kind: str, name: str) -> Equipment:
    """An organisation of this kind with one location and one piece of equipment, written directly."""
    secret = secrets.token_urlsafe(32)
    row = connection.execute(
        """
        WITH organisation AS (
            INSERT INTO organisation (name, kind) VALUES (%(name)s, %(kind)s) RETURNING organisation_id
        ), location AS (
            INSERT INTO location (organisation_id, name) SELECT organisation_id, %(name)s FROM organisation
            RETURNING location_id, organisation_id
        )
        INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role)
        SELECT location_id, %(name)s, gen_random_uuid()::text, %(secret)s, 'full_access' FROM location
        RETURNING client_id, (SELECT organisation_id FROM location)
        """,
        {"name": name, "kind": kind, "secret": hashlib.sha256(secret.encode()).digest()},
    ).fetchone()
    assert row is not None
    return Equipment(client_id=row[0], organisation_id=row[1], client_secret=secret)


def program(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).with_name(name))


@contextmanager
def serve(url: str, workers: int = 1, command: list[str] | None = None) -> Iterator[Service]:
    """`sinetti serve nmvs` on a free port over the given database, while the block runs.

    With `command` that program is run instead, which must understand the same options.
    """
    home = Path(tempfile.mkdtemp(prefix="sinetti-bench-server-"))
    starts = command or [program("sinetti"), "serve", "nmvs"]
    with (home / "server.log").open("w+b") as log:
        process = subprocess.Popen(
            [
                *starts,
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                *(["--workers", str(workers)] if workers > 1 else []),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                **os.environ,
                "SINETTI_HOME": str(home),
                "SINETTI_DATABASE_URL": url,
                "SINETTI_LOG_LEVEL": "WARNING",
            },
        )
        try:
            port = _port_of(process, Path(log.name))
            yield Service(host="127.0.0.1", port=port, workers=workers, pid=process.pid)
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            complaints = Path(log.name).read_text(encoding="utf-8", errors="replace")
            for line in [
                line for line in complaints.splitlines() if '"error"' in line or "Traceback" in line
            ][:5]:
                print("server:", line[:300], file=sys.stderr)
            shutil.rmtree(home, ignore_errors=True)


def _port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    """The port that the server says it listens on, as soon as it does."""
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until and process.poll() is None:
        said = re.search(
            r"http://(?:[0-9.]+|localhost):([0-9]+)", log.read_text(encoding="utf-8", errors="replace")
        )
        if said:
            return int(said[1])
        time.sleep(0.05)
    raise RuntimeError(
        f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
    )
