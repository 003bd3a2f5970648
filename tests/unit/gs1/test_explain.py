"""Every finding has its words in every language, and nothing in braces is left over."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest
from tests.unit.gs1.marked import rows
from tests.unit.gs1.test_diagnosis import APPENDED, KEYBOARD, LOST
from tests.unit.gs1.test_parse import ONE_FINDING
from tests.unit.gs1.test_recognise import NO_PACK_CODE

from sinetti.gs1.explain import LANGUAGES, explain
from sinetti.gs1.images import NO_CODE_IN_IMAGE
from sinetti.gs1.parse import parse_scan
from sinetti.gs1.scan import Finding, Severity

PACKAGE = resources.files("sinetti.gs1")


def _texts(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((PACKAGE / "texts" / f"{language}.toml").read_text(encoding="utf-8"))


def _sources() -> str:
    return "".join(
        entry.read_text(encoding="utf-8") for entry in PACKAGE.iterdir() if entry.name.endswith(".py")
    )


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_all_languages_have_the_same_keys_and_places() -> None:
    english = _texts("en")
    for language in LANGUAGES:
        texts = _texts(language)
        assert texts.keys() == english.keys(), language
        assert texts["words"].keys() == english["words"].keys(), language
        for key, text in texts.items():
            if key != "words":
                assert text.keys() == {"message", "action"}, (language, key)
                assert _places(text["message"]) == _places(english[key]["message"]), (language, key)
                assert _places(text["action"]) == set(), (language, key)


def test_every_finding_in_the_code_has_a_text_and_every_text_a_finding() -> None:
    keys = set(_texts("en")) - {"words"}
    named = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+|empty|unreadable)"', _sources()))
    assert keys <= named
    made = set(re.findall(r'Finding\(\s*"([a-z0-9-]+)"', _sources()))
    assert made <= keys


REFUSED_IMAGES = [
    Finding(key, Severity.FATAL, 0, 0, {"length": "70000000", "limit": "64000000"})
    for key in ("not-an-image", "image-heic", "image-damaged", "image-too-large", "image-too-many-pixels")
]
FINDINGS = [
    finding
    for table in (ONE_FINDING, NO_PACK_CODE, LOST, APPENDED, KEYBOARD)
    for row in rows(table)
    for finding in parse_scan(row.text).all_findings
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_of_the_tables_can_be_told(language: str) -> None:
    for finding in [*FINDINGS, NO_CODE_IN_IMAGE, *REFUSED_IMAGES]:
        explanation = explain(finding, language)
        assert explanation.message.endswith((".", ")")) or ": " in explanation.message, explanation.message
        assert "{" not in str(explanation).replace("{GS}", "")
        assert explanation.action
        assert str(explanation) == f"{explanation.message} {explanation.action}"


def test_a_lost_separator_is_told_with_what_the_code_likely_says() -> None:
    finding = next(
        one
        for one in parse_scan("01050601419000222112345678172703311012AB").all_findings
        if one.key == "separator-lost"
    )
    assert "serial number 12345678, batch 12AB, expiry 270331" in explain(finding, "en").message
    assert "sarjanumero 12345678, eränumero 12AB" in explain(finding, "fi").message
    assert "serienummer 12345678, batchnummer 12AB" in explain(finding, "sv").message


def test_elements_are_named_in_the_reader_s_language() -> None:
    finding = Finding(
        "value-too-long", Severity.ODD, 0, 1, {"title": "SERIAL", "length": "21", "limit": "20"}
    )
    assert (
        explain(finding, "fi").message
        == "Liian pitkä tieto: sarjanumero. Pituus on 21 merkkiä, kun enintään 20 sallitaan."
    )
    assert "SERIAL" not in explain(finding, "sv").message


def test_a_language_that_is_not_known_gets_english() -> None:
    finding = Finding("empty", Severity.FATAL, 0, 0)
    assert explain(finding, "de") == explain(finding, "en")


def test_braces_in_the_data_are_not_taken_for_places() -> None:
    finding = Finding("unreadable", Severity.ODD, 0, 8, {"text": "{length}"})
    assert "{length}" in explain(finding, "en").message
