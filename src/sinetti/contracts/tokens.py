"""The token endpoint (OAuth 2.0 client credentials, RFC 6749 §4.4)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


def _camel_but_oauth(name: str) -> str | None:
    """RFC 6749 writes its own fields with underscores; ours are as everywhere else."""
    return "transactionId" if name == "transaction_id" else None


class TokenRequest(Struct, omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """Form that asks for a token. Id and secret may be in an HTTP Basic header instead."""

    grant_type: Annotated[
        str | None,
        Meta(
            description="Always `client_credentials`.",
            examples=["client_credentials"],
            extra_json_schema={"enum": ["client_credentials"]},
        ),
    ] = None
    client_id: Annotated[
        str | None, Meta(description="Client id of the client equipment.", examples=["CLIENT_ID"])
    ] = None
    client_secret: Annotated[
        str | None,
        Meta(description="Client secret, shown once when it was made.", examples=["CLIENT_SECRET"]),
    ] = None


class TokenAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A token to send as `Authorization: Bearer …`."""

    access_token: Annotated[str, Meta(description="The token; nothing can be read from it.")]
    token_type: Annotated[str, Meta(description="Always `Bearer`.", examples=["Bearer"])]
    expires_in: Annotated[int, Meta(description="Seconds until the token ends.", examples=[3600])]


class OAuthError(Struct, rename=_camel_but_oauth, omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """Why there is no token (RFC 6749 §5.2), with the words of problem details beside it."""

    error: Annotated[
        str, Meta(description="One of the words that RFC 6749 §5.2 names.", examples=["invalid_client"])
    ]
    error_description: Annotated[
        str | None, Meta(description="The same in a sentence, in English, for developers.")
    ] = None
    title: Annotated[
        str | None, Meta(description="The problem in a few words, in the language asked for.")
    ] = None
    detail: Annotated[str | None, Meta(description="What happened this time.")] = None
    action: Annotated[str | None, Meta(description="What to do now, and who can help.")] = None
    transaction_id: Annotated[
        str | None,
        Meta(description="Id of this exchange in the system's records; tell it when you ask for help."),
    ] = None
