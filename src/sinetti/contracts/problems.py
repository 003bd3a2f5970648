"""Problem details (RFC 9457): what went wrong where no operation code says it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class ProblemDetails(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """Why a request could not be judged. Some problems carry further fields that help to mend it."""

    type: Annotated[
        str, Meta(description="Which problem, as a relative address.", examples=["/problems/malformed-json"])
    ]
    title: Annotated[str, Meta(description="The problem in a few words, in the language asked for.")]
    status: Annotated[int, Meta(description="HTTP status, repeated.", examples=[400])]
    detail: Annotated[str | None, Meta(description="What happened this time.")] = None
    action: Annotated[str | None, Meta(description="What to do now, and who can help.")] = None
    instance: Annotated[str | None, Meta(description="This occurrence, as a URN of the transaction id.")] = (
        None
    )
    transaction_id: Annotated[
        str | None,
        Meta(description="Id of this exchange in the system's records; tell it when you ask for help."),
    ] = None
