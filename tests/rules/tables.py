"""The packaged tables with one thing changed, to see what loading says to it."""

from __future__ import annotations

from sinetti.rules.table import Files, packaged_files

FILES = packaged_files()


def with_changed(path: str, old: str, new: str) -> Files:
    """The files with the first `old` in one of them replaced; the old text must be there."""
    content = FILES[path].decode()
    assert old in content, f"{path} has no {old!r}"
    return {**FILES, path: content.replace(old, new, 1).encode()}


def without(path: str) -> Files:
    """The files without one of them."""
    return {name: content for name, content in FILES.items() if name != path}


def line_of(path: str, text: str) -> int:
    """Number of the first line that holds the text."""
    return next(
        number for number, line in enumerate(FILES[path].decode().splitlines(), start=1) if text in line
    )
