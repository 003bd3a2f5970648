"""Takes a demo country out of its database."""

from __future__ import annotations

import psycopg
from psycopg.errors import UndefinedTable


def holds_other_data(url: str, client_id: str = "demo-metso") -> bool:
    """Whether the database has participants, but not those of a demo: then it must not be emptied."""
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            row = connection.execute(
                "SELECT EXISTS (SELECT FROM organisation)"
                " AND NOT EXISTS (SELECT FROM client_equipment WHERE client_id = %s)",
                (client_id,),
            ).fetchone()
        except UndefinedTable:
            return False
    return row == (True,)


def empty_database(url: str) -> None:
    """Remove every table of the database's first schema, and so all that Sinetti keeps in it."""
    with psycopg.connect(url, autocommit=True) as connection, connection.transaction():
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
