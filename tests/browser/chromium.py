"""Where this machine has a Chromium. Nothing here downloads one; `tools/install-browser.sh` installs Debian's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

OWN_CHOICE = "SINETTI_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
ON_MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
NONE_FOUND = (
    "no Chromium or Chrome on this machine: install one (Debian: apt-get install chromium) "
    f"or name its program in {OWN_CHOICE}"
)


@cache
def chromium() -> str | None:
    """The program to start, `None` where there is none. One that was named is taken as it is."""
    if OWN_CHOICE in os.environ:
        return os.environ[OWN_CHOICE]
    found = [*filter(None, map(shutil.which, NAMES)), *(path for path in ON_MACOS if Path(path).exists())]
    return next(filter(_runs, found), None)


def _runs(program: str) -> bool:
    """Whether it is a browser: Ubuntu's package `chromium-browser` only tells where to get one."""
    try:
        return (
            subprocess.run([program, "--version"], capture_output=True, timeout=20, check=False).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    program = chromium()
    sys.stderr.write("" if program else f"{NONE_FOUND}\n")
    sys.exit(program is None)
