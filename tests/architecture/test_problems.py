"""Every problem that the code raises has its words, in three languages that say the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from tests.architecture.test_sources import MODULES, described

from sinetti.kit.i18n import LANGUAGES
from sinetti.kit.problems import placeholders, problem_texts

ENGLISH = problem_texts("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_problems(language):
    assert list(problem_texts(language)) == list(ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_tell_the_same_values(language):
    told = {key: placeholders(text.detail + text.action) for key, text in problem_texts(language).items()}
    assert told == {key: placeholders(text.detail + text.action) for key, text in ENGLISH.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_whole_sentences(language):
    for key, text in problem_texts(language).items():
        assert re.fullmatch(r"[A-ZÅÄÖ].*[^.]", text.title), key
        assert re.match(r"[A-ZÅÄÖ{]", text.detail), key
        assert re.match(r"[A-ZÅÄÖ]", text.action), key
        assert text.action.endswith("."), key


def raised_problems() -> Iterator[object]:
    """Each place that names a problem, its key and the values it gives: `None` where they are not spelled out."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
            ):
                continue
            key = node.args[0] if node.args else None
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                names = {keyword.arg for keyword in node.keywords}
                values = None if None in names else names - {"headers"}
                yield pytest.param(key.value, values, id=f"{described(module)}:{node.lineno} {key.value}")


@pytest.mark.parametrize(("key", "values"), list(raised_problems()))
def test_a_raised_problem_has_texts_and_gives_them_their_values(key, values):
    text = ENGLISH[key]
    assert values is None or placeholders(text.detail + text.action) <= values
