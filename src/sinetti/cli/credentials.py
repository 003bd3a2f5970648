"""Which national system is asked, and as whom: from options, the environment, or the demo of this folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import typer

from sinetti.cli.errors import UserError
from sinetti.cli.words import Words
from sinetti.demo.demo_file import demo_path, read_demo_file
from sinetti.kit.settings import load_settings

DEMO_CLIENT = "demo-metso"
"""Who asks in the demo where nobody says who."""

ServerOption = Annotated[
    str | None,
    typer.Option("--server", envvar="SINETTI_SERVER", help="Address of the national system.", metavar="URL"),
]
ClientIdOption = Annotated[
    str | None,
    typer.Option("--client-id", envvar="SINETTI_CLIENT_ID", help="Client id of your equipment."),
]
ClientSecretOption = Annotated[
    str | None,
    typer.Option(
        "--client-secret",
        envvar="SINETTI_CLIENT_SECRET",
        help="Its secret. In the environment nobody else on this machine sees it.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A national system and the credentials for it."""

    server: str
    client_id: str
    client_secret: str = field(repr=False)


def access(
    server: str | None,
    client_id: str | None,
    client_secret: str | None,
    words: Words,
    environ: Mapping[str, str] = os.environ,
) -> Access:
    """Whatever was given; what was not comes from the demo of this folder. Raises `UserError` where it has none."""
    if server and client_id and client_secret:
        return Access(server=_address(server), client_id=client_id, client_secret=client_secret)
    home = load_settings(environ).home
    try:
        demo = read_demo_file(home)
    except ValueError:
        demo = None
    if server and not client_id:
        raise UserError(words("faults", "no_credentials_for", server=server))
    if demo is None:
        raise UserError(words("faults", "no_credentials", path=demo_path(home)))
    client = demo.client(client_id or DEMO_CLIENT)
    secret = client_secret or (client.client_secret if client else None)
    if secret is None:
        raise UserError(
            words(
                "faults",
                "no_secret",
                client_id=client_id,
                known=", ".join(one.client_id for one in demo.clients),
            )
        )
    return Access(
        server=_address(server or demo.base_url), client_id=client_id or DEMO_CLIENT, client_secret=secret
    )


def _address(server: str) -> str:
    return server if "://" in server else f"http://{server}"
