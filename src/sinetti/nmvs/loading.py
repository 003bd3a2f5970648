"""Loads a file of products, batches and serial numbers, each product and each batch all or nothing.

A file of lines (NDJSON) has the lines that the upload interface takes, one after the other: a product; the head
of a batch, then a serial number a line until the next product or head. A JSON file is one object with the lists
`products` and `batches`. What is refused does not stop what comes after it. docs/howto/load-data.md shows both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import msgspec

from sinetti.contracts.uploads import BatchHead, BatchUpload, ProductUpload
from sinetti.kit.db import Database
from sinetti.kit.problems import Problem
from sinetti.nmvs import upload_checks, upload_lines
from sinetti.nmvs.batches import upload_batch
from sinetti.nmvs.changes import Change
from sinetti.nmvs.products import UploadResult, upload_products
from sinetti.nmvs.store.serial_set import SLICE, SerialSet
from sinetti.nmvs.upload_lines import Entry, Faults, Lines, Wrong

DOCUMENT_BYTES_MAX: Final = 256 * 1024 * 1024
"""A JSON file is read in one go; larger data comes as lines."""

_FIRST_LINE_BYTES_MAX: Final = upload_lines.LINE_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of one product or batch of the file."""

    what: str
    """`product` or `batch`, or `line` for what belongs to neither."""
    product_code: str | None
    """As in the file; `None` where the file does not say."""
    batch: str | None = None
    pack_count: int | None = None
    result: UploadResult | None = None
    """`None` where it was refused."""
    problem: Problem | None = None
    """Why it was refused."""


class _Document(msgspec.Struct):
    products: list[ProductUpload] = []
    batches: list[BatchUpload] = []


async def load(
    database: Database, new_change: Callable[[], Change], chunks: AsyncIterator[bytes]
) -> AsyncIterator[Loaded]:
    """Load a file, and tell of each product and batch what became of it. `new_change` gives a change for each."""
    first = b""
    async for chunk in chunks:
        first += chunk
        if b"\n" in first.lstrip() or len(first) > _FIRST_LINE_BYTES_MAX:
            break
    loader = _Loader(database, new_change)
    if _begins_document(first):
        body = first + b"".join([chunk async for chunk in _bounded(chunks, DOCUMENT_BYTES_MAX - len(first))])
        async for loaded in loader.load_document(body):
            yield loaded
    else:
        async for loaded in loader.load_lines(_again(first, chunks)):
            yield loaded


def _begins_document(first: bytes) -> bool:
    """Whether this is a JSON file: its first line is not an object of its own, or one with the two lists."""
    line = first.lstrip().partition(b"\n")[0]
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return line.startswith(b"{")
    return isinstance(found, dict) and not {"products", "batches"}.isdisjoint(found)


