"""The client with alerts, against a running system: list, read, act, add a photo, fetch messages, check a webhook."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.http.portal.alerts import a_photo
from tests.http.running import SECRET, Running, a_running_system

from sinetti.alerts.analysis import analyser_of
from sinetti.alerts.intake import analyse_waiting, take_in
from sinetti.alerts.notices.handing import hand_over_all
from sinetti.contracts.cases import MessageOrder, SetAsideOrder, StatusOrder, StepOrder
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.nmvs.packs import Country
from sinetti.rules.load import load_rules
from sinetti.sdk import AsyncSinetti, Pack, ProblemError, Sinetti, WebhookRefusedError, read_webhook
from sinetti.webhooks.signing import headers_of, new_secret

RULES = load_rules("FI")
GUIDE = Path(__file__).parents[2] / "docs" / "howto" / "alerts-over-the-interface.md"
SERIAL = "AbCdEfGh"


@pytest.fixture(scope="module")
def system(server):
    with a_running_system(server, [SERIAL]) as running:
        yield running


@pytest.fixture
def pharmacy(system):
    with Sinetti(system.address, system.pharmacy_id, SECRET, "en") as client:
        yield client


@pytest.fixture
def alert_id(system, pharmacy):
    """An alert of the pharmacy, taken over as the worker does it."""
    pack = Pack(
        product_code="06412345678907", serial_number=SERIAL.swapcase(), batch="LOT-42/A", expiry="291200"
    )
    raised = pharmacy.verify(pack).wire.alert_id
    asyncio.run(worker(system))
    return raised


async def worker(system: Running) -> None:
    async with await Database.open(system.database_url, pool_max=1) as database:
        async with database.transaction() as tx:
            await take_in(tx, RULES, datetime.now(UTC))
            await analyse_waiting(tx, RULES, analyser_of(RULES), datetime.now(UTC))
        country = Country(market="FI", rules=RULES, zone=ZoneInfo("Europe/Helsinki"))
        await hand_over_all(database, country, system_clock)


def test_an_alert_is_listed_read_worked_on_and_closed(pharmacy, alert_id):
    assert alert_id in [one.alert_id for one in pharmacy.list_alerts(status="new").alerts]
    alert = pharmacy.read_alert(alert_id)
    assert (alert.cause, alert.stored_serial_number) == ("case_swap", msgspec.UNSET)
    assert "upper and lower case" in " ".join(alert.explanation[0].because).lower()
    step = alert.guidance[0].step
    assert pharmacy.act(alert_id, StepOrder(step=step, is_done=True)).guidance[0].is_done
    assert pharmacy.act(alert_id, SetAsideOrder(place="Shelf 3")).set_aside[0].place == "Shelf 3"
    assert len(pharmacy.add_photo(alert_id, a_photo()).photos) == 1
    assert len(pharmacy.add_photo(alert_id, a_photo()).photos) == 1, "the same file changes nothing"
    for _ in range(2):
        said = pharmacy.act(alert_id, MessageOrder(body="It looks right."), idempotency_key=alert_id)
        assert [one.body for one in said.messages] == ["It looks right."]
    with pytest.raises(ProblemError) as refused:
        pharmacy.act(alert_id, StatusOrder(status="closed", closing_reason="reactivated_here"))
    assert "does not fit an alert of this kind" in (refused.value.problem.detail or "")
    closed = pharmacy.act(alert_id, StatusOrder(status="closed", closing_reason="reading_corrected"))
    assert (closed.status, closed.outcome) == ("closed", "can_be_supplied")
    page = pharmacy.list_alerts(status="any", limit=1)
    assert len(page.alerts) == 1
    with pytest.raises(ProblemError):
        pharmacy.read_alert("FI-222-222-222-222-222")


async def test_the_client_for_asyncio_does_the_same(system, alert_id):
    async with AsyncSinetti(system.address, system.pharmacy_id, SECRET, "en") as client:
        listed = await client.list_alerts(status="any", search=alert_id)
        assert [one.alert_id for one in listed.alerts] == [alert_id]
        assert (await client.read_alert(alert_id)).status == "new"
        assert (await client.act(alert_id, StatusOrder(status="active"))).status == "active"
        photographed: Any = await client.add_photo(alert_id, a_photo())
        assert len(photographed.photos) == 1


def test_a_company_fetches_messages_and_what_a_webhook_brings_is_the_same(system, alert_id):
    with Sinetti(system.address, system.uploader_id, SECRET) as company:
        page = company.messages(limit=500)
        assert company.messages(after=page.next).messages == ()
    told = next(one for one in page.messages if one.data["alert"]["alertId"] == alert_id)
    body = msgspec.json.encode({"type": told.type, "timestamp": told.timestamp, "data": told.data})
    message_id, now = uuid4(), datetime.now(UTC)
    old, new = new_secret(), new_secret()
    headers = dict(headers_of(message_id, body, now, [new, old]))
    for secrets in (old, new, [new_secret(), old]):
        read = read_webhook(secrets, headers, body)
        assert (read.type, read.timestamp, read.data) == (told.type, told.timestamp, told.data)
        assert read.id == headers["webhook-id"]
    for wrong in (
        (new_secret(), headers, body, None),
        (new, headers, body + b" ", None),
        (new, headers | {"webhook-id": "msg_0"}, body, None),
        (new, headers, body, now.timestamp() + 301),
        (new, {}, body, None),
        (new, headers | {"webhook-signature": "v1,é"}, body, None),
        (new, dict(headers_of(message_id, b"[]", now, [new])), b"[]", None),
    ):
        with pytest.raises(WebhookRefusedError):
            read_webhook(wrong[0], wrong[1], wrong[2], now=wrong[3])


def test_the_program_of_the_guide_runs(system, alert_id, capsys):
    (program,) = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    names = {"address": system.address, "client_id": system.pharmacy_id, "client_secret": SECRET}
    exec(program, {**names, "photo": a_photo()})
    assert "must not be supplied" in capsys.readouterr().out
    with Sinetti(system.address, system.pharmacy_id, SECRET) as client:
        alert: Any = client.read_alert(alert_id)
    assert (alert.status, len(alert.photos)) == ("active", 1)
    assert {one.body for one in alert.messages} == {"The pack looks right."}, (
        "of the pack's other alerts, too"
    )
