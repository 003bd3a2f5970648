"""Reads the packs of a bulk or recovery request, and puts them into the chunks in which they are worked off."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Final, Generic, TypeVar

import msgspec

from sinetti.contracts.bulk import BulkPack, RecoveryPack
from sinetti.gs1.identifiers import pad_gtin
from sinetti.nmvs.bulk import Kind, Parcel, RefusedError, Submission, refuse_state
from sinetti.nmvs.many_packs import BodyInvalidError, ManyPacks
from sinetti.rules.types import Rules

CHUNK_PACKS_MAX: Final = 150
"""Packs in one transaction: few enough that judging them holds up nobody for more than some milliseconds."""

Pack = TypeVar("Pack", BulkPack, RecoveryPack)


async def read_parcel(submission: Submission, rules: Rules, body: AsyncIterable[bytes]) -> Parcel:
    """The packs of a request. Raises `RefusedError` with the code of what is wrong with them."""
    kind = submission.kind
    try:
        if kind is Kind.BULK:
            return await _read(submission, rules, ManyPacks(BulkPack), body)
        return await _read(submission, rules, ManyPacks(RecoveryPack), body)
    except BodyInvalidError as error:
        raise RefusedError(kind.code(rules, "body_invalid"), str(error)) from None


async def _read(
    submission: Submission, rules: Rules, packs: ManyPacks[Pack], body: AsyncIterable[bytes]
) -> Parcel:
    kind = submission.kind
    packs_max = kind.packs_max(rules)
    chunks: _Chunks[Pack] = _Chunks()
    async for some in packs.read(body):
        chunks.add(some)
        if chunks.pack_count > packs_max:
            raise RefusedError(kind.code(rules, "too_many_packs"))
    chunks.close()
    if packs.number_of_packs is None or not chunks.pack_count:
        what = "numberOfPacks" if packs.number_of_packs is None else "packs"
        raise RefusedError(kind.code(rules, "body_invalid"), f"Object missing required field `{what}`")
    if packs.number_of_packs > packs_max:
        raise RefusedError(kind.code(rules, "too_many_packs"))
    if packs.number_of_packs != chunks.pack_count:
        raise RefusedError(kind.code(rules, "count_differs"))
    if kind is Kind.BULK:
        if chunks.duplicate_count:
            raise RefusedError(kind.code(rules, "duplicate_packs"), chunks.first_duplicate)
        refuse_state(submission, rules, packs.state)
    state = packs.state if kind is Kind.BULK else None
    return Parcel(requested_state=state, chunks=chunks.encoded, pack_count=chunks.pack_count)


class _Chunks(Generic[Pack]):
    """Packs put into chunks in the order sent. A chunk ends where a pack of its own would come again."""

    def __init__(self) -> None:
        self.encoded: list[bytes] = []
        self.pack_count = 0
        self.duplicate_count = 0
        self.first_duplicate: str | None = None
        self._all: set[str] = set()
        self._own: set[str] = set()
        self._packs: list[Pack] = []

    def add(self, packs: list[Pack]) -> None:
        """Add packs."""
        for pack in packs:
            name = _name(pack)
            if name is not None:
                if name in self._own:
                    self.close()
                self._own.add(name)
                self._note(name)
            self._packs.append(pack)
            if len(self._packs) == CHUNK_PACKS_MAX:
                self.close()
        self.pack_count += len(packs)

    def _note(self, name: str) -> None:
        if name in self._all:
            self.duplicate_count += 1
            self.first_duplicate = self.first_duplicate or name
        self._all.add(name)

    def close(self) -> None:
        """End the chunk that is being filled."""
        if self._packs:
            self.encoded.append(msgspec.json.encode(self._packs))
            self._packs = []
            self._own = set()


def _name(pack: BulkPack | RecoveryPack) -> str | None:
    """What makes a pack the same pack, or `None` where it does not say which one it is."""
    code, serial = pack.product_code, pack.serial_number
    if not code or not serial:
        return None
    return f"{pad_gtin(code)} {serial}"
