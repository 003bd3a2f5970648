"""Reads a rules table: cells by column, every value typed, every complaint with table, row and reason."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from importlib import resources
from typing import TypeAlias, TypeVar

from sinetti.rules.vocabulary import Status

Files: TypeAlias = Mapping[str, bytes]
"""Content of all tables and texts by path, such as `tables/transitions.csv` and `texts/fi.toml`."""

_Word = TypeVar("_Word", bound=StrEnum)
_YES_NO = {"yes": True, "no": False}


class RulesError(Exception):
    """The tables do not hold together, so the service does not start. Names the table, the row and the reason."""

    def __init__(self, table: str, row: int | str | None, reason: str) -> None:
        super().__init__(f"{table}{'' if row is None else f', row {row}'}: {reason}")
        self.table = table
        self.row = row
        """Line in the table, or key in a text file; `None` where the whole of it is meant."""
        self.reason = reason


def packaged_files() -> Files:
    """The tables and texts that come with Sinetti."""
    package = resources.files("sinetti.rules")
    return {
        f"{folder}/{file.name}": file.read_bytes()
        for folder, ending in (("tables", ".csv"), ("texts", ".toml"), ("alerts/texts", ".toml"))
        for file in sorted(package.joinpath(folder).iterdir(), key=lambda file: file.name)
        if file.name.endswith(ending)
    }


def version_of(files: Files) -> str:
    """First 12 hexadecimal digits of the SHA-256 over names and contents: the same everywhere for the same rules."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


class Row:
    """One row of a table. `number` is its line in the file, so that a complaint leads straight to it."""

    __slots__ = ("_cells", "number", "table")

    def __init__(self, table: str, number: int, cells: Mapping[str, str]) -> None:
        self.table = table
        self.number = number
        self._cells = cells

    def error(self, reason: str) -> RulesError:
        """A complaint about this row, to be raised."""
        return RulesError(self.table, self.number, reason)

    def text(self, column: str) -> str:
        """The cell, which must not be empty."""
        cell = self._cells[column]
        if not cell:
            raise self.error(f"{column} is empty")
        return cell

    def optional(self, column: str) -> str | None:
        """The cell, `None` where it is empty."""
        return self._cells[column] or None

    def words(self, column: str) -> tuple[str, ...]:
        """The words of the cell, which are separated by spaces."""
        return tuple(self._cells[column].split())

    def yes(self, column: str) -> bool:
        """Whether the cell says yes; it must say yes or no."""
        answer = _YES_NO.get(self._cells[column])
        if answer is None:
            raise self.error(f"{column} must be yes or no, not {self._cells[column]!r}")
        return answer

    def number_in(self, column: str) -> int:
        """The cell as a number from 0 up."""
        cell = self._cells[column]
        if not (cell.isascii() and cell.isdigit()):
            raise self.error(f"{column} must be a whole number, not {cell!r}")
        return int(cell)

    def word(self, column: str, kind: type[_Word]) -> _Word:
        """The cell as a word of the vocabulary."""
        return self._member(column, self._cells[column], kind)

    def optional_word(self, column: str, kind: type[_Word]) -> _Word | None:
        """The cell as a word of the vocabulary, `None` where it is empty."""
        return self.word(column, kind) if self._cells[column] else None

    def words_of(self, column: str, kind: type[_Word]) -> tuple[_Word, ...]:
        """The words of the cell, each one of the vocabulary."""
        return tuple(self._member(column, word, kind) for word in self.words(column))

    @property
    def source(self) -> str:
        """Where the row comes from. No row is without one."""
        return self.text("source")

    @property
    def status(self) -> Status:
        """How sure the row is."""
        return self.word("status", Status)

    def prove_origin(self) -> None:
        """Raise `RulesError` where the row does not say where it comes from, and how sure it is."""
        self.text("source")
        self.word("status", Status)

    def _member(self, column: str, word: str, kind: type[_Word]) -> _Word:
        try:
            return kind(word)
        except ValueError:
            raise self.error(f"{column} must be one of {', '.join(kind)}, not {word!r}") from None


def read_table(files: Files, name: str, columns: Sequence[str], key: Sequence[str]) -> list[Row]:
    """Rows of the table, which must have exactly these columns, and no two rows with the same key."""
    if (content := files.get(f"tables/{name}")) is None:
        raise RulesError(name, None, "the table is missing")
    rows: list[Row] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, cells in _lines(name, content):
        if number == 1:
            if cells != list(columns):
                raise RulesError(name, 1, f"the columns must be {', '.join(columns)}")
            continue
        if len(cells) != len(columns):
            raise RulesError(name, number, f"has {len(cells)} cells where there are {len(columns)} columns")
        if any(cell != cell.strip() for cell in cells):
            raise RulesError(name, number, "a cell begins or ends with a space")
        by_column = dict(zip(columns, cells, strict=True))
        identity = tuple(by_column[column] for column in key)
        if first := seen.get(identity):
            raise RulesError(name, number, f"says again what row {first} says: {' '.join(identity)}")
        seen[identity] = number
        row = Row(name, number, by_column)
        if "status" in by_column:
            row.prove_origin()
        rows.append(row)
    if not rows:
        raise RulesError(name, None, "the table is empty")
    return rows


def _lines(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        reader = csv.reader(content.decode().splitlines(), strict=True)
        for cells in reader:
            yield reader.line_num, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise RulesError(name, None, f"is not CSV in UTF-8: {error}") from error
