"""Templates to HTML: autoescape, no undefined names, every page inside the same frame."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from sinetti.portal.words import fill, page_folder


def _source(name: str) -> str | None:
    """`page/file.html` is of that page, anything without a slash is common to all."""
    page, slash, file = name.partition("/")
    folder = page_folder(page) if slash else files("sinetti.portal")
    template = folder.joinpath("templates", file if slash else name)
    return template.read_text("utf-8") if template.is_file() else None


@cache
def environment() -> Environment:
    """The templates of the portal. What belongs to one visit comes with each page."""
    made = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["fill"] = fill
    return made
