"""Words of the demo in fi, sv and en."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

Texts = Mapping[str, Mapping[str, str]]


@cache
def demo_texts(language: str) -> Texts:
    """All texts of one language: `[section]` by key."""
    source = files("sinetti.demo").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
