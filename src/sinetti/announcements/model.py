"""Announcements, and where they stand."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from sinetti.rules.vocabulary import Language, OrganisationKind

TEXT_CHARACTERS_MAX = 1000


class AnnouncementLevel(StrEnum):
    """How pressing it is. A warning stays on every page until it is over."""

    INFO = "info"
    WARNING = "warning"


class AnnouncementState(StrEnum):
    """Whether it is shown."""

    COMING = "coming"
    SHOWN = "shown"
    OVER = "over"
    WITHDRAWN = "withdrawn"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to announce."""

    level: AnnouncementLevel
    text_fi: str
    text_sv: str
    text_en: str
    audience: tuple[OrganisationKind, ...]
    """Kinds of organisation that it is for; empty for everybody, also before sign-in and in the status."""
    starts_at: datetime
    ends_at: datetime

    def text(self, language: Language) -> str:
        """What it says in this language."""
        match language:
            case Language.FI:
                return self.text_fi
            case Language.SV:
                return self.text_sv
            case Language.EN:
                return self.text_en


class Announcement(Draft, frozen=True, kw_only=True):
    """What was announced, by whom."""

    announcement_id: int
    made_by_name: str
    made_at: datetime
    withdrawn_at: datetime | None

    def state(self, now: datetime) -> AnnouncementState:
        """Where it stands now."""
        if self.withdrawn_at is not None:
            return AnnouncementState.WITHDRAWN
        if now >= self.ends_at:
            return AnnouncementState.OVER
        return AnnouncementState.COMING if now < self.starts_at else AnnouncementState.SHOWN
