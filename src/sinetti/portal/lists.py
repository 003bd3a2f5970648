"""Lists: search, filters, sort by column and paging, as the address says. The query itself is the store's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec

Row = TypeVar("Row")

PAGE_ROWS = (25, 100)
"""How many rows a page may have; the first is usual. A hundred fit what somebody prints or searches by eye."""
COUNTED_ROWS_MAX = 10_000
"""Rows beyond this are not counted, and no page shows them: nobody turns 400 pages, a search finds more."""
SEARCH_CHARACTERS_MAX = 100


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What of a list somebody wants to see. Only columns and filter values that the list has get in here."""

    path: str
    search: str
    columns: tuple[str, ...]
    """What the list can be sorted by."""
    sort: str
    descending: bool
    page: int
    page_rows: int
    """Rows of a page."""
    filters: Mapping[str, str]
    """Value of each filter; empty where it is not used."""

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * self.page_rows

    @property
    def narrowed(self) -> bool:
        """Whether something is searched for or left out: an empty list then says so, and not that there is nothing."""
        return bool(self.search) or any(self.filters.values())

    def href(self, **changes: object) -> str:
        """Address of the same list with something changed: `page`, `sort`, `descending`, `page_rows`."""
        wanted = msgspec.structs.replace(self, **{"page": 1, **changes})
        query: dict[str, str] = {name: value for name, value in wanted.filters.items() if value}
        if wanted.search:
            query["q"] = wanted.search
        query["sort"] = f"-{wanted.sort}" if wanted.descending else wanted.sort
        if wanted.page_rows != PAGE_ROWS[0]:
            query["rows"] = str(wanted.page_rows)
        if wanted.page > 1:
            query["page"] = str(wanted.page)
        return f"{self.path}?{urlencode(query)}"

    def sorted_by(self, column: str) -> str:
        """Address that a click on a column's head leads to: this column, the other way round at the second click."""
        return self.href(sort=column, descending=column == self.sort and not self.descending)

    def aria_sort(self, column: str) -> str:
        """Value of the head's `aria-sort`."""
        if column != self.sort:
            return "none"
        return "descending" if self.descending else "ascending"


class ListPage(msgspec.Struct, Generic[Row], frozen=True, kw_only=True):
    """The rows of one page, and how many there are in all."""

    rows: Sequence[Row]
    total: int
    """Rows of the whole list, `COUNTED_ROWS_MAX` at most."""
    more: bool = False
    """Whether there are more rows than were counted."""
    query: ListQuery

    @property
    def pages(self) -> int:
        """Pages of the list, one at least."""
        return max(1, -(-self.total // self.query.page_rows))

    @property
    def first(self) -> int:
        """Number of the first row shown, from one."""
        return self.query.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.query.offset + len(self.rows)

    @property
    def near_pages(self) -> list[int | None]:
        """Page numbers to show: first, last, those around this one; `None` for a gap."""
        wanted = sorted(
            {1, self.pages, *range(self.query.page - 1, self.query.page + 2)} & set(range(1, self.pages + 1))
        )
        shown: list[int | None] = []
        for before, page in zip([0, *wanted], wanted, strict=False):
            if page - before > 1:
                shown.append(None)
            shown.append(page)
        return shown


def read_list_query(
    path: str,
    given: Mapping[str, str],
    *,
    columns: Sequence[str],
    filters: Mapping[str, Sequence[str] | Callable[[str], str]] | None = None,
    descending: bool = False,
) -> ListQuery:
    """What the address asks for; what it says wrongly counts as not said. The first column is the usual order."""
    asked = given.get("sort", "")
    column = asked.removeprefix("-")
    known = column in columns
    return ListQuery(
        path=path,
        search=some_text(given.get("q", "")),
        columns=tuple(columns),
        sort=column if known else columns[0],
        descending=asked.startswith("-") if known else descending,
        page=max(1, min(_number(given.get("page", "")), COUNTED_ROWS_MAX)),
        page_rows=next((rows for rows in PAGE_ROWS if _number(given.get("rows", "")) == rows), PAGE_ROWS[0]),
        filters={name: _chosen(given.get(name, ""), allowed) for name, allowed in (filters or {}).items()},
    )


def _chosen(given: str, allowed: Sequence[str] | Callable[[str], str]) -> str:
    if callable(allowed):
        return allowed(given)
    return given if given in allowed else ""


def some_text(given: str) -> str:
    """For a filter that takes any words."""
    return " ".join(given.replace("\x00", "").split())[:SEARCH_CHARACTERS_MAX]


def some_day(given: str) -> str:
    """For a filter that takes a date in ISO form, as browsers send it."""
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        return ""


def _number(given: str) -> int:
    """A number as an address gives it; nought for anything else."""
    return int(given[:9]) if given.isascii() and given.isdigit() else 0


def like(search: str) -> str:
    """The search as a pattern for LIKE, its own signs escaped; everything where nothing is searched for."""
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    # One sign where nothing is searched for: `'%%'` in a query with values means one for PostgreSQL.
    return f"%{escaped}%" if escaped else "%"


_BETWEEN_WORDS = re.compile(r"[\]\[,.;:/_()@\"'&|!<>*\\\s-]+")


def words_that_begin(search: str) -> str:
    """The search as a `tsquery` for `sinetti_words`: each word begins a word there. Empty where there is none."""
    return " & ".join(f"'{word}':*" for word in _BETWEEN_WORDS.split(search) if word)


_MARKED = {
    marked: plain
    for plain, several in {
        "a": "åäæáàâã",
        "o": "öøóòôõ",
        "u": "üúùû",
        "e": "éèêë",
        "i": "íìîï",
        "c": "çčć",
        "n": "ñ",
        "y": "ý",
        "s": "šś",
        "z": "žź",
        "l": "ł",
        "d": "đ",
    }.items()
    for marked in several
}
"""What each letter is without its marks, as `sinetti_sort_key` has it for English."""


def forgiving(search: str) -> str:
    """The search as a regular expression of PostgreSQL that forgives case and marks, like the sort key of English.

    The expression is made once; a sort key must be made of every name in the table, which takes a hundred times as
    long (20 000 client equipment: a second and more).
    """
    return "".join(_any_of(character) for character in search)


def _any_of(character: str) -> str:
    lower = character.lower()
    plain = _MARKED.get(lower, lower)
    if not plain.isalnum():
        return f"\\{character}" if character.isascii() and not character.isspace() else character
    like_it = [plain, *(marked for marked, without in _MARKED.items() if without == plain)]
    return f"[{''.join(letter + (letter.upper() if len(letter.upper()) == 1 else '') for letter in like_it)}]"


def list_values(query: ListQuery, language: str) -> dict[str, Any]:
    """Values that the SQL of every list takes."""
    return {
        "pattern": like(query.search),
        "forgiving": forgiving(query.search),
        "language": language,
        **query.filters,
    }
