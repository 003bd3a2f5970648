"""What a party does about an alert: the steps of the tables, adapted to what is known of this one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec

from sinetti.alerts.model import AlertFile
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Classification, Side
from sinetti.rules.table import RulesError
from sinetti.rules.vocabulary import Cause, EntryMode, Language, OrganisationKind, PackState

READING: Final = frozenset(
    {
        Cause.CASE_SWAP,
        Cause.KEYBOARD_LAYOUT,
        Cause.LOST_SEPARATOR,
        Cause.BARCODE_APPENDED,
        Cause.TRUNCATED,
        Cause.EXTRA_CHARACTERS,
        Cause.LOOK_ALIKE,
        Cause.TYPING_ERROR,
        Cause.DATE_ORDER,
        Cause.DAY_ZERO,
        Cause.SWAPPED_FIELDS,
        Cause.RESIDUE_CHARACTERS,
    }
)
_UPLOAD: Final = frozenset(
    {Cause.BATCH_NOT_UPLOADED, Cause.PARTIAL_UPLOAD, Cause.LATE_UPLOAD, Cause.PRINT_DIFFERS}
)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the guidance adapts to."""

    alert: AlertFile
    verified_since: bool = False
    """The pack was verified in order at the same location since the alert."""
    is_high_risk: bool = False
    printed_as_sent: bool = False
    """A photo shows that the pack itself says what was sent."""


_LATER_SUCCESS: Final = frozenset({"verified_later", "handled_later"})
_PATTERN_RULE: Final = "R26"


def known_of(
    alert: AlertFile, explanation: Sequence[Mapping[str, Any]], *, printed_as_sent: bool = False
) -> Known:
    """What the guidance adapts to, of the alert and the explanation that its analysis gives."""
    return Known(
        alert=alert,
        printed_as_sent=printed_as_sent,
        verified_since=any(
            evidence.get("key") in _LATER_SUCCESS for one in explanation for evidence in one["evidence"]
        ),
        is_high_risk=any(one["rule"] == _PATTERN_RULE for one in explanation),
    )


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step to do, in words."""

    step: str
    text: str
    help_path: str
    """Path of the public help page that tells more."""


def _decommissioned(known: Known) -> bool:
    state = known.alert.state_before
    return state is not None and state != PackState.ACTIVE


CONDITIONS: Final[Mapping[str, Callable[[Known], bool]]] = MappingProxyType(
    {
        "reading_suspected": lambda known: known.alert.cause in READING and not known.printed_as_sent,
        "typed": lambda known: known.alert.entry_mode == EntryMode.MANUAL,
        "upload_suspected": lambda known: known.alert.cause in _UPLOAD,
        "decommissioned_here": lambda known: (
            _decommissioned(known)
            and known.alert.earlier_location_id is not None
            and known.alert.earlier_location_id == known.alert.location_id
        ),
        "decommissioned_elsewhere": lambda known: (
            _decommissioned(known)
            and known.alert.earlier_location_id is not None
            and known.alert.earlier_location_id != known.alert.location_id
        ),
        "place_not_stated": lambda known: _decommissioned(known) and known.alert.earlier_location_id is None,
        "verified_since": lambda known: known.verified_since,
        "printed_as_sent": lambda known: known.printed_as_sent,
        "high_risk": lambda known: (
            known.is_high_risk or known.alert.classification is not Classification.POTENTIAL_SUSPICION
        ),
    }
)


def prove_guidance(rules: AlertRules) -> None:
    """Raise `RulesError` where a condition has no function, or a function no condition."""
    for name in sorted(rules.guidance_conditions ^ set(CONDITIONS)):
        raise RulesError(
            "guidance_conditions.csv", name, "a condition has one function, and a function one condition"
        )


def guidance(
    rules: AlertRules, known: Known, reader: OrganisationKind | Side, language: Language
) -> list[Step]:
    """The steps for one reader, those that what is known makes urgent first."""
    first: list[Step] = []
    others: list[Step] = []
    for row in rules.guidance[known.alert.kind, reader]:
        if row.only_if is not None and not CONDITIONS[row.only_if](known):
            continue
        if row.unless is not None and CONDITIONS[row.unless](known):
            continue
        step = Step(
            step=row.step,
            text=rules.words[language]("guidance", row.step),
            help_path=f"/codes/{row.link_code or known.alert.operation_code}",
        )
        is_first = row.first_if is not None and CONDITIONS[row.first_if](known)
        (first if is_first else others).append(step)
    return first + others
