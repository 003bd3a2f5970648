"""Uploads that come as lines (NDJSON): read piece by piece, each wrong line named by its number and reason.

A serial number is a JSON string, or an object `{"serialNumber": "…"}`; the head of a batch and a product are
objects too. What is wrong in one line does not hide what is wrong in the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

import msgspec

from sinetti.kit.problems import Problem
from sinetti.nmvs import upload_checks
from sinetti.nmvs.batches import SERIAL_NUMBERS_MAX
from sinetti.nmvs.store.serial_set import SerialSet

LINE_BYTES_MAX: Final = 64 * 1024
NAMED_MAX: Final = 100
"""Entries that a refusal names."""

_BLOCK_BYTES: Final = 32 * 1024
"""Lines that are decoded in one go: a millisecond or two."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that is no JSON string or object, and why."""

    reason: str


Entry = str | dict[str, Any] | Wrong
_decoder: Final = msgspec.json.Decoder(str | dict[str, Any])


class Faults:
    """What is wrong in an upload, in the order found. Only the first `NAMED_MAX` are kept."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[dict[str, str]] = []

    def add(self, at: str, reason: str) -> None:
        """Note a fault: `line 7`, or the path of a JSON value, and why."""
        self.count += 1
        if len(self.named) < NAMED_MAX:
            self.named.append({"at": at, "reason": reason})

    def raise_if_any(self) -> None:
        """Raise the problem 422 that names them."""
        if self.count:
            first = "{at}: {reason}".format(**self.named[0])
            raise Problem("invalid-entries", 422, count=self.count, first=first, errors=self.named)


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines that follow each other, decoded; empty ones are left out."""

    entries: Sequence[Entry]
    numbers: Sequence[int]
    """Of each entry its line, counted from 1."""

    @property
    def all_strings(self) -> bool:
        """Whether all of them are plain serial numbers, as nearly all are."""
        return set(map(type, self.entries)) <= {str}

    def part(self, start: int, end: int | None = None) -> Lines:
        """The entries from `start` to before `end`, counted from 0."""
        return Lines(self.entries[start:end], self.numbers[start:end])


async def read_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[Lines]:
    """The lines of a stream, some at a time. Lets others work in between. A line that is too long is the last."""
    rest = b""
    number = 1
    async for chunk in chunks:
        rest += chunk
        while len(rest) > _BLOCK_BYTES and (end := _end_of_block(rest)):
            block, rest = rest[:end], rest[end:]
            yield _decoded(block, number)
            number += block.count(b"\n")
            await asyncio.sleep(0)
        if len(rest) > LINE_BYTES_MAX:
            yield Lines([Wrong(f"Expected {LINE_BYTES_MAX} bytes at most")], [number])
            return
    if rest.strip():
        yield _decoded(rest, number)


def _end_of_block(text: bytes) -> int:
    """Where the last whole line of a block ends, at least one line; 0 where no line is whole."""
    return text.rfind(b"\n", 0, _BLOCK_BYTES) + 1 or text.find(b"\n") + 1


def _decoded(block: bytes, first: int) -> Lines:
    lines = block.count(b"\n") + (not block.endswith(b"\n"))
    try:
        entries = _decoder.decode_lines(block)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        entries = []
    if len(entries) == lines:
        return Lines(entries, range(first, first + lines))
    each = [(_entry(line), number) for number, line in enumerate(block.split(b"\n"), first) if line.strip()]
    return Lines([entry for entry, _ in each], [number for _, number in each])


def _entry(line: bytes) -> Entry:
    try:
        found: Entry = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Wrong("Expected a JSON string or object")
    return found


def converted(entry: Entry, type: type[T], number: int, faults: Faults) -> T | None:  # noqa: A002 - msgspec's word
    """An object as a value of the type, or `None` with the fault noted."""
    if isinstance(entry, Wrong):
        faults.add(f"line {number}", entry.reason)
        return None
    try:
        return msgspec.convert(entry, type)
    except msgspec.ValidationError as error:
        faults.add(f"line {number}", str(error))
        return None


def serial_numbers(lines: Lines, faults: Faults) -> Lines:
    """The serial numbers of the lines as strings, also of those that wrap them in an object."""
    if lines.all_strings:
        return lines
    good: list[tuple[str, int]] = []
    for entry, number in zip(lines.entries, lines.numbers, strict=True):
        one = entry.get("serialNumber") if isinstance(entry, dict) else entry
        if isinstance(one, str):
            good.append((one, number))
        elif isinstance(one, Wrong):
            faults.add(f"line {number}", one.reason)
        else:
            faults.add(f"line {number}", "Expected a serial number, or an object with serialNumber")
    return Lines([one for one, _ in good], [number for _, number in good])


def add_serial_numbers(serials: SerialSet, lines: Lines, faults: Faults) -> None:
    """Add the serial numbers of the lines; what is not one becomes a fault."""
    found = serial_numbers(lines, faults)
    for index in serials.add(cast("Sequence[str]", found.entries)):
        faults.add(f"line {found.numbers[index]}", upload_checks.SERIAL_NUMBER_FORM[serials.scheme])
    refuse_too_many(serials.count)


def refuse_too_many(count: int) -> None:
    """Raise the problem 422 where an upload has more serial numbers than one may."""
    if count > SERIAL_NUMBERS_MAX:
        raise Problem("too-many-serial-numbers", 422, count=count, limit=SERIAL_NUMBERS_MAX)
