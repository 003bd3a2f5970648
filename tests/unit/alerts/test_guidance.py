"""Guidance that adapts: what is done first, what is left out, and which help page tells more."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.alerts.cases import LOCATION_A, LOCATION_B, RULES, an_alert

from sinetti.alerts.guidance import CONDITIONS, READING, Known, guidance, known_of, prove_guidance
from sinetti.rules.alerts.vocabulary import AlertKind, Classification, Side
from sinetti.rules.vocabulary import Cause, Language, OrganisationKind

PHARMACY = OrganisationKind.PHARMACY


def steps(
    reader: OrganisationKind | Side = PHARMACY, *, verified_since: bool = False, **changes: Any
) -> list[str]:
    known = Known(alert=an_alert(**changes), verified_since=verified_since)
    return [step.step for step in guidance(RULES.alerts, known, reader, Language.FI)]


def test_every_condition_has_a_function():
    prove_guidance(RULES.alerts)
    assert set(CONDITIONS) == RULES.alerts.guidance_conditions


def test_nothing_known_means_the_order_of_the_guide():
    assert steps()[:3] == ["check_sent_data", "compare_serial_number", "scan_again"]


@pytest.mark.parametrize("cause", sorted(READING))
def test_scanning_again_comes_first_when_the_reading_is_the_likely_cause(cause: Cause):
    assert steps(cause=cause)[0] == "scan_again"


def test_a_photo_that_says_what_was_sent_speaks_against_the_scanner():
    known = known_of(an_alert(cause=Cause.CASE_SWAP), (), printed_as_sent=True)
    told = [step.step for step in guidance(RULES.alerts, known, PHARMACY, Language.FI)]
    assert told[0] == "check_sent_data"
    assert not {"scan_again", "other_scanner_or_type", "check_scanner"} & set(told)


def test_an_upload_that_is_missing_lets_no_one_scan_again_first():
    assert steps(cause=Cause.BATCH_NOT_UPLOADED)[0] == "check_sent_data"
    # The question stays before what follows from its answer.
    assert steps(Side.OBP, cause=Cause.PARTIAL_UPLOAD)[:2] == [
        "mah_check_serial_number",
        "mah_serial_numbers_missing",
    ]


def test_a_later_success_is_told_before_all_others():
    assert steps(verified_since=True, cause=Cause.CASE_SWAP)[:2] == ["verified_since_note", "scan_again"]
    assert "verified_since_note" not in steps()


def test_a_date_that_was_typed_is_typed_again_first():
    assert steps(kind=AlertKind.OTHER_EXPIRY, entry_mode="manual")[0] == "type_expiry"
    assert steps(kind=AlertKind.OTHER_EXPIRY)[0] == "check_sent_data"


SUPPLIED: dict[str, Any] = {
    "kind": AlertKind.SUPPLY_REFUSED,
    "state_before": "Supplied",
    "operation_code": "51220200",
}


def test_a_pack_decommissioned_here_is_reactivated_and_one_elsewhere_is_not():
    here = steps(**SUPPLIED, earlier_location_id=LOCATION_A)
    assert here[:3] == ["check_pack_state", "try_reactivation", "if_reactivated"]
    assert "if_elsewhere" not in here
    elsewhere = steps(**SUPPLIED, earlier_location_id=LOCATION_B)
    assert elsewhere[0] == "if_elsewhere"
    assert "try_reactivation" not in elsewhere
    assert "set_aside" in elsewhere


def test_another_country_is_asked_where_the_place_is_not_stated():
    assert "other_country_trail" in steps(**SUPPLIED)
    assert "other_country_trail" not in steps(**SUPPLIED, earlier_location_id=LOCATION_B)
    assert "nmvo_other_country" in steps(Side.NMVO, **SUPPLIED)


def test_the_class_1_process_of_a_pack_that_was_supplied_twice_is_for_a_suspicion():
    assert "mah_class_1" not in steps(Side.MAH, **SUPPLIED)
    assert "mah_class_1" in steps(Side.MAH, **SUPPLIED, classification=Classification.SUSPICION)


def test_the_operator_is_always_reminded_that_it_permits_nothing():
    for kind in AlertKind:
        assert steps(Side.NMVO, kind=kind)[-1] == "nmvo_no_permission"


def test_each_step_leads_to_a_help_page():
    known = Known(alert=an_alert(**SUPPLIED, earlier_location_id=LOCATION_A))
    paths = {step.step: step.help_path for step in guidance(RULES.alerts, known, PHARMACY, Language.EN)}
    assert paths["check_pack_state"] == "/codes/51220200"
    assert paths["if_too_late"] == "/codes/51420200"


@pytest.mark.parametrize(
    ("rule", "evidence", "verified_since", "is_high_risk"),
    [
        ("R01", "single_candidate", False, False),
        ("R01", "verified_later", True, False),
        ("R06", "handled_later", True, False),
        ("R26", "two_locations", False, True),
    ],
)
def test_what_the_analysis_found_is_what_the_guidance_adapts_to(rule, evidence, verified_since, is_high_risk):
    explained = [{"rule": "R01", "evidence": []}, {"rule": rule, "evidence": [{"key": evidence}]}]
    known = known_of(an_alert(), explained)
    assert (known.verified_since, known.is_high_risk) == (verified_since, is_high_risk)
