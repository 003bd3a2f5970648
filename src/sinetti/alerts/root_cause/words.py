"""An analysis in words, for two kinds of readers: those who may see stored values, and those who may not.

What is said to an end user is made from an analysis out of which everything stored has been taken before, so that
no text can give away what it never gets (Delegated Regulation (EU) 2016/161 art. 38; docs/adr/0013).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from sinetti.alerts.root_cause.model import Analysis, Bar, Difference, Evidence, Field, Hypothesis
from sinetti.gs1.explain import layout_name
from sinetti.rules.vocabulary import Cause, Language

_LIKELIHOODS = ((90, "very_likely"), (70, "likely"), (40, "possible"), (0, "not_ruled_out"))
_LAYOUTS = ("scanner", "computer")


class Reader(StrEnum):
    """Who reads an analysis."""

    ENTITLED = "entitled"
    """The operator and the authority; the OBP for its own products."""
    END_USER = "end_user"
    """Whoever raised the alert: told what kind of difference there is, never what is stored."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One hypothesis in words."""

    name: str
    likelihood: str
    says: str
    """What the cause means for the pack."""
    because: tuple[str, ...]
    """What speaks for it, a sentence each."""
    compared: tuple[str, ...] = ()
    """What was sent beside what is stored; only for those who may see stored values."""

    def __str__(self) -> str:
        return " ".join((f"{self.name}.", self.says, *self.because, *self.compared))


def for_reader(analysis: Analysis, reader: Reader) -> Analysis:
    """The analysis as this reader may have it."""
    if reader is Reader.ENTITLED:
        return analysis
    return msgspec.structs.replace(
        analysis, hypotheses=tuple(_without_stored_values(one) for one in analysis.hypotheses)
    )


def _without_stored_values(hypothesis: Hypothesis) -> Hypothesis:
    return msgspec.structs.replace(
        hypothesis,
        corrected=None,
        differences=tuple(
            Difference(field=one.field, how=one.how, values=one.values, sent=one.sent, stored="", spans=())
            for one in hypothesis.differences
        ),
    )


def explain(analysis: Analysis, language: Language, reader: Reader) -> tuple[Explanation, ...]:
    """The hypotheses in words, the likeliest first."""
    return tuple(_explained(one, language, reader) for one in for_reader(analysis, reader).hypotheses)


def _explained(hypothesis: Hypothesis, language: Language, reader: Reader) -> Explanation:
    words = _words(language)
    cause = words["causes"][hypothesis.cause]
    compared = [] if reader is Reader.END_USER else list(_compared(hypothesis, words))
    return Explanation(
        name=cause["name"],
        likelihood=likelihood(hypothesis.confidence, language),
        says=cause["says"],
        because=(
            *(_difference(one, words, language) for one in hypothesis.differences),
            *(_evidence(one, words) for one in hypothesis.evidence),
        ),
        compared=tuple(compared),
    )


def _difference(difference: Difference, words: Mapping[str, Any], language: Language) -> str:
    places = dict(difference.values)
    for place in _LAYOUTS:
        if place in places:
            places[place] = layout_name(places[place], language)
    if "element" in places:
        places["element"] = words["fields"][places["element"]]
    if "order" in places:
        places["order"] = "".join(words["date_letters"][letter] for letter in places["order"])
    text: str = words["how"][difference.how]
    return text.format_map({"field": words["fields"][difference.field], **places})


def _evidence(evidence: Evidence, words: Mapping[str, Any]) -> str:
    places = dict(evidence.values)
    if "unit" in places:
        places["unit"] = words["units"][places["unit"]]
    text: str = words["evidence"][evidence.key]
    return text.format_map(places)


def _compared(hypothesis: Hypothesis, words: Mapping[str, Any]) -> Iterator[str]:
    for one in hypothesis.differences:
        yield words["compared"]["line"].format_map(
            {"field": words["fields"][one.field], "sent": one.sent, "stored": one.stored}
        )
    if hypothesis.corrected is not None:
        meant = hypothesis.corrected
        identifier = f"{meant.product_code} · {meant.serial_number} · {meant.batch} · {meant.expiry}"
        yield words["compared"]["likely"].format_map({"identifier": identifier})


def explain_kept(kept: Mapping[str, Any], language: Language) -> Explanation:
    """A hypothesis in words that was kept without stored values: what every reader of the alert may be told."""
    words = _words(language)
    cause = words["causes"][kept["cause"]]
    differences = [
        Difference(
            field=Field(one["field"]), how=one["how"], values=one["values"], sent="", stored="", spans=()
        )
        for one in kept["differences"]
    ]
    return Explanation(
        name=cause["name"],
        likelihood="",
        says=cause["says"],
        because=(
            *(_difference(one, words, language) for one in differences),
            *(_evidence(msgspec.convert(one, Evidence), words) for one in kept["evidence"]),
        ),
    )


def likelihood(confidence: int, language: Language) -> str:
    """The confidence in words: numbers look surer than they are."""
    key = next(key for least, key in _LIKELIHOODS if confidence >= least)
    return str(_words(language)["likelihood"][key])


def cause_name(cause: Cause, language: Language) -> str:
    """What a cause is called."""
    return str(_words(language)["causes"][cause]["name"])


def bar_words(bar: Bar, language: Language) -> str:
    """Why an alert may not be closed without a person, in a sentence."""
    return str(_words(language)["bars"][bar])


@cache
def _words(language: Language) -> Mapping[str, Any]:
    file = resources.files(__package__) / "texts" / f"{language}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
