"""Which language an answer is in: the header `Accept-Language` (RFC 9110 §12.5.4) against fi, sv and en."""

from __future__ import annotations

from functools import lru_cache

LANGUAGES = ("fi", "sv", "en")
"""Languages that every text exists in."""

_UNKNOWN = "en"
"""Answer to a client that names only languages we do not have: the one that most of them can read."""


@lru_cache(maxsize=512)
def choose_language(accept_language: str | None, default: str) -> str:
    """Best of fi, sv and en for the header's value; `default` when there is no header or it says nothing.

    Regional forms count as their language (`sv-FI` is sv). Of equal weights the first named wins, `*` stands
    for `default`, and a header that names only other languages gets en. What cannot be read in it is passed
    over.
    """
    wishes = _wishes(accept_language or "")
    if not wishes:
        return default
    for language in sorted(wishes, key=lambda name: -wishes[name]):
        if wishes[language] > 0:
            if language == "*":
                return default
            if language in LANGUAGES:
                return language
    return _UNKNOWN


def _wishes(header: str) -> dict[str, float]:
    """Primary language subtags of the header, with the greatest weight each was given, in the order named."""
    wishes: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = part.split(";")
        language = name.strip().partition("-")[0]
        if language == "*" or (language.isascii() and language.isalpha()):
            wishes[language] = max(wishes.get(language, 0.0), _weight(parameters))
    return wishes


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
