"""Why work beside alerts is not done, as an answer with the sentence that a person would read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from sinetti.alerts.chain_notices import NoticeFault
from sinetti.alerts.teams import TeamFault
from sinetti.kit.problems import Problem
from sinetti.rules.sales_holds.vocabulary import HoldRefusal
from sinetti.rules.vocabulary import Language

Fault = HoldRefusal | TeamFault | NoticeFault

GROUPS: Final[Mapping[type[StrEnum], str]] = {
    HoldRefusal: "sales_hold",
    TeamFault: "team",
    NoticeFault: "chain_notice",
}
_NOT_YOURS: Final = frozenset({HoldRefusal.NOT_YOURS, NoticeFault.NOT_YOURS})
_STANDS_OTHERWISE: Final = frozenset(
    {
        HoldRefusal.ANOTHER_STATE,
        HoldRefusal.ALREADY_ASKED,
        TeamFault.NAME_TAKEN,
        TeamFault.TOO_MANY_TEAMS,
        NoticeFault.NO_SUSPICION,
    }
)


def work_refused(fault: Fault, language: Language) -> Problem:
    """403 where it is another's to do, 409 where things stand otherwise, 422 where something is missing."""
    status = 403 if fault in _NOT_YOURS else 409 if fault in _STANDS_OTHERWISE else 422
    why = sentences(language)[GROUPS[type(fault)]][fault.value]
    return Problem("work-refused", status, refusal=fault.value, why=why)


@cache
def sentences(language: Language) -> Mapping[str, Mapping[str, str]]:
    """By group and word."""
    text = files("sinetti.alerts.http").joinpath("texts", f"{language.value}.toml").read_text("utf-8")
    return tomllib.loads(text)
