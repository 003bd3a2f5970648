"""Named queries of `.sql` files."""

from __future__ import annotations

import sys
from pathlib import Path
from types import MappingProxyType

import pytest

from sinetti.kit.db import load_queries

QUERIES = """\
-- Whatever stands before the first name is about the file. 100 % of it is left out.

-- lock_packs --
-- Packs asked for, locked in a fixed order: 100 % of them.
SELECT 1,
       -- a comment in between
       '--not a comment' AS text
  FROM pack;

-- count_packs --
SELECT count(*) FROM pack -- at the end of a line it stays
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package named `stored`."""
    folder = tmp_path / "stored"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "stored", raising=False)
    return folder


def test_queries_are_found_by_name_without_their_comments(package):
    (package / "packs.sql").write_text(QUERIES, encoding="utf-8")
    queries = load_queries("stored", "packs.sql")
    assert isinstance(queries, MappingProxyType)
    assert dict(queries) == {
        "lock_packs": "/* lock_packs */ SELECT 1,\n       '--not a comment' AS text\n  FROM pack",
        "count_packs": "/* count_packs */ SELECT count(*) FROM pack -- at the end of a line it stays",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1;\n-- later --\nSELECT 2;", "something stands before the first query name"),
        ("-- one --\n-- only a comment\n", "query one is empty or there twice"),
        ("-- one --\nSELECT 1;\n-- one --\nSELECT 2;", "query one is empty or there twice"),
    ],
)
def test_a_file_that_is_not_made_of_named_queries_is_refused(package, text, message):
    (package / "packs.sql").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_queries("stored", "packs.sql")
