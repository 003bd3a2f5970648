"""What an analysis says: complete in three languages, and never a stored value to an end user."""

from __future__ import annotations

import ast
import tomllib
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.alerts.examples import SERIAL, batch, judged, pack

from sinetti.alerts.root_cause import words
from sinetti.alerts.root_cause.changed_values import guessed_serial_numbers
from sinetti.alerts.root_cause.model import AlertKind, Bar, Field, LocationAlerts
from sinetti.alerts.root_cause.words import Reader, bar_words, cause_name, explain, for_reader
from sinetti.rules.vocabulary import Cause, Language

TEXTS = {
    language: tomllib.loads(
        (resources.files("sinetti.alerts.root_cause") / "texts" / f"{language}.toml").read_text("utf-8")
    )
    for language in Language
}
SWAPPED = SERIAL.swapcase()


def leaves(table, path=()):
    for key, value in table.items():
        if isinstance(value, str):
            yield (*path, key), value
        else:
            yield from leaves(value, (*path, key))


def places(text):
    return {field for _, field, _, _ in Formatter().parse(text) if field}


@pytest.mark.parametrize("language", Language)
def test_the_three_languages_have_the_same_texts_with_the_same_places(language):
    here, english = dict(leaves(TEXTS[language])), dict(leaves(TEXTS[Language.EN]))
    assert here.keys() == english.keys()
    for key, text in here.items():
        assert places(text) == places(english[key]), key
        assert text == text.strip(), key
        assert text, key
        if language is not Language.EN and key[0] not in {"units", "date_letters", "likelihood"}:
            assert text != english[key], key


@pytest.mark.parametrize("language", Language)
def test_every_cause_field_and_bar_has_words(language):
    assert set(TEXTS[language]["causes"]) == set(Cause)
    assert set(TEXTS[language]["bars"]) == set(Bar)
    assert set(Field) <= set(TEXTS[language]["fields"])
    for cause in Cause:
        assert cause_name(cause, language)
    for bar in Bar:
        assert bar_words(bar, language).endswith(".")


def strings_of(*functions):
    """Every string given to a parameter of these names, in all modules of the analysis."""
    folder = Path(words.__file__).parent
    for module in folder.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            is_read = isinstance(node, ast.keyword) and isinstance(node.value, ast.Subscript)
            if isinstance(node, ast.keyword) and node.arg in functions and not is_read:
                yield from (
                    one.value
                    for one in ast.walk(node.value)
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )


def test_every_evidence_that_a_rule_gives_has_a_text_and_every_text_is_given():
    folder = Path(words.__file__).parent
    source = "\n".join(module.read_text("utf-8") for module in folder.glob("*.py"))
    for part in ("evidence", "how"):
        for key in TEXTS[Language.EN][part]:
            assert f'"{key}"' in source, f"no rule says {part}.{key}"
    for key in strings_of("key"):
        if key != "hours":
            assert key in TEXTS[Language.EN]["evidence"], key
    for key in strings_of("how"):
        assert key in TEXTS[Language.EN]["how"], key


