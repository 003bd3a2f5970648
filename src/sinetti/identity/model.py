"""Who is calling: values that the rest of Sinetti may know of an authenticated client."""

from __future__ import annotations

import msgspec

from sinetti.rules.vocabulary import ClientRole, OrganisationKind


class Caller(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who asks: one piece of client equipment, with the location and organisation it belongs to."""

    equipment_id: int
    location_id: int
    organisation_id: int
    organisation_kind: OrganisationKind
    client_role: ClientRole | None
