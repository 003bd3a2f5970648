"""The portal's words: the common ones, and those of each page, in fi, sv and en."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sinetti.rules.vocabulary import Language

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def page_folder(page: str) -> Traversable:
    """Where a page's routes, permissions, templates and texts are."""
    return files("sinetti.portal").joinpath("pages", page)


@cache
def common_words(language: Language) -> dict[str, Any]:
    """Words of the frame, the components and the errors."""
    return _read(files("sinetti.portal"), language)


@cache
def page_words(page: str, language: Language) -> dict[str, Any]:
    """Words of one page."""
    return _read(page_folder(page), language)


@cache
def audited_actions(pages: tuple[str, ...], language: Language) -> dict[str, str]:
    """What the audit calls each action: the `[audited]` texts of all pages."""
    return {
        action: words
        for page in pages
        for action, words in page_words(page, language).get("audited", {}).items()
    }


def fill(text: str, **values: object) -> str:
    """The text with its `{placeholders}` filled. A placeholder without a value is a bug and raises `KeyError`."""
    return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)


def _read(folder: Traversable, language: Language) -> dict[str, Any]:
    return tomllib.loads(folder.joinpath("texts", f"{language.value}.toml").read_text("utf-8"))