EXAMPLES: dict[str, dict[str, Any]] = {
    "case swap": {"serial_number": SWAPPED, "near": (pack(),)},
    "case swap, fourteen of fifteen": {
        "serial_number": SWAPPED,
        "near": (pack(),),
        "location_alerts": LocationAlerts(alerts=14, signs={Cause.CASE_SWAP: 13}),
    },
    "layout": {
        "serial_number": "XZY4567890",
        "near": (pack("XYZ4567890"),),
    },
    "date": {
        "kind": AlertKind.EXPIRY_DIFFERS,
        "expiry": "311228",
        "entry_mode": "manual",
        "pack": pack(),
    },
    "batch": {
        "kind": AlertKind.BATCH_DIFFERS,
        "batch": "LOT47116412",
        "asked_batch": None,
        "pack": pack(),
    },
    "nothing": {"serial_number": "zZ9zZ9zZ9zZ9zZ9zZ9"},
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_sentence_is_whole(example, language):
    for reader in Reader:
        for one in explain(judged(**EXAMPLES[example]), language, reader):
            for sentence in (one.says, *one.because, *one.compared):
                assert sentence.endswith("."), sentence
                assert sentence[0].isupper() or sentence[0].isdigit(), sentence
                assert not set("{}") & set(sentence) or reader is Reader.ENTITLED, sentence


def test_fourteen_of_fifteen_alerts_are_said_to_be_the_scanner():
    explanation, *_ = explain(
        judged(**EXAMPLES["case swap, fourteen of fifteen"]), Language.EN, Reader.END_USER
    )
    assert str(explanation).startswith("Upper and lower case exchanged. The pack is probably in order")
    assert (
        "The serial number matches a stored one when upper and lower case are exchanged."
        in explanation.because
    )
    assert "14 of 15 alerts of this location within 7 days show the same: its scanner or software." in (
        explanation.because
    )
    assert explanation.likelihood == "Very likely"


def test_those_entitled_see_what_was_sent_beside_what_is_stored():
    explanation, *_ = explain(judged(**EXAMPLES["case swap"]), Language.FI, Reader.ENTITLED)
    assert explanation.compared == (
        f"Lähetetty sarjanumero: {SWAPPED}. Ladattu: {SERIAL}.",
        f"Todennäköinen tunniste: 06412345678907 · {SERIAL} · LOT4711 · 281231.",
    )


def test_dates_and_layouts_are_named_as_people_write_them():
    date = explain(judged(**EXAMPLES["date"]), Language.FI, Reader.END_USER)[0]
    assert "Päivämäärä lähetettiin järjestyksessä PPKKVV" in str(date)
    layout = explain(judged(**EXAMPLES["layout"]), Language.SV, Reader.END_USER)[0]
    assert "streckkodsläsarens tangentbordslayout är amerikansk och datorns tysk" in str(layout)


# Without small letters, so that no value is a word of the texts by accident.
VALUES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%?_", min_size=10, max_size=20)


@given(stored=VALUES, number=st.integers(0, 400), reader_language=st.sampled_from(list(Language)))
@settings(max_examples=300, deadline=None)
def test_no_end_user_is_told_a_stored_value(stored, number, reader_language):
    """Whatever was changed and however: of the stored pack an end user reads only what was sent anyway."""
    changed = sorted(guessed_serial_numbers_of(stored)) or [stored.swapcase()]
    value = changed[number % len(changed)]
    secret = batch(batch="SECRETBATCH", expiry="330731", serial_length_min=8, serial_length_max=20)
    for kind, changes in (
        (AlertKind.SERIAL_UNKNOWN, {"near": (pack(stored, batch=secret),)}),
        (AlertKind.BATCH_AND_SERIAL_UNKNOWN, {"near": (pack(stored, batch=secret),), "asked_batch": None}),
        (AlertKind.BATCH_DIFFERS, {"pack": pack(value, batch=secret), "asked_batch": None}),
        (AlertKind.EXPIRY_DIFFERS, {"pack": pack(value, batch=secret)}),
    ):
        analysis = judged(kind=kind, serial_number=value, **changes)
        text = " ".join(map(str, explain(analysis, reader_language, Reader.END_USER)))
        assert "SECRETBATCH" not in text
        assert "330731" not in text
        if stored not in value:
            assert stored not in text
        shown = repr(for_reader(analysis, Reader.END_USER))
        assert "SECRETBATCH" not in shown
        assert "330731" not in shown
        if stored not in value:
            assert repr(stored)[1:-1] not in shown


def guessed_serial_numbers_of(stored):
    """Values that a fault may have made of a stored one: the faults are their own way back often enough."""
    from tests.unit.alerts.examples import sent

    return guessed_serial_numbers(sent(serial_number=stored)) - {stored}
