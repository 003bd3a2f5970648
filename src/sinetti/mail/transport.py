"""The two ways that mail goes: to a mail server, or into a folder where there is none."""

from __future__ import annotations

import os
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from sinetti.kit.settings import Settings

SMTP_SECONDS_MAX: Final = 30.0
_PORT_SMTPS: Final = 465
_PORT_SUBMISSION: Final = 587
_PERMANENT: Final = 500


class MailRefusedError(Exception):
    """The mail server will never take this mail, because of the address or the message; trying again is no use."""


class Transport(Protocol):
    """Sends one message."""

    async def send(self, message: EmailMessage) -> None:
        """Send it. `MailRefusedError` is final; every other exception may pass."""


class SmtpTransport:
    """A mail server: `smtp://user:password@host:port` (with STARTTLS where the server offers it) or `smtps://`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (_PORT_SMTPS if self._tls else _PORT_SUBMISSION)
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, message: EmailMessage) -> None:
        """Hand it to the server. A password never goes over a connection that is not encrypted."""
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._tls,
                # None: where the server offers it. Whoever has a password must have it.
                start_tls=None if self._tls or self._username is None else True,
                timeout=SMTP_SECONDS_MAX,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            if all(each.code >= _PERMANENT for each in refused.recipients):
                raise MailRefusedError(_shown(refused.recipients[0])) from refused
            raise
        except (aiosmtplib.SMTPDataError, aiosmtplib.SMTPSenderRefused) as error:
            if error.code >= _PERMANENT:
                raise MailRefusedError(_shown(error)) from error
            raise


def _shown(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {error.message}"[:300]


class FolderTransport:
    """A folder with a file for each mail, named by its time: for a demo, or until there is a mail server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Lay it into the folder, whole or not at all. The files are the owner's alone: they hold links."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mail_id = message["Message-ID"].strip("<>").partition("@")[0]
        stamp = message["Date"].datetime.strftime("%Y%m%dT%H%M%S")
        path = self._folder / f"{stamp}-{mail_id}.eml"
        beside = path.with_suffix(".part")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes(policy=SMTP))
        beside.replace(path)


def transport_of(settings: Settings) -> Transport:
    """How this installation sends mail."""
    return SmtpTransport(settings.smtp_url) if settings.smtp_url else FolderTransport(settings.mail_path)
