"""`python -m bench.profile_round`: where the time of a supply goes, in the server process and in PostgreSQL."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import system
from bench.ground import Options, prepare
from bench.machine import Quiet
from bench.packs import Alphabet
from bench.report import whole

LOOK_SECONDS = 0.01
ACTIVITY = """
    SELECT concat_ws(' ', left(regexp_replace(query, '\\s+', ' ', 'g'), 40), '|', state, '|',
                     coalesce(wait_event, 'running'))
      FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
       AND datname = current_database() AND query !~ '^(LISTEN|SELECT set_config)'
"""


def main() -> None:
    """Load packs, supply them through a profiled server, print what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile_round", description=__doc__)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--packs", type=int, default=400_000)
    parser.add_argument("--verify", action="store_true", help="verify instead of supplying")
    parser.add_argument("--how", choices=("sample", "calls"), default="sample")
    chosen = parser.parse_args()
    options = Options(
        packs=chosen.packs,
        seconds=chosen.seconds,
        rounds=1,
        connections=(chosen.connections,),
        workers=1,
        quiet=Quiet(0),
    )
    with system.postgres() as server, tempfile.TemporaryDirectory() as folder:
        ground = prepare(server, "packs", options, Alphabet(), packs=chosen.packs)
        os.environ |= {"SINETTI_PROFILE": f"{folder}/profile.txt", "SINETTI_PROFILE_HOW": chosen.how}
        with system.serve(ground.url, command=[sys.executable, "-m", "bench.profiled_server"]) as service:
            load = ground.verify if chosen.verify else ground.supply
            with _watched(ground.url) as doing:
                result = load(service, chosen.connections)
            print(_activity(ground.url))
            print("\nPostgreSQL: what each backend was doing, and what it waited for")
            looks = max(sum(doing.values()), 1)
            print("\n".join(f"{count / looks:7.1%}  {what}" for what, count in doing.most_common(20)), "\n")
        print(Path(folder, "profile.txt").read_text(encoding="utf-8"))
        print(f"\n{whole(result.rate)} req/s under the profiler; latency {result.latency}; {result.statuses}")


@contextmanager
def _watched(url: str) -> Iterator[Counter[str]]:
    """Looks a hundred times a second at what the backends are doing."""
    doing: Counter[str] = Counter()
    over = threading.Event()

    def look() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.wait(LOOK_SECONDS):
                doing.update(row[0] for row in connection.execute(ACTIVITY))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield doing
    finally:
        over.set()
        thread.join()


def _activity(url: str) -> str:
    """What the tables have been through: sequential scans of `pack` mean a plan gone wrong."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT relname, seq_scan, idx_scan, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
            " WHERE coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0 ORDER BY relname"
        ).fetchall()
    return "\n".join(
        ["table: sequential scans, index scans, updates, of which HOT"]
        + [f"  {name}: {', '.join(str(n) for n in counts)}" for name, *counts in rows]
    )


if __name__ == "__main__":
    main()
