"""The second factor: an authenticator app, passkeys, and recovery codes that are shown once."""

from __future__ import annotations

from sinetti.portal.pages.second_factor import app, passkey_pages
from sinetti.portal.routing import Page, Route

_APP = "/profile/second-factor/app"
_PASSKEYS = "/profile/passkeys"
_ONE = f"{_PASSKEYS}/{{opaque_passkey}}"

PAGE = Page(
    name="second_factor",
    routes=(
        Route(
            name="second_factor", path="/profile/second-factor", action="set_second_factor", handler=app.show
        ),
        Route(
            name="set_second_factor",
            path="/profile/second-factor",
            action="set_second_factor",
            handler=app.set_up,
            method="POST",
        ),
        Route(name="ask_app", path=_APP, action="set_second_factor", handler=app.ask),
        Route(name="ask_turn_off_app", path=f"{_APP}/off", action="turn_off_app", handler=app.ask_off),
        Route(
            name="turn_off_app",
            path=f"{_APP}/off",
            action="turn_off_app",
            handler=app.turn_off,
            method="POST",
        ),
        Route(
            name="new_recovery_codes",
            path="/profile/recovery-codes",
            action="set_second_factor",
            handler=app.new_codes,
            method="POST",
        ),
        Route(
            name="new_passkey", path=f"{_PASSKEYS}/new", action="add_passkey", handler=passkey_pages.ask_name
        ),
        Route(
            name="make_passkey",
            path=f"{_PASSKEYS}/new",
            action="add_passkey",
            handler=passkey_pages.ask_browser,
            method="POST",
        ),
        Route(
            name="add_passkey",
            path=_PASSKEYS,
            action="add_passkey",
            handler=passkey_pages.add,
            method="POST",
        ),
        Route(name="passkey", path=_ONE, action="change_passkey", handler=passkey_pages.show),
        Route(
            name="rename_passkey",
            path=_ONE,
            action="change_passkey",
            handler=passkey_pages.rename,
            method="POST",
        ),
        Route(
            name="remove_passkey",
            path=f"{_ONE}/remove",
            action="change_passkey",
            handler=passkey_pages.remove,
            method="POST",
        ),
    ),
)
