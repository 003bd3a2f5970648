"""Lists: search, filters, sort by column and paging, as the address says. The query itself is the store's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec

Row = TypeVar("Row")

PAGE_ROWS = 25
SEARCH_CHARACTERS_MAX = 100
_PAGE_MAX = 100_000


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What of a list somebody wants to see. Only columns and filter values that the list has get in here."""

    path: str
    search: str
    sort: str
    descending: bool
    page: int
    filters: Mapping[str, str]
    """Value of each filter; empty where it is not used."""

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.page - 1) * PAGE_ROWS

    def href(self, **changes: object) -> str:
        """Address of the same list with something changed: `page`, `sort`, `descending`."""
        wanted = msgspec.structs.replace(self, **{"page": 1, **changes})
        query: dict[str, str] = {name: value for name, value in wanted.filters.items() if value}
        if wanted.search:
            query["q"] = wanted.search
        query["sort"] = f"-{wanted.sort}" if wanted.descending else wanted.sort
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
    query: ListQuery

    @property
    def pages(self) -> int:
        """Pages of the list, one at least."""
        return max(1, -(-self.total // PAGE_ROWS))

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
    filters: Mapping[str, Sequence[str]] | None = None,
    descending: bool = False,
) -> ListQuery:
    """What the address asks for; what it says wrongly counts as not said. The first column is the usual order."""
    asked = given.get("sort", "")
    column = asked.removeprefix("-")
    known = column in columns
    page = given.get("page", "1")
    return ListQuery(
        path=path,
        search=" ".join(given.get("q", "").split())[:SEARCH_CHARACTERS_MAX].replace("\x00", ""),
        sort=column if known else columns[0],
        descending=asked.startswith("-") if known else descending,
        page=min(int(page), _PAGE_MAX) if page.isascii() and page.isdigit() and int(page[:9]) > 0 else 1,
        filters={
            name: given.get(name, "") if given.get(name, "") in allowed else ""
            for name, allowed in (filters or {}).items()
        },
    )


def like(search: str) -> str:
    """The search as a pattern for LIKE, its own signs escaped; everything where nothing is searched for."""
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def list_values(query: ListQuery, language: str) -> dict[str, Any]:
    """Values that the SQL of every list takes."""
    return {
        "pattern": like(query.search),
        "language": language,
        "limit": PAGE_ROWS,
        "offset": query.offset,
        **query.filters,
    }
