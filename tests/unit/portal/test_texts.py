"""The portal's words are there in three languages, say the same values, and are all used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sinetti.portal
from sinetti.portal.pages import PAGES
from sinetti.portal.words import common_words, page_words
from sinetti.rules.vocabulary import Language

HERE = Path(sinetti.portal.__file__).parent
NAMES = ["", *(page.name for page in PAGES)]
LOOKED_UP_ELSEWHERE = {
    "empty",
    "menu",
    "done",
    "audited",
    "audited_field",
    "audited_value",
    "audited_object",
    "yes",
    "no",
    "mail",
}
"""Sections that the frame, the audit and mail look up in every page."""
IMPORTED = re.compile(
    r"^Sinetti$|^GLN$|^Client|^Full Access$|^Verify Only$|^Organisation$|^Administration$|^Status$"
)


def words(name: str, language: Language) -> dict[str, Any]:
    return page_words(name, language) if name else common_words(language)


def flat(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, str):
            yield f"{path}{key}", inner
        elif isinstance(inner, list):
            yield from flat({str(number): one for number, one in enumerate(inner)}, f"{path}{key}.")
        else:
            yield from flat(inner, f"{path}{key}.")


@pytest.mark.parametrize("language", [Language.FI, Language.SV])
@pytest.mark.parametrize("name", NAMES)
def test_every_language_has_the_same_texts_with_the_same_values(name, language):
    english = dict(flat(words(name, Language.EN)))
    other = dict(flat(words(name, language)))
    assert list(other) == list(english)
    for key, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", other[key])), key
        assert other[key].strip(), key


@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_left_in_english(name):
    english = dict(flat(words(name, Language.EN)))
    same = [
        key
        for key, text in flat(words(name, Language.FI))
        if text == english[key] and len(text) > 3 and not IMPORTED.match(text)
    ]
    assert same == []


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_used_and_every_text_that_is_used_is_there(name):
    """By the first part of its name. A page that uses another one's words imports its macros."""
    folder = HERE / "pages" / name if name else HERE
    files = [path for path in folder.rglob("*") if path.suffix in {".py", ".html"}]
    source = "\n".join(path.read_text("utf-8") for path in files)
    holder = "words" if name else "common"
    used = set(re.findall(rf"\b{holder}\.(\w+)", source)) | set(
        re.findall(r'words(?:\([^()]*\))?\["(\w+)"\]', source)
    )
    if not name:
        used |= {
            "language",
            "languages",
            "organisation_locked",
            "location_locked",
        }  # by the part that is locked
    known = set(words(name, Language.EN))
    assert known - used - LOOKED_UP_ELSEWHERE == set()
    if name:
        missing = {key for key in re.findall(r"\bwords\.(\w+)", source) if key not in known}
        assert missing - {"page_words", "common_words"} == set()


@pytest.mark.parametrize("page", [page.name for page in PAGES])
def test_no_text_has_a_name_that_every_dict_has(page):
    """`words.copy` in a template would be the method of the dict, and not the text."""
    found = page_words(page, Language.EN)
    names = {*found, *(key for value in found.values() if isinstance(value, dict) for key in value)}
    assert names & set(dir(dict)) == set()
