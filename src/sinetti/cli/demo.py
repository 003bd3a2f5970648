"""`sinetti demo`: a made-up country to play with."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sinetti.cli.words import LanguageOption, words_in
from sinetti.kit.settings import load_settings

app = typer.Typer(help="Play with a made-up country.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Play with a made-up country: companies, pharmacies and packs in every condition, and credentials for them.

    Everything is kept in SINETTI_HOME (./.sinetti), credentials and sample packs in its demo.json.
    """


@app.command()
def start(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on; 0 takes a free one.", show_default="8080, or the next that is free"
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Server processes that share the port.", show_default="1")
    ] = None,
) -> None:
    """Start the demo country; the first time it is made, later it goes on with its data."""
    from sinetti.cli.demo_start import start_demo  # noqa: PLC0415 - a wrong option needs no web server

    given = port is not None or bool(os.environ.get("SINETTI_PORT"))
    start_demo(load_settings(host=host, port=port, workers=workers), port_given=given)


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Throw the demo country away: all its data and credentials. The next start makes a new one."""
    from sinetti.cli.demo_start import reset_demo  # noqa: PLC0415

    settings = load_settings()
    if not yes:
        where = "the database of SINETTI_DATABASE_URL" if settings.database_url else str(settings.home)
        typer.confirm(f"Throw away the demo country in {where}, with everything done in it?", abort=True)
    reset_demo(settings)
    print("The demo country is gone. Make a new one with: sinetti demo start")


@app.command()
def samples(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    language: LanguageOption = None,
) -> None:
    """List the sample packs: what each is, what to do with it, and what the system answers."""
    from sinetti.cli.demo_samples import show_samples  # noqa: PLC0415

    show_samples(load_settings(), words_in(language), as_json=as_json)


@app.command()
def sheet(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File to write; - for standard output.", show_default="sheet.html"
        ),
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Write a printable page of Data Matrix codes, one for each interesting answer, each with its name."""
    from sinetti.cli.demo_sheet import sheet_of  # noqa: PLC0415

    page, remark = sheet_of(load_settings(), words_in(language).language)
    if remark:
        print(remark, file=sys.stderr)
    if output == Path("-"):
        sys.stdout.write(page)
        return
    path = output or Path("sheet.html")
    path.write_text(page, encoding="utf-8")
    print(f"{path.absolute()}: open it in a browser and print it, or scan from the screen.")


@app.command()
def code(email: Annotated[str, typer.Argument(help="Mail address of a person of the demo.")]) -> None:
    """Print the code that a person's authenticator app would show now, for signing in to the portal."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from sinetti.cli.demo_code import code_of  # noqa: PLC0415

    print(code_of(load_settings(), email, datetime.now(UTC)))
