"""Says in words what a finding means and what to do about it, in Finnish, Swedish or English."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from sinetti.gs1.scan import Finding

LANGUAGES: Final = ("fi", "sv", "en")
_OTHERWISE: Final = "en"
_PARTS_OF_A_READING: Final = ("product_code", "serial_number", "batch", "expiry", "nhrn", "other")
_NAMED: Final = ("title", "layout")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding in words."""

    message: str
    """What it is."""
    action: str
    """What to do now."""

    def __str__(self) -> str:
        return f"{self.message} {self.action}"


def explain(finding: Finding, language: str) -> Explanation:
    """What the finding means, in `fi`, `sv` or `en`; any other language gives English."""
    texts = _texts(language if language in LANGUAGES else _OTHERWISE)
    words = texts["words"]
    places = dict(finding.values)
    for place in _NAMED:
        if place in places:
            places[place] = words.get(places[place], places[place])
    places["reading"] = ", ".join(
        f"{words[part]} {finding.values[part]}" for part in _PARTS_OF_A_READING if part in finding.values
    )
    text = texts[finding.key]
    return Explanation(text["message"].format_map(places), text["action"].format_map(places))


def layout_name(layout: str, language: str) -> str:
    """The name of a keyboard layout, as `explain` says it."""
    return _texts(language if language in LANGUAGES else _OTHERWISE)["words"][layout]


@cache
def _texts(language: str) -> Mapping[str, Mapping[str, str]]:
    source = resources.files(__package__) / "texts" / f"{language}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
