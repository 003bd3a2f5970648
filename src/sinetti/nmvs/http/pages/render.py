"""Turns templates and words into pages."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from sinetti.rules.vocabulary import Language

_HERE = "sinetti.nmvs.http.pages"
_CODE = re.compile(r"`([^`]+)`")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+")


@cache
def page_words(language: Language) -> dict[str, Any]:
    """All words of the pages in one language."""
    return tomllib.loads(files(_HERE).joinpath("texts", f"{language.value}.toml").read_text("utf-8"))


@cache
def asset(name: str) -> bytes | None:
    """A file that pages need; `None` for a name that is not one."""
    return next(
        (entry.read_bytes() for entry in files(_HERE).joinpath("assets").iterdir() if entry.name == name),
        None,
    )


def render_page(template: str, language: Language, **values: object) -> str:
    """The page as HTML."""
    words = page_words(language)
    languages = [(other.value, page_words(other)["language"]) for other in Language]
    menu = [("/", words["start"]), ("/docs", words["docs"]), ("/codes", words["codes"])]
    page = _environment().get_template(template)
    return page.render(language=language.value, words=words, languages=languages, menu=menu, **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sinetti.nmvs.http", "pages/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prose"] = prose
    environment.filters["sentences"] = sentences
    return environment


def prose(text: str) -> Markup:
    """Plain text as HTML: an empty line parts paragraphs, `backticks` mean code, lines with a dash are a list."""
    parts = [_paragraph(part) for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    return Markup("\n").join(parts)


def sentences(text: str) -> list[str]:
    """A text of the rules, sentence by sentence, so that what to do can stand as one step on each line.

    Those texts have no abbreviations with a full stop; a test holds them to it.
    """
    return _BETWEEN_SENTENCES.split(text.strip())


def _paragraph(text: str) -> Markup:
    lines = [line.strip() for line in text.splitlines()]
    if all(re.match(r"(-|\d+\.) ", line) for line in lines):
        shape = Markup("<ul>{}</ul>") if lines[0].startswith("-") else Markup("<ol>{}</ol>")
        items = [Markup("<li>{}</li>").format(_words(line.split(" ", 1)[1])) for line in lines]
        return shape.format(Markup("").join(items))
    return Markup("<p>{}</p>").format(_words(" ".join(lines)))


def _words(text: str) -> Markup:
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before the tags come in
