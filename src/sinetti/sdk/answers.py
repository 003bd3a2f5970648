"""What the national system answered, with what the table of codes knows about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

import httpx
import msgspec
from msgspec import Struct

from sinetti.contracts.bulk import BulkPack, BulkReceipt, BulkResult, CodeAnswer, RecoveryPack, RecoveryResult
from sinetti.contracts.packs import PackAnswer
from sinetti.contracts.problems import ProblemDetails
from sinetti.contracts.uploads import UploadReceipt
from sinetti.rules.types import OperationCode, Text
from sinetti.rules.vocabulary import Colour, Language, Level
from sinetti.sdk.errors import ProblemError, RefusedError, UnexpectedAnswerError

T = TypeVar("T")

_OK = 200


class Answer(Struct, frozen=True, kw_only=True):
    """Outcome of one operation on one pack, ready to be shown to the person at the counter."""

    http_status: int
    wire: PackAnswer
    """All fields as the system sent them."""
    known: OperationCode | None
    """The code's row in the table; `None` for a code newer than this program."""
    language: Language
    transaction_id: str | None = None

    @property
    def operation_code(self) -> str:
        """The eight digits, to be shown and looked up."""
        return self.wire.operation_code

    @property
    def is_success(self) -> bool:
        """Whether what was asked is so now; a notice may come with it."""
        return self.http_status == _OK

    @property
    def is_alert(self) -> bool:
        """Whether there is a possible suspicion of falsification: the pack must not be handed on."""
        return self.wire.alert_id is not None or (self.known is not None and self.known.alert)

    @property
    def is_error(self) -> bool:
        """Whether it failed without an alert: a mistake, a limit, or something not known."""
        return not self.is_success and not self.is_alert

    @property
    def level(self) -> Level | None:
        """Who hears of it (L1 to L5); `None` where nobody does, or it is not known."""
        return None if self.known is None else self.known.level

    @property
    def colour(self) -> Colour:
        """Green, amber or red. A code that this program does not know is never green."""
        if self.known is not None:
            return self.known.colour
        return Colour.AMBER if self.is_success else Colour.RED

    @property
    def message(self) -> str:
        """What happened, as the system said it."""
        return self.wire.information or self.wire.warning or (self._text.message if self._text else "")

    @property
    def meaning(self) -> str:
        """What that means; empty for a code that this program does not know."""
        return self._text.meaning if self._text else ""

    @property
    def action(self) -> str:
        """What to do now; empty for a code that this program does not know."""
        return self._text.action if self._text else ""

    @property
    def _text(self) -> Text | None:
        return None if self.known is None else self.known.texts.get(self.language)


class PackOutcome(Struct, frozen=True, kw_only=True):
    """A pack of a request for many, with its outcome."""

    pack: BulkPack | RecoveryPack
    answer: Answer


class BulkTicket(Struct, frozen=True, kw_only=True):
    """Where and when the outcome for many packs can be fetched. Keep it: it survives a restart."""

    location: str
    operation_code: str
    eta: datetime | None = None
    expires: datetime | None = None
    is_recovery: bool = False


class Reader(Struct, frozen=True):
    """Turns HTTP answers into values; raises what `errors` describes."""

    codes: Mapping[str, OperationCode]
    language: Language

    def pack(self, response: httpx.Response) -> Answer:
        """Outcome of a single operation."""
        return self._answer(response.status_code, _decoded(response, PackAnswer), response)

    def ticket(self, response: httpx.Response, *, is_recovery: bool) -> BulkTicket:
        """Receipt of a request for many packs."""
        _raise_for_refusal(response, httpx.codes.ACCEPTED)
        receipt = _decoded(response, BulkReceipt)
        location = response.headers.get("Location")
        if not location:
            raise _unexpected(response)
        return BulkTicket(
            location=str(response.url.join(location)),
            operation_code=receipt.operation_code,
            eta=receipt.eta,
            expires=receipt.expires,
            is_recovery=is_recovery,
        )

    def outcomes(self, response: httpx.Response, *, is_recovery: bool) -> list[PackOutcome]:
        """Outcome of every pack of a request for many."""
        _raise_for_refusal(response, httpx.codes.OK)
        result: BulkResult | RecoveryResult = (
            _decoded(response, RecoveryResult) if is_recovery else _decoded(response, BulkResult)
        )
        return [
            PackOutcome(
                pack=entry.pack, answer=self._answer(self._status(entry.result), entry.result, response)
            )
            for entry in result.packs
        ]

    def receipt(self, response: httpx.Response) -> UploadReceipt:
        """What an upload did."""
        if not response.is_success:
            _raise_for_refusal(response, httpx.codes.OK)
        return _decoded(response, UploadReceipt)

    def shape(self, response: httpx.Response, shape: type[T]) -> T:
        """What an exchange about alerts answers with."""
        if response.status_code != _OK:
            _raise_for_problem(response)
            raise _unexpected(response)
        return _decoded(response, shape)

    def _answer(self, http_status: int, wire: PackAnswer, response: httpx.Response) -> Answer:
        return Answer(
            http_status=http_status,
            wire=wire,
            known=self.codes.get(wire.operation_code),
            language=self.language,
            transaction_id=response.headers.get("X-Transaction-Id"),
        )

    def _status(self, wire: PackAnswer) -> int:
        """HTTP status that a single request would have had: a pack of many comes without one."""
        known = self.codes.get(wire.operation_code)
        if known is not None:
            return known.http_status
        return _OK if wire.information is not None else int(httpx.codes.CONFLICT)


def _decoded(response: httpx.Response, shape: type[T]) -> T:
    _raise_for_problem(response)
    try:
        return msgspec.json.decode(response.content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unexpected(response) from None


def _raise_for_problem(response: httpx.Response) -> None:
    if response.headers.get("Content-Type", "").startswith("application/problem+json"):
        try:
            raise ProblemError(msgspec.json.decode(response.content, type=ProblemDetails))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise _unexpected(response) from None


def _raise_for_refusal(response: httpx.Response, wanted: int) -> None:
    if response.status_code != wanted:
        raise RefusedError(response.status_code, _decoded(response, CodeAnswer))


def _unexpected(response: httpx.Response) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(response.status_code, response.headers.get("Content-Type", ""))
