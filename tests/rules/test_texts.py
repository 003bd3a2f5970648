"""What the answers say to people: everything needed, nothing that is not known, in every language."""

from __future__ import annotations

import pytest

from sinetti.rules.load import load_rules
from sinetti.rules.texts import text
from sinetti.rules.types import OperationCode
from sinetti.rules.vocabulary import Language

RULES = load_rules()
USED = [code for code in RULES.codes.values() if code.used]
ALERT = {
    Language.FI: "Tämä on hälytys: mahdollinen",
    Language.SV: "Detta är ett larm: en möjlig",
    Language.EN: "This is an alert: a possible",
}
NO_ALERT = {
    Language.FI: ("Tämä on virheilmoitus, ei hälytys.", "Tämä on tieto, ei hälytys."),
    Language.SV: ("Detta är ett felmeddelande, inte ett larm.", "Detta är information, inte ett larm."),
    Language.EN: ("This is an error message, not an alert.", "This is information, not an alert."),
}
SET_ASIDE = {
    Language.FI: "Siirrä pakkaus erilleen",
    Language.SV: "Ställ förpackningen åt sidan",
    Language.EN: "Set the pack aside",
}
PERMISSION = {
    Language.FI: ("voit toimittaa", "voi toimittaa asiakkaalle", "saa toimittaa asiakkaalle"),
    Language.SV: ("kan expediera", "får expedieras till", "kan expedieras till"),
    Language.EN: ("may supply", "can supply", "may be supplied", "can be supplied to"),
}


def cases(code: OperationCode) -> list[tuple[Language, str, str, str]]:
    return [
        (language, *(getattr(text(code, language), field) for field in ("message", "meaning", "action")))
        for language in Language
    ]


@pytest.mark.parametrize("code", USED, ids=lambda code: code.code)
def test_texts_are_whole_sentences(code: OperationCode):
    for _, *fields in cases(code):
        for words in fields:
            assert words == words.strip()
            assert words.endswith(".")
            assert "  " not in words
            assert not set("{}<>") & set(words)
            assert words[0].isupper()


@pytest.mark.parametrize("code", USED, ids=lambda code: code.code)
def test_texts_say_first_whether_it_is_an_alert_and_never_more_than_a_possible_suspicion(code: OperationCode):
    for language, _, meaning, _ in cases(code):
        assert meaning.startswith(ALERT[language] if code.alert else NO_ALERT[language])


@pytest.mark.parametrize("code", [code for code in USED if code.alert], ids=lambda code: code.code)
def test_an_alert_says_to_set_the_pack_aside_and_permits_nothing(code: OperationCode):
    for language, message, meaning, action in cases(code):
        assert SET_ASIDE[language] in action
        for words in PERMISSION[language]:
            assert words not in f"{message} {meaning} {action}"


@pytest.mark.parametrize("code", USED, ids=lambda code: code.code)
def test_an_information_that_the_state_changed_is_no_error_and_a_warning_is_no_mere_information(
    code: OperationCode,
):
    for language, _, meaning, _ in cases(code):
        if not code.alert and code.message_field == "warning":
            assert meaning.startswith(NO_ALERT[language][0])
        if code.message_field == "information":
            assert meaning.startswith(NO_ALERT[language][1])


@pytest.mark.parametrize("language", Language)
def test_different_answers_do_not_look_alike(language: Language):
    """Two codes may share a message, but then what they mean or what to do differs; time limits are alike."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for code in USED:
        words = text(code, language)
        alike.setdefault((words.message, words.meaning, words.action), []).append(code.code)
    same = sorted(codes for codes in alike.values() if len(codes) > 1)
    assert same == [
        ["51420200", "51420501", "51420601", "51420801"],
        ["62120001", "63120001"],
        ["62120002", "63120002"],
        ["62120003", "63120003"],
    ]


def test_every_language_has_words_of_its_own():
    for code in USED:
        messages = {text(code, language).message for language in Language}
        assert len(messages) == len(Language), code.code
