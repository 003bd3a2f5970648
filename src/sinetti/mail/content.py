"""What a mail says, and how it becomes a message of text and HTML."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from textwrap import fill
from uuid import UUID

import msgspec
from jinja2 import Environment, StrictUndefined, Template

_TEXT_WIDTH = 72


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Where the reader is asked to go: the words of a button, and the whole address."""

    words: str
    address: str


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one mail in the reader's language."""

    subject: str
    paragraphs: tuple[str, ...]
    link: Link | None = None
    more: tuple[Link, ...] = ()
    """Where the reader may look something up."""
    footer: str
    """Who sends it, and that nobody reads answers."""

    def __repr__(self) -> str:
        """Show the subject alone: the rest may hold a link that sets a password."""
        return f"Content(subject={self.subject!r})"


def message_of(
    content: Content, *, mail_id: UUID, sender: str, recipient: str, language: str, sent_at: datetime
) -> EmailMessage:
    """The message for a mail server. Sent again after a crash it has the same Message-ID, so that it shows once."""
    message = EmailMessage()
    name, _, domain = sender.rpartition("@")
    message["From"] = Address(display_name="Sinetti", username=name, domain=domain)
    message["To"] = recipient
    message["Subject"] = content.subject
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = f"<{mail_id}@{domain}>"
    # RFC 3834: holiday notices are not sent to programs.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(content))
    message.add_alternative(as_html(content, language), subtype="html")
    # Last: setting the content throws away what begins with Content-.
    message["Content-Language"] = language
    return message


def as_text(content: Content) -> str:
    """The mail for programs that show no HTML, and for people who want none."""
    parts = [fill(paragraph, _TEXT_WIDTH, break_long_words=False) for paragraph in content.paragraphs]
    if content.link is not None:
        # An address is never broken: one that is cannot be clicked.
        parts.append(f"{content.link.words}:\n{content.link.address}")
    parts += [f"{more.words}:\n{more.address}" for more in content.more]
    return "\n\n".join([*parts, f"-- \n{fill(content.footer, _TEXT_WIDTH)}"]) + "\n"


def as_html(content: Content, language: str) -> str:
    """The mail for everybody else."""
    return _template().render(content=content, language=language)


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(files(__package__).joinpath("templates", "mail.html").read_text("utf-8"))
