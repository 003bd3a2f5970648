"""When the client repeats a call, when it must not, and how it is told: without network and clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import msgspec
import pytest

from sinetti.rules.vocabulary import EntryMode, PackState, Scheme
from sinetti.sdk import BusyError, Pack, Patience, UnreachableError
from sinetti.sdk.auth import TokenAuth, TokenUnavailableError
from sinetti.sdk.calls import bulk_call, change_call, pack_url, recovery_call, verify_call
from sinetti.sdk.errors import TokenRefusedError, UnexpectedAnswerError
from sinetti.sdk.exchange import Pause, exchange, retry_after_seconds

PACK = Pack(product_code="06412345678907", serial_number="A1", batch="L", expiry="291200")
VERIFY = verify_call(PACK)
SUPPLY = change_call(PACK, PackState.SUPPLIED, "key-1")
PATIENCE = Patience(pauses_seconds=(0.5, 2.0), wait_seconds_max=10)

OK = httpx.Response(200)
CONFLICT = httpx.Response(409)
BUSY = httpx.Response(429)
BUSY_FOR_3 = httpx.Response(429, headers={"Retry-After": "3"})
BUSY_FOR_60 = httpx.Response(429, headers={"Retry-After": "60"})
AWAY = httpx.Response(503, headers={"Retry-After": "2"})
BROKEN = httpx.Response(500)
BAD_GATEWAY = httpx.Response(502)
NO_CONNECTION = httpx.ConnectError("refused")
NO_ANSWER = httpx.ReadTimeout("too long")
CUT_OFF = httpx.RemoteProtocolError("gone")
NO_TOKEN = TokenUnavailableError(AWAY)


def played(call, results):
    """What the client does, as a list: seconds it waits, and `sent` for each sending; then what came of it."""
    flow = exchange(call, PATIENCE)
    done: list[float | str] = []
    left = list(results)
    step = next(flow)
    try:
        while True:
            if isinstance(step, Pause):
                done.append(step.seconds)
                step = flow.send(None)
            else:
                assert step is call
                done.append("sent")
                step = flow.send(left.pop(0))
    except StopIteration as finished:
        assert left == []
        return done, finished.value


GIVEN_UP = (BusyError, UnreachableError)

PLAYS = [
    # call    what comes back                             what the client does                          what comes of it
    (VERIFY, [OK], ["sent"], OK),
    (VERIFY, [CONFLICT], ["sent"], CONFLICT),
    (SUPPLY, [CONFLICT], ["sent"], CONFLICT),
    (VERIFY, [NO_CONNECTION, OK], ["sent", 0.5, "sent"], OK),
    (SUPPLY, [NO_CONNECTION, NO_CONNECTION, OK], ["sent", 0.5, "sent", 2.0, "sent"], OK),
    (SUPPLY, [NO_CONNECTION] * 3, ["sent", 0.5, "sent", 2.0, "sent"], UnreachableError),
    # Nobody knows whether it was carried out: a supply has its key and is repeated, a verification might alert twice.
    (SUPPLY, [NO_ANSWER, OK], ["sent", 0.5, "sent"], OK),
    (SUPPLY, [CUT_OFF, NO_ANSWER, OK], ["sent", 0.5, "sent", 2.0, "sent"], OK),
    (SUPPLY, [BROKEN, BAD_GATEWAY, OK], ["sent", 0.5, "sent", 2.0, "sent"], OK),
    (SUPPLY, [BROKEN, BROKEN, BROKEN], ["sent", 0.5, "sent", 2.0, "sent"], UnreachableError),
    (VERIFY, [NO_ANSWER], ["sent"], UnreachableError),
    (VERIFY, [CUT_OFF], ["sent"], UnreachableError),
    (VERIFY, [BAD_GATEWAY], ["sent"], UnreachableError),
    # It was not carried out, and the system says when to come again.
    (VERIFY, [AWAY, OK], ["sent", 2.0, "sent"], OK),
    (VERIFY, [BUSY, OK], ["sent", 0.5, "sent"], OK),
    (VERIFY, [BUSY_FOR_3, OK], ["sent", 3.0, "sent"], OK),
    (SUPPLY, [BUSY_FOR_3, BUSY_FOR_3, OK], ["sent", 3.0, "sent", 3.0, "sent"], OK),
    (SUPPLY, [BUSY_FOR_3] * 3, ["sent", 3.0, "sent", 3.0, "sent"], BusyError),
    (SUPPLY, [BUSY_FOR_60], ["sent"], BusyError),
    (SUPPLY, [NO_TOKEN, OK], ["sent", 2.0, "sent"], OK),
    (VERIFY, [NO_TOKEN] * 3, ["sent", 2.0, "sent", 2.0, "sent"], UnreachableError),
]


@pytest.mark.parametrize(("call", "results", "does", "outcome"), PLAYS)
def test_a_call_is_repeated_only_where_that_is_safe(call, results, does, outcome):
    if isinstance(outcome, httpx.Response):
        assert played(call, results) == (does, outcome)
        return
    with pytest.raises(outcome) as caught:
        played(call, results)
    assert caught.value.idempotency_key == call.idempotency_key
    if outcome is BusyError:
        assert caught.value.retry_after_seconds in {3.0, 60.0}


def test_retry_after_may_be_seconds_or_a_date_or_nonsense():
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=90), usegmt=True)
    values = {
        value: retry_after_seconds(httpx.Response(429, headers={"Retry-After": value}))
        for value in ("7", soon, past, "soon", "-3", "")
    }
    assert values["7"] == 7
    assert 80 < (values[soon] or 0) <= 90
    assert values[past] == 0
    assert values["soon"] is values["-3"] is values[""] is None


ADDRESSES = [
    (PACK, "/verification/product/gs1/06412345678907/pack/A1?batch=L&expiry=291200"),
    (
        Pack(product_code="111234567842", serial_number="A", scheme=Scheme.IFA, entry_mode=EntryMode.MANUAL),
        "/verification/product/ifa/111234567842/pack/A",
    ),
    (
        Pack(product_code="0", serial_number="a/b?c#d%e&f", batch="1+2 3", expiry=""),
        "/verification/product/gs1/0/pack/a%2Fb%3Fc%23d%25e%26f?batch=1%2B2%203&expiry=",
    ),
    (Pack(product_code=".", serial_number=".."), "/verification/product/gs1/%2E/pack/%2E%2E"),
    (Pack(product_code="0", serial_number="ä\0"), "/verification/product/gs1/0/pack/%C3%A4%00"),
]


@pytest.mark.parametrize(("pack", "address"), ADDRESSES)
def test_odd_characters_reach_the_system_as_they_were_read(pack, address):
    assert pack_url(pack) == address
    sent = httpx.Client(base_url="http://x").build_request("GET", pack_url(pack))
    assert sent.url.raw_path.decode() == address


def test_a_state_change_has_a_key_and_a_verification_has_none():
    assert SUPPLY.idempotency_key == "key-1"
    assert VERIFY.idempotency_key is None


def test_requests_for_many_packs_count_their_packs_and_tell_of_data_typed_by_hand():
    typed = msgspec.structs.replace(PACK, entry_mode=EntryMode.MANUAL, batch=None, expiry=None)
    bulk = bulk_call([PACK, typed], PackState.SUPPLIED, "k")
    assert bulk.headers["emvs-data-entry-mode"] == "manual"
    assert msgspec.json.decode(bulk.content or b"") == {
        "state": "Supplied",
        "numberOfPacks": 2,
        "packs": [
            {
                "productCodeScheme": "gs1",
                "productCode": "06412345678907",
                "serialNumber": "A1",
                "batchId": "L",
                "expiryDate": "291200",
            },
            {"productCodeScheme": "gs1", "productCode": "06412345678907", "serialNumber": "A1"},
        ],
    }
    recovery = recovery_call([(PACK, PackState.FREE_SAMPLE), (PACK, PackState.ACTIVE)], "k")
    assert recovery.headers["emvs-data-entry-mode"] == "non-manual"
    sent = msgspec.json.decode(recovery.content or b"")
    assert [pack["transitionType"] for pack in sent["packs"]] == ["FREE_SAMPLE", "ACTIVE"]


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def token(name, seconds=3600):
    return httpx.Response(200, json={"access_token": name, "token_type": "Bearer", "expires_in": seconds})


def signed_in(auth, *answers):
    """Carry out one request; returns what was sent, and the tokens on it."""
    request = httpx.Request("GET", "http://x/y", extensions={"timeout": {"read": 10}})
    flow = auth.auth_flow(request)
    sent = []
    step = next(flow)
    try:
        for answer in answers:
            sent.append(step.headers.get("Authorization", "asks for a token"))
            assert step.extensions["timeout"] == {"read": 10}
            step = flow.send(answer)
    except StopIteration:
        return sent
    raise AssertionError("more answers were wanted")


def test_a_token_is_kept_until_a_minute_before_its_end_and_fetched_again_when_refused():
    clock = Clock()
    auth = TokenAuth("http://x/token", "id", "secret", clock=clock)
    assert signed_in(auth, token("a"), OK) == ["asks for a token", "Bearer a"]
    assert signed_in(auth, OK) == ["Bearer a"]
    clock.now += 3539
    assert signed_in(auth, OK) == ["Bearer a"]
    clock.now += 1
    assert signed_in(auth, token("b"), OK) == ["asks for a token", "Bearer b"]
    refused = httpx.Response(401)
    assert signed_in(auth, refused, token("c"), OK) == ["Bearer b", "asks for a token", "Bearer c"]
    assert signed_in(auth, refused, token("d"), refused) == ["Bearer c", "asks for a token", "Bearer d"]


def test_a_token_with_a_short_life_is_used_for_half_of_it():
    clock = Clock()
    auth = TokenAuth("http://x/token", "id", "secret", clock=clock)
    signed_in(auth, token("a", 30), OK)
    clock.now += 14
    assert signed_in(auth, OK) == ["Bearer a"]
    clock.now += 1
    assert signed_in(auth, token("b", 30), OK) == ["asks for a token", "Bearer b"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), TokenRefusedError),
        (httpx.Response(400, json={"error": "invalid_request"}), TokenRefusedError),
        (httpx.Response(503), TokenUnavailableError),
        (httpx.Response(429), TokenUnavailableError),
        (httpx.Response(404, html="<h1>Not here</h1>"), UnexpectedAnswerError),
        (httpx.Response(401, html="<h1>Proxy</h1>"), UnexpectedAnswerError),
        (httpx.Response(200, html="<h1>Welcome</h1>"), UnexpectedAnswerError),
    ],
)
def test_without_a_token_nothing_is_sent(answer, error):
    with pytest.raises(error):
        signed_in(TokenAuth("http://x/token", "id", "secret"), answer)
