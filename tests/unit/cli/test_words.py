"""Words of the commands: the same keys and places in all languages, and the language a person reads."""

from __future__ import annotations

import string
import tomllib
from importlib.resources import files

import pytest

from sinetti.cli.words import words_in
from sinetti.rules.vocabulary import Colour, Language, Operation


def texts(language: Language) -> dict[str, dict[str, str]]:
    source = files("sinetti.cli").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_keys_with_the_same_places(language):
    english, own = texts(Language.EN), texts(language)
    assert own.keys() == english.keys()
    for section, words in english.items():
        assert own[section].keys() == words.keys(), section
        for key, text in words.items():
            assert places(own[section][key]) == places(text), (section, key)
            assert own[section][key].strip()


@pytest.mark.parametrize("language", Language)
def test_every_colour_and_operation_has_a_name(language):
    words = words_in(language, {})
    assert len({words("colours", colour) for colour in Colour}) == len(Colour)
    assert len({words("operations", operation) for operation in Operation}) == len(Operation)


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "fi_FI.UTF-8"}, "fi"),
        ({"LANG": "sv_FI"}, "sv"),
        ({"LANG": "fi"}, "fi"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fi_FI.UTF-8", "LC_ALL": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "fi_FI.UTF-8", "LC_ALL": ""}, "fi"),
    ],
)
def test_the_language_is_that_of_the_persons_other_programs(environ, language):
    assert words_in(None, environ).language == language


def test_an_option_goes_before_the_environment():
    assert words_in(Language.SV, {"LANG": "fi_FI.UTF-8"}).language == "sv"
