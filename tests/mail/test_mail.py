"""Mail from its transaction to a real SMTP server, with the server's refusals, and into the folder."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from sinetti.kit.jobs import working
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.mail import queue as mail_queue
from sinetti.mail.content import Content, Link
from sinetti.mail.queue import queue, send_mail_task
from sinetti.mail.transport import FolderTransport, SmtpTransport, transport_of

SECRET_LINK = "https://portal.example/invitation/aVerySecretToken"
CONTENT = Content(
    subject="Tervetuloa Sinettiin, Åke",
    paragraphs=("Sinut on kutsuttu käyttämään portaalia <b>heti</b>.", "Linkki toimii viikon."),
    link=Link(words="Aseta salasana", address=SECRET_LINK),
    footer="Sinetti, lääkevarmennusjärjestelmä.",
)


class Mailbox:
    """What a mail server got; what it answers can be set."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []
        self.signed_in: list[bytes] = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
        return answer

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.signed_in.append(data.login)
        return AuthResult(success=(data.login, data.password) == (b"sinetti", b"p/ss w\xc3\xb6rd"))


class AnyPort(Controller):
    """A mail server on a port that is free; aiosmtpd itself looks for it where it was asked to be."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[str]:
    """Address of a plain mail server."""
    controller = AnyPort(mailbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(b"k" * 32)


async def put(database, sealer, clock, recipient="ake@example.fi") -> None:
    async with database.transaction() as tx:
        await queue(
            tx, sealer, kind="users.invited", recipient=recipient, language="fi", content=CONTENT, now=clock()
        )


async def row(database) -> dict[str, object]:
    async with database.transaction() as tx:
        cursor = await tx.execute("SELECT * FROM mail")
        found = await cursor.fetchone()
        assert cursor.description is not None
        return dict(zip([column.name for column in cursor.description], found, strict=True))


async def until(database, column: str) -> dict[str, object]:
    deadline = time.monotonic() + 20
    while (found := await row(database))[column] is None:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)
    return found


async def test_a_mail_goes_to_the_server_as_text_and_html_and_is_forgotten(
    database, database_url, clock, sealer, smtp, mailbox
):
    await put(database, sealer, clock)
    sealed = (await row(database))["sealed_content"]
    assert isinstance(sealed, bytes)
    assert b"aVerySecretToken" not in sealed, "a stolen database opens no account"
    task = send_mail_task(database, sealer, SmtpTransport(smtp), "sinetti@example.fi", clock)
    async with working(database_url, [task]):
        after = await until(database, "sent_at")
    assert (after["sealed_content"], after["attempts"], after["last_fault"]) == (None, 1, None)
    (message,) = mailbox.messages
    assert message["Subject"] == CONTENT.subject
    assert message["To"] == "ake@example.fi"
    assert message["From"] == "Sinetti <sinetti@example.fi>"
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "fi")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert f"Aseta salasana:\n{SECRET_LINK}" in text.get_content().replace("\r\n", "\n")
    assert f'href="{SECRET_LINK}"' in html.get_content()
    assert "&lt;b&gt;heti&lt;/b&gt;" in html.get_content(), "names cannot bring HTML of their own"


async def test_what_is_rolled_back_sends_no_mail(database, database_url, clock, sealer, smtp, mailbox):
    async def rolled_back() -> None:
        async with database.transaction() as tx:
            await queue(
                tx, sealer, kind="a.b", recipient="x@example.fi", language="fi", content=CONTENT, now=clock()
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await rolled_back()
    await put(database, sealer, clock)
    task = send_mail_task(database, sealer, SmtpTransport(smtp), "sinetti@example.fi", clock)
    async with working(database_url, [task]):
        await until(database, "sent_at")
    assert [message["To"] for message in mailbox.messages] == ["ake@example.fi"]


async def test_a_server_that_is_busy_is_asked_again(
    database, database_url, clock, sealer, smtp, mailbox, monkeypatch
):
    monkeypatch.setattr(mail_queue, "_WAIT_BASE_SECONDS", 0)
    mailbox.answers = ["451 try later", "451 try later"]
    await put(database, sealer, clock)
    task = send_mail_task(database, sealer, SmtpTransport(smtp), "sinetti@example.fi", clock)
    async with working(database_url, [task]):
        after = await until(database, "sent_at")
    assert after["attempts"] == 3
    assert len(mailbox.messages) == 1


async def test_an_address_that_is_refused_for_ever_is_given_up(
    database, database_url, clock, sealer, smtp, mailbox
):
    mailbox.answers = ["550 no such person"]
    await put(database, sealer, clock)
    task = send_mail_task(database, sealer, SmtpTransport(smtp), "sinetti@example.fi", clock)
    async with working(database_url, [task]):
        after = await until(database, "given_up_at")
    assert (after["attempts"], after["sealed_content"]) == (1, None)
    assert "550" in str(after["last_fault"])


async def test_a_server_that_never_answers_is_given_up_at_last(
    database, database_url, clock, sealer, monkeypatch
):
    monkeypatch.setattr(mail_queue, "_WAIT_BASE_SECONDS", 0)
    monkeypatch.setattr(mail_queue, "ATTEMPTS_MAX", 3)
    await put(database, sealer, clock)
    task = send_mail_task(database, sealer, SmtpTransport("smtp://127.0.0.1:1"), "sinetti@example.fi", clock)
    async with working(database_url, [task]):
        after = await until(database, "given_up_at")
    assert after["attempts"] == 3


async def test_with_another_seal_key_nothing_is_sent(database, database_url, clock, sealer, smtp, mailbox):
    await put(database, sealer, clock)
    task = send_mail_task(database, Sealer(b"x" * 32), SmtpTransport(smtp), "sinetti@example.fi", clock)
    async with working(database_url, [task]):
        after = await until(database, "given_up_at")
    assert "seal.key" in str(after["last_fault"])
    assert mailbox.messages == []


async def test_a_password_goes_only_over_a_connection_that_is_encrypted(
    mailbox, clock, sealer, tmp_path, monkeypatch
):
    authority = trustme.CA()
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(served)
    trusted = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.fi", "b@example.fi", "x"
    message.set_content("y")
    for context in (served, None):
        controller = AnyPort(
            mailbox,
            hostname="127.0.0.1",
            port=0,
            authenticator=mailbox.authenticate,
            auth_require_tls=False,
            tls_context=context,
        )
        controller.start()
        try:
            transport = SmtpTransport(f"smtp://sinetti:p%2Fss%20w%C3%B6rd@127.0.0.1:{controller.port}")
            if context is not None:
                await transport.send(message)
                assert mailbox.signed_in == [b"sinetti"]
            else:
                with pytest.raises(Exception, match=r"STARTTLS|TLS"):
                    await transport.send(message)
                assert mailbox.signed_in == [b"sinetti"], "the password was not told"
        finally:
            controller.stop()
    assert len(mailbox.messages) == 1


async def test_without_a_mail_server_it_lies_in_a_folder_that_others_cannot_read(
    database, database_url, clock, sealer, tmp_path: Path
):
    folder = tmp_path / "mail"
    await put(database, sealer, clock)
    task = send_mail_task(database, sealer, FolderTransport(folder), "sinetti@localhost", clock)
    async with working(database_url, [task]):
        await until(database, "sent_at")
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert SECRET_LINK.encode() in file.read_bytes()


def test_the_settings_choose_where_mail_goes(tmp_path):
    assert isinstance(transport_of(Settings(home=tmp_path)), FolderTransport)
    assert isinstance(transport_of(Settings(smtp_url="smtps://mail.example")), SmtpTransport)


def test_nothing_of_a_mail_but_its_subject_shows_in_a_log():
    assert "aVerySecretToken" not in repr(CONTENT)
