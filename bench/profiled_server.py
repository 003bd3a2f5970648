"""`sinetti serve nmvs` that says at its end where its time went; started by `bench.profile_round`.

`SINETTI_PROFILE` names the file to write and `SINETTI_PROFILE_HOW` the way: `sample` looks up to a thousand times a
second of processor time at what is being done, which costs little; `calls` is cProfile, which counts every call and
makes small functions look slow.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from sinetti.cli.main import main

SAMPLE_SECONDS = 0.001
SHOWN = 45


class Sampler:
    """Counts which line runs, and which functions it runs for, at each tick of processor time."""

    def __init__(self) -> None:
        self._lines: Counter[str] = Counter()
        self._functions: Counter[str] = Counter()
        self._inside: Counter[str] = Counter()
        self._ticks = 0

    def start(self) -> None:
        """Begin to look."""
        signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)

    def _tick(self, _number: int, frame: FrameType | None) -> None:
        line = 0 if frame is None else frame.f_lineno
        names: list[str] = []
        while frame is not None:
            names.append(f"{_short(frame.f_code.co_filename)}:{frame.f_code.co_qualname}")
            frame = frame.f_back
        if not names or any("importlib" in name for name in names):
            return  # still starting
        self._ticks += 1
        self._functions[names[0]] += 1
        self._lines[f"{names[0]} line {line}"] += 1
        self._inside.update(set(names))

    def report(self) -> str:
        """Tables of the most seen lines, functions, and functions with all that they call."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        used = time.process_time()
        parts = [
            f"{used:.1f} s of processor time since the start of the process, {self._ticks} samples of it"
        ]
        for title, counter in (
            ("functions with what they call", self._inside),
            ("functions themselves", self._functions),
            ("lines", self._lines),
        ):
            parts.append(f"\n{title}")
            parts += [f"{n / max(self._ticks, 1):7.1%}  {name}" for name, n in counter.most_common(SHOWN)]
        return "\n".join(parts)


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-3:])


def run() -> None:
    """Serve under the profiler."""
    target = Path(os.environ["SINETTI_PROFILE"])
    sys.argv[1:1] = ["serve", "nmvs"]
    if os.environ.get("SINETTI_PROFILE_HOW") == "calls":
        profile = cProfile.Profile()
        try:
            profile.runcall(main)
        finally:
            with target.open("w", encoding="utf-8") as file:
                pstats.Stats(profile, stream=file).sort_stats("tottime").print_stats(SHOWN)
        return
    sampler = Sampler()
    sampler.start()
    try:
        main()
    finally:
        target.write_text(sampler.report(), encoding="utf-8")


if __name__ == "__main__":
    run()
