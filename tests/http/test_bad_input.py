"""Whatever comes over the socket gets a clear answer, and the next request is served as ever."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.http.raw import exchange, request
from tests.http.running import a_running_system

from sinetti.kit.web import BODY_SECONDS

JSON = b"Content-Type: application/json"
FORM = b"Content-Type: application/x-www-form-urlencoded"
SCANNED = b"emvs-data-entry-mode: non-manual"
PACK = b"/verification/product/gs1/06412345678907/pack/7K2%2F9aQ-0001?batch=LOT-42%2FA&expiry=291200"
TOKEN = b"/identity/connect/token"
MB = 1024 * 1024


@pytest.fixture(scope="module")
def system(server):
    with a_running_system(server, ["7K2/9aQ-0001"]) as running:
        yield running
        answer = exchange(running.address, request(b"GET", PACK, [*signed(running), SCANNED]))
        assert (answer.status, answer.said) == (200, "11110100"), "the pack is as it was before all this"


def signed(system):
    return [b"Authorization: " + system.pharmacy_token.encode()]


def pack_of(serial):
    return b"/product/gs1/06412345678907/pack/" + serial + b"?batch=LOT-42%2FA&expiry=291200"


BODIES = [
    # body                                               status, what is said
    (b"", 422, "61020009"),
    (b"   ", 422, "61020009"),
    (b"{}", 422, "61020009"),
    (b'{"state":null}', 422, "61020009"),
    (b'{"state":""}', 422, "61020009"),
    (b'{"state":"supplied"}', 422, "61020010"),
    (b'{"state":"CheckedOut"}', 422, "61020010"),
    (b'{"state":"Inactive"}', 422, "61020010"),
    (b'{"state":1}', 422, "61020010"),
    (b'{"state":["Supplied"]}', 422, "61020010"),
    (b'{"state":"\\u0000"}', 422, "61020010"),
    (b'{"state":"' + b"x" * 60_000 + b'"}', 422, "61020010"),
    (b"null", 422, "invalid-body"),
    (b"[]", 422, "invalid-body"),
    (b'"Supplied"', 422, "invalid-body"),
    (b"Supplied", 400, "malformed-json"),
    (b"state=Supplied", 400, "malformed-json"),
    (b"<state>Supplied</state>", 400, "malformed-json"),
    (b'{"state":"Supplied"', 400, "malformed-json"),
    (b'{"state":"Supplied"}}', 400, "malformed-json"),
    (b"{'state':'Supplied'}", 400, "malformed-json"),
    (b'{"state":"Suppli\xe4d"}', 400, "malformed-json"),
    (b'{"state":"\\ud800"}', 400, "malformed-json"),
    ('{"state":"Supplied"}'.encode("utf-16"), 400, "malformed-json"),
    (b"\0\0\0\0", 400, "malformed-json"),
    (b'{"state":' + b"[" * 60_000, 400, "malformed-json"),
    (b'{"other":' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400, "malformed-json"),
    (b" " * 70_000, 413, "body-too-large"),
]


@pytest.mark.parametrize(
    ("body", "status", "said"), BODIES, ids=[repr(body[:20]) + str(len(body)) for body, _, _ in BODIES]
)
def test_a_body_that_is_not_a_state_change(system, body, status, said):
    answer = exchange(system.address, request(b"PATCH", PACK, [*signed(system), SCANNED, JSON], body))
    assert (answer.status, answer.said) == (status, said)


@pytest.mark.parametrize(
    "content_type", [b"text/plain", b"application/xml", b"application/json;charset=x", None]
)
def test_the_content_type_of_a_state_change_does_not_matter_since_only_json_makes_sense(system, content_type):
    headers = [] if content_type is None else [b"Content-Type: " + content_type]
    headers += [*signed(system), SCANNED]
    answer = exchange(system.address, request(b"PATCH", PACK, headers, b'{"state":"no such"}'))
    assert (answer.status, answer.said) == (422, "61020010")


SERIALS = [
    # serial number in the address          status, what is said
    (b"", 422, "61020003"),
    (b"%00", 422, "61020011"),
    (b"a%00b", 422, "61020011"),
    (b"%FF%FE", 422, "61020011"),
    (b"%ED%A0%80", 422, "61020011"),
    (b"%F0%9F%92%8A", 422, "61020011"),
    (b"%20", 422, "61020011"),
    (b"%0D%0AX-Evil:%201", 422, "61020011"),
    (b"A" * 21, 422, "61020011"),
    (b"A" * 8_000, 422, "61020011"),
    (b"A" * 9_000, 414, "address-too-long"),
    (b"%41" * 60_000, 400, "Invalid HTTP request received."),
    (b"A" * 10 * MB, 400, "Invalid HTTP request received."),
    (b"a b", 400, "Invalid HTTP request received."),
    (b"\xc3\xa4", 400, "Invalid HTTP request received."),
    (b"a\0b", 400, "Invalid HTTP request received."),
]


@pytest.mark.parametrize(
    ("serial", "status", "said"),
    SERIALS,
    ids=[repr(serial[:20]) + str(len(serial)) for serial, _, _ in SERIALS],
)
def test_a_serial_number_that_is_none(system, serial, status, said):
    answer = exchange(system.address, request(b"GET", pack_of(serial), [*signed(system), SCANNED]))
    assert (answer.status, answer.said) == (status, said)


ADDRESSES = [
    # address                                                                status, what is said
    (b"/product/gs1/%00/pack/A?batch=A&expiry=291200", 422, "61020008"),
    (b"/product/%00/06412345678907/pack/A?batch=A&expiry=291200", 422, "61020002"),
    (b"/product/%FF/%FF/pack/%FF?batch=%FF&expiry=%FF", 422, "61020002"),
    (b"/product/GS1/06412345678907/pack/A?batch=A&expiry=291200", 422, "61020002"),
    (b"/product/gs1/06412345678907/pack/A?batch=%00&expiry=291200", 422, "61020006"),
    (b"/product/gs1/06412345678907/pack/A?batch=A&expiry=%00", 422, "61020007"),
    (b"/product/gs1/06412345678907/pack/A?batch=" + b"A" * 7_000 + b"&expiry=291200", 422, "61020006"),
    (b"/product/gs1/06412345678907/pack/A?batch=" + b"A" * 9_000, 414, "address-too-long"),
    (b"/product/gs1/06412345678908/pack/A?batch=A&expiry=291200", 422, "61020008"),
    (b"/product/gs1//pack/A?batch=A&expiry=291200", 422, "61020001"),
    (b"/product/gs1/a/b/pack/A?batch=A&expiry=291200", 404, "not-found"),
    (b"/product/gs1/06412345678907/pack", 404, "not-found"),
    (b"/product/gs1", 404, "not-found"),
    (b"/verification", 404, "not-found"),
    (b"/verification/verification/product/gs1/06412345678907/pack/A", 404, "not-found"),
    (b"/codes/%00", 404, "not-found"),
    (b"/codes/%FF", 404, "not-found"),
    (b"/assets/..%2F..%2Fdocumentation.py", 404, "not-found"),
    (b"/assets/../documentation.py", 404, "not-found"),
    (b"/assets/__init__.py", 404, "not-found"),
    (b"/problems/nothing", 404, "not-found"),
    (b"/nothing/" + b"a" * 9_000, 414, "address-too-long"),
    (b"*", 404, "not-found"),
]


@pytest.mark.parametrize(
    ("address", "status", "said"), ADDRESSES, ids=[repr(row[0][:70]) for row in ADDRESSES]
)
def test_an_address_that_leads_nowhere_or_to_no_pack(system, address, status, said):
    answer = exchange(system.address, request(b"GET", address, [*signed(system), SCANNED]))
    assert (answer.status, answer.said) == (status, said)


HEADERS = [
    # headers instead of the token and the entry mode              status, what is said
    ([], 401, "unauthorised-missing"),
    ([b"Authorization: Bearer"], 401, "unauthorised-malformed"),
    ([b"Authorization: Bearer a b"], 401, "unauthorised-malformed"),
    ([b"Authorization: Bearer \xff\xfe"], 401, "unauthorised-malformed"),
    ([b"Authorization: Bearer nobody"], 401, "unauthorised-unknown"),
    ([b"Authorization: Bearer " + b"x" * 30_000], 401, "unauthorised-unknown"),
    ([b"Authorization: Bearer nobody", b"Authorization: Bearer nobody"], 401, "unauthorised-malformed"),
    ([b"X-Long: " + b"x" * 40_000], 431, "headers-too-large"),
    ([b"X-Many: x"] * 10_000, 431, "headers-too-large"),
]


@pytest.mark.parametrize(("headers", "status", "said"), HEADERS, ids=[repr(row[0])[:60] for row in HEADERS])
def test_a_request_that_does_not_say_well_who_sends_it(system, headers, status, said):
    answer = exchange(system.address, request(b"GET", PACK, [*headers, SCANNED]))
    assert (answer.status, answer.said) == (status, said)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer ")


ENTRY_MODES = [
    ([], 422, "61020012"),
    ([b"emvs-data-entry-mode: "], 422, "61020012"),
    ([b"emvs-data-entry-mode: scanner"], 422, "61020013"),
    ([b"emvs-data-entry-mode: MANUAL"], 422, "61020013"),
    ([b"emvs-data-entry-mode: \xff"], 422, "61020013"),
    ([b"emvs-data-entry-mode: manual", b"emvs-data-entry-mode: non-manual"], 422, "61020013"),
    (
        [SCANNED, b"Accept-Language: \xff;q=\xfe", b"emvs-api-version: \xff", b"User-Agent: \xff"],
        200,
        "11110100",
    ),
    ([SCANNED, b"Accept-Language: " + b"fi;q=0.1," * 2_000], 200, "11110100"),
    ([SCANNED, b"User-Agent: " + b"x" * 20_000], 200, "11110100"),
]


@pytest.mark.parametrize(
    ("headers", "status", "said"), ENTRY_MODES, ids=[repr(row[0])[:60] for row in ENTRY_MODES]
)
def test_an_entry_mode_or_another_header_that_is_missing_double_or_odd(system, headers, status, said):
    answer = exchange(system.address, request(b"GET", PACK, [*signed(system), *headers]))
    assert (answer.status, answer.said) == (status, said)


@pytest.mark.parametrize("key", [b"", b" ", b"x" * 256, b"\xff\xa0", b"k\xe4y"])
def test_an_idempotency_key_that_is_none(system, key):
    headers = [*signed(system), SCANNED, b"Idempotency-Key: " + key]
    answer = exchange(system.address, request(b"PATCH", PACK, headers, b'{"state":"Supplied"}'))
    assert (answer.status, answer.said) == (400, "idempotency-key-invalid")


METHODS = [b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (PACK, "GET, PATCH"),
        (b"/docs", "GET, HEAD"),
        (b"/openapi.json", "GET, HEAD"),
        (b"/health/live", "GET, HEAD"),
    ],
)
def test_a_method_that_an_address_does_not_have(system, method, address, allowed):
    answer = exchange(system.address, request(method, address, [*signed(system), SCANNED]))
    assert (answer.status, answer.said) == (405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


def test_the_token_endpoint_is_for_post(system):
    answer = exchange(system.address, request(b"GET", TOKEN))
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_head_is_answered_without_a_body(system):
    answer = exchange(system.address, request(b"HEAD", b"/docs"), head_only=True)
    assert (answer.status, answer.body) == (200, b"")
    answer = exchange(system.address, request(b"HEAD", PACK, signed(system)), head_only=True)
    assert (answer.status, answer.body) == (405, b"")


TOKEN_REQUESTS = [
    (b"", [FORM], 400, "invalid_request"),
    (b"grant_type=client_credentials", [FORM], 401, "invalid_client"),
    (b"grant_type=password&username=a&password=b", [FORM], 400, "unsupported_grant_type"),
    (b'{"grant_type":"client_credentials"}', [JSON], 400, "invalid_request"),
    (b"grant_type=client_credentials&client_id=%00&client_secret=%00", [FORM], 401, "invalid_client"),
    (b"grant_type=client_credentials&client_id=%FF&client_secret=%FF", [FORM], 400, "invalid_request"),
    (b"\xff\xfe\0", [FORM], 400, "invalid_request"),
    (b"a=1&" * 1000, [FORM], 400, "invalid_request"),
    (b"grant_type=client_credentials", [FORM, b"Authorization: Basic !!!"], 400, "invalid_request"),
    (b"x" * 20_000, [FORM], 413, "body-too-large"),
]


@pytest.mark.parametrize(
    ("body", "headers", "status", "said"), TOKEN_REQUESTS, ids=[repr(row[0][:60]) for row in TOKEN_REQUESTS]
)
def test_a_token_request_that_is_none(system, body, headers, status, said):
    answer = exchange(system.address, request(b"POST", TOKEN, headers, body))
    assert (answer.status, answer.said) == (status, said)


NOT_HTTP = [
    b"GARBAGE\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
    b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/3.7\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
    b"PATCH / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"PATCH / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"PATCH / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"PATCH / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]


@pytest.mark.parametrize("sent", NOT_HTTP, ids=lambda sent: repr(sent[:60]))
def test_what_is_not_http_is_told_so_and_hung_up_on(system, sent):
    answer = exchange(system.address, sent)
    assert (answer.status, answer.said) == (400, "Invalid HTTP request received.")
    assert answer.headers["connection"] == "close"


def chunked(head, megabytes):
    yield head
    for _ in range(megabytes):
        yield b"%x\r\n" % MB + b" " * MB + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "address", "content_type"),
    [(b"PATCH", PACK, JSON), (b"POST", TOKEN, FORM), (b"POST", b"/upload/products", JSON)],
    ids=["state change", "token", "upload"],
)
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_fifty_megabytes_are_refused_quickly_and_not_kept(system, method, address, content_type, announced):
    token = system.uploader_token if b"upload" in address else system.pharmacy_token
    headers = [content_type, SCANNED, b"Authorization: " + token.encode()]
    if announced:
        pieces = [request(method, address, headers, length=50 * MB), *[b" " * MB] * 50]
    else:
        pieces = chunked(request(method, address, [*headers, b"Transfer-Encoding: chunked"]), 50)
    started = time.monotonic()
    answer = exchange(system.address, pieces)
    assert (answer.status, answer.said) == (413, "body-too-large")
    assert time.monotonic() - started < 10


def test_a_body_that_a_verification_does_not_need_is_passed_over(system):
    pieces = [request(b"GET", PACK, [*signed(system), SCANNED], length=50 * MB), *[b" " * MB] * 50]
    answer = exchange(system.address, pieces)
    assert (answer.status, answer.said) == (200, "11110100")


@pytest.mark.slow
def test_clients_that_stop_in_the_middle_are_told_that_they_are_too_slow_and_hold_up_nobody(system):
    half = [
        request(b"PATCH", PACK, [*signed(system), SCANNED, JSON], b'{"sta', length=20),
        request(b"PATCH", PACK, [*signed(system), SCANNED, JSON], length=1),
        request(b"POST", TOKEN, [FORM], b"grant_", length=1000),
    ]
    with ThreadPoolExecutor(len(half)) as clients:
        started = time.monotonic()
        slow = [clients.submit(exchange, system.address, sent, seconds=BODY_SECONDS + 10) for sent in half]
        for _ in range(20):
            quick = time.monotonic()
            answer = exchange(system.address, request(b"GET", PACK, [*signed(system), SCANNED]))
            assert answer.status == 200
            assert time.monotonic() - quick < 2
        for answer in (waiting.result() for waiting in slow):
            assert (answer.status, answer.said) == (408, "body-too-slow")
            assert answer.headers["connection"] == "close"
        assert BODY_SECONDS - 1 < time.monotonic() - started < BODY_SECONDS + 8


def test_a_client_that_hangs_up_in_the_middle_changes_nothing(system):
    with pytest.raises(EOFError):
        exchange_and_leave(
            system.address,
            request(b"PATCH", PACK, [*signed(system), SCANNED, JSON], b'{"state":"Sup', length=20),
        )


def exchange_and_leave(address, sent):
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        if not connection.recv(65536):
            raise EOFError


def test_two_requests_sent_in_one_breath_get_two_answers(system):
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(system.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(
            request(b"GET", b"/health/live") + request(b"GET", PACK, [*signed(system), SCANNED])
        )
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 2 or not received.endswith(b"}"):
            received += connection.recv(65536)
    assert received.index(b'"status":"ok"') < received.index(b'"operationCode":"11110100"')
