"""Words of the commands at the counter, in fi, sv and en, and which of them a person reads."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Final

import typer

from sinetti.rules.vocabulary import Language

LOCALE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that name the language of a person's programs; the first that is set counts (POSIX locale)."""

LanguageOption = Annotated[
    Language | None, typer.Option(help="Language of what you read: fi, sv or en.", show_default="from LANG")
]


class Words:
    """Words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._sections = _sections(language)

    def __call__(self, section: str, key: str, /, **values: object) -> str:
        """The words for a key, with its `{placeholders}` filled in."""
        return self._sections[section][key].format(**values)

    def get(self, section: str, key: str, otherwise: str, /) -> str:
        """The words for a key, or something else where there are none."""
        return self._sections[section].get(key, otherwise)


def words_in(chosen: Language | None, environ: Mapping[str, str] = os.environ) -> Words:
    """Words in the language asked for, or else in that of the environment, or else in English."""
    return Words(chosen or _language_of(environ))


def _language_of(environ: Mapping[str, str]) -> Language:
    locale = next((value for name in LOCALE_VARIABLES if (value := environ.get(name))), "")
    try:
        return Language(locale.partition("_")[0].partition(".")[0].lower())
    except ValueError:
        return Language.EN


@cache
def _sections(language: Language) -> Mapping[str, Mapping[str, str]]:
    source = files("sinetti.cli").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
