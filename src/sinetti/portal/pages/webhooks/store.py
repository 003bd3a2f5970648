"""Endpoints within somebody's reach, and the delivery log of one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Concern, Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.webhooks.model import Delivery, EndpointState

_QUERIES = load_queries("sinetti.portal.pages.webhooks", "webhooks.sql")

ORDERS: Orders = {
    "created_at": ("created_at", "created_at DESC"),
    "address": ("address", "address DESC"),
    "organisation": ("organisation_name", "organisation_name DESC"),
}
LOG_ORDERS: Orders = {"occurred_at": ("message_number", "message_number DESC")}


class ListedEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    endpoint_id: UUID
    organisation_name: str
    address: str
    created_at: datetime
    state: EndpointState
    waiting: int
    last_arrived_at: datetime | None


class ListedDelivery(Delivery, frozen=True, kw_only=True):
    """A row of the delivery log: one message, and what came of its last attempt."""

    message_number: int
    http_status: int | None
    fault: str | None


async def list_endpoints(
    tx: Transaction, query: ListQuery, reach: Reach, language: str
) -> ListPage[ListedEndpoint]:
    """A page of the list; ended ones only where they are asked for."""
    values = {**reach_values(reach), **list_values(query, language), "state": query.filters["state"]}
    return await list_page(
        tx,
        _QUERIES["list_endpoints"],
        ListedEndpoint,
        query,
        orders=ORDERS,
        key="endpoint_id",
        values=values,
    )


async def list_deliveries(
    tx: Transaction, query: ListQuery, endpoint_id: UUID, language: str
) -> ListPage[ListedDelivery]:
    """A page of the delivery log."""
    values = {**list_values(query, language), "endpoint_id": endpoint_id, "state": query.filters["state"]}
    return await list_page(
        tx,
        _QUERIES["list_deliveries"],
        ListedDelivery,
        query,
        orders=LOG_ORDERS,
        key="message_number",
        values=values,
    )


async def owner_of(tx: Transaction, endpoint_id: object) -> Concern | None:
    """Whose endpoint it is."""
    cursor = await tx.execute(_QUERIES["owner_of_endpoint"], {"endpoint_id": endpoint_id})
    row = await cursor.fetchone()
    return None if row is None else Concern(organisation_id=row[0])
