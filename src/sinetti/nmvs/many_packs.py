"""Reads the body of a bulk or recovery request piece by piece: half a million packs are never decoded in one go.

A decoder that takes 65 MB at once holds up every pharmacy for half a second. So the array `packs` is cut into
slices behind closing braces, and each slice decoded for itself. That is safe: text that is a whole JSON array up
to a brace, read from the left, cannot be anything else, and a cut at a wrong brace does not decode.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import Final, Generic, TypeVar

import msgspec

SLICE_BYTES: Final = 64 * 1024
"""About 500 packs: a millisecond."""
ODD_BYTES_MAX: Final = 4 * 1024 * 1024
"""A body that is JSON, but not of the usual form, is decoded in one go up to this size; a larger one is refused."""

_OUTSIDE_BYTES_MAX: Final = 64 * 1024
_CUTS_MAX: Final = 8
_BEGIN: Final = re.compile(rb'"packs"\s*:\s*\[')
_IN_PLACE_OF_PACKS: Final = b"[0.125]"
_SPACE: Final = b" \t\r\n"

Pack = TypeVar("Pack")
"""`BulkPack` or `RecoveryPack`."""


class BodyInvalidError(Exception):
    """The body is not one of a bulk or recovery request; the message says where and why, for developers."""


class _OddError(Exception):
    """The body does not have the usual form. That does not make it wrong."""


class _Head(msgspec.Struct, rename="camel"):
    """What stands beside the packs."""

    state: str | None = None
    number_of_packs: int | None = None
    packs: msgspec.Raw = msgspec.Raw()


class ManyPacks(Generic[Pack]):
    """The packs of one body, in the order sent. `state` and `number_of_packs` are known when all were read."""

    def __init__(self, pack_type: type[Pack]) -> None:
        self.state: str | None = None
        self.number_of_packs: int | None = None
        self._list_type: type[list[Pack]] = list[pack_type]  # type: ignore[valid-type] # known only at run time
        self._packs: msgspec.json.Decoder[list[Pack]] = msgspec.json.Decoder(self._list_type)
        self._before: bytes | None = None
        self._after: bytes | None = None
        self._comma_seen = False
        self._is_first = True

    async def read(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[list[Pack]]:
        """The packs, some at a time. Lets others work in between. Raises `BodyInvalidError`."""
        kept: _Kept[Pack] = _Kept()
        pieces = aiter(chunks)
        rest = b""
        try:
            async for chunk in pieces:
                kept.add(chunk)
                rest += chunk
                while len(rest) > 2 * SLICE_BYTES and self._after is None:
                    packs, rest = self._next(rest, at_end=False)
                    if packs is None:
                        break
                    kept.given(packs)
                    yield packs
                    await asyncio.sleep(0)
            while self._after is None:
                packs, rest = self._next(rest, at_end=True)
                if packs is not None:
                    kept.given(packs)
                    yield packs
                    await asyncio.sleep(0)
            self._read_head(rest)
        except _OddError:
            async for chunk in pieces:
                kept.add(chunk)
                if not kept.is_whole:
                    break
            yield self._rest_of(kept)

    def _next(self, rest: bytes, *, at_end: bool) -> tuple[list[Pack] | None, bytes]:
        """Some packs and what is left, or `None` and what is left when more must come or all is read."""
        if self._before is None:
            rest = self._after_beginning(rest, at_end=at_end)
            if self._before is None:
                return None, rest
        rest = rest.lstrip(_SPACE)
        if not rest:
            if at_end:
                raise _OddError
            return None, rest
        if rest.startswith(b"]"):
            if self._comma_seen:
                raise _OddError
            self._after = b""
            return None, rest[1:]
        if not self._is_first and not self._comma_seen:
            if not rest.startswith(b","):
                raise _OddError
            self._comma_seen = True
            return [], rest[1:]
        self._is_first = self._comma_seen = False
        return self._slice(rest)

    def _after_beginning(self, rest: bytes, *, at_end: bool) -> bytes:
        match = _BEGIN.search(rest)
        if match is None:
            if at_end or len(rest) > _OUTSIDE_BYTES_MAX:
                raise _OddError
            return rest
        self._before = rest[: match.end() - 1]
        return rest[match.end() :]

    def _slice(self, rest: bytes) -> tuple[list[Pack], bytes]:
        # Where less than a slice is left, the array ends most likely at the last bracket. Failing all that, the
        # array ends within the slice, or a brace stands in a string there: then one pack after the other.
        all_of_it = rest.rfind(b"]") if len(rest) <= 2 * SLICE_BYTES else -1
        for end in (all_of_it, *_cuts(rest, SLICE_BYTES), *_cuts(rest, 0)):
            if end < 0:
                continue
            packs = self._decoded(rest[:end])
            if packs is not None:
                return packs, rest[end:]
        raise _OddError

    def _decoded(self, packs: bytes) -> list[Pack] | None:
        try:
            return self._packs.decode(b"[" + packs + b"]")
        except msgspec.ValidationError as error:
            raise BodyInvalidError(str(error).replace("$[...]", "$.packs[...]")) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def _read_head(self, after: bytes) -> None:
        """What stands before and after the packs, put together again around something in their place."""
        assert self._before is not None, "the packs have been read"
        if len(after) > _OUTSIDE_BYTES_MAX:
            raise _OddError
        head = _decode(self._before + _IN_PLACE_OF_PACKS + after, _Head)
        if bytes(head.packs) != _IN_PLACE_OF_PACKS:
            raise _OddError
        self.state, self.number_of_packs = head.state, head.number_of_packs

    def _rest_of(self, kept: _Kept[Pack]) -> list[Pack]:
        """What was not given out yet of a body that does not have the usual form."""
        if not kept.is_whole:
            raise BodyInvalidError("not an object with a list of packs as the interface has it")
        body = b"".join(kept.chunks)
        head = _decode(body, _Head)
        if not head.packs:
            raise BodyInvalidError("Object missing required field `packs`")
        packs = _decode(bytes(head.packs), self._list_type)
        count = len(kept.packs)
        if packs[:count] != kept.packs:
            raise BodyInvalidError("more than one list of packs")
        self.state, self.number_of_packs = head.state, head.number_of_packs
        return packs[count:]


class _Kept(Generic[Pack]):
    """A body as far as it has been read, and what was given out of it, until it is too large to be kept."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.packs: list[Pack] = []
        self._bytes_left = ODD_BYTES_MAX

    @property
    def is_whole(self) -> bool:
        return self._bytes_left >= 0

    def add(self, chunk: bytes) -> None:
        self._bytes_left -= len(chunk)
        if self.is_whole:
            self.chunks.append(chunk)
        else:
            self.chunks, self.packs = [], []

    def given(self, packs: list[Pack]) -> None:
        if self.is_whole:
            self.packs += packs


_T = TypeVar("_T")


def _decode(body: bytes, type: type[_T]) -> _T:  # noqa: A002 - msgspec's own word
    try:
        return msgspec.json.decode(body, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyInvalidError(str(error)) from None


def _cuts(rest: bytes, start: int) -> Iterator[int]:
    """Where to cut: behind the first closing braces from `start` on."""
    for _ in range(_CUTS_MAX):
        start = rest.find(b"}", start) + 1
        if not start:
            return
        yield start
