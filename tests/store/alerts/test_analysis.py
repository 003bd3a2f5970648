"""The analysis over the real system: what is scanned, uploaded and done at the counter, and what is said of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.store.alerts.world import GTIN, RULES, World
from tests.unit.alerts.pack_photos import as_file, box, photo

from sinetti.alerts.analysis import analyse_alert, analyse_batch, analyser_of, analysis_from, findings_of
from sinetti.alerts.decide import decide_status
from sinetti.alerts.files import Change, find_file, set_status
from sinetti.alerts.intake import Place, look_for_news
from sinetti.alerts.photo_cases import add_photo
from sinetti.alerts.root_cause.model import Analysis
from sinetti.alerts.root_cause.words import Reader, explain
from sinetti.contracts.uploads import BatchCorrection
from sinetti.kit.ids import new_transaction_id
from sinetti.nmvs.batches import correct_batch
from sinetti.nmvs.changes import Change as UploadChange
from sinetti.nmvs.products import UploadResult
from sinetti.rules.alerts.vocabulary import AlertStatus, ClosingReason, Refusal
from sinetti.rules.vocabulary import Cause, Language

SERIALS = [
    "aB3dE5fG7hK9mN1pQr", "kL8mN2oP4qR6sT0uVw", "xY1zA3bC5dE7fG9hJk", "Q7wErTy2uIoP4aSdFg", "zX9cV1bNm3qWe5rTyU",
]  # fmt: skip
SWAPPED = SERIALS[0].swapcase()


@pytest.fixture
async def country(world: World) -> World:
    world.analysis = analyser_of(RULES)  # type: ignore[assignment] # the real one
    await world.batch("LOT47", SERIALS)
    return world


async def analysed(world: World, alert_id: str | None) -> Analysis:
    assert alert_id is not None
    async with world.database.transaction() as tx:
        return await analyse_alert(tx, alert_id, world.clock(), RULES)


async def scanned(world: World, place: str, operation: str, serial: str, **sent) -> str:
    outcome = await world.scan(place, operation, serial, **{"batch": "LOT47", **sent})
    assert outcome.alert_id is not None, outcome.decision.code.code
    await world.intake()
    assert (await world.file(outcome.alert_id)).cause is not None, "the intake has analysed it, too"
    return outcome.alert_id


def said(analysis: Analysis) -> tuple[str, str]:
    return analysis.first.rule, analysis.first.cause.value


# What is sent about a pack of batch LOT47 (expiry 301231), and what the analysis names.
SCANS = [
    ("verify", {"serial": SWAPPED}, "R01", "case_swap"),
    ("supply", {"serial": SWAPPED, "batch": "lot47"}, "R01", "case_swap"),
    ("supply", {"serial": "aB3dE5fG7hK9mN1pQr"[:-3]}, "R05", "truncated"),
    ("supply", {"serial": SERIALS[2].translate(str.maketrans("YyZz", "ZzYy"))}, "R02", "keyboard_layout"),
    ("supply", {"serial": "aB3dE5fG7hK9mN1pQx", "entry_mode": "manual"}, "R05", "typing_error"),
    ("supply", {"serial": "Q7wErTy2uI0P4aSdFg", "entry_mode": "manual"}, "R06", "look_alike"),
    ("supply", {"serial": SERIALS[1] + "17"}, "R05", "extra_characters"),
    ("supply", {"serial": "LOT47", "batch": SERIALS[1]}, "R09", "swapped_fields"),
    ("supply", {"serial": SERIALS[0], "batch": "LOT47641"}, "R04", "barcode_appended"),
    ("supply", {"serial": SERIALS[0], "batch": "LOT47" + "17301231"}, "R03", "lost_separator"),
    ("supply", {"serial": SERIALS[0], "expiry": "311230", "entry_mode": "manual"}, "R07", "date_order"),
    ("supply", {"serial": SERIALS[0], "expiry": "301200"}, "R08", "day_zero"),
    ("supply", {"serial": SERIALS[0], "batch": "QX-99/7"}, "R16a", "print_differs"),
    ("supply", {"serial": "nothinglikeitatall", "batch": "LOT47"}, "R14a", "partial_upload"),
    ("supply", {"serial": "nothinglikeitatall", "batch": "NOSUCH"}, "R13a", "batch_not_uploaded"),
]


@pytest.mark.parametrize(("operation", "sent", "rule", "cause"), SCANS, ids=[f"{s[3]} {s[1]}" for s in SCANS])
async def test_what_is_sent_wrongly_is_recognised(country, operation, sent, rule, cause):
    sent = dict(sent)
    alert_id = await scanned(country, "A", operation, sent.pop("serial"), **sent)
    assert said(await analysed(country, alert_id)) == (rule, cause)


async def test_a_pack_in_the_other_case_is_named_to_those_who_may_know_and_to_no_other(country):
    analysis = await analysed(country, await scanned(country, "A", "supply", SWAPPED))
    assert analysis.first.corrected is not None
    assert analysis.first.corrected.serial_number == SERIALS[0]
    entitled, end_user = (
        " ".join(map(str, explain(analysis, Language.FI, reader)))
        for reader in (Reader.ENTITLED, Reader.END_USER)
    )
    assert SERIALS[0] in entitled
    assert SERIALS[0] not in end_user
    assert "Isot ja pienet kirjaimet vaihtuneet" in end_user


async def test_the_right_pack_soon_afterwards_at_the_same_location_confirms_it(country):
    alert_id = await scanned(country, "A", "supply", SWAPPED)
    country.clock.move(minutes=3)
    await country.scan("B", "verify", SERIALS[0], batch="LOT47")
    assert not (await analysed(country, alert_id)).first.confirmed
    await country.scan("A", "supply", SERIALS[0], batch="LOT47")
    first = (await analysed(country, alert_id)).first
    assert first.confirmed
    assert first.evidence[-1].values == {"minutes": 3}


async def test_nothing_that_happens_later_than_asked_for_is_known(country):
    alert_id = await scanned(country, "A", "supply", SWAPPED)
    at = country.clock()
    country.clock.move(minutes=3)
    await country.scan("A", "supply", SERIALS[0], batch="LOT47")
    async with country.database.transaction() as tx:
        assert not (await analyse_alert(tx, alert_id, at, RULES)).first.confirmed


async def test_a_batch_of_which_packs_come_up_at_two_places_was_not_uploaded(country):
    ids = []
    for place, serial in (("A", "first0000000000"), ("A", "second000000000"), ("B", "third0000000000")):
        ids.append(await scanned(country, place, "verify", serial, batch="NOSUCH"))
        country.clock.move(minutes=7)
    for alert_id in ids:
        assert said(await analysed(country, alert_id)) == ("R13", "batch_not_uploaded")


async def test_an_upload_after_the_alert_settles_all_alerts_of_the_batch_at_once(country):
    serials = [f"late{number:014}" for number in range(5)]
    for serial in serials:
        await scanned(country, "A", "verify", serial, batch="LATE")
    country.clock.move(hours=2)
    await country.batch("LATE", serials)
    async with country.database.transaction() as tx:
        analyses = await analyse_batch(tx, 1, "LATE", country.clock(), RULES)
    assert len(analyses) == 5
    assert {said(one) for one in analyses} == {("R15", "late_upload")}
    assert not any(one.is_high_risk for one in analyses)


async def test_five_unknown_packs_of_one_batch_at_one_place_are_escalated(country):
    for number in range(5):
        alert_id = await scanned(country, "A", "verify", f"forged{number:012}", batch="FORGED")
    analysis = await analysed(country, alert_id)
    assert analysis.is_high_risk
    assert said(analysis) == ("R26", "falsification_pattern")
    assert (await country.file(alert_id)).status == "escalated"


async def test_the_same_wrong_batch_at_two_places_is_the_print(country):
    for place, serial in (("A", SERIALS[0]), ("B", SERIALS[1])):
        alert_id = await scanned(country, place, "supply", serial, batch="LOT-47")
    assert said(await analysed(country, alert_id)) == ("R16", "print_differs")


async def test_a_fault_that_shows_again_and_again_is_said_to_be_the_scanner(country):
    for serial in SERIALS:
        country.clock.move(minutes=5)
        alert_id = await scanned(country, "A", "verify", serial.swapcase())
    evidence = {one.key: one.values for one in (await analysed(country, alert_id)).first.evidence}
    assert evidence["location_burst"] == {"same": 5, "alerts": 5, "days": 7}


async def supplied_until_alert(world: World, place: str, serial: str, seconds: float = 120) -> str:
    for _ in range(5):
        outcome = await world.scan(place, "supply", serial, batch="LOT47")
        world.clock.move(seconds=seconds)
    assert outcome.alert_id is not None
    await world.intake()
    return outcome.alert_id


async def test_a_pack_that_the_location_supplied_before_and_reactivates_closes_by_itself(country):
    alert_id = await supplied_until_alert(country, "A", SERIALS[0])
    assert said(await analysed(country, alert_id)) == ("R18", "double_supply")
    await country.scan("A", "reactivate", SERIALS[0], batch="LOT47")
    analysis = await analysed(country, alert_id)
    assert said(analysis) == ("R20", "double_supply")
    assert analysis.closing_rule(RULES.automatic_closing) == "R20"
    assert analysis.first.evidence[0].key == "reactivated_here"


async def test_repeats_within_seconds_are_software(country):
    alert_id = await supplied_until_alert(country, "A", SERIALS[0], seconds=1)
    assert said(await analysed(country, alert_id)) == ("R19", "replay")


@pytest.mark.parametrize(
    ("first", "second", "rule", "cause"),
    [
        ("A", "A2", "R21", "loan_or_return"),
        ("A", "C", "R21", "loan_or_return"),
        ("A", "B", "R21a", "loan_or_return"),
    ],
)
async def test_a_pack_that_another_location_supplied(country, first, second, rule, cause):
    await country.scan(first, "supply", SERIALS[0], batch="LOT47")
    country.clock.move(days=2)
    operation = "decommission" if second == "C" else "supply"
    analysis = await analysed(country, await scanned(country, second, operation, SERIALS[0]))
    assert said(analysis) == (rule, cause)
    assert not any(one.may_close for one in analysis.hypotheses)


async def test_one_pack_at_two_unrelated_places_within_minutes_is_escalated(country):
    await country.scan("A", "supply", SERIALS[0], batch="LOT47")
    country.clock.move(minutes=9)
    analysis = await analysed(country, await scanned(country, "B", "supply", SERIALS[0]))
    assert analysis.is_high_risk
    assert analysis.first.evidence[0].values == {"minutes": 9}


async def test_what_is_kept_of_an_analysis_can_be_read_again(country):
    analysis = await analysed(country, await scanned(country, "A", "supply", SWAPPED))
    kept = findings_of(analysis, RULES)
    assert analysis_from(kept.whole) == analysis
    assert (kept.cause, kept.rule_id, kept.meant_serial_number) == (Cause.CASE_SWAP, "R01", SERIALS[0])


async def test_an_alert_that_was_never_raised_is_not_analysed(country):
    with pytest.raises(LookupError):
        await analysed(country, "FI-222-222-222-222-222")


class CountedTransaction:
    """Passes statements on and counts them."""

    def __init__(self, tx: Any) -> None:
        self.tx = tx
        self.statements = 0

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        self.statements += 1
        return await self.tx.execute(*arguments, **options)


async def test_many_alerts_of_a_batch_are_read_with_as_many_statements_as_a_few(country):
    counted = []
    for number in range(12):
        await country.scan("A", "verify", f"unknown{number:011}", batch="LOT47")
        await country.scan("B", "verify", SERIALS[number % 5].swapcase(), batch="LOT47")
        if number in {2, 11}:
            await country.intake()
            async with country.database.transaction() as tx:
                watched: Any = CountedTransaction(tx)
                analyses = await analyse_batch(watched, 1, "LOT47", country.clock(), RULES)
                counted.append((len(analyses), watched.statements))
    (few, statements), (many, again) = counted
    assert (few, many) == (6, 24)
    assert statements == again < 20


async def test_the_analysis_changes_nothing(country):
    alert_id = await scanned(country, "A", "supply", SWAPPED)
    async with country.database.transaction() as tx:
        await tx.execute("SET TRANSACTION READ ONLY")
        await analyse_alert(tx, alert_id, country.clock(), RULES)
        await analyse_batch(tx, 1, "LOT47", country.clock(), RULES)


# ---------------------------------------------------------------- corrections of what was uploaded


async def corrected(country: World, **correction: str) -> None:
    """The company corrects batch LOT47; then open alerts are looked through for news."""
    country.clock.move(hours=2)
    change = UploadChange(
        organisation_id=country.obp, transaction_id=new_transaction_id(), at=country.clock()
    )
    wanted = BatchCorrection(
        product_code_scheme="gs1", product_code=GTIN, batch_id="LOT47", reason="Latausvirhe", **correction
    )
    assert await correct_batch(country.database, change, wanted) is UploadResult.UPDATED
    async with country.database.transaction() as tx:
        _, changed = await look_for_news(tx, Place(), country.clock())
    assert changed == 1
    await country.intake()
    async with country.database.transaction() as tx:
        assert await look_for_news(tx, Place(), country.clock()) == (None, 0), "nothing is new any more"


async def test_a_corrected_expiry_explains_the_open_alerts_of_the_batch(country):
    alert_id = await scanned(country, "A", "supply", SERIALS[0], expiry="310600")
    await corrected(country, new_expiry_date="310600")
    assert said(await analysed(country, alert_id)) == ("R16b", "print_differs")


async def test_a_corrected_batch_number_explains_the_alert_that_names_it(country):
    alert_id = await scanned(country, "A", "supply", SERIALS[0], batch="QX-99/7")
    await corrected(country, new_batch_id="QX-99/7")
    assert said(await analysed(country, alert_id)) == ("R16b", "print_differs")
    assert (await country.scan("A", "supply", SERIALS[0], batch="QX-99/7")).alert_id is None


# ---------------------------------------------------------------- photographs


async def photographed(country: World, who: str, alert_id: str, serial: str) -> None:
    """Somebody adds a photograph of a pack of batch LOT47 with this serial number."""
    picture = as_file(photo(box(f"(01){GTIN}(21){serial}(10)LOT47(17)301231"), size=(1600, 1200)))
    async with country.database.transaction() as tx:
        file = await find_file(tx, alert_id)
        assert file is not None
        change = Change(rules=RULES, doer=country.doer(who), now=country.clock())
        assert isinstance(await add_photo(tx, change, file, picture), UUID)
    await country.intake()


async def test_a_photograph_that_shows_what_was_sent_changes_the_cause_within_a_moment(country):
    alert_id = await scanned(country, "A", "supply", "aB3dE5fG7hK9mN1pQx", entry_mode="manual")
    assert (await country.file(alert_id)).cause is Cause.TYPING_ERROR
    await photographed(country, "A", alert_id, "aB3dE5fG7hK9mN1pQx")
    file = await country.file(alert_id)
    assert (file.cause, file.status) == (Cause.FALSIFICATION_PATTERN, AlertStatus.ESCALATED)


async def test_a_photograph_of_the_pack_that_was_meant_is_found_however_far_from_what_was_sent(country):
    alert_id = await scanned(country, "A", "supply", "aB3dE5fG7hK9mN1pQx", entry_mode="manual")
    before = (await analysed(country, alert_id)).first
    await photographed(country, "A", alert_id, SERIALS[0])
    after = (await analysed(country, alert_id)).first
    assert (after.cause, after.corrected) == (before.cause, before.corrected)
    assert after.confidence > before.confidence


async def test_a_company_s_photograph_is_of_another_pack_and_says_nothing(country):
    alert_id = await scanned(country, "A", "supply", SWAPPED)
    before = await analysed(country, alert_id)
    await photographed(country, "obp", alert_id, SWAPPED)
    assert (await analysed(country, alert_id)).hypotheses == before.hypotheses
    assert (await country.file(alert_id)).status is AlertStatus.NEW


async def test_a_closed_alert_whose_photograph_shows_a_forged_print_is_opened_again(country):
    alert_id = await scanned(country, "A", "supply", SWAPPED)
    async with country.database.transaction() as tx:
        file = await find_file(tx, alert_id)
        assert file is not None
        change = Change(rules=RULES, doer=country.doer("operator"), now=country.clock())
        decided = decide_status(
            RULES.alerts,
            file,
            change.doer,
            AlertStatus.CLOSED,
            change.now,
            reason=ClosingReason.READING_CORRECTED,
        )
        assert not isinstance(decided, Refusal), decided
        await set_status(tx, change, file, decided)
    await photographed(country, "A", alert_id, SWAPPED)
    assert (await country.file(alert_id)).status is AlertStatus.ESCALATED
