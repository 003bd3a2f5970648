"""The client against a running system: what a pharmacy system does all day, and what it does when things go wrong."""

from __future__ import annotations

import itertools
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import httpx
import pytest
from tests.http.running import SECRET, a_running_system

from sinetti.contracts.uploads import BatchHead, BatchRecall, BatchUpload, ProductUpload
from sinetti.gs1.charset import SET_82
from sinetti.rules.vocabulary import Colour, EntryMode, Level, PackState
from sinetti.sdk import (
    AsyncSinetti,
    Pack,
    Patience,
    ProblemError,
    RefusedError,
    Sinetti,
    TokenRefusedError,
    UnexpectedAnswerError,
    UnreachableError,
)

IMPATIENT = Patience(pauses_seconds=(0.01, 0.01), wait_seconds_max=5)
SERIALS = [f"P{number:03}" for number in range(60)] + [f"{character}/{character}" for character in SET_82]
GTIN = "06412345678907"
UNUSED = itertools.count(1)


@pytest.fixture(scope="module")
def system(server):
    with a_running_system(server, SERIALS) as running:
        yield running


@pytest.fixture
def pharmacy(system):
    with Sinetti(system.address, system.pharmacy_id, SECRET, patience=IMPATIENT) as client:
        yield client


@pytest.fixture
def other_pharmacy(system):
    with Sinetti(system.address, system.other_pharmacy_id, SECRET, "sv", patience=IMPATIENT) as client:
        yield client


@pytest.fixture
def uploader(system):
    with Sinetti(system.address, system.uploader_id, SECRET, patience=IMPATIENT) as client:
        yield client


@pytest.fixture
def pack():
    """A pack of this test's own."""
    return pack_of(f"P{next(UNUSED):03}")


def pack_of(serial, **other):
    return Pack(product_code=GTIN, serial_number=serial, **{"batch": "LOT-42/A", "expiry": "291200"} | other)


def test_a_pack_is_verified_supplied_and_taken_back(pharmacy, pack):
    verified = pharmacy.verify(pack)
    assert (verified.operation_code, verified.wire.state, verified.colour) == (
        "11110100",
        "Active",
        Colour.GREEN,
    )
    assert verified.is_success
    assert not verified.is_alert

    supplied = pharmacy.supply(pack)
    assert (supplied.operation_code, supplied.wire.state) == ("11210200", "Supplied")
    assert supplied.wire.can_reactivate
    assert supplied.wire.can_reactivate_until is not None
    assert supplied.transaction_id

    assert pharmacy.reactivate(pack).operation_code == "11410100"
    assert pharmacy.decommission(pack, PackState.DESTROYED).operation_code == "11310400"


def test_an_answer_tells_how_serious_it_is_and_what_to_do(pharmacy, other_pharmacy, pack):
    pharmacy.supply(pack)
    notice = pharmacy.supply(pack)
    assert (notice.operation_code, notice.is_success, notice.colour) == ("11220200", True, Colour.AMBER)
    alert = other_pharmacy.supply(pack)
    assert (alert.is_alert, alert.is_error, alert.is_success) == (True, False, False)
    assert (alert.level, alert.colour) == (Level.L5, Colour.RED)
    assert alert.wire.alert_id.startswith("FI-")
    assert alert.message
    assert alert.meaning
    assert alert.action
    assert alert.known.texts["sv"].message == alert.message

    error = pharmacy.verify(
        Pack(product_code="06412345678891", serial_number="1", batch="L", expiry="291200")
    )
    assert (error.is_error, error.is_alert, error.http_status) == (True, False, 404)


def test_every_character_of_set_82_survives_the_way(pharmacy):
    for character in SET_82:
        answer = pharmacy.verify(pack_of(f"{character}/{character}"))
        assert answer.operation_code == "11110100", character


def test_data_typed_by_hand_may_lack_batch_and_expiry(pharmacy, pack):
    typed = Pack(product_code=GTIN, serial_number=pack.serial_number, entry_mode=EntryMode.MANUAL)
    assert pharmacy.verify(typed).operation_code == "11110100"
    scanned = Pack(product_code=GTIN, serial_number=pack.serial_number)
    assert pharmacy.verify(scanned).http_status == 422


