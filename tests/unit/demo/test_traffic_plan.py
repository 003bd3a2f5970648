"""Plans of traffic: the same for the same seed, within opening hours, with believable shares, and no pack of another's."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sinetti.demo.traffic.plan import Answer, Options, PackStep, Printed, StatesStep, UploadStep
from sinetti.demo.traffic.planner import make_plan, shares
from sinetti.demo.traffic.slips import TECHNICAL, slip_of
from sinetti.demo.traffic.truth import TruthFile, read_truths, truth_of
from sinetti.demo.traffic.world import PHARMACIES_MAX, make_world, rows
from sinetti.gs1.identifiers import is_batch, is_expiry, is_gtin, is_serial_number
from sinetti.rules.vocabulary import Cause, EntryMode, Operation, OrganisationKind, PackState, Status

ZONE = ZoneInfo("Europe/Helsinki")
MONDAY = date(2026, 3, 2)
SMALL: dict[str, Any] = {"pharmacies": 8, "packs_per_day": 30, "first_day": MONDAY}


def plan(**options):
    return make_plan(Options(**SMALL | options), ZONE)


def packs(made):
    return [(story, step) for story in made.stories for step in story.steps if isinstance(step, PackStep)]


def test_the_same_seed_gives_the_same_plan():
    assert plan(seed=5, alerts=80) == plan(seed=5, alerts=80)


@pytest.mark.parametrize("other", [{"seed": 6}, {"run": 2}])
def test_another_seed_or_run_shares_no_pack(other):
    def identities(made):
        return {(step.printed.product.product_code, step.printed.serial_number) for _, step in packs(made)}

    assert not identities(plan(seed=5, alerts=80)) & identities(plan(**{"seed": 5, "alerts": 80} | other))


def test_a_larger_world_has_the_places_of_a_smaller_one():
    small, large = make_world(7), make_world(60)
    assert large.pharmacies[:7] == small.pharmacies
    assert set(small.places) <= set(large.places)


@pytest.mark.parametrize("pharmacies", [0, PHARMACIES_MAX + 1])
def test_a_world_has_bounds(pharmacies):
    with pytest.raises(ValueError, match="from 1 to"):
        make_world(pharmacies)


def test_the_largest_world_gives_no_name_twice():
    world = make_world(PHARMACIES_MAX)
    assert len({place.key for place in world.places}) == len(world.places)
    assert len({place.name for place in world.places}) == len(world.places)
    branches = Counter(place.organisation for place in world.pharmacies)
    assert max(branches.values()) == 3


@pytest.mark.parametrize("seed", range(4))
def test_everybody_works_in_opening_hours_only(seed):
    made = plan(seed=seed, hours=6 * 24, alerts=300)
    for story, step in packs(made):
        opening = step.place.open_on(step.at.date(), ZONE)
        assert opening is not None, (story.title, step.place.name, step.at)
        assert opening[0] <= step.at < opening[1], (story.title, step.place.name, step.at)
        assert made.starts_at <= step.at < made.ends_at


def test_a_plan_of_a_sunday_has_only_those_who_open_then():
    made = plan(first_day=date(2026, 3, 8))
    assert {step.place.hours for _, step in packs(made)} <= {"town", "mall"}


@pytest.mark.parametrize("seed", range(4))
def test_no_story_asks_for_a_pack_that_is_not_its_own(seed):
    made = plan(seed=seed, hours=3 * 24, alerts=600)
    owner: dict[tuple[str, str], int] = {}
    for story, step in packs(made):
        pack = (step.printed.product.product_code, step.printed.serial_number)
        assert owner.setdefault(pack, story.number) == story.number
    uploads = [
        *made.before,
        *(step for story in made.stories for step in story.steps if isinstance(step, UploadStep)),
    ]
    stored = [(upload.product.product_code, serial) for upload in uploads for serial in upload.serial_numbers]
    assert len(stored) == len(set(stored)), "each serial number is uploaded once"
    known = set(stored)
    for story, step in packs(made):
        sent = (step.sent.product_code, step.sent.serial_number)
        assert sent not in known or owner[sent] == story.number, (story.title, sent)
        assert owner.get(sent, story.number) == story.number, (story.title, sent)


def test_a_pack_that_is_in_order_is_asked_for_only_after_its_upload():
    made = plan(seed=3, hours=3 * 24, alerts=400)
    uploaded = {
        (step.product.product_code, serial): step.at
        for step in (*made.before, *(step for story in made.stories for step in story.steps))
        if isinstance(step, UploadStep)
        for serial in step.serial_numbers
    }
    for story, step in packs(made):
        if step.answer is Answer.OK:
            pack = (step.sent.product_code, step.sent.serial_number)
            assert uploaded[pack] <= step.at, (story.title, step.at)


def test_what_is_sent_could_stand_on_a_pack():
    for story, step in packs(plan(seed=2, alerts=600)):
        sent = step.sent
        assert is_gtin(sent.product_code), story.title
        assert is_serial_number(sent.serial_number, "gs1"), (story.title, sent)
        assert is_batch(sent.batch or "", "gs1"), (story.title, sent)
        assert is_expiry(sent.expiry or ""), (story.title, sent)


def test_the_causes_of_a_large_plan_have_their_shares():
    made = [plan(seed=seed, hours=5 * 24, pharmacies=20, alerts=1500) for seed in range(3)]
    found = Counter(step.cause for one in made for _, step in packs(one) if step.answer is Answer.ALERT)
    total, whole = sum(found.values()), sum(row.share for row in shares().values())
    for cause, row in shares().items():
        assert found[cause], cause
        assert row.share / whole / 2 < found[cause] / total < row.share / whole * 2, (
            cause,
            found[cause] / total,
        )


def test_as_many_alerts_as_asked_for_and_hardly_more():
    largest = max(row.alerts_max for row in shares().values())
    for wanted in (1, 40, 400):
        assert wanted <= plan(alerts=wanted).alerts <= wanted + 2 * largest
    assert plan(alerts=0).alerts == 0


def test_the_usual_share_of_alerts_is_the_european_one():
    made = plan(hours=24 * 3, pharmacies=40, packs_per_day=60)
    assert 0.3 < 100 * made.alerts / made.operations < 0.45


@pytest.mark.parametrize("cause", list(shares()))
def test_only_one_cause(cause):
    made = plan(alerts=30, only=frozenset({cause}))
    assert made.alerts >= 30
    assert {step.cause for _, step in packs(made) if step.answer is Answer.ALERT} == {cause}


@pytest.mark.parametrize("cause", [Cause.OUT_OF_SCOPE, Cause.UNKNOWN])
def test_a_cause_that_raises_no_alert_cannot_be_asked_for(cause):
    with pytest.raises(ValueError, match=f"no alert is due to: {cause}"):
        plan(only=frozenset({cause, Cause.CASE_SWAP}))


def test_every_cause_has_a_row_with_its_source():
    table = rows("causes")
    assert {row["cause"] for row in table} == set(Cause) - {Cause.UNKNOWN}
    assert all(row["source"] and Status(row["status"]) for row in table)


def test_steps_are_in_the_order_of_time():
    times = [step.at for _, step in plan(alerts=200).timed()]
    assert times == sorted(times)


@pytest.mark.parametrize("cause", TECHNICAL)
def test_a_slip_changes_what_is_sent_and_nothing_else(cause):
    products = make_world(1).products
    changed = 0
    for number in range(200):
        rng = Random(f"{cause} {number}")
        product = products[number % len(products)]
        printed = Printed(
            product=product,
            serial_number="Zy7O1B3eS5I2"[: 8 + number % 5],
            batch="ZY26-0413",
            expiry="290400",
        )
        sent = slip_of(cause, rng).sent(printed)
        if sent is not None:
            changed += 1
            assert sent.product_code == product.product_code
            assert (sent.serial_number, sent.batch, sent.expiry) != (
                printed.serial_number,
                printed.batch,
                printed.expiry,
            )
            by_hand = cause in {Cause.LOOK_ALIKE, Cause.TYPING_ERROR, Cause.DATE_ORDER}
            assert sent.entry_mode is (EntryMode.MANUAL if by_hand else EntryMode.NON_MANUAL)
    assert changed > 20


def test_only_companies_tell_of_states_and_only_shops_supply():
    for story in plan(alerts=500).stories:
        for step in story.steps:
            if isinstance(step, StatesStep | UploadStep):
                assert step.place.kind is OrganisationKind.MAH_OBP
            elif step.operation is Operation.SUPPLY:
                assert step.place.kind in {OrganisationKind.PHARMACY, OrganisationKind.HOSPITAL_PHARMACY}
            elif step.state is PackState.STOLEN:
                assert step.place.kind is OrganisationKind.MAH_OBP


def test_each_file_of_truths_is_a_run_of_its_own(tmp_path):
    made = plan(seed=5, alerts=3)
    (story, step) = next(one for one in packs(made) if one[1].answer is Answer.ALERT)
    truth = truth_of(
        made.options, story, step, alert_id="FI-1", operation_code="41020001", answered_at=made.ends_at
    )
    assert truth is not None
    with TruthFile(tmp_path, 5) as first:
        first.add(truth)
        with TruthFile(tmp_path, 5) as second, TruthFile(tmp_path, 51) as other:
            assert (first.run, second.run, other.run) == (1, 2, 1)
    assert list(read_truths(first.path)) == [truth]
    assert list(read_truths(second.path)) == []
    with TruthFile(tmp_path, 5) as third:
        assert third.run == 3
