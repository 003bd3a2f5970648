"""Rows of the database as the types of `identity.model`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from psycopg import AsyncCursor
from psycopg.rows import no_result

Row = TypeVar("Row")


def rows_as(type_: type[Row]) -> Callable[[AsyncCursor[Row]], Callable[[Sequence[Any]], Row]]:
    """Return a row factory for psycopg that makes each row a value of the type; columns name its fields."""

    def factory(cursor: AsyncCursor[Row]) -> Callable[[Sequence[Any]], Row]:
        if cursor.description is None:
            return no_result
        names = [column.name for column in cursor.description]
        return lambda values: msgspec.convert(dict(zip(names, values, strict=True)), type_)

    return factory
