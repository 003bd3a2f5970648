"""The audit: who did what to what, written in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from sinetti.identity.people.model import SignedIn
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Concern

_QUERIES = load_queries("sinetti.portal.store", "audit.sql")


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it, and from where."""

    who: SignedIn | None
    """`None` for what the system or somebody on the command line did."""
    by: str = "system"
    """Without a person: `system` or `command_line`."""
    name: str = ""
    """Without a person: what to show instead of a name."""
    source_address: str | None = None
    transaction_id: UUID | None = None


async def record(
    tx: Transaction,
    actor: Actor,
    now: datetime,
    *,
    action: str,
    object_kind: str,
    object_id: object,
    object_name: str,
    concern: Concern,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
    reason: str | None = None,
    ground: str | None = None,
) -> None:
    """Add an entry. `old` and `new` hold only what changed, and never a secret."""
    who = actor.who
    await tx.execute(
        _QUERIES["add_audit_entry"],
        {
            "now": now,
            "transaction_id": actor.transaction_id,
            "actor": "person" if who else actor.by,
            "user_id": who.user_id if who else None,
            "user_name": who.name if who else actor.name,
            "user_role": who.role.value if who else None,
            "user_organisation_id": who.organisation_id if who else None,
            "session_id": who.session_id if who else None,
            "source_address": actor.source_address,
            "action": action,
            "object_kind": object_kind,
            "object_id": str(object_id),
            "object_name": object_name,
            "organisation_id": concern.organisation_id,
            "location_id": concern.location_id,
            "old_values": Jsonb(msgspec.to_builtins(old or {})),
            "new_values": Jsonb(msgspec.to_builtins(new or {})),
            "reason": reason,
            "ground": ground,
        },
    )
