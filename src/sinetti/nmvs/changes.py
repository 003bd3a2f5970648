"""Who changes products, batches and packs from outside: an OBP's system, or the operator's staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One exchange that changes data, as the record will name it."""

    organisation_id: int | None
    """Whose products may be changed; `None` for the operator, who may recall and withdraw any."""
    equipment_id: int | None = None
    """`None` where a person did it, on the operator's command line or in the portal."""
    person: str | None = None
    """Who did it there."""
    transaction_id: UUID
    at: datetime
    source_address: str | None = None
    user_agent: str | None = None

    def may_change(self, owner_id: int) -> bool:
        """Whether a product of this organisation may be changed."""
        return self.organisation_id is None or self.organisation_id == owner_id
