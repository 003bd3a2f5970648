"""The token endpoint (OAuth 2.0 client credentials, RFC 6749 §4.4)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


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
    client_id: Annotated[str | None, Meta(description="Client id of the client equipment.")] = None
    client_secret: Annotated[str | None, Meta(description="Client secret, shown once when it was made.")] = (
        None
    )


class TokenAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """A token to send as `Authorization: Bearer …`."""

    access_token: Annotated[str, Meta(description="The token; nothing can be read from it.")]
    token_type: Annotated[str, Meta(description="Always `Bearer`.", examples=["Bearer"])]
    expires_in: Annotated[int, Meta(description="Seconds until the token ends.", examples=[3600])]


class OAuthError(Struct, omit_defaults=True, frozen=True, kw_only=True, gc=False):
    """Why there is no token (RFC 6749 §5.2)."""

    error: Annotated[
        str,
        Meta(
            description="One of the words that RFC 6749 §5.2 names.",
            examples=["invalid_client"],
        ),
    ]
    error_description: Annotated[str | None, Meta(description="The same in a sentence.")] = None
    error_uri: Annotated[str | None, Meta(description="A page that says more.")] = None
