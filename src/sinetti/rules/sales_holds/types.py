"""The rules about sales holds as values, and the judgement of one step."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sinetti.rules.sales_holds.vocabulary import (
    HoldField,
    HoldNeeds,
    HoldRefusal,
    HoldSide,
    HoldState,
    HoldStep,
    HoldViewer,
)


class HoldTransition(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `sales_hold_transitions.csv`."""

    side: HoldSide
    while_request: HoldState | None
    """How the request must stand; `None` for one that is not there yet."""
    needs: HoldNeeds | None
    to_state: HoldState


class HoldRules(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    transitions: Mapping[tuple[HoldState | None, HoldStep], HoldTransition]
    seen: Mapping[HoldField, frozenset[HoldViewer]]

    def decide(
        self,
        state: HoldState | None,
        step: HoldStep,
        side: HoldSide,
        *,
        request: HoldState | None,
        reason: str = "",
        packs: int | None = None,
    ) -> HoldTransition | HoldRefusal:
        """The row that lets this step be taken, or why it cannot be. `state` is that of what the side changes."""
        row = self.transitions.get((state, step))
        if row is None or row.while_request is not request:
            return HoldRefusal.ANOTHER_STATE
        if row.side is not side:
            return HoldRefusal.NOT_YOURS
        if row.needs is HoldNeeds.REASON and not reason:
            return HoldRefusal.REASON_MISSING
        if row.needs is HoldNeeds.PACKS and packs is None:
            return HoldRefusal.PACKS_MISSING
        return row

    def steps(self, state: HoldState, side: HoldSide, request: HoldState) -> list[HoldStep]:
        """What a side can do as things stand, in the order of the table."""
        return [
            step
            for (before, step), row in self.transitions.items()
            if before is state and row.side is side and row.while_request is request
        ]

    def sees(self, field: HoldField, viewer: HoldViewer) -> bool:
        """Whether a field is shown to somebody."""
        return viewer in self.seen[field]
