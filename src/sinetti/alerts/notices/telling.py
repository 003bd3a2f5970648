"""What a notice tells, for each way it goes. Pure; tests of confidentiality call these two with alerts of their own.

`told_by_mail` is all that a mail has of an alert, `told_by_webhook` is the body of a webhook and of the same message
when it is fetched. Both see an alert only through `view_for`, so neither tells what the table of fields and parties
hides. `portal.notice_mails.mail_of_notices` makes the words of a mail of what the first returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from sinetti.alerts.model import Doer
from sinetti.alerts.view import AlertView, Whole, view_for
from sinetti.alerts.wire import alert_told, message_seen
from sinetti.contracts.cases import CaseMessage, NoticeTold
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import AlertKind, Notice

FETCHED_ONLY: Final = (
    "history",
    "messages",
    "notes",
    "photos",
    "pack_trail",
    "set_aside",
    "batches",
    "contacts",
    "untold",
    "trail_requests",
    "explanation",
)
"""What grows without end is not pushed, nor what is said in sentences: whoever wants it asks for the alert."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says of one notice. No serial number: mail is read on the way, and kept for years."""

    notice: Notice
    made_at: datetime
    alert_id: str | None
    kind: AlertKind | None
    product_name: str | None
    location_name: str | None
    """Only where the reader's party sees the location."""
    operation_code: str | None = None
    """What the system had answered: its help page says what that means and what to do."""


def told_by_mail(rules: AlertRules, doer: Doer, whole: Whole, notice: Notice, made_at: datetime) -> Told:
    """All that a mail to somebody of this party may be made of."""
    view = view_for(rules, doer, whole)
    location = _seen(view.location)
    return Told(
        notice=notice,
        made_at=made_at,
        alert_id=_seen(view.alert_id),
        kind=_seen(view.kind),
        product_name=_seen(view.product_name) or _seen(view.product_code),
        location_name=None if location is None else location.name,
        operation_code=_seen(view.operation_code),
    )


def told_by_webhook(
    rules: AlertRules,
    doer: Doer,
    whole: Whole,
    notice: Notice,
    made_at: datetime,
    *,
    is_analysed: bool = True,
    link: str | None = None,
) -> tuple[str, Mapping[str, object]]:
    """Kind and body of the message to the systems of this party: what happened, and the alert as the party sees it,
    in the shapes that it has when it is fetched.

    A new alert is told at once, often before its analysis. The body says so: no cause is not yet that none was found.
    """
    view = view_for(rules, doer, whole)
    pushed = msgspec.structs.replace(view, **dict.fromkeys(FETCHED_ONLY, UNSET))
    body = NoticeTold(
        notice=notice.value,
        happened_at=made_at,
        analysis="done" if is_analysed else "pending",
        alert=alert_told(whole.file, pushed, link),
        message=_newest_message(view) if notice is Notice.MESSAGE_SENT else UNSET,
    )
    return f"alert.{notice.removeprefix('alert_')}", msgspec.to_builtins(body)


def _newest_message(view: AlertView) -> CaseMessage | UnsetType:
    messages = _seen(view.messages) or ()
    return message_seen(messages[-1]) if messages else UNSET


def _seen(value: Any) -> Any:  # noqa: ANN401 - of whatever type the field has
    return None if value is UNSET else value
