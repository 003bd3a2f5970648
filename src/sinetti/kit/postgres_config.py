"""Configuration of the embedded PostgreSQL: durable first, then tuned modestly for this machine."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from sinetti.kit.postgres_programs import Account, Cluster, give, has_lz4

_MEBIBYTE = 1024 * 1024
SHARED_BUFFERS_MIN = 128 * _MEBIBYTE
SHARED_BUFFERS_MAX = 2048 * _MEBIBYTE

_CONFIG = """\
# Written by Sinetti at every start of the server: changes here are lost.
# Put your own into {local_config}, which is read after this file.

listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 100

# What has been acknowledged is there after a crash. Do not change these.
fsync = on
synchronous_commit = on
full_page_writes = on

shared_buffers = {shared_buffers_mb}MB
effective_cache_size = {cache_mb}MB
work_mem = 16MB
maintenance_work_mem = {maintenance_mb}MB
max_wal_size = 4GB
min_wal_size = 512MB
checkpoint_timeout = 15min
wal_compression = {wal_compression}
random_page_cost = 1.1
jit = off

# Most tables only grow: look often, so that each vacuum finds little to do.
autovacuum_vacuum_insert_scale_factor = 0.05
autovacuum_vacuum_scale_factor = 0.02
autovacuum_analyze_scale_factor = 0.02
autovacuum_naptime = 30s

log_destination = 'stderr'
logging_collector = off
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
log_lock_waits = on
log_min_duration_statement = 2s
# Statements that failed carry their values; the log is for the one on call and not for pack data.
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_startup_progress_interval = 2s
timezone = 'UTC'
"""


def write_config(cluster: Cluster, socket_dir: Path) -> None:
    """Write `sinetti.conf`, who may connect, and the reading order, into the data folder."""
    local_config = cluster.home / "postgres-local.conf"
    memory = memory_bytes()
    buffers = min(max(memory // 4, SHARED_BUFFERS_MIN), SHARED_BUFFERS_MAX)
    files = {
        "sinetti.conf": _CONFIG.format(
            local_config=local_config,
            socket_dir=_quoted(socket_dir),
            shared_buffers_mb=buffers // _MEBIBYTE,
            cache_mb=max(memory // 2, buffers) // _MEBIBYTE,
            maintenance_mb=min(max(memory // 32, 64 * _MEBIBYTE), 512 * _MEBIBYTE) // _MEBIBYTE,
            wal_compression="lz4" if has_lz4(cluster.bin_dir) else "off",
        ),
        "postgresql.conf": (
            "# Sinetti's settings, then the operator's own.\n"
            f"include 'sinetti.conf'\ninclude_if_exists '{_quoted(local_config)}'\n"
        ),
        "pg_hba.conf": "local all all peer map=sinetti\nlocal replication all peer map=sinetti\n",
        "pg_ident.conf": "".join(f'sinetti "{user}" postgres\n' for user in sorted(_users(cluster.account))),
    }
    for name, text in files.items():
        path = cluster.data / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        give(path, cluster.account)
    if local_config.exists() and cluster.account is not None:
        local_config.chmod(local_config.stat().st_mode | 0o044)


def memory_bytes() -> int:
    """Memory that this process may use: the machine's, or less where a container has a limit."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            return min(installed, int(Path(limit).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return installed


def _users(account: Account | None) -> set[str]:
    """Users of this machine that may connect: root, who runs Sinetti, and who runs the server."""
    users = {"root", pwd.getpwuid(os.geteuid()).pw_name}
    return users if account is None else users | {account.name}


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
