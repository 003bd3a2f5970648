"""The packs of a plan: batches that are made for it, and packs that are taken from them, each only once."""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from string import ascii_uppercase, digits
from typing import Final

from sinetti.demo.serials import made_serial
from sinetti.demo.traffic.plan import Options, Printed, UploadStep
from sinetti.demo.traffic.world import Product, World
from sinetti.gs1.identifiers import last_day

_SPARE: Final = 150
"""Packs of each batch that nobody scans during the plan."""
_BATCHES_PER_PRODUCT: Final = 3
_CONFUSABLE: Final = str.maketrans({"I": "J", "O": "P"})
"""Companies leave letters out of batches that look like digits."""


class DraftBatch:
    """A batch that is being planned."""

    def __init__(self, purpose: str, product: Product, batch: str, expiry: str, from_: datetime) -> None:
        self.product = product
        self.batch = batch
        self.expiry = expiry
        self.available_from = from_
        self.uploaded: list[str] = []
        self._purpose = f"{purpose} {product.key} {batch}"
        self._count = 0

    def new_serial(self) -> str:
        """A serial number that no pack has yet."""
        self._count += 1
        return made_serial(
            f"{self._purpose} {self._count}", self.product.serial_characters, self.product.serial_length
        )

    def printed(self, *, uploaded: bool = True) -> Printed:
        """A new pack of the batch."""
        serial_number = self.new_serial()
        if uploaded:
            self.uploaded.append(serial_number)
        return Printed(
            product=self.product, serial_number=serial_number, batch=self.batch, expiry=self.expiry
        )

    def upload(self, at: datetime, *, spare: int = _SPARE, note: str = "") -> UploadStep:
        """The upload of all packs of it that are to be uploaded, and of some that stay in the stores."""
        self.uploaded += [self.new_serial() for _ in range(spare)]
        return UploadStep(
            at=at,
            place=self.product.company,
            product=self.product,
            batch=self.batch,
            expiry=self.expiry,
            serial_numbers=tuple(self.uploaded),
            note=note,
        )

    @property
    def key(self) -> tuple[str, str]:
        """Product code and batch, which name it."""
        return self.product.product_code, self.batch


class Shelves:
    """All batches of a plan."""

    def __init__(self, options: Options, world: World, rng: Random, starts_at: datetime) -> None:
        self._purpose = f"traffic {options.seed} {options.run}"
        self._world = world
        self._rng = rng
        self._starts_at = starts_at
        self._names: set[tuple[str, str]] = set()
        self._made = 0
        self._sums = list(accumulate(product.share for product in world.products))
        self.everyday: Mapping[str, Sequence[DraftBatch]] = {
            product.key: self._everyday(product) for product in world.products
        }

    def _everyday(self, product: Product) -> Sequence[DraftBatch]:
        """Batches that are sold: most were uploaded long ago, of some products one comes this morning."""
        batches = [self.new_batch(product) for _ in range(_BATCHES_PER_PRODUCT)]
        if self._rng.random() < 0.25:  # noqa: PLR2004 - a product gets a new batch every few days
            batches[-1].available_from = self._starts_at + timedelta(minutes=self._rng.randint(0, 90))
        return batches

    def new_batch(self, product: Product | None = None) -> DraftBatch:
        """A batch of its own, that nobody takes packs from but who made it."""
        product = product or self.any_product()
        batch = self._name(product)
        while (product.product_code, batch) in self._names:
            batch = self._name(product)
        self._names.add((product.product_code, batch))
        available_from = self._starts_at - timedelta(days=30)
        return DraftBatch(self._purpose, product, batch, self._expiry(product), available_from)

    def any_product(self) -> Product:
        """A product, the more likely the better it sells."""
        return self._world.products[bisect(self._sums, self._rng.randrange(self._sums[-1]))]

    def take(self, at: datetime, product: Product | None = None) -> tuple[Printed, DraftBatch]:
        """A pack to be scanned at this time, and the batch that it is of."""
        batches = self.everyday[(product or self.any_product()).key]
        known = [batch for batch in batches if batch.available_from + timedelta(hours=1) <= at]
        batch = self._rng.choice(known)
        return batch.printed(), batch

    def _name(self, product: Product) -> str:
        """The next batch of this form. It depends on the run, for no two runs may meet in a batch."""
        self._made += 1
        number = int.from_bytes(
            hashlib.sha256(f"{self._purpose} {product.key} {self._made}".encode()).digest()
        )
        year = f"{self._starts_at.year % 100 - self._rng.choice((0, 0, 1)):02}"
        name = []
        for character in product.batch_form.replace("yy", "\0"):
            if character in "Ll":
                number, place = divmod(number, len(ascii_uppercase))
                letter = ascii_uppercase[place].translate(_CONFUSABLE)
                name.append(letter.lower() if character == "l" else letter)
            elif character == "s":
                number, place = divmod(number, len(digits))
                name.append(digits[place])
            else:
                name.append(year if character == "\0" else character)
        return "".join(name)

    def _expiry(self, product: Product) -> str:
        today = self._starts_at.date()
        month = today.year * 12 + today.month - 1 + self._rng.randint(14, 40)
        whole_month = f"{month // 12 % 100:02}{month % 12 + 1:02}00"
        if product.expiry_form == "month":
            return whole_month
        end = last_day(whole_month).day
        return f"{whole_month[:4]}{self._rng.choice((end, end, self._rng.randint(1, end))):02}"
