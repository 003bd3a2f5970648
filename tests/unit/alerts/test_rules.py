"""R09 to R31, one block for each: facts of an alert, and what the analysis says first of them."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from tests.unit.alerts.examples import (
    BATCH,
    BOOK,
    NOON,
    RULES,
    SERIAL,
    batch,
    happened,
    judged,
    pack,
    photographed,
    place,
    ranking,
)

from sinetti.alerts.root_cause.model import AlertKind, Analysis, Bar, BatchAlerts, LocationAlerts, SendingMode
from sinetti.rules.vocabulary import Cause, CauseClass, CauseSide, OrganisationKind, PackState

STATE = AlertKind.ALREADY_DECOMMISSIONED
UNKNOWN_BATCH = AlertKind.BATCH_AND_SERIAL_UNKNOWN
SWAPPED = SERIAL.swapcase()


def first(**changes):
    analysis = judged(**changes)
    return analysis.first.rule, analysis.first.cause.value


def keys(hypothesis):
    return [one.key for one in hypothesis.evidence]


# ---------------------------------------------------------------- identifiers


def test_a_case_swap_names_the_pack_that_was_meant_and_every_character():
    analysis = judged(serial_number=SWAPPED, near=(pack(),))
    hypothesis = analysis.first
    assert (hypothesis.rule, hypothesis.cause) == ("R01", Cause.CASE_SWAP)
    assert (hypothesis.cause_class, hypothesis.side) == (CauseClass.END_USER_TECHNICAL, CauseSide.END_USER)
    assert hypothesis.corrected is not None
    assert hypothesis.corrected.serial_number == SERIAL
    (difference,) = hypothesis.differences
    changed = [place for span in difference.spans for place in range(span.sent_start, span.sent_end)]
    assert changed == [place for place, sign in enumerate(SERIAL) if sign.isalpha()]
    assert analysis.sign is Cause.CASE_SWAP
    assert not analysis.is_ambiguous


def test_both_fields_changed_in_the_same_way_are_surer_than_one():
    one = judged(serial_number=SWAPPED, near=(pack(),)).first
    both = judged(
        kind=UNKNOWN_BATCH, serial_number=SWAPPED, batch="lot4711", asked_batch=None, near=(pack(),)
    ).first
    assert both.cause is Cause.CASE_SWAP
    assert both.confidence > one.confidence
    assert {one.field for one in both.differences} == {"serial_number", "batch"}


def test_a_pack_of_another_batch_is_believed_less_and_not_at_all_for_closing():
    elsewhere = pack(batch=batch(batch_id=2, batch="ANOTHER", expiry="271130"))
    hypothesis = next(
        one
        for one in judged(serial_number=SWAPPED, near=(elsewhere,)).hypotheses
        if one.cause is Cause.CASE_SWAP
    )
    assert hypothesis.confidence < 50
    assert Bar.AMBIGUOUS in hypothesis.bars


def test_two_packs_that_are_as_near_say_nothing():
    near = (pack("aB3dE5fG7hK9mN1pQA"), pack("aB3dE5fG7hK9mN1pQB"))
    analysis = judged(serial_number="aB3dE5fG7hK9mN1pQC", near=near)
    assert analysis.is_ambiguous
    assert all(one.corrected is None for one in analysis.hypotheses)
    assert all(Bar.AMBIGUOUS in one.bars for one in analysis.hypotheses)


def test_where_not_all_that_is_near_was_compared_none_of_it_is_believed():
    analysis = judged(serial_number=SWAPPED, near=(pack(),), near_is_complete=False)
    assert Cause.CASE_SWAP not in {one.cause for one in analysis.hypotheses}


def test_the_pack_that_is_not_there_is_no_technical_fault():
    analysis = judged(serial_number="zzzzzzzzzzzzzzzzzz")
    assert {one.cause for one in analysis.hypotheses} == {
        Cause.PARTIAL_UPLOAD, Cause.FALSIFICATION_PATTERN, Cause.UNKNOWN,
    }  # fmt: skip
    assert analysis.sign is None


def test_r09_serial_number_and_batch_in_each_others_place():
    found = first(
        kind=UNKNOWN_BATCH, serial_number=BATCH.batch, batch=SERIAL, asked_batch=None, near=(pack(),)
    )
    assert found == ("R09", "swapped_fields")


def test_r09_is_not_said_of_a_batch_that_is_only_near():
    found = judged(
        kind=UNKNOWN_BATCH, serial_number="LOT4712", batch=SERIAL, asked_batch=None, near=(pack(),)
    )
    assert Cause.SWAPPED_FIELDS not in {one.cause for one in found.hypotheses}


def test_r29_a_short_serial_number_may_be_near_by_accident():
    numbers = batch(pack_count=100_000, serial_length_min=8, serial_length_max=8, serial_format=1)
    short = judged(serial_number="12345678", near=(pack("12345679", batch=numbers),), product_packs=100_000)
    long = judged(serial_number=SERIAL[:-1] + "x", near=(pack(),))
    by_chance = next(one for one in short.hypotheses if one.cause is Cause.TYPING_ERROR)
    surely = next(one for one in long.hypotheses if one.cause is Cause.TYPING_ERROR)
    assert by_chance.confidence < surely.confidence
    assert Bar.BY_CHANCE in by_chance.bars
    assert Bar.BY_CHANCE not in surely.bars
    assert "may_be_chance" in keys(by_chance)


def test_r29_serial_numbers_that_are_counted_up_have_many_neighbours():
    counted = batch(pack_count=1000, serial_length_min=18, serial_length_max=18)
    near = [pack("AAAAAAAAAAAAAA1000", batch=counted)]
    near += [pack(f"AAAAAAAAAAAAAA1{number:03}", batch=counted) for number in range(10, 90)]
    analysis = judged(serial_number="AAAAAAAAAAAAAA100X", near=tuple(near))
    assert all(
        one.confidence < 60 for one in analysis.hypotheses if one.cause_class is CauseClass.END_USER_TECHNICAL
    )


# ---------------------------------------------------------------- batch and expiry

EXPIRY = """
# sent    stored    mode         -> rule  cause
311228    281231    manual          R07   date_order
311228    281231    non-manual      R07   date_order
281200    281231    non-manual      R08   day_zero
281231    281200    manual          R08   day_zero
281131    281231    manual          R05   typing_error
270630    281231    non-manual      R16a  print_differs
270630    281231    manual          R16a  print_differs
"""


@pytest.mark.parametrize("line", EXPIRY.strip().splitlines()[1:])
def test_an_expiry_date_that_differs(line):
    value, stored, mode, rule, cause = line.split()
    the_pack = pack(batch=batch(expiry=stored))
    found = first(
        kind=AlertKind.EXPIRY_DIFFERS,
        expiry=value,
        entry_mode=mode,
        pack=the_pack,
        asked_batch=the_pack.batch,
    )
    assert found == (rule, cause)


BATCHES = """
# sent      stored    mode         -> rule  cause
lot4711     LOT4711   non-manual      R01   case_swap
LOT47116    LOT4711   non-manual      R05   extra_characters
LOT4711641  LOT4711   non-manual      R04   barcode_appended
LOT471      LOT4711   non-manual      R05   truncated
L0T4711     LOT4711   manual          R06   look_alike
LOT4721     LOT4711   manual          R05   typing_error
X99-B       LOT4711   non-manual      R16a  print_differs
"""


@pytest.mark.parametrize("line", BATCHES.strip().splitlines()[1:])
def test_a_batch_that_differs(line):
    value, stored, mode, rule, cause = line.split()
    the_pack = pack(batch=batch(batch=stored))
    found = first(kind=AlertKind.BATCH_DIFFERS, batch=value, entry_mode=mode, pack=the_pack, asked_batch=None)
    assert found == (rule, cause)


def same_value(kind, locations, value_batch="LOT4711-A", expiry="281231"):
    return BatchAlerts(locations_of_value={(kind, value_batch, expiry): frozenset(range(locations))})


@pytest.mark.parametrize(("locations", "rule"), [(1, "R16a"), (2, "R16"), (5, "R16")])
def test_r16_the_same_wrong_batch_from_several_locations_is_the_print(locations, rule):
    alerts = same_value(AlertKind.BATCH_DIFFERS, locations)
    analysis = judged(
        kind=AlertKind.BATCH_DIFFERS, batch="LOT4711-A", pack=pack(), asked_batch=None, batch_alerts=alerts
    )
    found = next(one for one in analysis.hypotheses if one.cause is Cause.PRINT_DIFFERS)
    assert found.rule == rule
    assert (analysis.first is found) is (rule == "R16")
    assert found.side is CauseSide.MAH_OBP


def test_r16_is_doubted_where_other_locations_have_read_the_stored_value():
    the_pack = pack(batch=batch(supplied_locations=12))
    alerts = same_value(AlertKind.EXPIRY_DIFFERS, 2, "LOT4711", "311228")
    analysis = judged(
        kind=AlertKind.EXPIRY_DIFFERS,
        expiry="311228",
        pack=the_pack,
        entry_mode="manual",
        batch_alerts=alerts,
    )
    assert analysis.first.cause is Cause.DATE_ORDER
    doubted = next(one for one in analysis.hypotheses if one.cause is Cause.PRINT_DIFFERS)
    assert "print_is_right_elsewhere" in keys(doubted)


# ---------------------------------------------------------------- uploads

# Unknown packs with nothing near: how many, at how many locations, and what that says first.
GAPS = """
# kind                      packs  locations  -> rule  cause
batch_and_serial_unknown    1      1             R13a  batch_not_uploaded
batch_and_serial_unknown    2      2             R13a  batch_not_uploaded
batch_and_serial_unknown    3      1             R13a  batch_not_uploaded
batch_and_serial_unknown    3      2             R13   batch_not_uploaded
batch_and_serial_unknown    5      1             R26   falsification_pattern
batch_and_serial_unknown    9      4             R13   batch_not_uploaded
serial_unknown              1      1             R14a  partial_upload
serial_unknown              2      2             R14a  partial_upload
serial_unknown              3      2             R14   partial_upload
serial_unknown              5      1             R26   falsification_pattern
serial_unknown              9      4             R14   partial_upload
"""


def unexplained(packs, locations):
    here = place().location_id or 0
    others = {1000 + number: 1 for number in range(locations - 1)}
    return BatchAlerts(unexplained_packs=packs, packs_at_location={here: packs - len(others), **others})


@pytest.mark.parametrize("line", GAPS.strip().splitlines()[1:])
def test_r13_and_r14_unknown_packs_of_one_batch(line):
    kind, packs, locations, rule, cause = line.split()
    found = first(
        kind=AlertKind(kind),
        serial_number="zZ9zZ9zZ9zZ9zZ9zZ9",
        asked_batch=BATCH if kind == "serial_unknown" else None,
        batch_alerts=unexplained(int(packs), int(locations)),
    )
    assert found == (rule, cause)


@pytest.mark.parametrize(
    ("value", "fits"), [("zZ9zZ9zZ9zZ9zZ9zZ9", True), ("zZ9zZ9", False), ("zZ9-Z9zZ9zZ9zZ9zZ9", False)]
)
def test_r11_a_serial_number_of_another_form_speaks_against_an_upload_in_part(value, fits):
    found = next(one for one in judged(serial_number=value).hypotheses if one.cause is Cause.PARTIAL_UPLOAD)
    assert ("fits_batch" if fits else "does_not_fit_batch") in keys(found)
    assert (found.confidence >= BOOK.confidence("R14a", Cause.PARTIAL_UPLOAD)) is fits


@pytest.mark.parametrize("kind", [AlertKind.SERIAL_UNKNOWN, UNKNOWN_BATCH])
def test_r15_what_is_stored_now_was_uploaded_late(kind):
    late = batch(uploads=(NOON + timedelta(hours=3),))
    analysis = judged(kind=kind, pack=pack(batch=late), asked_batch=late)
    assert (analysis.first.rule, analysis.first.cause) == ("R15", Cause.LATE_UPLOAD)
    assert analysis.first.evidence[0].values == {"hours": 3}


def test_r15_is_doubted_where_the_batch_is_another_one():
    late = batch(batch="ANOTHER", uploads=(NOON + timedelta(hours=3),))
    sure, doubted = (
        judged(pack=pack(batch=one), asked_batch=one).first.confidence
        for one in (batch(uploads=late.uploads), late)
    )
    assert doubted < sure


# ---------------------------------------------------------------- what happened around it


def test_r12_the_same_location_handles_the_right_pack_soon_afterwards():
    later = (happened(4, "P1", "supply"),)
    before = judged(serial_number=SWAPPED, near=(pack(),)).first
    after = judged(serial_number=SWAPPED, near=(pack(),), later=later).first
    assert after.confirmed
    assert not before.confirmed
    assert after.confidence > before.confidence >= 95
    assert after.evidence[-1].values == {"minutes": 4}


def test_r12_on_the_same_day_makes_it_surer_but_does_not_confirm_it_for_closing():
    near = (pack(),)
    by_minutes = {
        minutes: judged(serial_number=SWAPPED, near=near, later=(happened(minutes, "P1", "supply"),)).first
        for minutes in (15, 16, 24 * 60)
    }
    assert [one.confirmed for one in by_minutes.values()] == [True, False, False]
    assert [one.may_close for one in by_minutes.values()] == [True, False, False]
    assert by_minutes[16].bars == (Bar.NOT_CONFIRMED,)


def test_r12_leaves_the_likelier_cause_the_likelier():
    near = (pack("ABBC1234567890"),)
    later = (happened(4, "P1", "supply", serial_number="ABBC1234567890"),)
    for mode, cause in (("manual", Cause.TYPING_ERROR), ("non-manual", Cause.EXTRA_CHARACTERS)):
        analysis = judged(serial_number="ABBBC1234567890", near=near, later=later, entry_mode=mode)
        assert analysis.first.cause is cause


@pytest.mark.parametrize(
    "later",
    [
        happened(4, "P2", "supply"),
        happened(25 * 60, "P1", "supply"),
        happened(4, "P1", "supply", serial_number="another"),
        happened(4, "P1", "repeat"),
        happened(4, "P1", "supply", confirmed=False),
    ],
    ids=["another location", "after a day", "another pack", "an alert again", "not confirmed"],
)
def test_r12_anything_else_confirms_nothing(later):
    assert not judged(serial_number=SWAPPED, near=(pack(),), later=(later,)).first.confirmed


@pytest.mark.parametrize(
    ("alerts", "same", "lifted"), [(14, 13, True), (2, 2, True), (1, 1, False), (10, 4, False), (0, 0, False)]
)
def test_r17_most_alerts_of_the_location_show_the_same(alerts, same, lifted):
    around = LocationAlerts(alerts=alerts, signs={Cause.CASE_SWAP: same, Cause.TRUNCATED: alerts - same})
    analysis = judged(serial_number=SWAPPED, near=(pack(),), location_alerts=around)
    assert ("location_burst" in keys(analysis.first)) is lifted
    if lifted:
        assert analysis.first.evidence[-1].values == {"same": same + 1, "alerts": alerts + 1, "days": 7}


def test_r27_what_is_typed_has_the_faults_of_typing():
    near = (pack("ABO1230567"),)
    typed = judged(serial_number="AB01230567", near=near, entry_mode="manual").first
    scanned = judged(serial_number="AB01230567", near=near, entry_mode="non-manual").first
    assert typed.cause is scanned.cause is Cause.LOOK_ALIKE
    assert typed.confidence > scanned.confidence
    assert "typed_by_hand" in keys(typed)


# ---------------------------------------------------------------- packs that are decommissioned already

# What happened before the alert at P1 at noon, with minutes; and what the analysis says first.
STATES = """
# history                                                                          -> rule  cause
-60 P1 supply                                                                         R18   double_supply
-60 P1 supply, -2 P1 repeat, -1 P1 repeat, 0 P1 repeat                                R18   double_supply
-60 P1 supply, -0.06 P1 repeat, -0.04 P1 repeat, -0.02 P1 repeat, 0 P1 repeat         R19   replay
-60 P1 supply, 0 P1 repeat, 30 P1 reactivate                                          R20   double_supply
-14400 P1 supply, 0 P1 repeat, 30 P1 reactivate                                       R18   double_supply
-60 P1 supply, 0 P1 repeat, 3000 P2 reactivate                                        R18   double_supply
-60 P1b supply, 0 P1 repeat                                                           R21   loan_or_return
-6000 W5 supply, 0 P1 repeat                                                          R21   loan_or_return
-6000 P2 supply, 0 P1 repeat                                                          R21a  loan_or_return
-6000 P2 supply, 0 P1 repeat, 20 P2 reactivate                                        R21   loan_or_return
-6000 P2 supply, -900 W5 verify, 0 P1 repeat                                          R21   loan_or_return
-20 P2 supply, 0 P1 repeat                                                            R26   falsification_pattern
-9000 P2 supply, -6000 P3 repeat, 0 P1 repeat                                         R26   falsification_pattern
-9000 P2 supply, -6000 P2b repeat, 0 P1 repeat                                        R21a  loan_or_return
-9000 P1 supply, -6000 P1 reactivate, -5000 P1 supply, 0 P1 repeat                    R18   double_supply
"""


@pytest.mark.parametrize("line", STATES.strip().splitlines()[1:])
def test_why_a_pack_is_decommissioned_already(line):
    events, rule, cause = line.rsplit(maxsplit=2)
    history = tuple(
        happened(float(minutes), where, operation)
        for minutes, where, operation in (event.split() for event in events.split(", "))
    )
    assert first(kind=STATE, pack=pack(state=PackState.SUPPLIED), history=history) == (rule, cause)


def test_r19_a_recovery_request_or_many_packs_at_once_are_sent_again():
    history = (happened(-60, "P1", "supply"), happened(0, "P1", "repeat"))
    recovered = first(kind=STATE, pack=pack(), history=history, mode=SendingMode.RECOVERY)
    assert recovered == ("R19", "replay")
    for packs, rule in ((3, "R19"), (2, "R18")):
        around = LocationAlerts(alerts=packs, replayed_packs=packs)
        found = first(kind=STATE, pack=pack(), history=history, location_alerts=around)
        assert found[0] == rule


def test_r18_without_a_record_the_place_stored_with_the_pack_counts():
    here = place()
    stored = pack(
        state=PackState.SUPPLIED,
        location_id=here.location_id,
        organisation_id=here.organisation_id,
        organisation_kind=OrganisationKind.PHARMACY,
        decommissioned_at=NOON - timedelta(days=20),
    )
    assert first(kind=STATE, pack=stored) == ("R18", "double_supply")


def test_r22_to_r24_states_that_others_gave():
    changes = {"kind": STATE, "pack": pack(state=PackState.CHECKED_OUT)}
    assert first(**changes, state_before=PackState.CHECKED_OUT) == ("R22", "parallel_distribution")
    assert first(**changes, state_before=PackState.INACTIVE) == ("R24", "intermarket_duplicate")
    by_company = happened(-600, "M9", "supply", answered=False, state_after=PackState.EXPORTED)
    assert first(kind=STATE, pack=pack(), history=(by_company,)) == ("R23", "mah_transaction")
    assert first(kind=STATE, pack=pack(), place=place("M9")) == ("R23", "mah_transaction")


def test_r25_more_packs_of_the_batch_at_two_places_each_were_printed_twice():
    history = (happened(-6000, "P2", "supply"), happened(0, "P1", "repeat"))
    for packs, rule in ((1, "R21a"), (2, "R25")):
        alerts = BatchAlerts(packs_supplied_twice=packs)
        found = first(kind=STATE, pack=pack(), history=history, batch_alerts=alerts)
        assert found[0] == rule


# ---------------------------------------------------------------- high risk, scope, nothing


def test_r25a_and_r26a_one_pack_at_two_places_is_neither_printed_twice_nor_falsified_for_sure():
    history = (happened(-6000, "P2", "supply"), happened(0, "P1", "repeat"))
    analysis = judged(kind=STATE, pack=pack(), history=history)
    assert {("R25a", "identical_packs"), ("R26a", "falsification_pattern")} < set(ranking(analysis))
    assert not analysis.is_high_risk
    assert all(not one.may_close for one in analysis.hypotheses)


def test_r26_a_stolen_pack_is_escalated():
    analysis = judged(kind=STATE, pack=pack(state=PackState.STOLEN), state_before=PackState.STOLEN)
    assert analysis.is_high_risk
    assert analysis.first.cause is Cause.FALSIFICATION_PATTERN


def test_r26_verifying_moves_no_pack():
    history = tuple(
        happened(minutes, where, "verify") for minutes, where in ((-9, "P2"), (-6, "P3"), (-3, "P4"))
    )
    assert not judged(kind=STATE, pack=pack(), history=history).is_high_risk


def test_r26_many_locations_are_high_risk_whatever_the_alert_is_about():
    history = tuple(
        happened(-9000 + 3000 * number, f"P{2 + number}", "supply" if number == 0 else "repeat")
        for number in range(3)
    )
    analysis = judged(
        kind=AlertKind.EXPIRY_DIFFERS, expiry="311228", entry_mode="manual", pack=pack(), history=history
    )
    assert analysis.is_high_risk
    assert all(not one.may_close for one in analysis.hypotheses)


def test_r28_exempted_batches_and_unknown_products_are_out_of_scope():
    assert first(kind=UNKNOWN_BATCH, asked_batch=None, non_fmd=True) == ("R28", "out_of_scope")
    assert first(kind=AlertKind.PRODUCT_UNKNOWN, product_known=False) == ("R28", "out_of_scope")


def test_r30_without_anything_known_the_cause_is_unknown_and_that_is_said():
    analysis = judged(kind=AlertKind.BATCH_DIFFERS, pack=None)
    assert ranking(analysis) == [("R30", "unknown")]


def test_r16b_what_the_company_has_corrected_since_is_stored_as_it_was_sent():
    corrected = batch(expiry="281200", corrected_at=NOON + timedelta(hours=30))
    given = {"kind": AlertKind.EXPIRY_DIFFERS, "expiry": "281200", "now": NOON + timedelta(days=2)}
    analysis = judged(**given, pack=pack(batch=corrected), asked_batch=corrected)
    assert (analysis.first.rule, analysis.first.cause) == ("R16b", Cause.PRINT_DIFFERS)
    (said,) = analysis.first.evidence
    assert (said.key, said.values) == ("corrected_later", {"hours": 30})
    assert not analysis.first.confirmed
    later = (happened(60 * 31, "P1", "supply"),)
    assert judged(**given, pack=pack(batch=corrected), later=later).first.confirmed


def test_r16b_a_correction_before_the_alert_or_to_something_else_explains_nothing():
    before = batch(expiry="281200", corrected_at=NOON - timedelta(hours=1))
    other = batch(expiry="290100", corrected_at=NOON + timedelta(hours=1))
    for one in (before, other):
        analysis = judged(kind=AlertKind.EXPIRY_DIFFERS, expiry="281200", pack=pack(batch=one))
        assert "R16b" not in {hypothesis.rule for hypothesis in analysis.hypotheses}


def test_r14_a_batch_that_came_after_the_alert_but_without_its_pack_was_uploaded_in_part():
    analysis = judged(kind=UNKNOWN_BATCH, serial_number="another12another12", near=())
    assert (analysis.first.rule, analysis.first.cause) == ("R14a", Cause.PARTIAL_UPLOAD)


TYPO = SERIAL[:-1] + "x"


def test_r31_a_photograph_of_the_pack_that_was_meant_makes_the_fault_surer():
    without = judged(serial_number=TYPO, near=(pack(),)).first
    shown = judged(serial_number=TYPO, near=(pack(),), photographed=(photographed(),)).first
    assert (shown.cause, shown.corrected) == (without.cause, without.corrected)
    assert shown.confidence > without.confidence
    assert "photo_shows_meant" in keys(shown)
    assert not shown.may_close, "whoever can print a pack can print a photograph of one"


def test_r31_a_photograph_tells_which_of_two_packs_that_are_as_near_was_meant():
    near = (pack(SERIAL[:-1] + "A"), pack(SERIAL[:-1] + "B"))
    assert judged(serial_number=TYPO, near=near).is_ambiguous
    analysis = judged(
        serial_number=TYPO, near=near, photographed=(photographed(serial_number=SERIAL[:-1] + "B"),)
    )
    assert not analysis.is_ambiguous
    assert analysis.first.corrected is not None
    assert analysis.first.corrected.serial_number == SERIAL[:-1] + "B"


def test_r31_what_the_pack_itself_says_is_no_fault_of_reading_however_near_a_stored_pack_is():
    later = (happened(3, "P1", "supply"),)
    before = judged(serial_number=SWAPPED, near=(pack(),), later=later)
    assert before.first.cause is Cause.CASE_SWAP
    assert before.first.may_close
    shown = judged(
        serial_number=SWAPPED,
        near=(pack(),),
        later=later,
        photographed=(photographed(serial_number=SWAPPED),),
        location_alerts=LocationAlerts(alerts=14, signs={Cause.CASE_SWAP: 14}),
    )
    swap = next(one for one in shown.hypotheses if one.cause is Cause.CASE_SWAP)
    assert swap.confidence < 5
    assert Bar.PHOTOGRAPH in swap.bars
    assert shown.sign is None, "nor does it count among the faults of the location"


def test_r31_a_print_that_is_almost_a_stored_one_is_escalated():
    shown = judged(serial_number=TYPO, near=(pack(),), photographed=(photographed(serial_number=TYPO),))
    assert shown.is_high_risk
    assert shown.first.cause is Cause.FALSIFICATION_PATTERN
    assert keys(shown.first) == ["printed_near_miss"]


def test_r31_the_same_print_at_many_locations_is_the_company_s_and_no_pattern():
    shown = judged(
        serial_number=SWAPPED,
        near=(pack(),),
        photographed=(photographed(serial_number=SWAPPED),),
        batch_alerts=BatchAlerts(unexplained_packs=12, packs_at_location={10: 3, 20: 4, 30: 5}),
    )
    assert not shown.is_high_risk
    assert (shown.first.rule, shown.first.cause) == ("R14", Cause.PARTIAL_UPLOAD)


def test_r31_a_photograph_without_anything_near_says_nothing_new_of_the_cause():
    changes = {"serial_number": "another12another", "near": ()}
    with_photo = judged(**changes, photographed=(photographed(serial_number="another12another"),))
    assert ranking(with_photo) == ranking(judged(**changes))
    assert not with_photo.is_high_risk


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (AlertKind.EXPIRY_DIFFERS, {"expiry": "311228"}),
        (AlertKind.BATCH_DIFFERS, {"batch": "lot4711"}),
    ],
)
def test_r31_a_printed_date_or_batch_that_differs_is_not_misread(kind, sent):
    given = {"kind": kind, "pack": pack(), **sent}
    assert judged(**given).first.cause in {Cause.DATE_ORDER, Cause.CASE_SWAP}
    shown = judged(**given, photographed=(photographed(**sent),))
    assert (shown.first.rule, shown.first.cause) == ("R31", Cause.PRINT_DIFFERS)
    assert not shown.is_high_risk
    # Where others have packs of the batch that are printed as they are stored, this one is the odd one.
    odd = judged(
        **{**given, "pack": pack(batch=batch(supplied_locations=9))}, photographed=(photographed(**sent),)
    )
    assert odd.is_high_risk
    assert keys(odd.first) == ["printed_otherwise"]


def test_r31_a_print_that_the_company_has_corrected_its_upload_to_is_odd_no_more():
    corrected = batch(expiry="311228", corrected_at=NOON + timedelta(hours=2), supplied_locations=9)
    shown = judged(
        kind=AlertKind.EXPIRY_DIFFERS,
        expiry="311228",
        pack=pack(batch=corrected),
        photographed=(photographed(expiry="311228"),),
    )
    assert not shown.is_high_risk
    assert (shown.first.rule, shown.first.cause) == ("R16b", Cause.PRINT_DIFFERS)


def test_r31_a_photograph_of_neither_makes_everything_less_sure_and_closes_nothing():
    later = (happened(3, "P1", "supply"),)
    given = {"serial_number": TYPO, "near": (pack(),), "later": later, "entry_mode": "manual"}
    without = judged(**given).first
    assert without.may_close
    shown = next(
        one
        for one in judged(
            **given, photographed=(photographed(serial_number="zzzzzzzzzzzzzzzzzz"),)
        ).hypotheses
        if one.cause is without.cause
    )
    assert shown.confidence < without.confidence
    assert Bar.PHOTOGRAPH in shown.bars


def test_r31_a_photograph_of_another_product_is_of_another_pack_and_says_nothing():
    given = {"serial_number": TYPO, "near": (pack(),)}
    other = photographed(product_code="09520640000013", serial_number=TYPO)
    assert judged(**given, photographed=(other,)) == judged(**given)


def test_an_analysis_can_be_kept_and_read_again():
    for analysis in (
        judged(serial_number=SWAPPED, near=(pack(),)),
        judged(kind=STATE, pack=pack(state=PackState.STOLEN), state_before=PackState.STOLEN),
    ):
        kept = msgspec.json.encode(msgspec.to_builtins(analysis))
        assert msgspec.convert(msgspec.json.decode(kept), Analysis, strict=False) == analysis


def test_every_rule_of_the_table_has_a_block_here_or_among_those_about_values():
    from pathlib import Path

    here = Path(__file__).read_text("utf-8") + Path(__file__).with_name("test_changed_values.py").read_text(
        "utf-8"
    )
    for rule, _ in RULES.root_causes:
        assert rule in here or rule.lower() in here, rule