async def _again(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk


async def _bounded(chunks: AsyncIterator[bytes], limit_bytes: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        limit_bytes -= len(chunk)
        if limit_bytes < 0:
            raise Problem("body-too-large", 413, limit_bytes=DOCUMENT_BYTES_MAX)
        yield chunk


class _OpenBatch:
    """A batch whose serial numbers are being read. One with a wrong head is read to its end, and refused."""

    def __init__(self, entry: dict[str, Any], number: int) -> None:
        self.faults = Faults()
        self.head: BatchHead | None = None
        self.problem: Problem | None = None
        self.named = (_text(entry.get("productCode")), _text(entry.get("batchId")))
        found = upload_lines.converted(entry, BatchHead, number, self.faults)
        if found is not None:
            try:
                self.head = upload_checks.batch_head(found)
            except Problem as problem:
                self.problem = problem
        self.serials = SerialSet(found.product_code_scheme if self.head and found else "gs1")

    def add(self, lines: Lines) -> None:
        if self.problem is None:
            try:
                upload_lines.add_serial_numbers(self.serials, lines, self.faults)
            except Problem as problem:
                self.problem = problem


class _Loader:
    """Loads one file."""

    def __init__(self, database: Database, new_change: Callable[[], Change]) -> None:
        self._database = database
        self._new_change = new_change
        self._open: _OpenBatch | None = None

    async def load_lines(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Loaded]:
        async for lines in upload_lines.read_lines(chunks):
            start = 0
            for is_object, run in groupby(lines.entries, _is_head_or_product):
                end = start + len(list(run))
                part = lines.part(start, end)
                start = end
                async for loaded in self._objects(part) if is_object else self._serial_numbers(part):
                    yield loaded
        async for loaded in self._close():
            yield loaded

    async def _objects(self, lines: Lines) -> AsyncIterator[Loaded]:
        for entry, number in zip(lines.entries, lines.numbers, strict=True):
            assert isinstance(entry, dict)
            async for loaded in self._close():
                yield loaded
            if "batchId" in entry:
                self._open = _OpenBatch(entry, number)
            else:
                yield await self._product(entry, number)

    async def _serial_numbers(self, lines: Lines) -> AsyncIterator[Loaded]:
        if self._open is not None:
            self._open.add(lines)
            return
        faults = Faults()
        for entry, number in zip(lines.entries, lines.numbers, strict=True):
            reason = entry.reason if isinstance(entry, Wrong) else "Expected a product or the head of a batch"
            faults.add(f"line {number}", reason)
        yield Loaded(what="line", product_code=None, problem=_problem(faults))

    async def _product(self, entry: dict[str, Any], number: int) -> Loaded:
        faults = Faults()
        product = upload_lines.converted(entry, ProductUpload, number, faults)
        if product is None:
            code = _text(entry.get("productCode"))
            return Loaded(what="product", product_code=code, problem=_problem(faults))
        return await self._upload_product(product)

    async def _upload_product(self, product: ProductUpload) -> Loaded:
        try:
            (result,) = await upload_products(self._database, self._new_change(), [product])
        except Problem as problem:
            return Loaded(what="product", product_code=product.product_code, problem=problem)
        return Loaded(what="product", product_code=product.product_code, result=result)

    async def _close(self) -> AsyncIterator[Loaded]:
        """Upload the open batch, if there is one."""
        if self._open is None:
            return
        opened, self._open = self._open, None
        code, batch = opened.named
        problem = opened.problem or _problem(opened.faults)
        if opened.head is None or problem is not None:
            count = opened.serials.count
            yield Loaded(what="batch", product_code=code, batch=batch, pack_count=count, problem=problem)
        else:
            yield await self._upload_batch(opened.head, opened.serials)

    async def _upload_batch(self, head: BatchHead, serials: SerialSet) -> Loaded:
        result = problem = None
        await serials.sort()
        try:
            result = (await upload_batch(self._database, self._new_change(), head, serials)).result
        except Problem as refused:
            problem = refused
        return Loaded(
            what="batch",
            product_code=head.product_code,
            batch=head.batch_id,
            pack_count=serials.count,
            result=result,
            problem=problem,
        )

    async def load_document(self, body: bytes) -> AsyncIterator[Loaded]:
        try:
            document = msgspec.json.decode(body, type=_Document)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            problem = Problem("invalid-entries", 422, count=1, first=str(error), errors=[])
            yield Loaded(what="line", product_code=None, problem=problem)
            return
        for product in document.products:
            yield await self._upload_product(product)
        for batch in document.batches:
            yield await self._document_batch(batch)

    async def _document_batch(self, upload: BatchUpload) -> Loaded:
        faults = Faults()
        try:
            head = upload_checks.batch_head(upload)
            serials = SerialSet(head.product_code_scheme)
            for start in range(0, len(upload.serial_numbers), SLICE):
                for index in serials.add(upload.serial_numbers[start : start + SLICE]):
                    form = upload_checks.SERIAL_NUMBER_FORM[head.product_code_scheme]
                    faults.add(f"serialNumbers[{start + index}]", form)
                upload_lines.refuse_too_many(serials.count)
            faults.raise_if_any()
        except Problem as problem:
            count = len(upload.serial_numbers)
            return Loaded(
                what="batch",
                product_code=upload.product_code,
                batch=upload.batch_id,
                pack_count=count,
                problem=problem,
            )
        return await self._upload_batch(head, serials)


def _is_head_or_product(entry: Entry) -> bool:
    return isinstance(entry, dict) and "serialNumber" not in entry


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _problem(faults: Faults) -> Problem | None:
    try:
        faults.raise_if_any()
    except Problem as problem:
        return problem
    return None
