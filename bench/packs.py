"""Made-up packs in any number: the same for the same seed, as binary COPY rows, uploads and request targets.

A serial number is four pieces of five characters out of one table, so that its key is two additions away. A million
packs take about a second.
"""

from __future__ import annotations

import random
import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from typing import LiteralString
from urllib.parse import quote

import psycopg

from sinetti.gs1.charset import SET_82, character_classes
from sinetti.gs1.identifiers import gs1_check_digit

PIECES = 1 << 16
PIECE_LENGTH = 5
SERIAL_LENGTH = 4 * PIECE_LENGTH
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
EXPIRY = "301231"
FIRST_PRODUCT = 950601419000

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
COPY_TRAILER = struct.pack(">h", -1)
COPY_PACKS = "COPY pack (serial_key, product_id, batch_id) FROM STDIN (FORMAT BINARY)"


class Alphabet:
    """The table of pieces, with each piece's value in the upper and in the lower part of a half key."""

    def __init__(self) -> None:
        chance = random.Random(82)
        digit = {character: place for place, character in enumerate(SET_82, start=1)}
        base = len(SET_82) + 1
        self.text = ["".join(chance.choices(ALPHABET, k=PIECE_LENGTH)) for _ in range(PIECES)]
        self.low = [sum(digit[c] * base**i for i, c in enumerate(reversed(piece))) for piece in self.text]
        self.high = [value * base**PIECE_LENGTH for value in self.low]


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch of packs; `pieces` has four places in the table of pieces for each."""

    product: int
    """Place of its product in `Country.product_codes`."""
    batch: str
    pieces: array[int]

    def __len__(self) -> int:
        return len(self.pieces) // 4

    def serial_number(self, alphabet: Alphabet, place: int) -> str:
        """The serial number of one pack."""
        return "".join([alphabet.text[piece] for piece in self.pieces[4 * place : 4 * place + 4]])

    def serial_numbers(self, alphabet: Alphabet) -> list[str]:
        """All serial numbers in their order of upload."""
        texts = list(map(alphabet.text.__getitem__, self.pieces))
        return list(map("".join, zip(texts[0::4], texts[1::4], texts[2::4], texts[3::4], strict=True)))

    def keys(self, alphabet: Alphabet) -> bytes:
        """All serial keys, 16 bytes each, in their order of upload."""
        halves: list[int] = [0] * (2 * len(self))
        for half in (0, 1):
            high = map(alphabet.high.__getitem__, self.pieces[2 * half :: 4])
            low = map(alphabet.low.__getitem__, self.pieces[2 * half + 1 :: 4])
            halves[half::2] = list(map(add, high, low))
        return struct.pack(f">{len(halves)}Q", *halves)

    def copy_data(self, alphabet: Alphabet, product_id: int, batch_id: int) -> bytes:
        """All of `COPY_PACKS` for this batch, sorted by key as the upload interface stores it."""
        keys = self.keys(alphabet)
        head = struct.pack(">hi", 3, 16)
        tail = struct.pack(">iiii", 4, product_id, 4, batch_id)
        rows = (tail + head).join(sorted([keys[i : i + 16] for i in range(0, len(keys), 16)]))
        return b"".join((COPY_HEADER, head, rows, tail, COPY_TRAILER))


@dataclass(frozen=True, slots=True)
class Country:
    """Products with batches in the order in which their owners upload them: every product in turn."""

    product_codes: Sequence[str]
    batches: Sequence[Batch]

    @property
    def pack_count(self) -> int:
        """Number of packs in all batches."""
        return sum(map(len, self.batches))


def make_country(*, products: int, batches: int, packs: int, seed: int = 1) -> Country:
    """A country of `packs` packs in `batches` batches, given to the products in turn."""
    chance = random.Random(seed)
    numbers = [f"{FIRST_PRODUCT + 10_000 * seed + number:013d}" for number in range(products)]
    codes = [number + gs1_check_digit(number) for number in numbers]
    made: list[Batch] = []
    for number in range(batches):
        size = packs * (number + 1) // batches - packs * number // batches
        pieces = array("H", chance.randbytes(8 * size))
        made.append(Batch(product=number % products, batch=f"B{seed}{number:04d}", pieces=pieces))
    return Country(product_codes=codes, batches=made)


def add_products(connection: psycopg.Connection, codes: Iterable[str], organisation_id: int) -> list[int]:
    """Write products directly; their ids in the given order."""
    return [
        _only_value(
            connection,
            "INSERT INTO product (scheme, product_code, organisation_id, name, nhrn, uploaded_at)"
            " VALUES ('gs1', %s, %s, %s, %s, now()) RETURNING product_id",
            [code, organisation_id, f"Vertailulääke {code[-4:]} 500 mg tabletti", code[-7:-1]],
        )
        for code in codes
    ]


def add_batch(connection: psycopg.Connection, batch: Batch, product_id: int) -> int:
    """Write the row of a batch, without its packs; its id."""
    return _only_value(
        connection,
        "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min,"
        " serial_length_max, serial_format) VALUES (%s, %s, %s, now(), %s, %s, %s, %s) RETURNING batch_id",
        [
            product_id, batch.batch, EXPIRY, len(batch), SERIAL_LENGTH, SERIAL_LENGTH, character_classes(ALPHABET),
        ],
    )  # fmt: skip


def copy_packs(connection: psycopg.Connection, data: bytes) -> None:
    """Send what `Batch.copy_data` made."""
    with connection.cursor() as cursor, cursor.copy(COPY_PACKS) as copy:
        copy.write(data)


def copy_country(
    connection: psycopg.Connection, country: Country, alphabet: Alphabet, organisation_id: int
) -> None:
    """Load a country by COPY, without the interface for uploads."""
    product_ids = add_products(connection, country.product_codes, organisation_id)
    for batch in country.batches:
        product_id = product_ids[batch.product]
        batch_id = add_batch(connection, batch, product_id)
        copy_packs(connection, batch.copy_data(alphabet, product_id, batch_id))


def _only_value(connection: psycopg.Connection, query: LiteralString, values: Sequence[object]) -> int:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return int(row[0])


class Supplies:
    """Packs of a country in random order, each handed out once; at most `count_max` of them, from all batches."""

    def __init__(
        self, country: Country, alphabet: Alphabet, count_max: int = 4_000_000, seed: int = 5
    ) -> None:
        self._country = country
        self._alphabet = alphabet
        self._starts = [0, *accumulate(map(len, country.batches))]
        count = min(count_max, country.pack_count)
        self._order = array("q", random.Random(seed).sample(range(country.pack_count), count))
        self._next = 0

    def __len__(self) -> int:
        return len(self._order) - self._next

    def peek(self, count: int) -> Iterator[str]:
        """Request targets of at most `count` packs, which stay here until `take`."""
        if not len(self):
            raise SystemExit("no packs are left to supply: start with more --packs")
        return map(self._target, self._order[self._next : self._next + count])

    def last(self, count: int) -> Iterator[str]:
        """Request targets of the packs that would be handed out last."""
        return map(self._target, self._order[-min(count, len(self)) :])

    def take(self, count: int) -> None:
        """Use up the next `count` packs."""
        self._next += count

    def _target(self, place: int) -> str:
        number = bisect_right(self._starts, place) - 1
        batch = self._country.batches[number]
        serial_number = batch.serial_number(self._alphabet, place - self._starts[number])
        return pack_target(self._country.product_codes[batch.product], serial_number, batch.batch)


def pack_target(product_code: str, serial_number: str, batch: str, expiry: str = EXPIRY) -> str:
    """Request target of one pack in the REST interface."""
    return (
        f"/verification/product/gs1/{product_code}/pack/{quote(serial_number, safe='')}"
        f"?batch={batch}&expiry={expiry}"
    )