@contextmanager
def a_line_that_fails(address, *, answers_lost):
    """A line that brings every request to the system, and loses the first answers to state changes on their way."""
    lost = itertools.count(1)

    class Line(BaseHTTPRequestHandler):
        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = httpx.request(
                self.command, address + self.path, headers=dict(self.headers), content=body
            )
            if self.command == "PATCH" and next(lost) <= answers_lost:
                return
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Content-Length", "X-Transaction-Id"):
                self.send_header(name, answer.headers[name])
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PATCH = pass_on  # noqa: N815 - as http.server calls them

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Line) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_supply_whose_answer_is_lost_is_repeated_and_counts_once(system, pharmacy, pack):
    with (
        a_line_that_fails(system.address, answers_lost=2) as line,
        Sinetti(line, system.pharmacy_id, SECRET, patience=IMPATIENT) as client,
    ):
        supplied = client.supply(pack)
    assert supplied.operation_code == "11210200"
    assert pharmacy.supply(pack).operation_code == "11220200", "the first notice, so it was supplied once"


def test_a_supply_that_was_given_up_is_finished_later_with_its_key(system, pharmacy, pack):
    with (
        a_line_that_fails(system.address, answers_lost=9) as line,
        Sinetti(line, system.pharmacy_id, SECRET, patience=IMPATIENT) as client,
        pytest.raises(UnreachableError) as given_up,
    ):
        client.supply(pack)
    key = given_up.value.idempotency_key
    assert key
    assert pharmacy.supply(pack, idempotency_key=key).operation_code == "11210200"
    assert pharmacy.supply(pack, idempotency_key=key).operation_code == "11210200"
    assert pharmacy.supply(pack).operation_code == "11220200"


def test_a_key_used_for_something_else_is_a_problem(pharmacy, pack):
    key = str(uuid4())
    pharmacy.supply(pack, idempotency_key=key)
    with pytest.raises(ProblemError) as caught:
        pharmacy.reactivate(pack, idempotency_key=key)
    assert (caught.value.problem.status, caught.value.problem.type) == (
        422,
        "/problems/idempotency-key-reused",
    )
    assert caught.value.problem.transaction_id


def test_a_token_that_the_system_has_forgotten_is_replaced_unseen(pharmacy, pack):
    pharmacy.verify(pack)
    pharmacy._http.auth._token = "forgotten"
    assert pharmacy.verify(pack).is_success


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fi", "Millään asiakasjärjestelmällä ei ole"),
        ("sv", "Inget klientsystem har"),
        ("en", "No client equipment has"),
    ],
)
def test_wrong_credentials_are_told_as_such_in_the_language_of_the_client(system, pack, language, told):
    with (
        Sinetti(system.address, system.pharmacy_id, "wrong", language, patience=IMPATIENT) as client,
        pytest.raises(TokenRefusedError, match=told) as caught,
    ):
        client.verify(pack)
    assert caught.value.error == "invalid_client"


def test_a_system_that_is_not_there_is_told_quickly(pack):
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with Sinetti(f"http://127.0.0.1:{port}", "a", "b", patience=IMPATIENT) as client:
        with pytest.raises(UnreachableError) as caught:
            client.verify(pack)
        assert caught.value.idempotency_key is None


def test_something_that_does_not_speak_the_interface_is_told_as_such(pack):
    def proxy(request):
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t", "token_type": "Bearer", "expires_in": 60})
        return httpx.Response(200, html="<h1>Welcome to the guest network</h1>")

    with (
        Sinetti("http://portal", "a", "b", transport=httpx.MockTransport(proxy)) as client,
        pytest.raises(UnexpectedAnswerError),
    ):
        client.verify(pack)


