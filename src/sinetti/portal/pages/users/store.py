"""Users as the pages show them, and the choices of their forms."""

from __future__ import annotations

from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.pages.users.model import ListedUser
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values

_QUERIES = load_queries("sinetti.portal.pages.users", "users.sql")

ORDERS: Orders = {
    "name": ("sinetti_sort_key(name, %(language)s)", "sinetti_sort_key(name, %(language)s) DESC"),
    "email": ("lower(email)", "lower(email) DESC"),
    "role": ("role", "role DESC"),
    "organisation": (
        "sinetti_sort_key(organisation_name, %(language)s) NULLS FIRST",
        "sinetti_sort_key(organisation_name, %(language)s) DESC NULLS LAST",
    ),
    "state": ("state", "state DESC"),
    "last_signed_in": ("last_signed_in_at NULLS FIRST", "last_signed_in_at DESC NULLS LAST"),
}
"""Each column that the list can be sorted by, up and down."""


async def list_users(tx: Transaction, query: ListQuery, reach: Reach, language: str) -> ListPage[ListedUser]:
    """A page of the people within reach."""
    return await list_page(
        tx,
        _QUERIES["list_users"],
        ListedUser,
        query,
        orders=ORDERS,
        key="user_id",
        values={**list_values(query, language), **reach_values(reach)},
    )


async def list_organisations(tx: Transaction, language: str) -> list[tuple[str, str]]:
    """Number and name of every organisation."""
    cursor = await tx.execute(_QUERIES["list_organisations"], {"language": language})
    return [(str(number), name) for number, name in await cursor.fetchall()]


async def list_locations(
    tx: Transaction, organisation_id: int | None, language: str
) -> list[tuple[str, str]]:
    """Number and name of every location of an organisation."""
    values = {"organisation_id": organisation_id, "language": language}
    cursor = await tx.execute(_QUERIES["list_locations"], values)
    return [(str(number), name) for number, name in await cursor.fetchall()]
