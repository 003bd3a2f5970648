"""`sinetti tables`, `docs`, `openapi` and `version`: what the rules and the interface are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sinetti import __version__
from sinetti.cli.errors import EXIT_OUTCOME
from sinetti.cli.words import LanguageOption, words_in

REFERENCE_FOLDER = Path("docs/reference")


def tables(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """List the rows of the rules that no document states: an operator must confirm or correct them."""
    from sinetti.rules.review import open_points, open_rows  # noqa: PLC0415

    rows = open_rows()
    if as_json:
        print(msgspec.json.encode(rows).decode())
        return
    for point in open_points():
        print(f"{point.status}: {point.source}")
        for row in point.rows:
            print(f"    {row.table}:{row.row}  {row.says}")
    print(f"{len(rows)} rows need an operator's word; all others state a document.")


def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if a page differs from the tables.")
    ] = False,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the pages.")] = REFERENCE_FOLDER,
) -> None:
    """Write the reference pages from the tables, so that they say what the system does."""
    from sinetti.rules.reference import render_reference  # noqa: PLC0415

    pages = {output / name: page for name, page in render_reference().items()}
    stray = sorted(set(output.glob("*.md")) - pages.keys())
    differing = [path for path, page in pages.items() if not _says(path, page)]
    if check:
        for path in [*differing, *stray]:
            print(f"{path} differs from the tables", file=sys.stderr)
        if differing or stray:
            print("Run: sinetti docs", file=sys.stderr)
            raise typer.Exit(EXIT_OUTCOME)
        print("The reference pages say what the tables say.")
        return
    output.mkdir(parents=True, exist_ok=True)
    for path in differing:
        path.write_text(pages[path], encoding="utf-8")
        print(f"{path} written")
    for path in stray:
        path.unlink()
        print(f"{path} removed")
    if not differing and not stray:
        print("The reference pages are up to date.")


def openapi(
    server: Annotated[str, typer.Option(help="Address that clients reach the system at.")] = (
        "http://127.0.0.1:8080"
    ),
    language: LanguageOption = None,
) -> None:
    """Print the description of the interface, OpenAPI 3.1, as JSON."""
    from sinetti.contracts.openapi import openapi_document  # noqa: PLC0415
    from sinetti.rules.load import load_rules  # noqa: PLC0415

    document = openapi_document(
        load_rules(), words_in(language).language, version=__version__, base_url=server.rstrip("/")
    )
    print(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())


def version() -> None:
    """Print the version of Sinetti, and that of its rules, which every event in the record names."""
    from sinetti.rules.load import load_rules  # noqa: PLC0415

    print(f"sinetti {__version__}, rules {load_rules().version}")


def _says(path: Path, page: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == page
    except FileNotFoundError:
        return False
