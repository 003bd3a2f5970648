"""What `make test` runs: format, lint, types, layers, then every test, unless `--checks-only` is given."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.browser.chromium import NONE_FOUND, chromium

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
ON_THEIR_OWN = "tests/browser"
"""Browser tests start event loops of their own, which pytest-asyncio does not bear in one process."""


@dataclass(frozen=True)
class Step:
    """One program to run, with what it is for."""

    name: str
    command: list[str]


def checks() -> list[Step]:
    """What is said about the code without running it."""
    code = [folder for folder in ("src", "tests", "bench") if (ROOT / folder).is_dir()]
    return [
        Step("format", [program("ruff"), "format", "--check", *code]),
        Step("lint", [program("ruff"), "check", "--quiet", *code]),
        Step("types", [program("mypy"), *code]),
        Step("layers", [program("lint-imports"), "--no-logo"]),
    ]


def tests() -> list[Step]:
    """Every test. One process more than there are cores, for many tests wait for a browser, a server or a clock; more
    than four help little, as PostgreSQL needs some cores too.
    """
    workers = str(min(4, (os.cpu_count() or 1) + 1))
    pytest = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal"]
    in_a_browser = [Step("browser tests", [*pytest, ON_THEIR_OWN])] if chromium() else []
    return [*in_a_browser, Step("tests", [*pytest, "tests", f"--ignore={ON_THEIR_OWN}"])]


def program(name: str) -> str:
    """The program of this environment, and not of another that stands earlier in PATH."""
    return str(PROGRAMS / name) if (PROGRAMS / name).exists() else shutil.which(name) or name


def main(arguments: list[str]) -> int:
    """Run everything, even after a failure; exit code of the first that failed."""
    unknown = set(arguments) - {"--checks-only"}
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(sorted(unknown))}; there is only --checks-only\n")
        return 2
    first_failure = 0
    lines: list[str] = []
    steps = checks() + ([] if arguments else tests())
    if not arguments and not chromium():
        lines.append(f"{'browser tests':15}skipped: {NONE_FOUND}\n")
    for step in steps:
        if step is steps[-1]:
            # Before the last step, so that a run of the tests ends with pytest's own closing line.
            sys.stdout.write("".join(lines))
            sys.stdout.flush()
        started = time.monotonic()
        code = subprocess.run(step.command, cwd=ROOT, check=False).returncode
        lines.append(f"{step.name:15}{'ok' if code == 0 else 'FAILED'}  {time.monotonic() - started:.0f} s\n")
        first_failure = first_failure or code
    if arguments:
        sys.stdout.write(lines[-1])
    return first_failure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
