"""More requests than a process can take: who is sent away is told so at once, in full, and in the right language."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.http.running import a_server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sinetti.kit.http_protocol import JoiningProtocol
from sinetti.nmvs import system

PACK = "/verification/product/gs1/06412345678907/pack/SN%2F1?batch=LOT1&expiry=301231"


@pytest.mark.parametrize(
    "http", [JoiningProtocol, HttpToolsProtocol], ids=["by our server", "by another server"]
)
def test_a_request_too_many_is_answered_429_and_nothing_else_is(database_url, monkeypatch, http):
    monkeypatch.setattr(system, "WAITING_MAX", 0)
    with a_server(database_url, http=http) as address, httpx.Client(base_url=address) as client:
        before = refused(client)
        for method, body in (("GET", None), ("PATCH", {"state": "Supplied"})):
            answer = client.request(method, PACK, json=body, headers={"Accept-Language": "sv-FI"})
            assert answer.status_code == 429
            assert answer.json()["operationCode"] == "70020000"
            assert answer.headers["retry-after"] == "1"
            assert answer.headers["content-language"] == "sv"
            assert answer.headers["content-type"] == "application/json"
            assert len(answer.headers["x-transaction-id"]) == 36
        assert client.get("/health/live").status_code == 200
        assert client.get("/openapi.json").status_code == 200
        assert refused(client) == before + 2


def refused(client: httpx.Client) -> float:
    found = re.search(
        r"^sinetti_refused_for_load_total ([0-9.]+)$", client.get("/metrics").text, re.MULTILINE
    )
    return float(found[1]) if found else 0.0  # a figure appears when it is first counted
