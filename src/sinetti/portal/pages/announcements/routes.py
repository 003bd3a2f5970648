"""Announcements of the operator: made, withdrawn, and put aside by whoever has read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from sinetti.announcements import store
from sinetti.announcements.model import TEXT_CHARACTERS_MAX, AnnouncementLevel, Draft
from sinetti.identity.people.model import KINDS_WITH_PEOPLE
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.security import safe_path
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.vocabulary import Language

EVERYBODY = "everybody"
_TEXTS = ("text_fi", "text_sv", "text_en")
_NUMBER_DIGITS_MAX = 9


async def show_list(visit: Visit) -> Response:
    """What was announced."""
    made = await store.newest(visit.tx)
    return visit.render(
        "list.html",
        announcements=[(one, one.state(visit.now).value, one.text(visit.language)) for one in made],
    )


async def show_form(visit: Visit) -> Response:
    """The form for a new one."""
    return _form(visit, {})


async def add(visit: Visit) -> Response:
    """Announce it."""
    draft, errors = _read(visit)
    if draft is None:
        return _form(visit, errors)
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="added")
    who = visit.person
    announcement_id = await store.add(
        visit.tx, draft, made_by=who.user_id, made_by_name=who.name, now=visit.now
    )
    await _record(visit, announcement_id, draft, "announcement_added")
    path = visit.url("announcements")
    await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="added")


async def withdraw(visit: Visit) -> Response:
    """Show it no more."""
    taken_back = await store.withdraw(visit.tx, _number(visit), visit.now)
    if taken_back is not None:
        await _record(visit, taken_back.announcement_id, taken_back, "announcement_withdrawn")
    return visit.redirect(visit.url("announcements"), done="withdrawn" if taken_back else "was_over")


async def dismiss(visit: Visit) -> Response:
    """Put information aside for this session, and go back to where it was read."""
    await store.dismiss(visit.tx, _number(visit), visit.person.session_id)
    return visit.redirect(safe_path(visit.form.get("back")))


def _number(visit: Visit) -> int:
    """The announcement that the form names; nought, which none has, for anything else."""
    given = visit.form.get("announcement_id", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _NUMBER_DIGITS_MAX else 0


def _form(visit: Visit, errors: Mapping[str, str]) -> Response:
    words = visit.words
    kinds = common_words(visit.language)["organisation_kind"]
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        values={key: visit.form.get(key, "") for key in ("level", *_TEXTS, "starts_at", "ends_at")},
        audience=visit.form_lists.get("audience", ()),
        levels=[
            (level.value, words["level"][level.value], words["level_means"][level.value])
            for level in AnnouncementLevel
        ],
        audiences=[
            (EVERYBODY, words["everybody"]),
            *((kind.value, kinds[kind.value]) for kind in KINDS_WITH_PEOPLE),
        ],
        names_of_languages={f"text_{code.value}": common_words(code)["language"] for code in Language},
        form_key=visit.new_form_key(),
    )


def _read(visit: Visit) -> tuple[Draft | None, dict[str, str]]:
    """What the form says, or what is wrong with it."""
    fault, errors = visit.words["fault"], {}
    level = visit.form.get("level", "")
    if level not in {one.value for one in AnnouncementLevel}:
        errors["level"] = fault["level"]
    texts = {
        key: "\n".join(" ".join(line.split()) for line in visit.form.get(key, "").split("\n")).strip()
        for key in _TEXTS
    }
    for key, text in texts.items():
        if not 0 < len(text) <= TEXT_CHARACTERS_MAX or not text.replace("\n", " ").isprintable():
            errors[key] = fill(fault["text"], most=TEXT_CHARACTERS_MAX)
    chosen = set(visit.form_lists.get("audience", ()))
    known = {kind.value for kind in KINDS_WITH_PEOPLE}
    if not chosen or not chosen <= known | {EVERYBODY} or (EVERYBODY in chosen and len(chosen) > 1):
        errors["audience"] = fault["audience"]
    zone = visit.portal.settings.zone
    starts_at = _moment(visit.form.get("starts_at", ""), zone) if visit.form.get("starts_at") else visit.now
    ends_at = _moment(visit.form.get("ends_at", ""), zone)
    if starts_at is None:
        errors["starts_at"] = fault["moment"]
    if ends_at is None:
        errors["ends_at"] = fault["moment"]
    elif starts_at is not None and ends_at <= max(starts_at, visit.now):
        errors["ends_at"] = fault["ends_at"]
    if errors or starts_at is None or ends_at is None:
        return None, errors
    draft = Draft(
        level=AnnouncementLevel(level),
        **texts,
        audience=tuple(kind for kind in KINDS_WITH_PEOPLE if kind.value in chosen),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return draft, errors


def _moment(given: str, zone: ZoneInfo) -> datetime | None:
    """A time of the country, as a browser's field writes it."""
    try:
        moment = datetime.fromisoformat(given.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else None


async def _record(visit: Visit, announcement_id: int, draft: Draft, action: str) -> None:
    new = {
        "level": draft.level.value,
        "text_fi": draft.text_fi,
        "text_sv": draft.text_sv,
        "text_en": draft.text_en,
        "audience": [kind.value for kind in draft.audience] or [EVERYBODY],
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
    }
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="announcement",
        object_id=announcement_id,
        object_name=draft.text(visit.language)[:80],
        concern=Concern(),
        new=new if action == "announcement_added" else None,
    )


_NEW = "/announcements/new"

PAGE = Page(
    name="announcements",
    menu=MenuEntry(route="announcements", group=MenuGroup.SYSTEM, order=40),
    routes=(
        Route(name="announcements", path="/announcements", action="see_announcements", handler=show_list),
        Route(name="new_announcement", path=_NEW, action="add_announcement", handler=show_form),
        Route(name="add_announcement", path=_NEW, action="add_announcement", handler=add, method="POST"),
        Route(
            name="withdraw_announcement",
            path="/announcements/withdraw",
            action="withdraw_announcement",
            handler=withdraw,
            method="POST",
        ),
        Route(
            name="dismiss_announcement",
            path="/announcements/dismiss",
            action="dismiss_announcement",
            handler=dismiss,
            method="POST",
        ),
    ),
)
