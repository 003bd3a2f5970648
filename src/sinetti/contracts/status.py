"""How the system is: for monitoring, and for people who wonder whether it is them or us."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from sinetti.contracts.fields import Moment


class Health(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Whether the system answers, and which version of program and rules does."""

    status: Annotated[
        str,
        Meta(
            description="Always `ok`: what is not well is told as a problem.",
            extra_json_schema={"const": "ok"},
        ),
    ]
    market: Annotated[str | None, Meta(description="Country of this system.", examples=["FI"])] = None
    version: Annotated[str | None, Meta(description="Version of the program.")] = None
    rules_version: Annotated[str | None, Meta(description="Version of the rules that judge.")] = None
    time: Annotated[Moment | None, Meta(description="The system's clock (UTC).")] = None
