"""On which ground somebody reads what users did with a pack, and the entry that each reading leaves (ADR 0019)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sinetti.kit.db import Transaction
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.rules.vocabulary import PackState

if TYPE_CHECKING:
    from sinetti.portal.visit import Visit


class AuthorityPurpose(StrEnum):
    """For what the authority may read (Delegated Regulation (EU) 2016/161 art. 39)."""

    A = "a"
    B = "b"
    C = "c"


async def record_trail_read(
    tx: Transaction,
    actor: audit.Actor,
    now: datetime,
    *,
    product_code: str,
    serial_number: str,
    ground: str,
) -> None:
    """Add the entry that a pack's trail was read, in the transaction that reads it."""
    pack = f"{product_code} {serial_number}"
    await audit.record(
        tx,
        actor,
        now,
        action="trail_read",
        object_kind="pack",
        object_id=pack,
        object_name=pack,
        # It may concern several organisations, and none may learn of the others.
        concern=Concern(),
        ground=ground,
    )


async def record_case_read(tx: Transaction, actor: audit.Actor, now: datetime, reference: str) -> None:
    """Add the entry that the authority read a case, with what was sent, said and photographed in it.

    Nothing is asked before: an alert is a potential incident of falsification, and to investigate it is art. 39(a).
    """
    await audit.record(
        tx,
        actor,
        now,
        action="case_read",
        object_kind="alert",
        object_id=reference,
        object_name=reference,
        # As with trails: no party of the case learns whom the authority looks at.
        concern=Concern(),
        ground=f"Art. 39({AuthorityPurpose.A})",
    )


def trail_words(visit: Visit) -> dict[str, Any]:
    """What a page that shows a trail calls operation codes and states."""
    return {
        "meaning": {
            code.code: code.texts[visit.language].message for code in visit.rules.codes.values() if code.texts
        },
        "state_names": {
            state.value: visit.rules.pack_states[state].names[visit.language] for state in PackState
        },
    }
