"""What people do with alerts, against PostgreSQL: each change whole, with history, notices and deadlines."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.store.alerts.world import GTIN, RULES, World

from sinetti.alerts import cases, many, register, talking, teams
from sinetti.alerts.files import Change, files_of_case
from sinetti.alerts.model import AlertFile
from sinetti.alerts.reading import read_view
from sinetti.alerts.view import outcome_sentence
from sinetti.kit.problems import Problem
from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Refusal,
    SetAsideEnd,
    Side,
)
from sinetti.rules.vocabulary import Language


async def do(world: World, who: str, what: Any, *arguments: Any, **options: Any) -> Any:
    """A use case, done by somebody in a transaction of its own."""
    change = Change(rules=RULES, doer=world.doer(who), now=world.clock())
    async with world.database.transaction() as tx:
        return await what(tx, change, *arguments, **options)


async def history(world: World, change: str) -> list[tuple[Any, ...]]:
    rows = await world.rows(
        "SELECT party, value_before, value_after, coalesce(closing_reason, comment) AS why FROM alert_history"
        " WHERE change = %(change)s ORDER BY entry_number",
        change=change,
    )
    return [tuple(row.values()) for row in rows]


async def told(world: World, notice: str) -> list[str]:
    rows = await world.rows(
        "SELECT party FROM alert_notice WHERE notice = %(notice)s ORDER BY party", notice=notice
    )
    return [row["party"] for row in rows]


async def open_cases(world: World) -> int:
    return len(await world.rows("SELECT * FROM alert_case WHERE closed_at IS NULL"))


async def test_the_first_who_opens_an_alert_makes_it_active_and_the_authority_does_not(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    assert (await do(world, "authority", cases.open_alert, file.alert_id)).status is AlertStatus.NEW
    assert (await do(world, "A", cases.open_alert, file.alert_id)).status is AlertStatus.ACTIVE
    await do(world, "operator", cases.open_alert, file.alert_id)
    assert await history(world, "status") == [("end_user_location", "new", "active", None)]


@pytest.mark.parametrize("who", ["B", "B main", "A2", "C"])
async def test_what_is_not_ones_matter_is_as_if_it_were_not_there(world, who):
    file = await world.alert("A", "verify", "UNKNOWN1")
    for what in (
        (cases.open_alert,),
        (cases.change_status, AlertStatus.ESCALATED),
        (cases.investigate, Side.END_USER, InvestigationStatus.PENDING),
        (talking.send_message, "hello"),
        (talking.add_note, "hello"),
        (register.set_pack_aside,),
    ):
        with pytest.raises(Problem, match="unknown-alert"):
            await do(world, who, what[0], file.alert_id, *what[1:])


async def test_closing_says_why_meets_what_was_due_and_closes_the_case_with_its_last_alert(world):
    first = await world.alert("A", "verify", "UNKNOWN1")
    second = await world.alert("A", "verify", "UNKNOWN1")
    closed = await do(
        world,
        "A",
        cases.change_status,
        first.alert_id,
        AlertStatus.CLOSED,
        reason=ClosingReason.READING_CORRECTED,
    )
    assert closed.closing_reason is ClosingReason.READING_CORRECTED
    assert await open_cases(world) == 1
    await do(
        world, "operator", cases.change_status, second.alert_id, AlertStatus.CLOSED,
        reason=ClosingReason.OTHER, comment="a test",
    )  # fmt: skip
    assert await open_cases(world) == 0
    assert await history(world, "status") == [
        ("end_user_location", "new", "closed", "reading_corrected"),
        ("operator", "new", "closed", "other"),
    ]
    due = await world.rows("SELECT * FROM alert_deadline WHERE met_at IS NULL")
    assert due == []
    assert await told(world, "alert_closed") == ["end_user_location", "obp", "obp", "operator"]


async def test_two_who_close_the_last_two_alerts_at_once_close_the_case(world):
    alerts = [await world.alert("A", "verify", "UNKNOWN1") for _ in range(6)]
    await asyncio.gather(
        *(
            do(world, "A", cases.change_status, file.alert_id, AlertStatus.CLOSED, reason=ClosingReason.READING_CORRECTED)
            for file in alerts
        )
    )  # fmt: skip
    assert await open_cases(world) == 0


async def test_an_alert_that_is_reopened_opens_its_case_or_joins_the_one_that_came_after(world):
    old = await world.alert("A", "verify", "UNKNOWN1")
    close = {"reason": ClosingReason.READING_CORRECTED}
    await do(world, "A", cases.change_status, old.alert_id, AlertStatus.CLOSED, **close)
    again = {"comment": "it came back"}
    await do(world, "A", cases.change_status, old.alert_id, AlertStatus.UNDER_INVESTIGATION, **again)
    assert await open_cases(world) == 1
    await do(world, "A", cases.change_status, old.alert_id, AlertStatus.CLOSED, **close)
    new = await world.alert("A", "verify", "UNKNOWN1")
    assert new.case != old.case
    joined = await do(world, "A", cases.change_status, old.alert_id, AlertStatus.UNDER_INVESTIGATION, **again)
    assert (joined.case, joined.closing_reason) == (new.case, None)
    assert await told(world, "alert_reopened") == ["obp", "obp", "operator", "operator"]


async def test_a_change_that_somebody_else_has_overtaken_is_not_made(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    await do(world, "operator", cases.change_status, file.alert_id, AlertStatus.ESCALATED, comment="odd")
    late = await do(
        world, "A", cases.change_status, file.alert_id, AlertStatus.UNDER_INVESTIGATION, seen=file.changes
    )
    assert late is Refusal.CHANGED_MEANWHILE


async def test_what_a_side_says_puts_the_alert_under_investigation_and_can_be_taken_back(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    said = await do(
        world, "A", cases.investigate, file.alert_id, Side.END_USER, InvestigationStatus.NO_CAUSE_ON_MY_SIDE
    )
    assert said.status is AlertStatus.UNDER_INVESTIGATION
    assert said.investigations == {Side.END_USER: InvestigationStatus.NO_CAUSE_ON_MY_SIDE}
    assert await told(world, "investigation_answered") == ["obp", "operator"]
    back = await do(
        world,
        "A",
        cases.investigate,
        file.alert_id,
        Side.END_USER,
        InvestigationStatus.NONE,
        comment="too early",
    )
    assert back.investigations == {}
    assert await history(world, "investigation") == [
        ("end_user_location", "none", "no_cause_on_my_side", None),
        ("end_user_location", "no_cause_on_my_side", "none", "too early"),
    ]


async def test_a_company_that_waits_for_an_answer_may_close_after_fourteen_days(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    close = (cases.change_status, file.alert_id, AlertStatus.CLOSED)
    assert await do(world, "obp", *close, reason=ClosingReason.NO_ANSWER) is Refusal.REASON_TOO_EARLY
    await do(world, "obp", talking.send_message, file.alert_id, "What is printed on the pack?")
    world.clock.move(hours=14 * 24, seconds=-1)
    assert await do(world, "obp", *close, reason=ClosingReason.NO_ANSWER) is Refusal.REASON_TOO_EARLY
    world.clock.move(seconds=1)
    closed = await do(world, "obp", *close, reason=ClosingReason.NO_ANSWER)
    assert outcome_sentence(RULES.alerts, closed, Language.EN).startswith("The pack must not be supplied:")


async def test_an_answer_ends_the_waiting(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    await do(world, "obp", talking.send_message, file.alert_id, "What is printed on the pack?")
    await do(world, "A", talking.send_message, file.alert_id, "The same as was sent.")
    world.clock.move(hours=15 * 24)
    refused = await do(
        world, "obp", cases.change_status, file.alert_id, AlertStatus.CLOSED, reason=ClosingReason.NO_ANSWER
    )
    assert refused is Refusal.REASON_TOO_EARLY


async def test_not_our_error_hands_over_to_the_company(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    over = await do(world, "A", cases.hand_over, file.alert_id)
    assert over.investigations[Side.END_USER] is InvestigationStatus.NO_CAUSE_ON_MY_SIDE
    waited = await world.rows(
        "SELECT side, deadline FROM alert_deadline WHERE met_at IS NULL ORDER BY due_at"
    )
    assert {row["side"] for row in waited} == {"obp"}
    assert [row["deadline"] for row in waited][-1] == "close_without_answer"


async def test_a_confirmed_falsification_opens_the_class_1_process_and_tells_the_authority(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    suspicion = await do(
        world, "obp", cases.classify, file.alert_id, Classification.SUSPICION, comment="no technical cause"
    )
    assert suspicion.status is AlertStatus.ESCALATED
    assert await told(world, "suspicion_classified") == ["operator", "other_operator"]
    assert await world.rows("SELECT * FROM product_defect") == []
    await do(
        world,
        "obp",
        cases.classify,
        file.alert_id,
        Classification.CONFIRMED_FALSIFICATION,
        comment="laboratory",
    )
    (defect,) = await world.rows("SELECT * FROM product_defect")
    assert (defect["defect_class"], defect["ended_at"]) == (1, None)
    assert "authority" in await told(world, "falsification_confirmed")
    await do(world, "obp", cases.classify, file.alert_id, Classification.SUSPICION, comment="wrong sample")
    (defect,) = await world.rows("SELECT * FROM product_defect")
    assert defect["ended_at"] is not None
    assert "authority" in await told(world, "classification_corrected")


async def test_the_history_can_be_neither_changed_nor_deleted(world):
    await world.alert("A", "verify", "UNKNOWN1")
    for statement in (
        "UPDATE alert_history SET comment = 'x'",
        "DELETE FROM alert_history",
        "TRUNCATE alert_history",
    ):
        with pytest.raises(Exception, match="append-only"):
            await world.rows(statement)


# ---------------------------------------------------------------- many


async def test_a_bulk_change_is_shown_before_it_is_made_and_leaves_out_what_refuses_and_what_is_of_others(
    world,
):
    plain, escalated, other = (
        await world.alert("A", "verify", "UNKNOWN1"),
        await world.alert("A", "verify", "UNKNOWN2"),
        await world.alert("B", "verify", "UNKNOWN3"),
    )
    await do(world, "operator", cases.change_status, escalated.alert_id, AlertStatus.ESCALATED, comment="odd")
    keys = [file.key for file in (plain, escalated, other)]
    change = Change(rules=RULES, doer=world.doer("A"), now=world.clock())
    judge = many.status_for_many(change, AlertStatus.CLOSED, reason=ClosingReason.READING_CORRECTED)
    async with world.database.transaction() as tx:
        preview = await many.preview_many(tx, change, keys, judge)
    assert {one.file.alert_id: one.is_made for one in preview} == {
        plain.alert_id: True,
        escalated.alert_id: False,
    }
    assert (await world.file(plain.alert_id)).status is AlertStatus.NEW
    async with world.database.transaction() as tx:
        made = await many.change_many(tx, change, keys, judge)
    assert [one.decided for one in made] == [one.decided for one in preview]
    assert (await world.file(plain.alert_id)).status is AlertStatus.CLOSED
    assert (await world.file(escalated.alert_id)).status is AlertStatus.ESCALATED
    assert (await world.file(other.alert_id)).status is AlertStatus.NEW


async def test_two_bulk_changes_of_the_same_alerts_wait_for_each_other(world):
    alerts = [await world.alert("A", "verify", f"UNKNOWN{number}") for number in range(8)]
    keys = [file.key for file in alerts]

    async def close(some: list[Any]) -> int:
        change = Change(rules=RULES, doer=world.doer("A"), now=world.clock())
        judge = many.status_for_many(change, AlertStatus.CLOSED, reason=ClosingReason.READING_CORRECTED)
        async with world.database.transaction() as tx:
            return sum(one.is_made for one in await many.change_many(tx, change, some, judge))

    counts = await asyncio.gather(close(keys), close(keys[::-1]), close(keys[3:]))
    assert sum(counts) == 8
    assert len(await history(world, "status")) == 8


# ---------------------------------------------------------------- talking


async def view(world: World, who: str, file: AlertFile) -> Any:
    async with world.database.transaction() as tx:
        return await read_view(tx, RULES.alerts, "FI", world.doer(who), file)


async def test_a_conversation_is_anonymous_between_user_and_company_and_separate_for_each_location(world):
    mine = await world.alert("A", "verify", "UNKNOWN1")
    theirs = await world.alert("B", "verify", "UNKNOWN1")
    assert mine.case == theirs.case
    await do(world, "A", talking.send_message, mine.alert_id, "from A")
    await do(world, "B", talking.send_message, theirs.alert_id, "from B")
    await do(world, "obp", talking.send_message, mine.alert_id, "to A")
    await do(world, "obp", talking.send_message, mine.alert_id, "to all", to_all=True)
    await do(world, "A", talking.add_note, mine.alert_id, "inside A")
    await do(world, "operator", talking.add_note, mine.alert_id, "inside the operator")
    a, b, obp, operator = [await view(world, who, mine) for who in ("A", "B", "obp", "operator")]
    assert [one.body for one in a.messages] == ["from A", "to A", "to all"]
    assert [one.body for one in b.messages] == ["from B", "to all"]
    assert [one.body for one in obp.messages] == ["from A", "from B", "to A", "to all"]
    assert [one.body for one in a.notes] == ["inside A"]
    assert [one.body for one in operator.notes] == ["inside the operator"]
    assert {one.person for one in obp.messages} == {None, "Person of obp"}
    assert {one.person for one in a.messages} == {None, "Person of A"}
    assert await told(world, "message_sent") == ["end_user_location"] * 3 + ["obp"] * 2 + ["operator"] * 4


async def test_an_empty_message_is_none_and_only_some_may_write_to_all(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    assert await do(world, "A", talking.send_message, file.alert_id, "  \n") is Refusal.MESSAGE_EMPTY
    assert await do(world, "A", talking.send_message, file.alert_id, "x" * 4001) is Refusal.COMMENT_TOO_LONG
    assert (
        await do(world, "A", talking.send_message, file.alert_id, "all", to_all=True)
        is Refusal.NOT_FOR_THIS_PARTY
    )
    assert (
        await do(world, "authority", talking.send_message, file.alert_id, "hello")
        is Refusal.NOT_FOR_THIS_PARTY
    )


# ---------------------------------------------------------------- packs set aside


async def test_a_pack_set_aside_goes_back_to_stock_only_when_the_cause_is_known(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    number = await do(world, "A", register.set_pack_aside, file.alert_id, place="quarantine shelf")
    assert isinstance(number, int)
    assert await do(world, "A", register.set_pack_aside, file.alert_id) is Refusal.ALREADY_SO
    leave = (register.end_set_aside, file.key.product_id, number)
    assert await do(world, "A", *leave, SetAsideEnd.BACK_TO_STOCK) is Refusal.CAUSE_NOT_KNOWN
    assert await do(world, "A", *leave, SetAsideEnd.RETURNED_TO_WHOLESALER) is Refusal.CAUSE_NOT_KNOWN
    with pytest.raises(Problem, match="unknown-pack-set-aside"):
        await do(world, "B", *leave, SetAsideEnd.DESTROYED)
    await do(
        world,
        "A",
        cases.change_status,
        file.alert_id,
        AlertStatus.CLOSED,
        reason=ClosingReason.READING_CORRECTED,
    )
    assert await do(world, "A", *leave, SetAsideEnd.BACK_TO_STOCK, comment="scanned again") is None
    assert await do(world, "A", *leave, SetAsideEnd.BACK_TO_STOCK) is Refusal.NOT_SET_ASIDE
    assert await history(world, "set_aside") == [
        ("end_user_location", None, "set_aside", "quarantine shelf"),
        ("end_user_location", "set_aside", "back_to_stock", "scanned again"),
    ]


async def test_a_return_that_is_agreed_does_not_wait_for_the_cause(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    number = await do(world, "A", register.set_pack_aside, file.alert_id)
    gone = await do(
        world, "A", register.end_set_aside, file.key.product_id, number, SetAsideEnd.RETURNED_TO_WHOLESALER,
        agreed_with_mah=True,
    )  # fmt: skip
    assert gone is None


# ---------------------------------------------------------------- refusals that are no alerts


async def test_a_refused_reactivation_is_investigated_when_its_user_asks_and_once(world):
    await world.scan("B", "supply", "SN2")
    refused = await world.scan("A", "reactivate", "SN2")
    assert refused.alert_id is None
    ask = {
        "scheme": "gs1", "product_code": GTIN, "serial_number": "SN2",
        "transaction_id": refused.request.transaction_id,
    }  # fmt: skip
    with pytest.raises(Problem, match="unknown-alert"):
        await do(world, "B", cases.ask_for_investigation, **ask)
    file = await do(world, "A", cases.ask_for_investigation, **ask)
    assert (file.kind, file.status) == (AlertKind.REACTIVATION_ELSEWHERE, AlertStatus.UNDER_INVESTIGATION)
    assert file.earlier_location_id == world.callers["B"].location_id
    assert await do(world, "A", cases.ask_for_investigation, **ask) == file
    alert = await world.alert("A", "supply", "SN2")
    assert alert.case == file.case
    async with world.database.transaction() as tx:
        assert [one.alert_id for one in await files_of_case(tx, file.case)] == [None, alert.alert_id]
    closed = await do(
        world, "operator", cases.change_status_of, file.key, AlertStatus.CLOSED,
        reason=ClosingReason.HANDED_ON_LAWFULLY, comment="lent by B, both confirm",
    )  # fmt: skip
    assert outcome_sentence(RULES.alerts, closed, Language.FI).startswith("Pakkauksen voi toimittaa:")


async def test_an_operation_that_went_well_is_not_investigated(world):
    fine = await world.scan("A", "supply", "SN2")
    with pytest.raises(Problem, match="unknown-alert"):
        await do(
            world, "A", cases.ask_for_investigation, scheme="gs1", product_code=GTIN, serial_number="SN2",
            transaction_id=fine.request.transaction_id,
        )  # fmt: skip


# ---------------------------------------------------------------- trail, guidance, teams, filters


async def test_who_reads_a_trail_says_on_which_ground_and_only_operator_and_authority_may(world):
    await world.scan("B", "supply", "SN2")
    file = await world.alert("A", "supply", "SN2")
    assert await do(world, "operator", cases.note_trail_read, file.alert_id, " ") is Refusal.COMMENT_MISSING
    assert (
        await do(world, "obp", cases.note_trail_read, file.alert_id, "curious") is Refusal.NOT_FOR_THIS_PARTY
    )
    await do(world, "operator", cases.note_trail_read, file.alert_id, str(file.alert_id))
    assert await history(world, "trail_read") == [("operator", None, "read", file.alert_id)]
    async with world.database.transaction() as tx:
        seen: dict[str, Any] = {
            who: await read_view(tx, RULES.alerts, "FI", world.doer(who), file, with_trail=True)
            for who in ("operator", "A", "authority")
        }
    assert [event.operation for event in seen["operator"].pack_trail] == ["supply", "supply"]
    assert len(seen["A"].pack_trail) == 1
    assert seen["A"].earlier_place is None
    assert seen["authority"].earlier_place.name == "Location B"


async def test_steps_are_ticked_off_by_side(world):
    file = await world.alert("A", "verify", "UNKNOWN1")
    assert await do(world, "A", cases.tick_step, file.alert_id, "scan_again", done=True) is None
    assert (
        await do(world, "A", cases.tick_step, file.alert_id, "no_such_step", done=True)
        is Refusal.NOT_FOR_THIS_PARTY
    )
    async with world.database.transaction() as tx:
        assert await cases.steps_done(tx, file, Side.END_USER) == {"scan_again"}
        assert await cases.steps_done(tx, file, Side.OBP) == frozenset()
    await do(world, "A", cases.tick_step, file.alert_id, "scan_again", done=False)
    async with world.database.transaction() as tx:
        assert await cases.steps_done(tx, file, Side.END_USER) == frozenset()


async def test_once_there_are_teams_people_see_the_markets_of_theirs(world):
    async with world.database.transaction() as tx:
        ids = []
        for name, organisation in (
            ("One", world.obp),
            ("Two", world.obp),
            ("Stranger", world.callers["A"].organisation_id),
        ):
            role = "mah_obp_investigator" if organisation == world.obp else "organisation_main_user"
            cursor = await tx.execute(
                "INSERT INTO person (name, email, role, organisation_id, language, created_at)"
                " VALUES (%s, %s, %s, %s, 'fi', %s) RETURNING user_id",
                (name, f"{name}@example.org", role, organisation, world.clock()),
            )
            ids.append((await cursor.fetchone() or (0,))[0])
        assert await teams.markets_of(tx, world.obp, ids[0]) is None
        team = await teams.make_team(tx, world.obp, "Nordic", ["SE", "FI"])
        assert isinstance(team, int)
        await teams.set_members(tx, world.obp, team, [ids[0], ids[2]])
        assert await teams.markets_of(tx, world.obp, ids[0]) == frozenset({"FI", "SE"})
        assert await teams.markets_of(tx, world.obp, ids[1]) == frozenset()
        assert len(await (await tx.execute("SELECT * FROM alert_team_member")).fetchall()) == 1
        assert not await teams.change_team(tx, None, team, "Mine now", ["FI"])
        assert await teams.change_team(tx, world.obp, team, "Finland", ["FI"])
        assert await teams.markets_of(tx, world.obp, ids[0]) == frozenset({"FI"})
        assert await teams.remove_team(tx, world.obp, team)
        assert await teams.markets_of(tx, world.obp, ids[0]) is None
