"""The token endpoint through real HTTP: with a real OAuth2 client, and with every kind of bad request."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
import uvicorn
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinetti.identity import registry, secrets
from sinetti.identity.http.authentication import require_caller
from sinetti.identity.http.routes import routes
from sinetti.identity.secrets import Credentials
from sinetti.identity.tokens import REFUSAL_SECONDS, TokenGate
from sinetti.kit.db import Database
from sinetti.kit.web import endpoint, json_response, problem_handlers
from sinetti.rules.vocabulary import ClientRole, OrganisationKind

FORM = "application/x-www-form-urlencoded"
LIFETIME = timedelta(seconds=3600)


class MovedClock:
    """The machine's clock, and as much later as a test says."""

    later = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.later


class System(NamedTuple):
    """A running server, and the credentials of one pharmacy's equipment."""

    url: str
    credentials: Credentials
    location_id: int
    clock: MovedClock

    @property
    def token_url(self) -> str:
        return f"{self.url}/identity/connect/token"

    @property
    def form(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
        }


def application(
    database_url: str, credentials: Credentials, clock: MovedClock, made: dict[str, int]
) -> Starlette:
    """A small system of the parts under test: the token endpoint, and a route that tells who calls."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            await Database.open(database_url) as database,
            TokenGate(database, url=database_url, token_lifetime=LIFETIME) as gate,
        ):
            made["location_id"] = await add_pharmacy(database, credentials)

            async def who(request: Request) -> Response:
                return json_response(await require_caller(request, gate, clock))

            app.router.routes.extend([*routes(gate, clock), Route("/who", endpoint(who))])
            yield

    app = Starlette(lifespan=lifespan, exception_handlers=problem_handlers())
    app.state.default_language = "fi"
    return app


async def add_pharmacy(database: Database, credentials: Credentials) -> int:
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        organisation = await registry.add_organisation(
            tx, name="Keskustan apteekki", kind=OrganisationKind.PHARMACY, now=now
        )
        location = await registry.add_location(
            tx, organisation_id=organisation.organisation_id, name="Kauppatori", now=now
        )
        await registry.add_equipment(
            tx,
            location_id=location.location_id,
            name="Maxx",
            role=ClientRole.FULL_ACCESS,
            credentials=credentials,
            now=now,
        )
    return location.location_id


@pytest.fixture(params=["made here", "from elsewhere"])
def credentials(request: pytest.FixtureRequest) -> Credentials:
    if request.param == "made here":
        return secrets.new_credentials("FI")
    return registry.imported_credentials("FI:PHARMACY/7 (old)", "k3J9+x7Qw/Zp20%41&Lm=Nd:~")


@pytest.fixture
def system(database_url: str, credentials: Credentials) -> Iterator[System]:
    clock = MovedClock()
    made: dict[str, int] = {}
    config = uvicorn.Config(
        application(database_url, credentials, clock, made), log_config=None, lifespan="on", ws="none"
    )
    server = uvicorn.Server(config)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until = time.monotonic() + 10
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < until
                time.sleep(0.01)
            yield System(
                f"http://127.0.0.1:{listener.getsockname()[1]}", credentials, made["location_id"], clock
            )
        finally:
            server.should_exit = True
            thread.join()


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_real_oauth2_client_gets_a_token_and_works(system: System, method: str):
    with OAuth2Client(
        *(system.credentials.client_id, system.credentials.client_secret),
        token_endpoint_auth_method=method,
        token_endpoint=system.token_url,
        grant_type="client_credentials",
    ) as client:
        if ":" in system.credentials.client_id and method == "client_secret_basic":
            # This library does not form-encode before Basic, so that a colon in the id cannot be told from the
            # one behind it.
            with pytest.raises(OAuthError, match="invalid_client"):
                client.fetch_token(system.token_url)
            return
        token = client.fetch_token(system.token_url)
        assert token["token_type"] == "Bearer"
        assert token["expires_in"] == 3600
        for _ in range(3):
            answer = client.get(f"{system.url}/who")
            assert answer.status_code == 200
            assert answer.json()["location_id"] == system.location_id
            assert answer.json()["client_role"] == "full_access"


def test_the_real_client_comes_back_for_a_new_token_when_the_old_is_refused(system: System):
    with httpx.Client() as client:
        first = client.post(system.token_url, data=system.form).json()["access_token"]
        assert (
            client.get(f"{system.url}/who", headers={"Authorization": f"Bearer {first}"}).status_code == 200
        )
        system.clock.later = LIFETIME
        refused = client.get(f"{system.url}/who", headers={"Authorization": f"Bearer {first}"})
        assert refused.status_code == 401
        assert refused.json()["type"] == "/problems/unauthorised-expired"
        second = client.post(system.token_url, data=system.form).json()["access_token"]
        assert (
            client.get(f"{system.url}/who", headers={"Authorization": f"Bearer {second}"}).status_code == 200
        )


def test_the_answer_is_the_one_that_clients_know(system: System):
    answer = httpx.post(system.token_url, data=system.form)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "expires_in", "token_type"}
    assert (body["expires_in"], body["token_type"]) == (3600, "Bearer")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert answer.headers["x-transaction-id"]


def test_http_basic_works_form_encoded_as_the_standard_asks(system: System):
    client_id, secret = (
        httpx.QueryParams({"x": text}).__str__().removeprefix("x=")
        for text in (system.credentials.client_id, system.credentials.client_secret)
    )
    answer = httpx.post(
        system.token_url, data={"grant_type": "client_credentials"}, headers=basic(f"{client_id}:{secret}")
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("credentials", ["made here"], indirect=True)
class TestRefusals:
    """Bad requests, against one kind of credentials."""

    def post(self, system: System, fields: Any = None, **request: Any) -> httpx.Response:
        answer = httpx.post(system.token_url, data=fields, **request)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-transaction-id"]
        assert "access_token" not in answer.text
        return answer

    def assert_refused(self, answer: httpx.Response, status: int, error: str, key: str) -> dict[str, Any]:
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["pragma"] == "no-cache"
        body: dict[str, Any] = answer.json()
        assert body["error"] == error
        assert body["type"] == f"/problems/{key}"
        # RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E
        assert body["error_description"]
        assert all(" " <= sign <= "~" and sign not in '"\\' for sign in body["error_description"])
        assert body["transactionId"] == answer.headers["x-transaction-id"]
        basic_challenge = answer.headers.get("www-authenticate", "").startswith('Basic realm="sinetti"')
        assert basic_challenge == (error == "invalid_client")
        return body

    def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer(self, system: System):
        told = []
        for change in ({"client_id": "fi-2222-2222-2222"}, {"client_secret": "sinsec_" + "A" * 43}):
            started = time.monotonic()
            answer = self.post(system, {**system.form, **change})
            assert time.monotonic() - started >= REFUSAL_SECONDS
            body = self.assert_refused(answer, 401, "invalid_client", "client-refused")
            del body["transactionId"], body["instance"]
            told.append((body, sorted(answer.headers.keys() - {"date"})))
        assert told[0] == told[1]

    def test_without_credentials_the_client_is_asked_for_them(self, system: System):
        answer = self.post(system, {"grant_type": "client_credentials"})
        self.assert_refused(answer, 401, "invalid_client", "client-credentials-missing")

    @pytest.mark.parametrize(
        "grant_type", ["password", "authorization_code", "Client_Credentials", "x" * 1000]
    )
    def test_only_client_credentials_are_a_grant_type(self, system: System, grant_type: str):
        answer = self.post(system, {**system.form, "grant_type": grant_type})
        self.assert_refused(answer, 400, "unsupported_grant_type", "token-request-grant-type-unsupported")

    def test_each_fault_of_a_request_has_its_answer(self, system: System):
        form = system.form
        encoded = str(httpx.QueryParams(form))
        json_body, as_form = {"Content-Type": "application/json"}, {"Content-Type": FORM}
        good_basic = basic(f"{form['client_id']}:{form['client_secret']}")
        cases: list[tuple[dict[str, Any], str]] = [
            ({"content": json.dumps(form), "headers": json_body}, "not-a-form"),
            ({"content": encoded}, "not-a-form"),
            ({"content": b"grant_type=\xff", "headers": as_form}, "not-utf8"),
            ({"content": f"{encoded}&client_id=x", "headers": as_form}, "repeated-field"),
            ({"content": "&".join(["a=1"] * 60), "headers": as_form}, "too-many-fields"),
            ({"content": "", "headers": as_form}, "grant-type-missing"),
            ({"data": form, "headers": good_basic}, "two-methods"),
            (
                {"data": {"grant_type": "client_credentials", "client_id": "x"}, "headers": good_basic},
                "two-ids",
            ),
            (
                {
                    "content": "grant_type=client_credentials",
                    "headers": {**as_form, "Authorization": "Basic ?"},
                },
                "basic-malformed",
            ),
            ({"data": form, "params": {"client_id": "x"}}, "secret-in-url"),
        ]
        for sent, key in cases:
            fields = sent.pop("data", None)
            answer = self.post(system, fields, **sent)
            self.assert_refused(answer, 400, "invalid_request", f"token-request-{key}")

    def test_the_answer_speaks_to_the_user_in_their_language(self, system: System):
        wrong = {**system.form, "client_secret": "sinsec_" + "A" * 43}
        said = {}
        for header, language in [(None, "fi"), ("sv-FI,en;q=0.5", "sv"), ("de", "en")]:
            headers = {"Accept-Language": header} if header else {}
            answer = self.post(system, wrong, headers=headers)
            assert answer.headers["content-language"] == language
            body = self.assert_refused(answer, 401, "invalid_client", "client-refused")
            said[language] = body["detail"]
        assert said["fi"] == (
            "Millään asiakasjärjestelmällä ei ole tätä teknistä tunnusta (Client Id) ja salasanaa (Client Secret)."
        )
        assert len(set(said.values())) == 3

    def test_a_locked_location_is_told_why_at_both_doors(self, system: System, database_url: str):
        token = httpx.post(system.token_url, data=system.form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{system.url}/who", headers=headers).status_code == 200
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE location SET locked_at = now(), lock_reason = 'Järjestelmä \"vaihtuu\"'"
            )
        since = time.monotonic()
        while (refused := httpx.get(f"{system.url}/who", headers=headers)).status_code == 200:
            assert time.monotonic() - since < 1.0
        assert refused.status_code == 401
        body = refused.json()
        assert body["type"] == "/problems/unauthorised-locked"
        assert (body["lockedPart"], body["lockReason"]) == ("location", 'Järjestelmä "vaihtuu"')
        assert 'Järjestelmä "vaihtuu"' in body["detail"]
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]
        assert refused.headers["content-type"] == "application/problem+json"

        answer = self.post(system, system.form)
        body = self.assert_refused(answer, 401, "invalid_client", "unauthorised-locked")
        assert body["lockReason"] == 'Järjestelmä "vaihtuu"'
        assert "Jarjestelma 'vaihtuu'" in body["error_description"]

    def test_another_method_is_told_which_one_is_right(self, system: System):
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = httpx.request(method, system.token_url)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
            assert answer.json()["type"] == "/problems/method-not-allowed"

    @pytest.mark.parametrize("announced", [True, False])
    def test_ten_megabytes_are_refused(self, system: System, announced: bool):
        body = b"grant_type=client_credentials&x=" + b"x" * 10_000_000
        content = body if announced else (body[at : at + 65_536] for at in range(0, len(body), 65_536))
        answer = httpx.post(system.token_url, content=content, headers={"Content-Type": FORM})
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems/body-too-large"

    @pytest.mark.parametrize(
        ("header", "key", "challenge"),
        [
            (None, "unauthorised-missing", 'Bearer realm="sinetti"'),
            ("Basic YTpi", "unauthorised-missing", 'Bearer realm="sinetti"'),
            ("Bearer", "unauthorised-malformed", 'Bearer realm="sinetti", error="invalid_token", error_desc'),
            ("Bearer x", "unauthorised-unknown", 'Bearer realm="sinetti", error="invalid_token", error_desc'),
        ],
    )
    def test_a_protected_route_says_what_is_wrong_with_the_token(self, system, header, key, challenge):
        answer = httpx.get(f"{system.url}/who", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401
        assert answer.json()["type"] == f"/problems/{key}"
        assert answer.headers["www-authenticate"].startswith(challenge)

    def test_two_authorization_headers_are_refused_however_good_one_is(self, system: System):
        token = httpx.post(system.token_url, data=system.form).json()["access_token"]
        twice = [("Authorization", f"Bearer {token}"), ("Authorization", "Bearer x")]
        assert httpx.get(f"{system.url}/who", headers=twice).status_code == 401
        answer = self.post(system, system.form, headers=[("Authorization", "Basic YTpi")] * 2)
        self.assert_refused(answer, 400, "invalid_request", "token-request-two-authorizations")
