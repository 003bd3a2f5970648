"""From the outbox to a file in a case: nothing lost, nothing twice, whatever happens in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.store.alerts.world import BATCH, RULES, World, findings

from sinetti.alerts.deadlines import tell_of_deadlines, warn_of_deadlines, warned_before
from sinetti.alerts.intake import AlertIntake, Place, look_for_news, take_in
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, ClosingReason, Deadline, Kin
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Cause


async def cases(world: World) -> list[tuple[str, int]]:
    """Kin and number of open alerts of each case that is open."""
    rows = await world.rows(
        "SELECT kin, (SELECT count(*) FROM alert_file AS file WHERE (file.case_product_id, file.case_id)"
        " = (alert_case.product_id, alert_case.case_id)) AS alerts"
        " FROM alert_case WHERE closed_at IS NULL ORDER BY case_id"
    )
    return [(row["kin"], row["alerts"]) for row in rows]


async def test_an_alert_gets_a_file_with_what_was_sent_and_a_case_of_its_pack(world):
    file = await world.alert("A", "verify", "UNKNOWN1", entry_mode="manual")
    assert (file.kind, file.status) == (AlertKind.UNKNOWN_SERIAL_NUMBER, AlertStatus.NEW)
    assert (file.serial_number, file.batch, file.expiry) == ("UNKNOWN1", BATCH, "301231")
    assert file.location_id == world.callers["A"].location_id
    assert file.obp_organisation_id == world.obp
    assert file.entry_mode == "manual"
    assert await cases(world) == [("pack", 1)]
    assert await world.rows("SELECT * FROM deviation_outbox") == []
    (entry,) = await world.rows("SELECT * FROM alert_history")
    assert (entry["change"], entry["party"], entry["rules_version"]) == ("received", "system", RULES.version)


async def test_where_the_pack_got_its_state_is_kept_even_if_it_is_reactivated_before_the_intake(world):
    await world.scan("A", "supply", "SN2")
    outcome = await world.scan("B", "supply", "SN2")
    await world.scan("A", "reactivate", "SN2")
    await world.intake()
    file = await world.file(outcome.alert_id)
    assert file.kind is AlertKind.SUPPLY_REFUSED
    assert file.earlier_location_id == world.callers["A"].location_id


async def test_alerts_about_one_pack_share_a_case_and_others_do_not(world):
    for place in ("A", "B", "A"):
        await world.alert(place, "verify", "UNKNOWN1")
    await world.alert("A", "verify", "UNKNOWN2")
    assert await cases(world) == [("pack", 3), ("pack", 1)]


async def test_a_deviation_below_an_alert_is_told_to_the_operator_and_is_no_case(world):
    await world.scan("A", "verify", "SN2", product_code="09520000000011")
    assert await world.intake() == 1
    assert await cases(world) == []
    (notice,) = await world.rows("SELECT * FROM alert_notice")
    assert (notice["notice"], notice["party"]) == ("deviation_raised", "operator")


async def test_who_hears_of_an_alert_is_what_the_table_says(world):
    await world.alert("A", "verify", "UNKNOWN1")
    rows = await world.rows("SELECT party, organisation_id, location_id FROM alert_notice ORDER BY party")
    caller = world.callers["A"]
    assert [tuple(row.values()) for row in rows] == [
        ("end_user_location", caller.organisation_id, caller.location_id),
        ("obp", world.obp, None),
        ("operator", None, None),
        ("other_operator", None, None),
    ]


async def test_a_serial_number_that_could_never_be_stored_and_an_outbox_row_of_an_older_version_are_found(
    world,
):
    await world.scan("A", "verify", "ÄÖ-not-a-serial", batch="NEW")
    await world.scan("A", "verify", "UNKNOWN1")
    async with world.database.transaction() as tx:
        await tx.execute(
            "UPDATE deviation_outbox SET serial_key = NULL, is_keyed = false WHERE serial_key IS NOT NULL"
        )
    waiting = len(await world.rows("SELECT * FROM deviation_outbox WHERE level = 5"))
    await world.intake()
    assert len(await world.rows("SELECT * FROM alert_file")) == waiting > 0


async def test_what_is_rolled_back_is_taken_in_later_and_once(world):
    await world.scan("A", "verify", "UNKNOWN1")

    async def crash_after_taking() -> None:
        async with world.database.transaction() as tx:
            assert await take_in(tx, RULES, world.clock()) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await crash_after_taking()
    assert await world.rows("SELECT * FROM alert_file") == []
    assert await world.intake() == 1
    assert len(await world.rows("SELECT * FROM alert_file")) == 1


async def test_two_workers_share_the_outbox_and_take_each_alert_once(world):
    for number in range(40):
        await world.scan("A", "verify", f"UNKNOWN{number % 7}")

    async def worker() -> int:
        taken = 0
        while True:
            async with world.database.transaction() as tx:
                more = await take_in(tx, RULES, world.clock(), at_once=3)
                await asyncio.sleep(0)
            if not more:
                return taken
            taken += more

    assert sum(await asyncio.gather(worker(), worker(), worker())) == 40
    assert len(await world.rows("SELECT * FROM alert_file")) == 40
    assert sorted(await cases(world)) == sorted([("pack", 6)] * 5 + [("pack", 5)] * 2)


async def test_kin_is_found_by_cause_and_alerts_move_to_their_case(world):
    for serial in ("aBcDeFgH", "xYz"):
        world.analysis.by_serial[serial] = findings(cause=Cause.CASE_SWAP, rule_id="R01")
    for number in range(3):
        world.analysis.by_serial[f"LOST{number}"] = findings(cause=Cause.BATCH_NOT_UPLOADED, rule_id="R13")
    for serial in ("aBcDeFgH", "xYz"):
        await world.alert("A", "verify", serial)
    for number in range(3):
        await world.alert("B", "verify", f"LOST{number}", batch="NEW")
    assert sorted(await cases(world)) == [("batch", 3), ("location", 2)]
    moves = await world.rows("SELECT * FROM alert_history WHERE change = 'case'")
    assert len(moves) == 5
    assert all(move["rule_id"] for move in moves)


async def test_an_alert_stays_where_somebody_works_on_its_case(world):
    file = await world.alert("A", "verify", "aBcDeFgH")
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE alert_case SET touched_at = %s", (world.clock(),))
        await tx.execute("UPDATE alert_file SET analysis_wanted_at = %s", (world.clock(),))
    world.analysis.by_serial["aBcDeFgH"] = findings(cause=Cause.CASE_SWAP, rule_id="R01")
    await world.intake()
    after = await world.file(file.alert_id)
    assert (after.cause, after.case) == (Cause.CASE_SWAP, file.case)


async def test_an_analysis_that_fails_holds_up_no_other_and_is_tried_again_later(world):
    world.analysis.fails.add("UNKNOWN1")
    bad = await world.alert("A", "verify", "UNKNOWN1")
    good = await world.alert("A", "verify", "UNKNOWN2")
    assert (bad.cause, good.cause) == (None, Cause.UNKNOWN)
    world.analysis.fails.clear()
    await world.intake()
    assert (await world.file(bad.alert_id)).cause is None
    world.clock.move(seconds=11)
    await world.intake()
    assert (await world.file(bad.alert_id)).cause is Cause.UNKNOWN


async def test_a_pattern_of_falsification_is_escalated_and_never_closed_by_itself(world):
    world.analysis.by_serial["UNKNOWN1"] = findings(
        cause=Cause.FALSIFICATION_PATTERN, rule_id="R26", is_high_risk=True, closing_rule="R20"
    )
    file = await world.alert("A", "verify", "UNKNOWN1")
    assert file.status is AlertStatus.ESCALATED
    (entry,) = await world.rows("SELECT * FROM alert_history WHERE change = 'status'")
    assert (entry["party"], entry["rule_id"], entry["value_after"]) == ("system", "R26", "escalated")


async def test_what_a_rule_closes_says_by_which_rule_and_why(world):
    world.analysis.by_serial["SN2"] = findings(cause=Cause.DOUBLE_SUPPLY, rule_id="R20", closing_rule="R20")
    await world.scan("B", "supply", "SN2")
    file = await world.alert("A", "supply", "SN2")
    assert (file.status, file.closing_reason, file.closed_by_rule) == (
        AlertStatus.CLOSED, ClosingReason.REACTIVATED_HERE, "R20",
    )  # fmt: skip
    assert await cases(world) == []


@pytest.mark.parametrize("rule", ["R13", "R18", "R21", "R26"])
async def test_a_rule_without_a_reason_of_its_own_closes_nothing(world, rule):
    world.analysis.by_serial["UNKNOWN1"] = findings(cause=Cause.UNKNOWN, rule_id=rule, closing_rule=rule)
    assert (await world.alert("A", "verify", "UNKNOWN1")).status is AlertStatus.NEW


async def look(world: World) -> int:
    async with world.database.transaction() as tx:
        place, changed = await look_for_news(tx, Place(), world.clock())
    assert place is None
    return changed


async def test_news_are_an_operation_on_the_pack_on_the_one_meant_and_an_upload_but_no_further_alert(world):
    world.analysis.by_serial["aBcDeFgH"] = findings(meant_serial_number="AbCdEfGh")
    await world.alert("A", "verify", "aBcDeFgH")
    assert await look(world) == 0
    await world.alert("A", "verify", "aBcDeFgH")
    assert await look(world) == 0
    await world.scan("A", "verify", "AbCdEfGh")
    assert await look(world) == 2
    await world.intake()
    assert await look(world) == 0
    await world.scan("A", "verify", "SN3")
    assert await look(world) == 0
    await world.batch(BATCH, ["LATE1"])
    assert await look(world) == 2
    await world.intake()
    assert await look(world) == 0


async def test_a_batch_that_was_missing_is_news_when_it_comes(world):
    await world.alert("A", "verify", "LATE1", batch="NEW")
    assert await look(world) == 0
    await world.batch("NEW", ["LATE1"])
    assert await look(world) == 1


async def test_looking_goes_through_all_open_alerts_in_portions(world):
    for number in range(7):
        await world.alert("A", "verify", f"UNKNOWN{number}")
        world.clock.move(seconds=1)
    await world.batch(BATCH, ["LATE1"])
    place: Place | None = Place()
    portions = []
    while place is not None:
        async with world.database.transaction() as tx:
            place, changed = await look_for_news(tx, place, world.clock(), at_once=3)
        portions.append(changed)
    assert portions == [3, 3, 1]


async def test_an_answer_that_is_overdue_is_told_once_to_those_concerned(world):
    await world.alert("A", "verify", "UNKNOWN1")
    hours = RULES.alerts.deadlines[Deadline.EXPECTED_ANSWER]

    async def told() -> list[str]:
        async with world.database.transaction() as tx:
            await tell_of_deadlines(tx, RULES, world.clock())
        rows = await world.rows(
            "SELECT party FROM alert_notice WHERE notice = 'answer_overdue' ORDER BY party"
        )
        return [row["party"] for row in rows]

    world.clock.move(hours=hours, seconds=-1)
    assert await told() == []
    world.clock.move(seconds=1)
    assert await told() == ["end_user_location", "obp", "operator", "operator"]
    world.clock.move(hours=hours)
    assert len(await told()) == 4


async def parties_told(world: World, notice: str) -> list[str]:
    rows = await world.rows(
        "SELECT party FROM alert_notice WHERE notice = %(notice)s ORDER BY party", notice=notice
    )
    return [row["party"] for row in rows]


async def test_a_side_is_reminded_before_its_answer_is_due_and_only_once(world):
    await world.alert("A", "verify", "UNKNOWN1")
    hours = RULES.alerts.deadlines[Deadline.EXPECTED_ANSWER] - RULES.alerts.warnings[Deadline.EXPECTED_ANSWER]
    reminded = []
    for seconds in (hours * 3600 - 1, 1, 10):
        world.clock.move(seconds=seconds)
        async with world.database.transaction() as tx:
            await warn_of_deadlines(tx, RULES, world.clock())
        reminded.append(await parties_told(world, "answer_due_soon"))
    assert reminded == [[], ["end_user_location", "obp"], ["end_user_location", "obp"]]


async def test_nobody_is_reminded_of_what_is_done_or_too_late(world):
    answered = await world.alert("A", "verify", "UNKNOWN1")
    await world.alert("A", "verify", "UNKNOWN2")
    async with world.database.transaction() as tx:
        await tx.execute(
            "UPDATE alert_deadline SET met_at = %s WHERE event_number = %s",
            (world.clock(), answered.key.event_number),
        )
    world.clock.move(hours=RULES.alerts.deadlines[Deadline.EXPECTED_ANSWER], seconds=1)
    async with world.database.transaction() as tx:
        assert await warn_of_deadlines(tx, RULES, world.clock()) == 0
        assert await tell_of_deadlines(tx, RULES, world.clock()) == 2


def test_a_deadline_that_is_no_longer_than_its_reminder_has_none():
    spain = warned_before(load_rules("ES").alerts)
    assert RULES.alerts.warnings.keys() == warned_before(RULES.alerts).keys()
    assert set(spain) == {Deadline.CLOSE_WITHOUT_ANSWER}, "an answer is expected within 24 hours there"


@pytest.mark.parametrize(
    ("cause", "cause_class", "told"),
    [
        (Cause.CASE_SWAP, "end_user_technical", ["end_user_location", "obp", "operator"]),
        (Cause.UNKNOWN, "unknown", []),
    ],
)
async def test_those_to_whom_it_matters_hear_that_the_likely_cause_is_another_kind_of_cause(
    world, cause, cause_class, told
):
    file = await world.alert("A", "verify", "UNKNOWN1")
    assert await parties_told(world, "cause_changed") == [], "the first analysis is no change"
    world.analysis.by_serial["UNKNOWN1"] = findings(cause=cause, cause_class=cause_class, rule_id="R01")
    await analysed_again(world)
    assert (await world.file(file.alert_id)).cause is cause
    assert await parties_told(world, "cause_changed") == told
    await analysed_again(world)
    assert await parties_told(world, "cause_changed") == told, "once"


async def test_another_fault_of_the_same_scanner_is_no_news_and_what_is_closed_is_told_as_closed(world):
    world.analysis.by_serial["UNKNOWN1"] = findings(
        cause=Cause.CASE_SWAP, cause_class="end_user_technical", rule_id="R01"
    )
    await world.alert("A", "verify", "UNKNOWN1")
    world.analysis.by_serial["UNKNOWN1"] = findings(
        cause=Cause.KEYBOARD_LAYOUT, cause_class="end_user_technical", rule_id="R02"
    )
    await analysed_again(world)
    world.analysis.by_serial["UNKNOWN1"] = findings(
        cause=Cause.LATE_UPLOAD, cause_class="mah_obp_data", rule_id="R15", closing_rule="R15"
    )
    await analysed_again(world)
    assert await parties_told(world, "cause_changed") == []
    assert await parties_told(world, "alert_closed") == ["end_user_location", "obp", "operator"]


async def test_a_pattern_that_is_seen_later_is_told_even_where_the_alert_is_escalated_already(world):
    pattern = findings(
        cause=Cause.FALSIFICATION_PATTERN, cause_class="high_risk", rule_id="R26", is_high_risk=True
    )
    await world.alert("A", "verify", "UNKNOWN1")
    escalated = await world.alert("A", "verify", "UNKNOWN2")
    async with world.database.transaction() as tx:
        await tx.execute(
            "UPDATE alert_file SET status = 'escalated' WHERE event_number = %s",
            (escalated.key.event_number,),
        )
    world.analysis.by_serial |= {"UNKNOWN1": pattern, "UNKNOWN2": pattern}
    for _ in range(2):
        await analysed_again(world)
    all_parties = ["end_user_location", "obp", "operator"]
    assert await parties_told(world, "high_risk_found") == all_parties
    assert [one for one in await parties_told(world, "alert_escalated") if one in all_parties] == all_parties
    assert await parties_told(world, "cause_changed") == []


async def analysed_again(world: World) -> None:
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET analysis_wanted_at = %s", (world.clock(),))
    await world.intake()


async def test_the_runner_makes_a_case_within_a_second_and_stops_when_told(world):
    async with AlertIntake(world.database, RULES, world.analysis, world.clock):
        outcome = await world.scan("A", "verify", "UNKNOWN1")
        async with asyncio.timeout(1):
            while not await world.rows(  # noqa: ASYNC110 - another process would be asked, too
                "SELECT 1 FROM alert_file WHERE alert_id = %(id)s", id=outcome.alert_id
            ):
                await asyncio.sleep(0.01)
    await world.scan("A", "verify", "UNKNOWN2")
    await asyncio.sleep(0.5)
    assert len(await world.rows("SELECT * FROM alert_file")) == 1


async def test_the_runner_puts_aside_what_it_cannot_take_and_goes_on_with_the_rest(world, monkeypatch):
    bad = await world.scan("A", "verify", "UNKNOWN1")
    good = await world.scan("A", "verify", "UNKNOWN2")
    async with world.database.transaction() as tx:
        await tx.execute("ALTER TABLE alert_file ADD CONSTRAINT no_good CHECK (serial_number <> 'UNKNOWN1')")
    intake = AlertIntake(world.database, RULES, world.analysis, world.clock)
    assert await intake.work_once()
    assert not await world.rows("SELECT 1 FROM alert_file WHERE alert_id = %(id)s", id=bad.alert_id)
    assert await world.file(good.alert_id)
    assert len(await world.rows("SELECT * FROM deviation_outbox")) == 1


def test_every_kin_is_used_by_some_cause():
    assert set(RULES.alerts.kin.values()) == set(Kin)
    assert timedelta(hours=RULES.alerts.deadlines[Deadline.REMINDER_FIRST]) == timedelta(days=2)
