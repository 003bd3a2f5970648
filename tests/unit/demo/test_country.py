"""The tables of the demo country: well-formed, made up, the same on each machine, and worded in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sinetti.demo.codes import sent_code, typed_code
from sinetti.demo.load import load_country
from sinetti.demo.plan import Operation, planned_steps, uploaded_serials
from sinetti.demo.samples import sample_pack
from sinetti.demo.serials import made_serial
from sinetti.demo.sheet import code_on_sheet
from sinetti.demo.texts import demo_texts
from sinetti.gs1.charset import SET_82
from sinetti.gs1.identifiers import is_batch, is_expiry, is_gtin, is_ppn, is_serial_number
from sinetti.gs1.images import read_codes, write_data_matrix
from sinetti.gs1.parse import parse_scan
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language, OrganisationKind, PackState

HELSINKI = ZoneInfo("Europe/Helsinki")
FIRST_DAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
COUNTRY = load_country(FIRST_DAY.date())
RULES = load_rules()
REACTIVATION_WINDOW = timedelta(days=10)


def test_the_country_has_what_a_country_needs():
    kinds = [organisation.kind for organisation in COUNTRY.organisations]
    assert kinds.count(OrganisationKind.MAH_OBP) == 3
    assert kinds.count(OrganisationKind.PHARMACY) == 6
    assert {
        OrganisationKind.HOSPITAL_PHARMACY,
        OrganisationKind.MEDICAL_DEPOT,
        OrganisationKind.WHOLESALER,
    } < set(kinds)
    assert len([location for location in COUNTRY.locations if location.organisation == "norppa"]) == 2
    assert len([product for product in COUNTRY.products if product.uploaded]) == 20
    assert {batch.uploaded for batch in COUNTRY.batches} == {"all", "half", "none"}
    assert 3000 < sum(len(uploaded_serials(COUNTRY, batch)) for batch in COUNTRY.batches) < 6000


@pytest.mark.parametrize("product", COUNTRY.products, ids=lambda product: product.key)
def test_a_product_code_is_right_and_can_be_no_real_product(product):
    if product.scheme == "gs1":
        assert is_gtin(product.product_code)
        assert product.product_code.startswith("0952"), "the prefix that GS1 keeps for demonstrations"
    else:
        assert is_ppn(product.product_code)


@pytest.mark.parametrize("pack", COUNTRY.packs, ids=lambda pack: pack.key)
def test_a_named_pack_has_what_its_batch_has(pack):
    assert is_serial_number(pack.serial_number, pack.product.scheme)
    assert len(pack.serial_number) == pack.batch.serial_length
    assert is_batch(pack.batch.batch, pack.product.scheme)
    assert is_expiry(pack.batch.expiry)
    assert (pack.serial_number in uploaded_serials(COUNTRY, pack.batch)) == pack.uploaded


def test_serial_numbers_with_every_character_of_set_82_occur():
    packs = [pack for pack in COUNTRY.packs if pack.key.startswith("set82-")]
    assert set("".join(pack.serial_number for pack in packs)) == set(SET_82)


def test_no_serial_number_occurs_twice():
    for batch in COUNTRY.batches:
        serials = uploaded_serials(COUNTRY, batch)
        assert len(serials) == len(set(serials)), batch.key


def test_the_country_is_the_same_on_each_machine_and_day_but_for_what_expires_today_and_yesterday():
    later = load_country(date(2027, 3, 1))
    assert [pack.serial_number for pack in COUNTRY.packs] == [pack.serial_number for pack in later.packs]
    assert made_serial("a purpose", {"upper", "digit"}, 14) == "I8MRCCHLDOYXFP"
    moving = {batch.batch for batch in COUNTRY.batches} - {
        batch.batch for batch in later.batches if batch in COUNTRY.batches
    }
    assert moving == {"SV2411", "SV2412"}
    expiries = {batch.batch: batch.expiry for batch in later.batches}
    assert (expiries["SV2411"], expiries["SV2412"]) == ("270228", "270301")


def test_no_pack_is_touched_twice_at_the_same_moment():
    steps = planned_steps(COUNTRY, FIRST_DAY, HELSINKI)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps[-1].at < FIRST_DAY
    for step in steps:
        packs = [
            (event.product.key, event.serial_number) for event in step.events if isinstance(event, Operation)
        ]
        assert len(packs) == len(set(packs)), step.at


@pytest.mark.parametrize("language", Language)
def test_every_sample_has_a_title_in_every_language(language):
    texts = demo_texts(language)
    assert texts["titles"].keys() == {sample.key for sample in COUNTRY.samples}
    assert texts.keys() == demo_texts("en").keys()
    for section in texts:
        assert texts[section].keys() == demo_texts("en")[section].keys()
        assert all(texts[section].values())


def test_samples_cover_most_of_what_the_system_can_answer():
    answered = {sample.operation_code for sample in COUNTRY.samples}
    assert len(answered) >= 60
    alerts = {code for code in answered if RULES.codes[code].alert}
    assert {RULES.codes[code].colour for code in answered} == {"green", "amber", "red"}
    assert len(alerts) >= 20


@pytest.mark.parametrize("sample", COUNTRY.samples, ids=lambda sample: sample.key)
def test_the_data_matrix_of_a_sample_reads_back_as_what_is_sent(sample):
    [read] = read_codes(write_data_matrix(sent_code(sample), "png"))
    scan = read.scan
    assert scan.is_pack_code
    assert (scan.scheme, scan.product_code, scan.serial_number, scan.batch, scan.expiry) == (
        sample.scheme,
        sample.product_code,
        sample.serial_number,
        sample.batch,
        sample.expiry,
    )


@pytest.mark.parametrize(
    "sample", [one for one in COUNTRY.samples if one.sheet_group], ids=lambda sample: sample.key
)
def test_the_text_on_the_sheet_can_be_given_to_a_command(sample):
    code = code_on_sheet(sample)
    scan, typed = parse_scan(code), parse_scan(typed_code(code))
    for part in ("scheme", "product_code", "serial_number", "batch", "expiry"):
        assert getattr(typed, part) == getattr(scan, part)


def test_a_sample_that_can_be_undone_says_until_when():
    """The answer holds until the reactivation window of the pack's last change closes."""
    changes = {change.pack: change for change in COUNTRY.history}
    undoable = [
        sample
        for sample in COUNTRY.samples
        if sample.requested_state is PackState.ACTIVE
        and sample.pack.key in changes
        and changes[sample.pack.key].asked is PackState.SUPPLIED
        and changes[sample.pack.key].client_id == sample.client_id
        and timedelta(days=changes[sample.pack.key].days_ago) <= REACTIVATION_WINDOW
    ]
    assert {sample.key for sample in undoable} == {
        "reactivate-supplied",
        "reactivate-expired",
        "reactivate-recalled",
        "reactivate-withdrawn",
    }
    for sample in undoable:
        if sample.key in {"reactivate-recalled", "reactivate-withdrawn"}:
            continue  # recall and withdrawal come before the window, so their answer holds for ever
        since = FIRST_DAY - timedelta(days=changes[sample.pack.key].days_ago)
        assert sample_pack(sample, RULES, FIRST_DAY, HELSINKI).until == since + REACTIVATION_WINDOW


def test_a_pack_on_its_last_day_is_valid_until_midnight_in_finland():
    [sample] = [one for one in COUNTRY.samples if one.key == "supply-last-day"]
    assert sample.expiry == "261120"
    assert sample_pack(sample, RULES, FIRST_DAY, HELSINKI).until == datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
