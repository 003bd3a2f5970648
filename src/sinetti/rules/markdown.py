"""Pieces of Markdown that the reference is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def page(title: str, introduction: str, *sections: tuple[str, str]) -> str:
    """A page with a title, a paragraph, and sections of heading and body; each may be empty."""
    parts = [f"# {title}", introduction]
    for heading, body in sections:
        parts += [f"## {heading}" if heading else "", body]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def table_of(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Some columns of the rows, as they are."""
    titles = [column.replace("_", " ").capitalize() for column in columns]
    return table(titles, ([row[column] for column in columns] for row in rows))


def link(target: str, words: str) -> str:
    """A link to another page of the reference."""
    return f"[{words}]({target})"
