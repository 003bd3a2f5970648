"""People who hear of alerts, in the country of the alert tests."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from tests.store.alerts.world import World

from sinetti.alerts.notices.handing import hand_over_all
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings
from sinetti.mail.queue import send_mail_task
from sinetti.mail.transport import transport_of
from sinetti.portal.notice_mails import mail_contacts, mail_due

PEOPLE = {
    "user": ("location_user", "A"),
    "main": ("organisation_main_user", "A"),
    "elsewhere": ("location_user", "B"),
    "obp main": ("mah_obp_main_user", "OBP"),
    "investigator": ("mah_obp_investigator", "OBP"),
    "administrator": ("operator_administrator", None),
    "inspector": ("authority_inspector", None),
}


class Readers:
    """The people, and what reaches them by mail."""

    def __init__(self, world: World, home: Path) -> None:
        self.world = world
        self.settings = Settings(home=home)
        self.sealer = sealer_of(home)
        self.ids: dict[str, int] = {}

    async def set_up(self) -> None:
        """One person of each kind, who has chosen a password."""
        async with self.world.database.transaction() as tx:
            for name, (role, of) in PEOPLE.items():
                organisation = None
                if of is not None:
                    organisation = self.world.obp if of == "OBP" else self.world.callers[of].organisation_id
                cursor = await tx.execute(
                    "INSERT INTO person (name, email, role, organisation_id, language, created_at, password_hash)"
                    " VALUES (%s, %s, %s, %s, 'en', %s, 'x') RETURNING user_id",
                    (name, f"{name.replace(' ', '-')}@example.org", role, organisation, self.world.clock()),
                )
                row = await cursor.fetchone()
                assert row is not None
                self.ids[name] = row[0]
                if role == "location_user":
                    assert of is not None
                    location = self.world.callers[of].location_id
                    await tx.execute("INSERT INTO person_location VALUES (%s, %s)", (row[0], location))

    async def hand_over(self) -> int:
        """What the worker does after each transaction that makes notices."""
        return await hand_over_all(self.world.database, self.world.country, self.world.clock)

    async def mail(self) -> int:
        """What it does when a mail may be due; how many mails were queued."""
        parts = (self.world.database, self.settings, self.sealer, self.world.country, self.world.clock())
        return await mail_due(*parts) + await mail_contacts(*parts)

    async def told(self, **moves: float) -> dict[str, list[EmailMessage]]:
        """Hand over, go on by some time, and send: what each person gets."""
        await self.hand_over()
        self.world.clock.move(**moves)
        await self.mail()
        return await self.sent()

    async def sent(self) -> dict[str, list[EmailMessage]]:
        """Send what is queued, and read it; each mail once."""
        send = send_mail_task(
            self.world.database,
            self.sealer,
            transport_of(self.settings),
            self.settings.mail_from,
            self.world.clock,
        )
        for row in await self.world.rows("SELECT mail_id FROM mail WHERE sent_at IS NULL"):
            await send.run(mail_id=str(row["mail_id"]))
        found: dict[str, list[EmailMessage]] = {}
        folder = self.settings.home / "mail"
        for path in sorted(folder.glob("*.eml")) if folder.exists() else []:
            message: Any = message_from_bytes(path.read_bytes(), policy=default)
            found.setdefault(str(message["To"]).partition("@")[0], []).append(message)
            path.unlink()
        return found


def text_of(message: EmailMessage) -> str:
    """Subject and text of a mail, on one line each."""
    body = message.get_body(("plain",))
    assert body is not None
    return f"{message['Subject']}\n{' '.join(body.get_content().split())}"
