"""Settings from the environment, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from sinetti.kit.settings import SettingsError, load_settings


def test_nothing_set_is_a_finnish_system_on_this_machine():
    settings = load_settings({})
    assert settings.home == Path.cwd() / ".sinetti"
    assert settings.database_url is None
    assert (settings.market, settings.time_zone, settings.default_language) == ("FI", "Europe/Helsinki", "fi")
    assert (settings.host, settings.port, settings.workers, settings.public_url) == (
        "127.0.0.1",
        8080,
        1,
        None,
    )
    assert settings.zone.key == "Europe/Helsinki"


def test_every_setting_has_its_variable():
    settings = load_settings(
        {
            "SINETTI_HOME": "/srv/sinetti",
            "SINETTI_DATABASE_URL": "postgresql://db.example/sinetti",
            "SINETTI_MARKET": "SE",
            "SINETTI_TIME_ZONE": "Europe/Stockholm",
            "SINETTI_DEFAULT_LANGUAGE": "sv",
            "SINETTI_HOST": "0.0.0.0",
            "SINETTI_PORT": "9000",
            "SINETTI_WORKERS": "4",
            "SINETTI_PUBLIC_URL": "https://nmvs.example/",
            "SINETTI_LOG_LEVEL": "DEBUG",
        }
    )
    assert settings.home == Path("/srv/sinetti")
    assert settings.database_url == "postgresql://db.example/sinetti"
    assert (settings.market, settings.time_zone, settings.default_language) == (
        "SE",
        "Europe/Stockholm",
        "sv",
    )
    assert (settings.host, settings.port, settings.workers) == ("0.0.0.0", 9000, 4)
    assert (settings.public_url, settings.log_level) == ("https://nmvs.example", "DEBUG")


def test_what_is_given_by_name_goes_before_the_environment():
    environment = {"SINETTI_PORT": "9000", "SINETTI_HOST": "0.0.0.0"}
    settings = load_settings(environment, port=9001, host=None, home=Path("/srv/here"))
    assert (settings.port, settings.host, settings.home) == (9001, "0.0.0.0", Path("/srv/here"))


def test_an_empty_variable_is_not_set():
    assert load_settings({"SINETTI_PORT": "", "SINETTI_DATABASE_URL": " "}).port == 8080


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("SINETTI_PORT", "http", "SINETTI_PORT should be a number from 0 to 65535; it is 'http'"),
        ("SINETTI_PORT", "65536", "SINETTI_PORT should be a number from 0 to 65535; it is '65536'"),
        ("SINETTI_PORT", "٨٠٨٠", "SINETTI_PORT should be a number from 0 to 65535; it is '٨٠٨٠'"),
        ("SINETTI_WORKERS", "0", "SINETTI_WORKERS should be a number from 1 to 256; it is '0'"),
        ("SINETTI_MARKET", "Finland", "SINETTI_MARKET should be a country code of two capitals, such as FI; it is 'Finland'"),
        ("SINETTI_TIME_ZONE", "Mars/Base", "SINETTI_TIME_ZONE should be a zone such as Europe/Helsinki; it is 'Mars/Base'"),
        ("SINETTI_TIME_ZONE", "../etc", "SINETTI_TIME_ZONE should be a zone such as Europe/Helsinki; it is '../etc'"),
        ("SINETTI_DEFAULT_LANGUAGE", "de", "SINETTI_DEFAULT_LANGUAGE should be fi, sv or en; it is 'de'"),
        ("SINETTI_HOST", "a b", "SINETTI_HOST should be a host name or an address; it is 'a b'"),
        ("SINETTI_PUBLIC_URL", "nmvs.example", "SINETTI_PUBLIC_URL should be an http or https address; it is 'nmvs.example'"),
        ("SINETTI_LOG_LEVEL", "loud", "SINETTI_LOG_LEVEL should be DEBUG, INFO, WARNING or ERROR; it is 'loud'"),
    ],
)  # fmt: skip
def test_a_bad_value_is_named_with_what_it_should_be(variable, value, message):
    with pytest.raises(SettingsError) as refused:
        load_settings({variable: value})
    assert str(refused.value) == message


def test_a_database_url_is_never_shown():
    with pytest.raises(SettingsError) as refused:
        load_settings({"SINETTI_DATABASE_URL": "mysql://me:hunter2@db/x"})
    assert str(refused.value) == "SINETTI_DATABASE_URL should start with postgresql://"
    assert "hunter2" not in repr(load_settings({"SINETTI_DATABASE_URL": "postgresql://me:hunter2@db/x"}))


def test_an_unknown_setting_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="not settings: colour"):
        load_settings({}, colour="red")
