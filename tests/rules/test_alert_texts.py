"""What is said about alerts to people: whole sentences, never a permission, the guide's order and words."""

from __future__ import annotations

import pytest

from sinetti.rules.alerts.read import GUIDED, GUIDED_KINDS
from sinetti.rules.alerts.vocabulary import AlertKind, Classification, ClosingReason, Deadline, Side
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language, OrganisationKind

RULES = load_rules().alerts
END_USER = OrganisationKind.PHARMACY

# NMVO-0048 v5.0: the steps of each section for whoever has the pack, in the order of the document.
ORDER = {
    AlertKind.UNKNOWN_SERIAL_NUMBER: "check_sent_data compare_serial_number scan_again other_scanner_or_type unreadable check_scanner set_aside report_to_mah no_return",
    AlertKind.UNKNOWN_BATCH_AND_SERIAL_NUMBER: "check_sent_data compare_batch_and_serial_number scan_again other_scanner_or_type unreadable set_aside report_to_mah no_return",
    AlertKind.OTHER_BATCH: "check_sent_data compare_batch scan_again other_scanner_or_type unreadable check_scanner set_aside report_to_mah no_return",
    AlertKind.OTHER_EXPIRY: "check_sent_data compare_expiry scan_again type_expiry unreadable set_aside report_to_mah no_return",
    AlertKind.SUPPLY_REFUSED: "check_pack_state try_reactivation if_reactivated if_too_late if_elsewhere set_aside ask_trail other_country_trail report_suspicion no_return",
    AlertKind.DECOMMISSION_REFUSED: "check_pack_state try_reactivation if_reactivated if_too_late if_elsewhere set_aside ask_trail report_suspicion no_return",
    AlertKind.REACTIVATION_TOO_LATE: "too_late_explained own_records ask_trail",
    AlertKind.REACTIVATION_ELSEWHERE: "elsewhere_explained not_before_cause own_records ask_trail set_aside no_return",
}


@pytest.mark.parametrize("kind", AlertKind)
def test_steps_stand_in_the_order_of_the_guide(kind: AlertKind):
    steps = [step.step for step in RULES.guidance[kind, END_USER] if step.step != "verified_since_note"]
    assert steps == ORDER[kind].split()


@pytest.mark.parametrize("kind", AlertKind)
def test_all_who_have_packs_get_the_same_steps_as_in_the_guide(kind: AlertKind):
    assert len({RULES.guidance[kind, reader] for reader in GUIDED_KINDS}) == 1
    assert RULES.guidance[kind, Side.MAH] == RULES.guidance[kind, Side.OBP]


@pytest.mark.parametrize("language", Language)
def test_guidance_and_outcomes_are_whole_sentences(language: Language):
    words = RULES.words[language]
    for group in ("guidance", "refusal", "effect"):
        for word, text in words.of[group].items():
            assert text[0].isupper(), word
            assert text[-1] in ".?", word
            assert "{" not in text, word
    for group in ("why_open", "why_closed"):
        for word, text in words.of[group].items():
            assert text[0].islower(), word
            assert text.endswith("."), word


PERMISSION = {
    Language.FI: ("saat toimittaa", "voit toimittaa", "lupa toimittaa"),
    Language.SV: ("du får expediera", "får expedieras till", "tillstånd att expediera förpackningen"),
    Language.EN: ("may be supplied", "you may supply", "are allowed to supply"),
}


@pytest.mark.parametrize("language", Language)
def test_nothing_permits_to_supply(language: Language):
    """NMVO-0048 v5.0 §7: judgement and decision belong to whoever supplies."""
    for group, texts in RULES.words[language].of.items():
        for word, text in texts.items():
            for permission in PERMISSION[language]:
                assert permission not in text.lower(), f"{group}.{word}"


@pytest.mark.parametrize("language", Language)
def test_a_suspicion_is_named_only_where_somebody_has_classified_one(language: Language):
    """An alert that is merely open says that the cause is not known, and no more."""
    suspicion = {Language.FI: "väärennö", Language.SV: "förfalskning", Language.EN: "falsif"}[language]
    words = RULES.words[language]
    assert suspicion not in words("why_open", Classification.POTENTIAL_SUSPICION)
    named = {reason for reason in ClosingReason if suspicion in words("why_closed", reason)}
    assert named == {ClosingReason.FALSIFICATION, ClosingReason.HANDED_ON_LAWFULLY}


def test_every_language_has_words_of_its_own():
    for kind in AlertKind:
        for reader in GUIDED:
            for step in RULES.guidance[kind, reader]:
                assert len({RULES.words[language]("guidance", step.step) for language in Language}) == 3


def test_the_operator_of_each_market_waits_as_long_as_emvo_says():
    waits = {
        market: load_rules(market).alerts.deadlines[Deadline.EXPECTED_ANSWER]
        for market in ("FI", "SI", "SE", "DE", "CZ", "FR")
    }
    assert waits == {"FI": 48, "SI": 24, "SE": 72, "DE": 168, "CZ": 336, "FR": 48}
