"""The audit in words: what each action, object, field and coded value is called, by the texts of all pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sinetti.portal.formats import formats
from sinetti.portal.routing import Page
from sinetti.portal.words import common_words, fill, page_words
from sinetti.rules.vocabulary import Language

NOTHING = "–"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
"""A time as it is kept: whoever typed one into a name wrote no zone behind it."""
_ARTICLE = re.compile(r"\AArt\. 39\(([abc])\)")
"""The purpose of an authority, as it is kept (Delegated Regulation (EU) 2016/161 art. 39)."""


class AuditWords:
    """Words of one language. Each page has `[audited]` for its actions, `[audited_field]` for its fields where the
    common texts do not have them, and `[audited_value.<field>]` for what a field's codes mean.
    """

    def __init__(self, pages: Sequence[Page], language: Language, zone: ZoneInfo) -> None:
        self._moment = formats(language, zone)["moment"]
        common = common_words(language)
        texts = [page_words(page.name, language) for page in pages]
        self.actions: dict[str, str] = {}
        self.fields: dict[str, str] = common["location_field"] | common["audited_field"]
        self.kinds: dict[str, str] = dict(common["audited_object"])
        self._values: dict[str, dict[str, str]] = {
            field: dict(words) for field, words in common["audited_value"].items()
        }
        self._values["role"] = self._roles = common["role"]
        self._values["state"] = common["state"] | common["application_state"]
        self._values["kind"] = (
            common["location_kind"] | common["organisation_kind"] | common["application_kind"]
        )
        self._article: str = common_words(language)["article_39"]
        self._yes_no: tuple[str, str] = (common["no"], common["yes"])
        for words in texts:
            self.actions |= words.get("audited", {})
            self.fields |= words.get("audited_field", {})
            for field, values in words.get("audited_value", {}).items():
                self._values.setdefault(field, {}).update(values)

    def action(self, action: str) -> str:
        """What was done."""
        return self.actions.get(action, action.replace("_", " "))

    def kind(self, kind: str) -> str:
        """What it was done to."""
        return self.kinds.get(kind, kind.replace("_", " "))

    def role(self, role: str | None) -> str:
        """As what somebody did it."""
        return self._roles.get(role, role) if role else ""

    def ground(self, ground: str | None) -> str:
        """On which ground something was read; what a person wrote stays as it is."""
        return _ARTICLE.sub(lambda found: fill(self._article, purpose=found[1]), ground or "")

    def changes(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Field, old and new value of everything that changed."""
        return [
            (
                self.fields.get(name, name.replace("_", " ")),
                self._value(name, old.get(name)),
                self._value(name, new.get(name)),
            )
            for name in dict.fromkeys([*old, *new])
        ]

    def _value(self, field: str, value: object) -> str:
        if value is None or value in ("", [], {}):
            return NOTHING
        if isinstance(value, bool):
            return self._yes_no[value]
        if isinstance(value, list):
            return ", ".join(self._value(field, one) for one in value)
        text = str(value)
        if _MOMENT.fullmatch(text):
            return self._moment(datetime.fromisoformat(text))
        known: str = self._values.get(field, {}).get(text, text)
        return known
