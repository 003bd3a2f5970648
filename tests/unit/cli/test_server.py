"""Sockets and settings of the server: which port is taken, what workers are told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from sinetti.cli import demo_start
from sinetti.cli.errors import UserError
from sinetti.cli.server import PortTakenError, address_of, environment_of, open_socket
from sinetti.kit.settings import Settings, load_settings


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_port_0_takes_a_free_one_and_tells_which():
    with open_socket("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        assert port > 0
        assert address_of(bound) == f"http://127.0.0.1:{port}"


def test_a_server_for_all_addresses_is_reached_at_this_machine():
    with open_socket("0.0.0.0", 0) as bound:
        assert address_of(bound).startswith("http://127.0.0.1:")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_ipv6_address_stands_in_brackets():
    try:
        bound = open_socket("::1", 0)
    except UserError:
        pytest.skip("this machine has no IPv6 address of its own")
    with bound:
        assert address_of(bound).startswith("http://[::1]:")


def test_a_taken_port_is_told(taken):
    with pytest.raises(
        PortTakenError, match=f"port {taken} on 127.0.0.1 is used by another program"
    ) as refused:
        open_socket("127.0.0.1", taken)
    assert refused.value.in_use


def test_an_address_of_another_machine_is_told():
    with pytest.raises(PortTakenError, match="cannot be used") as refused:
        open_socket("192.0.2.1", 0)
    assert not refused.value.in_use


def test_the_demo_goes_around_a_taken_port_unless_somebody_asked_for_it(taken, capsys):
    with demo_start._socket("127.0.0.1", taken, port_given=False) as bound:
        port = bound.getsockname()[1]
        assert port != taken
    assert f"Port {taken} is used by another program; the demo takes {port}." in capsys.readouterr().err
    with pytest.raises(PortTakenError):
        demo_start._socket("127.0.0.1", taken, port_given=True)


def test_workers_get_the_settings_that_their_supervisor_has():
    settings = Settings(
        home=Path("/srv/sinetti"),
        database_url="postgresql://u@h/d",
        market="SE",
        time_zone="Europe/Stockholm",
        default_language="sv",
        workers=3,
        public_url="https://api.example.org",
        portal_port=9081,
        portal_url="https://portal.example.org",
        smtp_url="smtps://sinetti:secret@mail.example.org:465",
        mail_from="sinetti@example.org",
        mail_folder=Path("/srv/mail"),
    )
    assert load_settings(environment_of(settings)) == settings
    assert load_settings(environment_of(Settings(home=Path("/srv")))) == Settings(home=Path("/srv"))
