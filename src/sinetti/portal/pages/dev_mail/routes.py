"""The mail of a demo that has no mail server. It is there only where the settings say so."""

from __future__ import annotations

import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import msgspec
from starlette.responses import Response

from sinetti.kit.problems import Problem
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit

SHOWN_MAX = 50
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f-]{36}")
_ADDRESS = re.compile(r"https?://\S+")


class ShownMail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail of the folder."""

    name: str
    sent_at: datetime
    recipient: str
    subject: str
    text: str

    @property
    def lines(self) -> list[tuple[str, str | None]]:
        """The text by lines; those that are an address have it beside, to be clicked."""
        return [(line, line if _ADDRESS.fullmatch(line) else None) for line in self.text.splitlines()]


async def show_list(visit: Visit) -> Response:
    """The newest mail first."""
    files = sorted(_folder(visit).glob("*.eml"), reverse=True)
    shown = [_read(path) for path in files[:SHOWN_MAX]]
    return visit.render("list.html", mails=shown)


async def show_one(visit: Visit) -> Response:
    """One mail as text."""
    name: str = visit.request.path_params["opaque_name"]
    path = _folder(visit) / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise Problem("page-missing", 404)
    return visit.render("one.html", mail=_read(path))


def _folder(visit: Visit) -> Path:
    settings = visit.portal.settings
    if settings.show_mail != "yes":
        raise Problem("page-missing", 404)
    return settings.mail_path


def _read(path: Path) -> ShownMail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None, "every mail of ours has a text"
    return ShownMail(
        name=path.stem,
        sent_at=message["Date"].datetime,
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        text=body.get_content(),
    )


PAGE = Page(
    name="dev_mail",
    routes=(
        Route(name="dev_mail", path="/dev/mail", action="see_demo_mail", handler=show_list),
        Route(name="dev_mail_one", path="/dev/mail/{opaque_name}", action="see_demo_mail", handler=show_one),
    ),
)
