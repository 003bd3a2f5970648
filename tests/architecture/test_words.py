"""Texts for users keep to the glossary: one word for one thing in each language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.architecture.test_sources import SOURCE, described

TEXTS = sorted(SOURCE.rglob("texts/*.toml"))

# Words that a writer may think of, and the one that GLOSSARY.md has for the thing.
OTHERWISE = {
    "fi": {
        r"asiakaslai": "asiakasjärjestelmä",
        r"salaisuu": "salasana (Client Secret)",
        r"asiakastunnu": "tekninen tunnus (Client Id)",
        r"tuotekoodi": "tuotenumero",
        r"lukulai|skanner": "viivakoodinlukija",
        r"kestoaika|kestoajan|käyttöpäivä(?!määr)": "viimeinen käyttöpäivämäärä",
        r"(?<!lääke)tukku": "lääketukkukauppa",
        r"vastauskoodi": "paluukoodi",
        r"takaisinve": "vetää pois jakelusta",
        r"(?<!lääke)väärennösepäil": "lääkeväärennösepäily",
    },
    "sv": {
        r"klientutrust": "klientsystem",
        r"svarskod|operationskod": "returkod",
        r"\bsats": "batch",
        r"användningsd": "utgångsdatum",
        r"(?<!teknisk )(?<!tekniska )\bprodukt(?!kod|nummer|fel|ens streckkod)": "preparat",
        r"partihand": "läkemedelspartiaffär",
        r"verifieringssystem": "läkemedelsverifikationssystem",
        r"förstör": "destruera",
        r"misstanke om förfalskning": "misstanke om läkemedelsförfalskning",
    },
    "en": {
        r"return code|response code": "operation code",
        r"dispens": "supply",
        r"marketing-authori": "marketing authorisation holder",
        r"falsified pack": "possible suspicion of falsification",
        r"\bkey(?:ed)? in\b": "type",
    },
}


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text with the keys that lead to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, path)
    else:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(inner, f"{path}.{key}".lstrip("."))


@pytest.mark.parametrize("texts", TEXTS, ids=described)
def test_texts_use_the_words_of_the_glossary(texts: Path):
    content = tomllib.loads(texts.read_text(encoding="utf-8"))
    wrong = [
        f"{path}: say {word}: {text}"
        for path, text in strings(content)
        for pattern, word in OTHERWISE[texts.stem].items()
        if re.search(pattern, text, re.IGNORECASE)
    ]
    assert wrong == []
