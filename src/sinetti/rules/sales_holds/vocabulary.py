"""Words of the tables about sales holds. Their meaning is in `GLOSSARY.md`."""

from __future__ import annotations

from enum import StrEnum


class HoldState(StrEnum):
    """How a request stands, or a distributor's answer to it."""

    ASKED = "asked"
    """Of a request: in force. Of an answer: there is none yet."""
    HELD = "held"
    NONE_IN_STOCK = "none_in_stock"
    RELEASED = "released"
    LIFTED = "lifted"


class HoldStep(StrEnum):
    """What somebody does with a request, or about its own packs."""

    ASK = "ask"
    LIFT = "lift"
    HOLD = "hold"
    NONE_IN_STOCK = "none_in_stock"
    RELEASE = "release"


class HoldSide(StrEnum):
    """Who takes steps."""

    COMPANY = "company"
    """The MAH or its OBP."""
    DISTRIBUTOR = "distributor"
    """A location of a wholesaler."""


class HoldViewer(StrEnum):
    """Who looks at a request."""

    COMPANY = "company"
    DISTRIBUTOR = "distributor"
    OPERATOR = "operator"
    AUTHORITY = "authority"


class HoldField(StrEnum):
    """What there is to see of a request beside product, batch, state and times."""

    COMPANY = "company"
    REASON = "reason"
    COUNTS = "counts"
    PLACES = "places"
    PEOPLE = "people"


class HoldNeeds(StrEnum):
    """What a step must come with."""

    REASON = "reason"
    PACKS = "packs"


class HoldRefusal(StrEnum):
    """Why a step is not taken."""

    ANOTHER_STATE = "another_state"
    """It stands otherwise: mostly because somebody else was faster."""
    NOT_YOURS = "not_yours"
    REASON_MISSING = "reason_missing"
    REASON_TOO_LONG = "reason_too_long"
    PACKS_MISSING = "packs_missing"
    ALREADY_ASKED = "already_asked"
