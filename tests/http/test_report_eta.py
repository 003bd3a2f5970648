"""The time told for a report: later for what waits behind others, longer for a larger part of the record, and kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.http.operators import operators

from sinetti.reports import estimate
from sinetti.reports.model import Window

MARCH = Window(starts_at=datetime(2026, 3, 1, tzinfo=UTC), ends_at=datetime(2026, 4, 1, tzinfo=UTC))


async def fill(database, events: int) -> None:
    async with database.transaction() as tx:
        await tx.execute("SELECT ensure_pack_event_month('2026-03-01 00:00+00')")
        await tx.execute(
            "INSERT INTO pack_event (product_id, recorded_at, transaction_id, operation, operation_code, scheme,"
            " product_code, serial_number, user_agent, rules_version) SELECT 0, timestamptz '2026-03-01 00:00+00'"
            " + make_interval(secs => number * 2678399.0 / %s), gen_random_uuid(), 'verify', '11110100', 'gs1',"
            " '06412345678907', 'SERIAL' || number, repeat('x', 110), 'test' FROM generate_series(0, %s) AS number",
            (events, events - 1),
        )


@pytest.mark.parametrize(
    ("days", "share"), [((1, 32), 1.0), ((1, 16), 15 / 31), ((10, 11), 1 / 31), ((40, 50), 0.0)]
)
async def test_events_are_guessed_from_the_size_of_the_months(database, days, share):
    await fill(database, 20_000)
    first = datetime(2026, 3, 1, tzinfo=UTC)
    window = Window(
        starts_at=first + timedelta(days=days[0] - 1), ends_at=first + timedelta(days=days[1] - 1)
    )
    async with database.transaction() as tx:
        events = await estimate.expected_events(
            tx, "TransactionsByTransactionTypeReport", window, datetime(2026, 6, 1, tzinfo=UTC)
        )
    assert share * 20_000 * 0.8 <= events <= share * 20_000 * 1.6


async def test_reports_that_wait_for_each_other_are_all_there_when_it_was_said(database_url, database):
    def clock():
        return datetime.now(UTC)

    await fill(database, 20_000)
    parameters = {"startDate": "2026-03-01", "endDate": "2026-03-31"}
    body = {"report Type Id": "TransactionsByTransactionTypeReport", "parameters": parameters}
    async with operators(database_url, database, clock) as world:
        asked = [await world.post("/report/report-request", body) for _ in range(3)]
        etas = [datetime.fromisoformat(answer.json()["eta"]) for answer in asked]
        assert etas[0] < etas[1] < etas[2], "each behind the ones before"
        assert etas[2] - clock() < timedelta(minutes=3)
        async with world.worker():
            for answer, eta in zip(asked, etas, strict=True):
                made = await world.made(httpx.URL(answer.headers["location"]).path)
                assert made.text.splitlines()[-1].startswith("2026-03-31,FI,verify,11110100,false,")
                assert clock() < eta


async def test_what_was_measured_lately_replaces_the_guess(database):
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    async with database.transaction() as tx:
        before = await estimate.expected_eta(tx, "ExceptionsAuditTrailReport", MARCH, 1_000_000, now)
        for seconds in (50, 100, 100, 100, 100):
            await tx.execute(
                "INSERT INTO report_request (request_id, report_type, parameters, language, equipment_id, requested_at,"
                " events_expected, eta, started_at, finished_at, finished_attempt, expires_at)"
                " VALUES (gen_random_uuid(), 'ExceptionsAuditTrailReport', '{}', 'en', 1, %(now)s, 1000000, %(now)s,"
                " %(now)s, %(now)s + make_interval(secs => %(seconds)s), 1, %(now)s + interval '7 days')",
                {"now": now, "seconds": seconds},
            )
        after = await estimate.expected_eta(tx, "ExceptionsAuditTrailReport", MARCH, 1_000_000, now)
    fixed = estimate.BEGIN_SECONDS + estimate.SECONDS_A_DAY * 31
    assert (after - now).total_seconds() == pytest.approx(fixed + estimate.MARGIN * 100)
    assert before > after
