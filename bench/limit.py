"""The limit beside the supply benchmark: the same work inside PostgreSQL, sent by PostgreSQL's own pgbench."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

FUNCTION = Path(__file__).with_name("limit.sql")
SCRIPT = Path(__file__).with_name("limit.pgbench")
THREADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What pgbench said."""

    rate: float
    """Transactions a second, without the time that making connections took."""
    transactions: int
    latency_average: float
    """Milliseconds."""


def add_limit_function(connection: psycopg.Connection) -> None:
    """Create the function that the script calls."""
    connection.execute(sql.SQL(FUNCTION.read_text(encoding="utf-8")))


def pgbench_supply(
    bin_dir: Path, url: str, product_codes: Sequence[str], *, clients: int, seconds: float
) -> Limit:
    """Supply packs of these products, each once, with so many clients for so long (whole seconds)."""
    script = SCRIPT.read_text(encoding="utf-8")
    script = script.replace(":product_count", str(len(product_codes)))
    script = script.replace(":product_codes", "'{" + ",".join(product_codes) + "}'")
    with tempfile.NamedTemporaryFile("w", suffix=".pgbench", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        said = _output(
            [
                str(bin_dir / "pgbench"),
                "--protocol=prepared",
                "--no-vacuum",
                f"--client={clients}",
                f"--jobs={min(THREADS, clients)}",
                f"--time={max(1, round(seconds))}",
                f"--file={file.name}",
                url,
            ]
        )
    failed = _number(r"number of failed transactions: (\d+)", said)
    assert failed == 0, said
    return Limit(
        rate=_number(r"tps = ([0-9.]+) ", said),
        transactions=int(_number(r"number of transactions actually processed: (\d+)", said)),
        latency_average=_number(r"latency average = ([0-9.]+) ms", said),
    )


def _output(command: list[str]) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise RuntimeError(finished.stderr[-2000:])
    return finished.stdout


def _number(pattern: str, text: str) -> float:
    found = re.search(f"^{pattern}", text, re.MULTILINE)
    assert found is not None, text
    return float(found[1])
