"""Photos in a case: taken in from the page or from a telephone, shown to the parties, kept as evidence."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from sinetti.alerts import files
from sinetti.alerts.files import Change
from sinetti.alerts.model import AlertFile, Doer, FileKey
from sinetti.alerts.photos import take_photo
from sinetti.alerts.view import PhotoSeen
from sinetti.gs1.parse import parse_scan
from sinetti.identity.secrets import digest
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.ids import new_transaction_id
from sinetti.rules.alerts.vocabulary import Party, Refusal

PHOTOS_MAX: Final = 20
"""Of one alert."""
LINK_MINUTES: Final = 30
"""Long enough to fetch the pack and the telephone."""

_SQL = load_queries("sinetti.alerts.store", "photos.sql")


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """A photo's file as it came."""

    content: bytes
    media_type: str
    sha256: str


async def add_photo(
    tx: Transaction,
    change: Change,
    file: AlertFile,
    content: bytes,
    *,
    by_link: bool = False,
    source_address: str | None = None,
) -> UUID | Refusal:
    """Take a photo in for an alert that is the doer's matter. The same file again changes nothing.

    Raises `ImageRefusedError` for what is no photo. It is looked at in a thread, which takes up to some seconds.
    """
    doer = change.doer
    if doer.party is Party.AUTHORITY:
        return Refusal.NOT_FOR_THIS_PARTY
    photo = await asyncio.to_thread(take_photo, content)
    of_file = _of(file.key)
    counted = await (await tx.execute(_SQL["count_photos"], of_file)).fetchone()
    assert counted is not None, "counting gives one row"
    if counted[0] >= PHOTOS_MAX:
        return Refusal.TOO_MANY_PHOTOS
    # Ordered by time, so that photos of one moment stand in the order in which they came.
    photo_id = new_transaction_id()
    cursor = await tx.execute(
        _SQL["add_photo"],
        {
            **of_file,
            **{
                name: getattr(photo, name)
                for name in ("sha256", "media_type", "width", "height", "shown", "small")
            },
            "photo_id": photo_id,
            "now": change.now,
            "party": doer.party,
            "user_id": doer.user_id,
            "user_name": doer.user_name,
            "organisation_id": doer.organisation_id,
            "by_link": by_link,
            "source_address": source_address,
            "codes": list(photo.codes),
            "remarks": [remark.value for remark in photo.remarks],
            "original": content,
        },
    )
    if await cursor.fetchone() is None:
        return Refusal.ALREADY_SO
    await files.touch_case(tx, change, file.case)
    if photo.codes:
        await tx.execute(_SQL["want_analysis"], of_file | {"now": change.now})
    return photo_id


async def photos_of(tx: Transaction, key: FileKey) -> tuple[PhotoSeen, ...]:
    """The photos of an alert, the oldest first. Only `view_for` may show them."""
    cursor = await tx.cursor(row_factory=class_row(PhotoSeen)).execute(_SQL["photos_of_file"], _of(key))
    return tuple(await cursor.fetchall())


async def picture(tx: Transaction, key: FileKey, photo_id: UUID, *, small: bool) -> bytes | None:
    """The JPEG that browsers show; `None` where the alert has no such photo."""
    row = await (await tx.execute(_SQL["shown_photo"], {**_of(key), "photo_id": photo_id})).fetchone()
    return None if row is None else bytes(row[1 if small else 0])


async def original(tx: Transaction, key: FileKey, photo_id: UUID) -> Original | None:
    """The file as it came."""
    row = await (await tx.execute(_SQL["original_photo"], {**_of(key), "photo_id": photo_id})).fetchone()
    return None if row is None else Original(content=bytes(row[0]), media_type=row[1], sha256=row[2])


async def make_link(tx: Transaction, change: Change, file: AlertFile) -> str | Refusal:
    """Token of a link with which a telephone can add photos to this alert, and see nothing of it, for half an hour."""
    doer = change.doer
    if doer.party is Party.AUTHORITY:
        return Refusal.NOT_FOR_THIS_PARTY
    token = secrets.token_urlsafe(32)
    await tx.execute(_SQL["remove_old_photo_links"], {"now": change.now})
    await tx.execute(
        _SQL["add_photo_link"],
        {
            **_of(file.key),
            "token_sha256": digest(token),
            "party": doer.party,
            "user_id": doer.user_id,
            "user_name": doer.user_name,
            "organisation_id": doer.organisation_id,
            "now": change.now,
            "expires_at": change.now + timedelta(minutes=LINK_MINUTES),
        },
    )
    return token


async def of_link(tx: Transaction, token: str, now: datetime) -> tuple[AlertFile, Doer] | None:
    """The alert of a link and who made it; `None` where there is none or it is too old."""
    cursor = await tx.execute(_SQL["find_photo_link"], {"token_sha256": digest(token), "now": now})
    row = await cursor.fetchone()
    if row is None:
        return None
    (file,) = await files.read_files(tx, [FileKey(row[0], row[1])])
    return file, Doer(party=Party(row[2]), user_id=row[3], user_name=row[4], organisation_id=row[5])


def compared(file: AlertFile, code: str) -> Mapping[str, tuple[str | None, str | None, bool]]:
    """What was sent and what the photographed code says, field by field, and whether they are the same. Pure."""
    scan = parse_scan(code)
    said: dict[str, Any] = {
        "product_code": scan.product_code,
        "serial_number": scan.serial_number,
        "batch": scan.batch,
        "expiry": scan.expiry,
    }
    sent = {
        "product_code": file.product_code,
        "serial_number": file.serial_number,
        "batch": file.batch,
        "expiry": file.expiry,
    }
    return {name: (sent[name], said[name], sent[name] == said[name]) for name in sent}


def show_what_was_sent(file: AlertFile, photos: Iterable[PhotoSeen]) -> bool:
    """Whether a photographed code says exactly what was sent: then nothing changed it on its way. Pure."""
    return any(
        all(is_same for _, _, is_same in compared(file, code).values())
        for photo in photos
        for code in photo.codes
    )


def _of(key: FileKey) -> dict[str, object]:
    return {"product_id": key.product_id, "event_number": key.event_number}