async def test_the_asynchronous_client_does_the_same(system, pack):
    async with AsyncSinetti(system.address, system.pharmacy_id, SECRET, patience=IMPATIENT) as client:
        assert (await client.verify(pack)).operation_code == "11110100"
        assert (await client.supply(pack)).operation_code == "11210200"
        assert (await client.reactivate(pack)).operation_code == "11410100"
        assert (await client.decommission(pack, PackState.DESTROYED)).operation_code == "11310400"


def test_many_packs_are_sent_and_their_outcomes_fetched(pharmacy):
    packs = [pack_of(f"P{number:03}") for number in range(40, 50)] + [pack_of("unknown")]
    ticket = pharmacy.submit_bulk(packs, PackState.SUPPLIED)
    assert ticket.location.startswith("http")
    outcomes = pharmacy.wait_for(ticket, timeout_seconds=60)
    assert [outcome.pack.serial_number for outcome in outcomes] == [pack.serial_number for pack in packs]
    codes = [outcome.answer.operation_code for outcome in outcomes]
    assert codes[:-1] == ["11210200"] * 10
    assert outcomes[-1].answer.is_alert
    assert outcomes[-1].answer.http_status == 404


def test_what_was_done_during_an_outage_is_sent_afterwards(pharmacy):
    packs = [pack_of(f"P{number:03}") for number in range(50, 52)]
    changes = [(packs[0], PackState.SUPPLIED), (packs[1], PackState.SAMPLE), (packs[0], PackState.ACTIVE)]
    outcomes = pharmacy.wait_for(pharmacy.submit_recovery(changes), timeout_seconds=60)
    assert [outcome.answer.operation_code for outcome in outcomes] == ["11210200", "11310500", "11410100"]


async def test_the_asynchronous_client_sends_many_packs_too(system):
    async with AsyncSinetti(system.address, system.pharmacy_id, SECRET) as client:
        ticket = await client.submit_bulk([pack_of("P052"), pack_of("P053")], None)
        outcomes = await client.wait_for(ticket, timeout_seconds=60)
    assert [outcome.answer.operation_code for outcome in outcomes] == ["11110100"] * 2


def test_a_request_for_many_packs_that_is_refused_says_why(pharmacy):
    with pytest.raises(RefusedError) as caught:
        pharmacy.submit_bulk([pack_of("P000"), pack_of("P000")], PackState.SUPPLIED)
    assert (caught.value.http_status, caught.value.answer.operation_code) == (422, "62120000")


def test_a_result_of_another_location_is_not_there(pharmacy, other_pharmacy):
    ticket = pharmacy.submit_bulk([pack_of("P054")], None)
    pharmacy.wait_for(ticket, timeout_seconds=60)
    with pytest.raises(RefusedError) as caught:
        other_pharmacy.wait_for(ticket, timeout_seconds=0)
    assert caught.value.http_status == 404


def test_products_and_batches_are_uploaded_and_recalled(uploader, pharmacy):
    code = "06412345679898"
    product = ProductUpload(product_code_scheme="gs1", product_code=code, name="Toinen 5 mg")
    assert uploader.upload(product).result == "created"
    head = BatchHead(product_code_scheme="gs1", product_code=code, batch_id="B1", expiry_date="291200")
    batch = BatchUpload(
        product_code_scheme="gs1",
        product_code=code,
        batch_id="B1",
        expiry_date="291200",
        serial_numbers=["S1", "S2"],
    )
    assert uploader.upload(batch).result == "created"
    assert uploader.upload(batch).result == "unchanged"
    assert uploader.upload_batch_lines(head, ["S3", "S4"]).number_of_packs == 2
    pack = Pack(product_code=code, serial_number="S4", batch="B1", expiry="291200")
    assert pharmacy.verify(pack).is_success
    recall = BatchRecall(product_code_scheme="gs1", product_code=code, batch_id="B1", reason="Kokeilu")
    assert uploader.upload(recall).result == "updated"
    supplied = pharmacy.supply(pack)
    assert (supplied.wire.batch_state, supplied.wire.batch_recall_reason) == ("Recalled", "Kokeilu")
    with pytest.raises(ProblemError) as caught:
        pharmacy.upload(product)
    assert caught.value.problem.status == 403
