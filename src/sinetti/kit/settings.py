"""What an installation chooses: read once from the environment, and given on as one value."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sinetti.kit.i18n import LANGUAGES

_PORT_MAX = 65535


_THIS_MACHINE = frozenset({"127.0.0.1", "0.0.0.0", "::1", "::"})  # noqa: S104 - recognised, not bound


class SettingsError(ValueError):
    """A setting that cannot be used. The message names the variable and says what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that an installation may choose. Each field's environment variable is `SINETTI_` and its name."""

    home: Path = Path(".sinetti")
    """Folder of everything that is kept: the embedded database, its log, the demo's credentials."""
    database_url: str | None = field(default=None, repr=False)
    """An existing PostgreSQL (15 or newer) to use in place of the embedded one. May hold a password."""
    market: str = "FI"
    """Country of this system: ISO 3166-1 alpha-2 in capitals. Alert ids begin with it."""
    time_zone: str = "Europe/Helsinki"
    """Where a day ends: an expiry is valid to the end of its day here."""
    default_language: str = "fi"
    """Language of an answer to a client that asks for none."""
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    """Server processes that answer requests."""
    public_url: str | None = None
    """Address that clients reach this system at, without a slash at its end; `None`: what each request
    says."""
    portal_port: int = 8081
    portal_url: str | None = None
    """Address that people reach the portal at, without a slash at its end; `None`: what each request says. Where
    it is https, cookies are too."""
    smtp_url: str | None = field(default=None, repr=False)
    """Mail server, `smtp://` or `smtps://`; may hold a password. `None`: mail goes to `mail_folder`."""
    mail_from: str = "sinetti@localhost"
    """Sender of every mail."""
    mail_folder: Path | None = None
    """Folder for mail where there is no mail server; `None`: `mail` in `home`."""
    show_mail: str = "no"
    """`yes` lets everybody read the mail of that folder at `/dev/mail`: for a demo, never for people who are real."""
    private_webhooks: str = "no"
    """`yes` lets webhooks go to http and to addresses inside our own network: for a demo, whose receivers are there."""
    log_level: str = "INFO"

    @property
    def zone(self) -> ZoneInfo:
        """`time_zone` as a zone."""
        return ZoneInfo(self.time_zone)

    @property
    def known_database_url(self) -> str:
        """`database_url`, for parts that need a database that runs already."""
        if self.database_url is None:
            raise ValueError(
                "SINETTI_DATABASE_URL is not set; `sinetti serve` starts an embedded database by itself"
            )
        return self.database_url

    @property
    def public_address(self) -> str:
        """Where pages of the portal lead that name a help page of the national system."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def portal_address(self) -> str:
        """Where links in mails lead. Never what a request says of its host: whoever sends it chooses that."""
        return self.portal_url or f"http://{_by_name(self.host)}:{self.portal_port}"

    @property
    def mail_path(self) -> Path:
        """The folder for mail."""
        return self.mail_folder or self.home / "mail"


def load_settings(environ: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """Settings from the environment; what is given by name and is not `None` (the command line) goes before
    it.

    An empty variable counts as not set. Raises `SettingsError` naming the first variable with a bad value.
    """
    unknown = overrides.keys() - Settings.__dataclass_fields__.keys()
    if unknown:
        raise TypeError(f"not settings: {', '.join(sorted(unknown))}")
    chosen: dict[str, str] = {}
    for name in Settings.__dataclass_fields__:
        given = overrides.get(name)
        value = environ.get(_variable(name), "") if given is None else str(given)
        if value.strip():
            chosen[name] = value.strip()
    return _checked(chosen)


def _variable(name: str) -> str:
    return f"SINETTI_{name.upper()}"


def _checked(chosen: Mapping[str, str]) -> Settings:
    def text(name: str, pattern: str, meaning: str) -> str:
        value = chosen.get(name, str(Settings.__dataclass_fields__[name].default))
        if not re.fullmatch(pattern, value):
            raise SettingsError(f"{_variable(name)} should be {meaning}; it is {value!r}")
        return value

    def number(name: str, least: int, most: int) -> int:
        value = chosen.get(name, str(Settings.__dataclass_fields__[name].default))
        if not (re.fullmatch(r"[0-9]{1,9}", value) and least <= int(value) <= most):
            raise SettingsError(
                f"{_variable(name)} should be a number from {least} to {most}; it is {value!r}"
            )
        return int(value)

    time_zone = chosen.get("time_zone", "Europe/Helsinki")
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError) as error:
        message = f"SINETTI_TIME_ZONE should be a zone such as Europe/Helsinki; it is {time_zone!r}"
        raise SettingsError(message) from error

    database_url = chosen.get("database_url")
    if database_url and not re.match(r"postgres(ql)?://", database_url):
        # The value is not shown: it may hold a password.
        raise SettingsError("SINETTI_DATABASE_URL should start with postgresql://")
    public_url = chosen.get("public_url")
    if public_url and not re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", public_url):
        raise SettingsError(f"SINETTI_PUBLIC_URL should be an http or https address; it is {public_url!r}")
    portal_url = chosen.get("portal_url", "").rstrip("/")
    if portal_url and not re.fullmatch(r"https?://[^/\s?#]+", portal_url):
        raise SettingsError(
            f"SINETTI_PORTAL_URL should be an http or https address without a path; it is {portal_url!r}"
        )
    smtp_url = chosen.get("smtp_url")
    if smtp_url and not re.match(r"smtps?://[^/\s?#]+", smtp_url):
        # The value is not shown: it may hold a password.
        raise SettingsError("SINETTI_SMTP_URL should start with smtp:// or smtps://")

    return Settings(
        home=Path(chosen.get("home", ".sinetti")).expanduser().absolute(),
        database_url=database_url,
        market=text("market", "[A-Z]{2}", "a country code of two capitals, such as FI"),
        time_zone=time_zone,
        default_language=text("default_language", "|".join(LANGUAGES), "fi, sv or en"),
        host=text("host", r"[0-9A-Za-z.:_-]+", "a host name or an address"),
        port=number("port", 0, _PORT_MAX),
        workers=number("workers", 1, 256),
        public_url=public_url.rstrip("/") if public_url else None,
        portal_port=number("portal_port", 0, _PORT_MAX),
        portal_url=portal_url or None,
        smtp_url=smtp_url,
        mail_from=text("mail_from", r"[^@\s<>]+@[^@\s<>]+", "a mail address"),
        mail_folder=Path(chosen["mail_folder"]).expanduser().absolute() if "mail_folder" in chosen else None,
        show_mail=text("show_mail", "yes|no", "yes or no"),
        private_webhooks=text("private_webhooks", "yes|no", "yes or no"),
        log_level=text("log_level", "DEBUG|INFO|WARNING|ERROR", "DEBUG, INFO, WARNING or ERROR"),
    )


def _by_name(host: str) -> str:
    """What a browser on this machine should be led to: a bare number can have no passkeys (WebAuthn)."""
    return "localhost" if host in _THIS_MACHINE else host
