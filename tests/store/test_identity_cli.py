"""`sinetti organisation`, `location` and `equipment`, run as a person or a script does, against a real database."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import pytest

from sinetti.cli.main import main
from sinetti.identity.tokens import TokenGate
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.kit.problems import Problem


class Run(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


Sinetti = Callable[..., Run]


@pytest.fixture
def sinetti(
    database_url: str, home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Sinetti:
    monkeypatch.setenv("SINETTI_DATABASE_URL", database_url)
    monkeypatch.setenv("SINETTI_HOME", str(home))

    def run(line: str, *more: str, stdin: str = "") -> Run:
        monkeypatch.setattr(sys, "argv", ["sinetti", *line.split(), *more])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        out, err = capsys.readouterr()
        return Run(code, out, err)

    return run


def add_location(sinetti: Sinetti) -> int:
    organisation = sinetti("organisation add --kind pharmacy --json --name", "Keskustan apteekki").json
    number = str(organisation["organisation_id"])
    location = sinetti("location add --json --organisation", number, "--name", "Kauppatori").json
    location_id: int = location["location_id"]
    return location_id


def add_equipment(sinetti: Sinetti, *more: str, role: str = "full_access") -> Any:
    return sinetti(f"equipment add --location 1 --name Maxx --role {role} --json", *more).json


async def works(database_url: str, client_id: str, secret: str) -> bool:
    async with await Database.open(database_url) as database:
        gate = TokenGate(database, url=database_url, token_lifetime=timedelta(hours=1))
        try:
            await gate.issue(client_id, secret, system_clock())
        except Problem:
            return False
        return True


async def test_a_pharmacy_is_added_in_three_commands_and_gets_a_token(sinetti, database_url):
    # `main` runs an event loop of its own, so it is called in a thread where this test has one.
    import asyncio

    location_id = await asyncio.to_thread(add_location, sinetti)
    added = await asyncio.to_thread(add_equipment, sinetti)
    assert added["location_id"] == location_id
    assert added["client_role"] == "full_access"
    assert set(added) >= {
        "equipment_id",
        "organisation_id",
        "client_id",
        "client_secret",
        "name",
        "location_name",
    }
    assert await works(database_url, added["client_id"], added["client_secret"])

    number = str(added["equipment_id"])
    assert (await asyncio.to_thread(sinetti, "equipment lock --reason Vaihto", number)).code == 0
    assert not await works(database_url, added["client_id"], added["client_secret"])
    assert (await asyncio.to_thread(sinetti, "equipment unlock", number)).code == 0
    assert await works(database_url, added["client_id"], added["client_secret"])


def test_the_secret_is_shown_once(sinetti):
    add_location(sinetti)
    shown = sinetti("equipment add --location 1 --name Maxx --role full_access")
    assert shown.code == 0
    secret = next(line.split()[-1] for line in shown.out.splitlines() if "Client secret:" in line)
    assert secret.startswith("sinsec_")
    assert "not shown again" in shown.out
    for listing in (sinetti("equipment list"), sinetti("equipment list --json")):
        assert "Maxx" in listing.out
        assert secret not in listing.out + listing.err


def test_a_role_must_be_chosen(sinetti):
    add_location(sinetti)
    refused = sinetti("equipment add --location 1 --name Maxx")
    assert refused.code == 2
    assert "--role" in refused.err
    assert sinetti("equipment list --json").json == []


def test_no_role_can_be_chosen_and_is_warned_of(sinetti):
    add_location(sinetti)
    added = sinetti("equipment add --location 1 --name Maxx --role none --json")
    assert added.json["client_role"] is None
    assert "may do nothing" in added.err
    mended = sinetti("equipment role 1 full_access --json")
    assert (mended.json["client_role"], mended.err) == ("full_access", "")
    assert "may do nothing" in sinetti("equipment role 1 none").err


def test_a_country_that_moves_keeps_its_credentials(sinetti):
    add_location(sinetti)
    given = add_equipment(sinetti, "--client-id", "FI-7", "--client-secret", "k3J9-x7Qw-Zp20-LmNd")
    assert (given["client_id"], given["client_secret"]) == ("FI-7", "k3J9-x7Qw-Zp20-LmNd")
    read = sinetti(
        "equipment add --location 1 --name Maxx --role full_access --client-id FI-8 --client-secret-stdin",
        stdin="k3J9-x7Qw-Zp20-LmNd\r\n",
    )
    assert read.code == 0
    assert "k3J9" not in read.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("--client-id FI-7", "give both, or neither"),
        ("--client-secret k3J9-x7Qw-Zp20-LmNd", "give both, or neither"),
        ("--client-secret-stdin", "give both, or neither"),
        ("--client-id FI-7 --client-secret short", "at least 16 characters"),
        ("--client-id ä --client-secret k3J9-x7Qw-Zp20-LmNd", "visible ASCII"),
        ("--client-id FI-7 --client-secret x --client-secret-stdin", "do not go together"),
    ],
)
def test_credentials_that_cannot_be_taken_over_are_refused_with_a_reason(sinetti, more, said):
    add_location(sinetti)
    refused = sinetti(f"equipment add --location 1 --name Maxx --role full_access {more}")
    assert refused.code == 2
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert sinetti("equipment list --json").json == []


def test_a_client_id_that_is_taken_is_refused_until_the_other_is_deleted(sinetti):
    add_location(sinetti)
    given = ("--client-id", "FI-7", "--client-secret", "k3J9-x7Qw-Zp20-LmNd")
    add_equipment(sinetti, *given)
    refused = sinetti("equipment add --location 1 --name Other --role full_access", *given)
    assert refused.code == 2
    assert "FI-7" in refused.err
    assert sinetti("equipment delete 1 --yes").code == 0
    assert add_equipment(sinetti, *given)["equipment_id"] != 1
    assert [each["equipment_id"] for each in sinetti("equipment list --json").json] == [3]


@pytest.mark.parametrize(
    "line",
    [
        "location add --organisation 7 --name x",
        "equipment add --location 7 --name x --role full_access",
        "organisation lock 7 --reason x",
        "organisation unlock 7",
        "location lock 7 --reason x",
        "location unlock 7",
        "equipment lock 7 --reason x",
        "equipment unlock 7",
        "equipment role 7 full_access",
        "equipment delete 7 --yes",
    ],
)
def test_an_unknown_number_is_named(sinetti, line):
    refused = sinetti(line)
    assert refused.code == 2
    assert "7" in refused.err
    assert refused.out == ""
    assert "Traceback" not in refused.err


@pytest.mark.parametrize(
    "line", ["equipment lock 0 --reason x", "location unlock 9999999999", "equipment lock 1"]
)
def test_a_wrong_option_is_told_before_anything_is_done(sinetti, line):
    assert sinetti(line).code == 2


def test_a_lock_of_organisation_or_location_is_listed_with_its_reason(sinetti):
    add_location(sinetti)
    for part in ("organisation", "location"):
        locked = sinetti(f"{part} lock 1 --json --reason", "Lupa [bold]peruttu[/bold]").json
        assert locked["lock_reason"] == "Lupa [bold]peruttu[/bold]"
        assert "Lupa [bold]peruttu[/bold]" in sinetti(f"{part} list").out
        assert sinetti(f"{part} unlock 1 --json").json["locked_at"] is None


def test_every_change_is_in_the_audit(sinetti, database_url):
    add_location(sinetti)
    add_equipment(sinetti)
    for part in ("organisation", "location", "equipment"):
        assert sinetti(f"{part} lock 1 --reason", "Avain katosi").code == 0
        assert sinetti(f"{part} unlock 1").code == 0
    assert sinetti("equipment role 1 verify_only").code == 0
    assert sinetti("equipment delete 1 --yes").code == 0
    assert sinetti("equipment lock 77 --reason Ei").code != 0
    with psycopg.connect(database_url) as connection:
        entries = connection.execute(
            "SELECT actor, user_name, action, organisation_id, reason, new_values FROM audit_entry ORDER BY audit_number"
        ).fetchall()
    assert {actor for actor, *_ in entries} == {"command_line"}
    assert {organisation for _, _, _, organisation, *_ in entries} == {1}
    assert [(command, action, reason) for _, command, action, _, reason, _ in entries] == [
        ("sinetti organisation", "organisation_added", None),
        ("sinetti location", "location_added", None),
        ("sinetti equipment", "equipment_added", None),
        *(
            (f"sinetti {part}", f"{part}_{what}", "Avain katosi" if what == "locked" else None)
            for part in ("organisation", "location", "equipment")
            for what in ("locked", "unlocked")
        ),
        ("sinetti equipment", "equipment_changed", None),
        ("sinetti equipment", "equipment_deleted", None),
    ]
    assert "secret" not in str(entries).lower()


def test_lists_can_be_narrowed(sinetti):
    add_location(sinetti)
    add_equipment(sinetti)
    assert len(sinetti("location list --json --organisation 1").json) == 1
    assert sinetti("location list --json --organisation 2").json == []
    assert len(sinetti("equipment list --json --location 1").json) == 1
    assert sinetti("equipment list --json --location 2").json == []


def test_a_folder_without_a_database_is_told_of(sinetti, monkeypatch):
    monkeypatch.delenv("SINETTI_DATABASE_URL")
    refused = sinetti("organisation list")
    assert refused.code == 2
    assert "sinetti migrate" in refused.err


def mail_kinds(database_url: str) -> list[str]:
    """What waits to be sent, the oldest first."""
    with psycopg.connect(database_url) as connection:
        return [row[0] for row in connection.execute("SELECT kind FROM mail ORDER BY queued_at").fetchall()]


class TestPeople:
    """`sinetti user`."""

    ADD = "user add --email outi@example.fi --role operator_administrator"

    def test_a_person_is_added_with_a_link_and_listed(self, sinetti):
        added = sinetti(f"{self.ADD} --json --name", "Outi Operaattori").json
        assert (added["name"], added["role"], added["has_password"]) == (
            "Outi Operaattori",
            "operator_administrator",
            False,
        )
        assert added["invitation_link"].startswith("http://localhost:8081/invitation/")
        (listed,) = sinetti("user list --json").json
        assert listed["email"] == "outi@example.fi"
        assert added["invitation_link"].rpartition("/")[2] not in json.dumps(listed)

    def test_a_person_is_told_in_words_too(self, sinetti):
        ran = sinetti(f"{self.ADD} --name", "Outi Operaattori")
        assert "User 1 added: Outi Operaattori" in ran.out
        assert "It works once, until" in ran.out

    def test_a_second_link_and_a_lock(self, sinetti):
        first = sinetti(f"{self.ADD} --json --name", "Outi").json["invitation_link"]
        assert sinetti("user invite OUTI@example.fi --json").json["invitation_link"] != first
        locked = sinetti("user lock outi@example.fi --json --reason", "Left").json
        assert locked["lock_reason"] == "Left"
        assert sinetti("user unlock outi@example.fi --json").json["locked_at"] is None
        assert sinetti("user remove-second-factor outi@example.fi --json").json["has_totp"] is False

    def test_a_link_that_is_sent_is_not_printed(self, sinetti, database_url):
        added = sinetti(f"{self.ADD} --mail --json --name", "Outi").json
        assert "invitation_link" not in added
        said = sinetti("user invite outi@example.fi --mail").out
        assert "The link is sent to outi@example.fi." in said
        assert "/invitation/" not in said
        assert mail_kinds(database_url) == ["users.invited", "users.invited"]

    def test_who_is_concerned_is_told_by_mail_and_it_is_recorded(self, sinetti, database_url):
        sinetti(f"{self.ADD} --json --name", "Outi")
        sinetti("user lock outi@example.fi --reason", "Left")
        sinetti("user unlock outi@example.fi")
        sinetti("user remove-second-factor outi@example.fi")
        kinds = ["users.locked", "users.unlocked", "users.second_factor_removed"]
        assert mail_kinds(database_url) == kinds
        with psycopg.connect(database_url) as connection:
            rows = connection.execute("SELECT action, actor FROM audit_entry ORDER BY audit_number")
            actions = ["user_added", "user_locked", "user_unlocked", "second_factor_removed"]
            assert rows.fetchall() == [(action, "command_line") for action in actions]

    def test_a_location_user_belongs_to_a_location_of_the_organisation(self, sinetti):
        location_id = add_location(sinetti)
        other = sinetti("organisation add --kind pharmacy --json --name", "Toinen").json["organisation_id"]
        add = "user add --email nils@example.fi --role location_user --json --name Nils --location"
        assert sinetti(add, str(location_id), "--organisation", str(other)).code == 2
        assert sinetti(add, str(location_id), "--organisation", "1").json["organisation_name"]

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("user add --name A --email nobody --role operator_support", "a mail address has the form"),
            ("user add --name A --email a@example.fi --role location_user", "role does not"),
            (
                "user add --name A --email a@example.fi --role operator_support --organisation 1",
                "role does not",
            ),
            (
                "user add --name A --email a@example.fi --role mah_obp_main_user --organisation 1",
                "role does not",
            ),
            ("user add --name A --email a@example.fi --role organisation_main_user --organisation 9", "9"),
            ("user lock nobody@example.fi --reason Left", "nobody with this address"),
            ("user invite nobody@example.fi", "nobody with this address"),
        ],
    )
    def test_a_mistake_is_said_and_changes_nothing(self, sinetti, line, says):
        add_location(sinetti)
        ran = sinetti(line)
        assert ran.code == 2
        assert says in ran.err
        assert sinetti("user list --json").json == []

    def test_an_address_is_used_once_however_it_is_spelt(self, sinetti):
        sinetti(f"{self.ADD} --name", "Outi")
        again = sinetti("user add --name B --email OUTI@example.fi --role operator_support")
        assert (again.code, "is there already" in again.err) == (2, True)
