"""How the system is: for monitoring, and for people who wonder whether it is them or us."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec import field as msgspec_field

from sinetti.contracts.fields import Moment


class StatusAnnouncement(Struct, rename="camel", frozen=True, kw_only=True):
    """What the operator announces to everybody now, such as planned work."""

    level: Annotated[
        str,
        Meta(
            description="`warning`: users should be told at once. `info`: they may be.",
            extra_json_schema={"enum": ["info", "warning"]},
        ),
    ]
    text: Annotated[str, Meta(description="What is announced, in the asked language.")]
    starts_at: Annotated[Moment, Meta(description="Since when it is announced.")]
    ends_at: Annotated[Moment, Meta(description="Until when it is announced.")]


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
    announcements: Annotated[
        list[StatusAnnouncement],
        Meta(description="What the operator announces to everybody now; left out where there is nothing."),
    ] = msgspec_field(default_factory=list)
    time: Annotated[Moment | None, Meta(description="The system's clock (UTC).")] = None
