"""From scan to closed case: the six alerts and the two refusals of NMVO-0048 v5.0 §6.2 to §6.9, with all their parties.

Pharmacies scan over HTTP, the intake runs beside the server as it does in a worker, and people act as the portal lets them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.http import country as small_country
from tests.http.country import GTIN, Pharmacy, a_country

from sinetti.alerts import cases, register, talking
from sinetti.alerts.analysis import analyser_of
from sinetti.alerts.files import Change, find_file
from sinetti.alerts.guidance import Known, guidance
from sinetti.alerts.intake import AlertIntake
from sinetti.alerts.model import AlertFile, Doer
from sinetti.alerts.view import outcome_sentence
from sinetti.kit.db import Database
from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Party,
    Refusal,
    SetAsideEnd,
    Side,
    SupplyOutcome,
)
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language, OrganisationKind

RULES = load_rules("FI")
BATCH, EXPIRY = "LOT1", "301231"
CAN = RULES.alerts.words[Language.FI]("outcome", SupplyOutcome.CAN_BE_SUPPLIED)
MUST_NOT = RULES.alerts.words[Language.FI]("outcome", SupplyOutcome.MUST_NOT_BE_SUPPLIED)


class Story:
    """A country that scans, and the people who handle what comes of it."""

    def __init__(self, country: small_country.TestCountry, database: Database, clock: Any) -> None:
        self.country = country
        self.database = database
        self.clock = clock
        self.obp_id = 0

    async def set_up(self) -> None:
        self.a = await self.country.pharmacy("A")
        self.b = await self.country.pharmacy("B")
        await self.country.batch(BATCH, EXPIRY, ["AbCd1234", "SN2", "SN3"])
        async with self.database.transaction() as tx:
            row = await (await tx.execute("SELECT organisation_id FROM product")).fetchone()
        assert row is not None
        self.obp_id = row[0]

    async def scan(self, place: Pharmacy, state: str | None, serial: str, **sent: str) -> dict[str, Any]:
        self.clock.move(seconds=20)
        query: dict[str, Any] = {"batch": BATCH, "expiry": EXPIRY, **sent}
        answer = await (place.get(serial, **query) if state is None else place.patch(serial, state, **query))
        return answer.json()  # type: ignore[no-any-return]

    async def alert(self, place: Pharmacy, state: str | None, serial: str, **sent: str) -> AlertFile:
        """Scan something that raises an alert; it is a case within a second."""
        answer = await self.scan(place, state, serial, **sent)
        async with asyncio.timeout(10):
            while (file := await self.file(answer["alertId"])) is None:  # noqa: ASYNC110 - as a browser would
                await asyncio.sleep(0.02)
        return file

    async def file(self, alert_id: str | None) -> AlertFile | None:
        async with self.database.transaction() as tx:
            return await find_file(tx, alert_id or "")

    async def do(self, doer: Doer, what: Any, *arguments: Any, **options: Any) -> Any:
        change = Change(rules=RULES, doer=doer, now=self.clock())
        async with self.database.transaction() as tx:
            return await what(tx, change, *arguments, **options)

    async def close(
        self, doer: Doer, file: AlertFile, reason: ClosingReason, comment: str | None = None
    ) -> str:
        """Close an alert; the sentence for whoever has the pack."""
        closed = await self.do(
            doer, cases.change_status, file.alert_id, AlertStatus.CLOSED, reason=reason, comment=comment
        )
        assert not isinstance(closed, Refusal), closed
        assert await self.open_cases() == 0
        return outcome_sentence(RULES.alerts, closed, Language.FI)

    async def open_cases(self) -> int:
        async with self.database.transaction() as tx:
            cursor = await tx.execute("SELECT count(*) FROM alert_case WHERE closed_at IS NULL")
            return (await cursor.fetchone() or (0,))[0]  # type: ignore[no-any-return]

    def staff(self, place: Pharmacy) -> Doer:
        return Doer(
            party=Party.END_USER_LOCATION, user_id=place.location_id, user_name="Staff",
            organisation_id=place.organisation_id, location_ids=(place.location_id,),
        )  # fmt: skip

    @property
    def company(self) -> Doer:
        return Doer(party=Party.OBP, user_id=90, user_name="Company", organisation_id=self.obp_id)

    @property
    def operator(self) -> Doer:
        return Doer(party=Party.OPERATOR, user_id=91, user_name="Operator")

    def steps(self, file: AlertFile) -> list[str]:
        return [
            step.step
            for step in guidance(RULES.alerts, Known(alert=file), OrganisationKind.PHARMACY, Language.FI)
        ]


@asynccontextmanager
async def a_story(database_url: str, database: Database, clock: Any) -> AsyncIterator[Story]:
    async with (
        a_country(database_url, database, clock) as country,
        AlertIntake(database, RULES, analyser_of(RULES), clock),
    ):
        story = Story(country, database, clock)
        await story.set_up()
        yield story


@pytest.fixture
async def story(database_url: str, database: Database, clock: Any) -> AsyncIterator[Story]:
    async with a_story(database_url, database, clock) as made:
        yield made


async def test_6_2_an_unknown_serial_number_that_the_scanner_made(story: Story):
    file = await story.alert(story.a, None, "aBcD1234")
    assert file.kind is AlertKind.UNKNOWN_SERIAL_NUMBER
    assert outcome_sentence(RULES.alerts, file, Language.FI).startswith(MUST_NOT)
    assert "scan_again" in story.steps(file)
    number = await story.do(story.staff(story.a), register.set_pack_aside, file.alert_id)
    assert (await story.scan(story.a, None, "AbCd1234"))["operationCode"] == "11110100"
    sentence = await story.close(story.staff(story.a), file, ClosingReason.READING_CORRECTED)
    assert sentence.startswith(CAN)
    back = (register.end_set_aside, file.key.product_id, number, SetAsideEnd.BACK_TO_STOCK)
    assert await story.do(story.staff(story.a), *back) is None


async def test_6_3_a_batch_that_the_company_had_not_uploaded(story: Story):
    file = await story.alert(story.a, None, "NEW1", batch="LOT2")
    assert file.kind is AlertKind.UNKNOWN_BATCH_AND_SERIAL_NUMBER
    await story.do(story.staff(story.a), cases.hand_over, file.alert_id)
    await story.do(
        story.company, cases.investigate, file.alert_id, Side.OBP, InvestigationStatus.CAUSE_ON_MY_SIDE
    )
    await story.country.batch("LOT2", EXPIRY, ["NEW1"])
    sentence = await story.close(story.company, file, ClosingReason.DATA_CORRECTED)
    assert sentence.startswith(CAN)
    assert (await story.scan(story.a, "Supplied", "NEW1", batch="LOT2"))["operationCode"] == "11210200"


async def test_6_4_a_batch_that_is_printed_differently_from_what_was_uploaded(story: Story):
    file = await story.alert(story.a, None, "SN2", batch="LOT-1")
    assert file.kind is AlertKind.OTHER_BATCH
    await story.do(
        story.company, talking.send_message, file.alert_id, "Please send a photograph of the print."
    )
    await story.do(story.staff(story.a), talking.send_message, file.alert_id, "LOT-1 is printed on it.")
    sentence = await story.close(story.company, file, ClosingReason.PRODUCT_DEFECT, "misprint, sale stopped")
    assert sentence.startswith(MUST_NOT)


async def test_6_5_an_expiry_date_that_was_typed_in_the_wrong_order(story: Story):
    story.a.headers["emvs-data-entry-mode"] = "manual"
    file = await story.alert(story.a, None, "SN2", expiry="311230")
    assert (file.kind, file.entry_mode) == (AlertKind.OTHER_EXPIRY, "manual")
    assert "type_expiry" in story.steps(file)[:2]
    assert (await story.scan(story.a, None, "SN2"))["operationCode"] == "11110100"
    assert (await story.close(story.staff(story.a), file, ClosingReason.READING_CORRECTED)).startswith(CAN)


async def test_6_6_a_pack_that_was_supplied_elsewhere_is_a_suspicion_until_the_cause_is_known(story: Story):
    await story.scan(story.b, "Supplied", "SN2")
    file = await story.alert(story.a, "Supplied", "SN2")
    assert (file.kind, file.earlier_location_id) == (AlertKind.SUPPLY_REFUSED, story.b.location_id)
    assert story.steps(file)[0] == "if_elsewhere"
    await story.do(story.staff(story.a), register.set_pack_aside, file.alert_id)
    await story.do(story.operator, cases.note_trail_read, file.alert_id, str(file.alert_id))
    for to, why in (
        (Classification.SUSPICION, "two packs with one identifier"),
        (Classification.CONFIRMED_FALSIFICATION, "laboratory"),
    ):
        assert not isinstance(
            await story.do(story.company, cases.classify, file.alert_id, to, comment=why), Refusal
        )
    sentence = await story.close(story.company, file, ClosingReason.FALSIFICATION, "class 1 process done")
    assert sentence == f"{MUST_NOT}: se on vahvistettu lääkeväärennökseksi."


async def test_6_7_a_pack_that_cannot_be_decommissioned_because_it_was_supplied_here(story: Story):
    await story.scan(story.a, "Supplied", "SN2")
    file = await story.alert(story.a, "Destroyed", "SN2")
    assert (file.kind, file.earlier_location_id) == (AlertKind.DECOMMISSION_REFUSED, story.a.location_id)
    assert "try_reactivation" in story.steps(file)
    assert (await story.scan(story.a, "Active", "SN2"))["operationCode"] == "11410100"
    sentence = await story.close(story.staff(story.a), file, ClosingReason.REACTIVATED_HERE)
    assert sentence.startswith(CAN)


async def supplied_again(story: Story) -> AlertFile:
    """The pharmacy supplies a pack once more than the notices allow."""
    await story.scan(story.a, "Supplied", "SN2")
    for _ in range(RULES.parameters["repeat_notices_supply"].value):
        assert (await story.scan(story.a, "Supplied", "SN2")).get("alertId") is None
    return await story.alert(story.a, "Supplied", "SN2")


async def becomes(story: Story, file: AlertFile, status: AlertStatus) -> AlertFile:
    """The alert, when it has got there by itself."""
    async with asyncio.timeout(20):
        while True:
            now = await story.file(file.alert_id)
            if now is not None and now.status is status:
                return now
            await asyncio.sleep(0.05)


async def test_a_reactivation_at_the_same_location_closes_the_alerts_of_that_pack_and_can_be_undone(
    story: Story,
):
    """R20, as the German system does since 31 March 2023: without a person, said to be so, and reversible."""
    alerts = [await supplied_again(story), await story.alert(story.a, "Supplied", "SN2")]
    assert (await story.scan(story.a, "Active", "SN2"))["operationCode"] == "11410100"
    for file in alerts:
        closed = await becomes(story, file, AlertStatus.CLOSED)
        assert (closed.closing_reason, closed.closed_by_rule) == (ClosingReason.REACTIVATED_HERE, "R20")
        assert outcome_sentence(RULES.alerts, closed, Language.FI).startswith(CAN)
    undone = await story.do(
        story.operator, cases.change_status, alerts[0].alert_id, AlertStatus.UNDER_INVESTIGATION,
        comment="the pack was handed over before",
    )  # fmt: skip
    assert (undone.status, undone.closing_reason) == (AlertStatus.UNDER_INVESTIGATION, None)


async def test_where_another_location_had_the_pack_too_a_reactivation_closes_nothing(story: Story):
    """Two places within minutes: a possible falsification, which a person has to look at (guard rails of the analysis)."""
    here = await supplied_again(story)
    there = await story.alert(story.b, "Supplied", "SN2")
    assert (await story.scan(story.a, "Active", "SN2"))["operationCode"] == "11410100"
    for file in (here, there):
        escalated = await becomes(story, file, AlertStatus.ESCALATED)
        assert outcome_sentence(RULES.alerts, escalated, Language.FI).startswith(MUST_NOT)


async def ask(story: Story, place: Pharmacy, serial: str) -> AlertFile:
    answer = await story.scan(place, "Active", serial)
    assert answer.get("alertId") is None
    events = await story.country.events()
    return await story.do(  # type: ignore[no-any-return]
        story.staff(place), cases.ask_for_investigation, scheme="gs1", product_code=GTIN, serial_number=serial,
        transaction_id=str(events[-1]["transaction_id"]),
    )  # fmt: skip


async def test_6_8_a_reactivation_that_comes_too_late(story: Story):
    await story.scan(story.a, "Supplied", "SN2")
    story.clock.move(days=10, seconds=1)
    await renew(story, story.a, "A")
    file = await ask(story, story.a, "SN2")
    assert (file.kind, file.status) == (AlertKind.REACTIVATION_TOO_LATE, AlertStatus.UNDER_INVESTIGATION)
    closed = await story.do(
        story.staff(story.a), cases.change_status_of, file.key, AlertStatus.CLOSED,
        reason=ClosingReason.DECOMMISSIONED_HERE_BEFORE,
    )  # fmt: skip
    assert outcome_sentence(RULES.alerts, closed, Language.FI).startswith(MUST_NOT)
    assert await story.open_cases() == 0


async def test_6_9_a_reactivation_of_a_pack_that_another_location_had_lent(story: Story):
    await story.scan(story.b, "Supplied", "SN2")
    file = await ask(story, story.a, "SN2")
    assert (file.kind, file.earlier_location_id) == (AlertKind.REACTIVATION_ELSEWHERE, story.b.location_id)
    assert story.steps(file)[:2] == ["elsewhere_explained", "not_before_cause"]
    refused = await story.do(
        story.staff(story.a), cases.change_status_of, file.key, AlertStatus.CLOSED,
        reason=ClosingReason.HANDED_ON_LAWFULLY, comment="lent by B",
    )  # fmt: skip
    assert refused is Refusal.REASON_NOT_FOR_THIS_PARTY
    closed = await story.do(
        story.operator, cases.change_status_of, file.key, AlertStatus.CLOSED,
        reason=ClosingReason.HANDED_ON_LAWFULLY, comment="lent by B, both confirm",
    )  # fmt: skip
    assert outcome_sentence(RULES.alerts, closed, Language.FI).startswith(CAN)


async def renew(story: Story, place: Pharmacy, name: str) -> None:
    """A new access token, after days."""
    answer = await story.country.client.post(
        "/identity/connect/token",
        data={"grant_type": "client_credentials", "client_id": name, "client_secret": "secret-of-a-test"},
    )
    place.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
