"""`sinetti demo`: a made-up country to play with."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sinetti.cli.words import LanguageOption, words_in
from sinetti.kit.settings import load_settings
from sinetti.rules.vocabulary import Cause

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
def traffic(
    speed: Annotated[
        str, typer.Option(help="How many times as fast as the clock: 60 plays an hour in a minute. Or: max.")
    ] = "60",
    seed: Annotated[int, typer.Option(min=0, help="The same seed plans the same traffic.")] = 1,
    hours: Annotated[
        float, typer.Option(min=0.1, max=24 * 31, help="How long it goes on, by the clock of the country.")
    ] = 14.0,
    pharmacies: Annotated[int, typer.Option(min=1, max=400, help="How many pharmacies take part.")] = 40,
    packs: Annotated[
        int, typer.Option(min=1, max=10_000, help="Packs that a pharmacy of middle size supplies on a day.")
    ] = 90,
    alerts: Annotated[
        float, typer.Option(min=0.0, max=100.0, help="Alerts per hundred operations, about.")
    ] = 0.33,
    only: Annotated[
        list[Cause] | None, typer.Option(help="Alerts of this cause alone; may be given again.")
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day.", show_default="this week's Monday"),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Print lines, on a terminal too, and no live picture.")
    ] = False,
) -> None:
    """Play a believable day of the country against the demo that runs: good scans, false alerts, falsifications.

    It begins at seven in the morning, and Ctrl-C stops it. What is behind each alert is written to files in
    SINETTI_HOME/traffic, and never into the database.
    """
    from sinetti.cli.demo_traffic import Wishes, play_traffic  # noqa: PLC0415

    wishes = Wishes(
        speed=speed,
        seed=seed,
        hours=hours,
        pharmacies=pharmacies,
        packs_per_day=packs,
        alert_percent=alerts,
        only=frozenset(only or ()),
        first_day=None if day is None else day.date(),
        plain=plain,
    )
    sys.exit(play_traffic(load_settings(), wishes))


@app.command()
def code(email: Annotated[str, typer.Argument(help="Mail address of a person of the demo.")]) -> None:
    """Print the code that a person's authenticator app would show now, for signing in to the portal."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from sinetti.cli.demo_code import code_of  # noqa: PLC0415

    print(code_of(load_settings(), email, datetime.now(UTC)))
