"""`sinetti serve nmvs`, `portal` and `worker`: run until it is told to stop."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer

from sinetti.kit.settings import Settings, load_settings

app = typer.Typer(help="Run a system.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Run a system. Stop it with Ctrl-C or SIGTERM: what is being answered is still answered."""


@app.command()
def nmvs(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one.", show_default="8080")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Server processes that share the port.", show_default="1")
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help="Address that clients use, if a proxy stands before this server.")
    ] = None,
) -> None:
    """Run a national system: the pack interface, the token endpoint and the rest.

    Without SINETTI_DATABASE_URL it starts a PostgreSQL of its own in SINETTI_HOME (./.sinetti). Missing
    migrations are applied first.
    """
    serve_nmvs(load_settings(host=host, port=port, workers=workers, public_url=public_url))


@app.command()
def portal(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for all.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; 0 takes a free one.", show_default="8081")
    ] = None,
    portal_url: Annotated[
        str | None, typer.Option(help="Address that people use, if a proxy stands before this server.")
    ] = None,
) -> None:
    """Run the portal: pages for organisations, the operator, MAH/OBP and the authority.

    It works on the database of the national system: with SINETTI_DATABASE_URL that one, else the one in
    SINETTI_HOME. Missing migrations are applied first.
    """
    settings = load_settings(host=host, portal_port=port, portal_url=portal_url)
    serve(settings, of_portal=True)


@app.command()
def worker() -> None:
    """Run a worker: it sends mail and does what else takes time. An installation needs one; more share the work.

    It works on the database of the national system: with SINETTI_DATABASE_URL that one, else the one in
    SINETTI_HOME. Missing migrations are applied first. Mail goes to SINETTI_SMTP_URL, or into a folder.
    """
    from sinetti.cli.worker import run_worker  # noqa: PLC0415 - as in `serve`

    settings = load_settings()
    with _database(settings) as url:
        where = settings.mail_path if settings.smtp_url is None else "the mail server"

        def ready() -> None:
            print(f"Worker of {settings.market}: mail goes to {where} (stop it with Ctrl-C)", flush=True)

        run_worker(replace(settings, database_url=url), ready)


def serve_nmvs(settings: Settings) -> None:
    """Run the national system."""
    serve(settings, of_portal=False)


def serve(settings: Settings, *, of_portal: bool) -> None:
    """Start the database if need be, migrate, serve, and stop what was started."""
    # Imported here: a wrong option is told without waiting for a web server to load.
    from sinetti.cli.server import address_of, open_socket, run_portal, run_server  # noqa: PLC0415

    bound = open_socket(settings.host, settings.portal_port if of_portal else settings.port)
    port = bound.getsockname()[1]
    address = replace(settings, portal_port=port).portal_address if of_portal else address_of(bound)
    with _database(settings) as url:

        def ready() -> None:
            what = "Portal of national system" if of_portal else "National system"
            print(f"{what} {settings.market} serves at {address} (stop it with Ctrl-C)", flush=True)

        if of_portal:
            run_portal(replace(settings, database_url=url, portal_port=port), bound, ready)
        else:
            run_server(replace(settings, database_url=url, port=port), bound, ready)


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """The database, running and migrated; stopped at the end if it was started here."""
    from sinetti.cli.server import stopping_cleanly  # noqa: PLC0415
    from sinetti.kit.migrate import migrate  # noqa: PLC0415
    from sinetti.kit.postgres import running_database  # noqa: PLC0415

    with stopping_cleanly(), running_database(settings, progress=_say) as url:
        for name in migrate(url):
            _say(f"Migration {name} applied.")
        yield url


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
