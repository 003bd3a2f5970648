"""What a request for a token says, read from header and form."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sinetti.identity.http.token_request import FORM, TokenRequest, read_token_request
from sinetti.identity.secrets import Credentials
from sinetti.kit.problems import Problem

GRANT = "grant_type=client_credentials"
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60)


def basic(text: str | bytes) -> str:
    raw = text if isinstance(text, bytes) else text.encode()
    return "Basic " + base64.b64encode(raw).decode()


def read(
    body: str | bytes, *authorization: str, content_type: str | None = FORM, query: str = ""
) -> TokenRequest:
    return read_token_request(
        content_type=content_type,
        authorization=authorization,
        query=query,
        body=body if isinstance(body, bytes) else body.encode(),
    )


def fault(body: str | bytes, *authorization: str, content_type: str | None = FORM, query: str = "") -> str:
    with pytest.raises(Problem) as caught:
        read(body, *authorization, content_type=content_type, query=query)
    assert caught.value.status == 400
    return caught.value.key.removeprefix("token-request-")


def test_id_and_secret_come_in_the_form():
    request = read(f"{GRANT}&client_id=fi-1&client_secret=s%2Bcret+1&scope=all")
    assert request == TokenRequest(
        grant_type="client_credentials", readings=(Credentials("fi-1", "s+cret 1"),)
    )


def test_id_and_secret_come_by_http_basic():
    assert read(GRANT, basic("fi-1:secret")).readings == (Credentials("fi-1", "secret"),)
    assert read(GRANT, basic("fi-1:with:colon")).readings == (Credentials("fi-1", "with:colon"),)
    assert read(f"{GRANT}&client_id=fi-1", basic("fi-1:secret")).readings == (Credentials("fi-1", "secret"),)
    assert read(GRANT, basic("fi-1:secret").replace("Basic", "bAsIc")).readings


def test_http_basic_may_be_form_encoded_before_or_not():
    assert read(GRANT, basic("fi-1:a%2Bb")).readings == (
        Credentials("fi-1", "a+b"),
        Credentials("fi-1", "a%2Bb"),
    )
    assert read(GRANT, basic("fi-1:a+b")).readings == (Credentials("fi-1", "a b"), Credentials("fi-1", "a+b"))
    assert read(GRANT, basic("fi-1:100%")).readings == (Credentials("fi-1", "100%"),)
    assert read(GRANT, basic("fi-1:%ff")).readings == (Credentials("fi-1", "%ff"),)


def test_without_credentials_there_is_no_reading():
    assert read(GRANT).readings == ()
    assert read(f"{GRANT}&client_id=fi-1").readings == ()
    assert read(f"{GRANT}&client_id=fi-1&client_secret=").readings == ()
    assert read(f"{GRANT}&client_secret=x", "Bearer old").readings == ()


def test_an_old_bearer_token_that_a_library_sends_along_does_no_harm():
    sent = f"{GRANT}&client_id=fi-1&client_secret=secret"
    assert read(sent, "Bearer sintok_old").readings == (Credentials("fi-1", "secret"),)


def test_a_field_without_value_counts_as_left_out():
    assert read(f"{GRANT}&client_id=&client_id=fi-1&client_secret=s&grant_type=").readings
    assert fault("grant_type=&client_id=fi-1&client_secret=s") == "grant-type-missing"


@pytest.mark.parametrize(
    ("body", "authorization", "expected"),
    [
        ("", [], "grant-type-missing"),
        ("client_id=a&client_secret=b", [], "grant-type-missing"),
        (f"{GRANT}&client_id=a&client_id=a&client_secret=b", [], "repeated-field"),
        (f"{GRANT}&{GRANT}&client_id=a&client_secret=b", [], "repeated-field"),
        (f"{GRANT}&scope=a&scope=b", [], "repeated-field"),
        (f"{GRANT}&client_id=%ff&client_secret=b", [], "not-utf8"),
        (GRANT.encode() + b"&client_id=\xff\xfe", [], "not-utf8"),
        (b"\x1f\x8b\x08\x00", [], "not-utf8"),
        ("&".join(f"a{number}=1" for number in range(100)), [], "too-many-fields"),
        (GRANT, [basic("a:b"), basic("a:b")], "two-authorizations"),
        (f"{GRANT}&client_id=a&client_secret=b", [basic("a:b")], "two-methods"),
        (f"{GRANT}&client_id=other", [basic("a:b")], "two-ids"),
        (GRANT, ["Basic"], "basic-malformed"),
        (GRANT, ["Basic !!!"], "basic-malformed"),
        (GRANT, ["Basic \xe4\xe4"], "basic-malformed"),
        (GRANT, [basic("without colon")], "basic-malformed"),
        (GRANT, [basic(b"\xff:\xff")], "basic-malformed"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(body, authorization, expected):
    assert fault(body, *authorization) == expected


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "multipart/form-data; boundary=x", "text/plain"]
)
def test_the_body_must_be_a_form(content_type):
    assert fault(f"{GRANT}&client_id=a&client_secret=b", content_type=content_type) == "not-a-form"


@pytest.mark.parametrize(
    "content_type", [FORM, FORM.upper(), f"{FORM};charset=UTF-8", f" {FORM} ; charset=utf-8"]
)
def test_a_form_may_name_its_character_set(content_type):
    assert read(f"{GRANT}&client_id=a&client_secret=b", content_type=content_type).readings


@pytest.mark.parametrize(
    "query", ["client_secret=b", "client_id=a&client_secret=b", "client_id=a", "x=1&client_secret="]
)
def test_credentials_in_the_address_are_refused(query):
    assert fault(f"{GRANT}&client_id=a&client_secret=b", query=query) == "secret-in-url"


@given(visible, visible)
def test_whatever_id_and_secret_are_the_form_gives_them_back(client_id, client_secret):
    body = urlencode(
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    )
    assert read(body).readings == (Credentials(client_id, client_secret),)


@given(visible, visible, st.sampled_from([quote, quote_plus]))
@example("a:b", "c+d%41", quote)
def test_encoded_as_rfc_6749_says_http_basic_gives_them_back_first(client_id, client_secret, encode):
    sent = basic(f"{encode(client_id, safe='')}:{encode(client_secret, safe='')}")
    assert read(GRANT, sent).readings[0] == Credentials(client_id, client_secret)


@given(visible.filter(lambda text: ":" not in text), visible)
def test_not_encoded_http_basic_gives_them_back_first_or_second(client_id, client_secret):
    assert (
        Credentials(client_id, client_secret) in read(GRANT, basic(f"{client_id}:{client_secret}")).readings
    )


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"{GRANT}&{text}".encode()),
    st.lists(
        st.text(st.characters(max_codepoint=255), max_size=80) | st.binary(max_size=40).map(basic), max_size=2
    ),
    st.text(max_size=40),
)
def test_any_bytes_at_all_are_read_or_refused(body, authorization, query):
    refused = None
    try:
        assert len(read(body, *authorization, query=query).readings) <= 2
    except Problem as problem:
        refused = problem.key
    assert refused is None or refused.startswith("token-request-")
