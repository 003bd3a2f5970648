"""Words for every operation code, in every language: read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from string import Formatter
from typing import Any

from sinetti.rules.table import Files, RulesError
from sinetti.rules.types import OperationCode, Text
from sinetti.rules.vocabulary import Language

_SHARED = "shared"
_FIELDS = frozenset(Text.__struct_fields__)


def text(code: OperationCode, language: Language) -> Text:
    """Words of one answer in one language. Only codes that are used have them (`OperationCode.used`)."""
    return code.texts[language]


def read_texts(files: Files, values: Mapping[str, int]) -> dict[str, dict[Language, Text]]:
    """Texts by operation code and language.

    A text may hold `{names}` of the sentences that its file shares, and of parameters, whose values are given.
    Raises `RulesError` that names file and operation code.
    """
    texts: dict[str, dict[Language, Text]] = {}
    for language in Language:
        for code, words in _read_language(files, language, values).items():
            texts.setdefault(code, {})[language] = words
    return texts


def read_shared_sentences(files: Files, values: Mapping[str, int]) -> dict[Language, dict[str, str]]:
    """Sentences that several texts share, by name: other texts about the same things use them, too."""
    shown = _shown(values)
    return {
        language: {
            key: sentence.format_map(shown)
            for key, sentence in read_toml(files, f"texts/{language}.toml").get(_SHARED, {}).items()
        }
        for language in Language
    }


def read_toml(files: Files, name: str) -> dict[str, Any]:
    """Content of a text file, whose tables are not to be changed. Raises `RulesError` that names it."""
    if name not in files:
        raise RulesError(name, None, "the file is missing")
    try:
        return dict(_parsed(files[name]))
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise RulesError(name, None, f"is not TOML: {error}") from error


@lru_cache(maxsize=16)
def _parsed(content: bytes) -> dict[str, Any]:
    """Kept: parsing takes most of the time of loading, and several readers want the same files."""
    return tomllib.loads(content.decode())


def _shown(values: Mapping[str, int]) -> dict[str, str]:
    return {key: f"{value:,}".replace(",", "\N{NO-BREAK SPACE}") for key, value in values.items()}


def _read_language(files: Files, language: Language, values: Mapping[str, int]) -> dict[str, Text]:
    name = f"texts/{language}.toml"
    content = read_toml(files, name)
    unused = set(content.get(_SHARED, {}))
    numbers = _shown(values)

    def fill(template: str, known: Mapping[str, str], where: str) -> str:
        unused.difference_update(_placeholders(template, name, where))
        try:
            return template.format_map(known)
        except KeyError as error:
            raise RulesError(
                name, where, f"{{{error.args[0]}}} is no shared text and no parameter"
            ) from error

    shared = {key: fill(value, numbers, key) for key, value in content.pop(_SHARED, {}).items()}
    known = {**numbers, **shared}
    texts = {}
    for code, words in content.items():
        if set(words) != _FIELDS or not all(words.values()):
            raise RulesError(name, code, f"needs {', '.join(sorted(_FIELDS))}, none of them empty")
        texts[code] = Text(**{field: fill(template, known, code) for field, template in words.items()})
    if unused:
        raise RulesError(name, min(unused), "is shared, but no text uses it")
    return texts


def _placeholders(template: str, name: str, where: str) -> set[str]:
    try:
        return {field for _, field, _, _ in Formatter().parse(template) if field is not None}
    except ValueError as error:
        raise RulesError(name, where, f"has unmatched braces: {error}") from error
