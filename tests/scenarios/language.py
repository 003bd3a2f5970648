"""Reads scenario tables: text that a domain expert can write and check. `tables/README.md` explains the language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.scenarios.world import CALLERS, Batch, Event, Pack, Product, Setup

from sinetti.gs1.identifiers import pad_gtin
from sinetti.nmvs.model import PackRequest
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language, Operation, PackState

FOLDER = Path(__file__).parent / "tables"
_CELLS = re.compile(r"\s{2,}")
_DAYS_LATER = re.compile(r"\+(\d+) d (\d\d:\d\d(?::\d\d)?)")
_LATER = re.compile(r"\+(?:(\d+) h)? ?(?:(\d+) s)?")
_EVENTS = {"recall", "withdraw", "upload"}
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of a table: a request with the answer that it must get, or something that others do."""

    line: int
    text: str
    now: datetime
    event: Event | None = None
    request: PackRequest | None = None
    code: str = ""
    state: str | None = None
    level: str | None = None
    also: dict[str, str] = field(default_factory=dict)
    """Further expectations: `batch`, `hub`, `undo`, `until`, `count`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One file of `tables`, read."""

    name: str
    setup: Setup
    steps: tuple[Step, ...]


def read_scenarios(rules: Rules) -> list[Scenario]:
    """All scenarios, by name."""
    return [_Reader(path, rules).read() for path in sorted(FOLDER.glob("*.txt"))]


class _Reader:
    """Goes through a file line by line: first what there is, then what happens."""

    def __init__(self, path: Path, rules: Rules) -> None:
        self._path = path
        self._rules = rules
        self._day = date(2026, 11, 20)
        self._zone = ZoneInfo("Europe/Helsinki")
        self._products = {"X": Product(name="X")}
        self._batches = {"B1": Batch(name="B1")}
        self._packs: dict[str, Pack] = {}
        self._now = datetime.min.replace(tzinfo=UTC)

    def read(self) -> Scenario:
        steps = tuple(self._steps())
        setup = Setup(zone=self._zone, products=self._products, batches=self._batches, packs=self._packs)
        return Scenario(name=self._path.stem, setup=setup, steps=steps)

    def _steps(self) -> Iterator[Step]:
        for number, line in enumerate(self._path.read_text(encoding="utf-8").splitlines(), start=1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            try:
                step = self._line(number, text)
            except Exception as error:
                raise ValueError(f"{self._path.name}, line {number}: {text}") from error
            if step is not None:
                yield step

    def _line(self, number: int, text: str) -> Step | None:
        given, arrow, expected = text.partition("->")
        cells = _CELLS.split(given.strip())
        if not arrow and cells[0] in {"day", "zone", "product", "batch", "pack"}:
            self._define(cells[0], cells[1], dict(_pairs(cells[2:])))
            return None
        self._now = self._moment(cells[0])
        if not arrow:
            if cells[1] not in _EVENTS:
                raise ValueError(f"{cells[1]} is no event")
            return Step(line=number, text=text, now=self._now, event=Event(kind=cells[1], name=cells[2]))
        code, state, *rest = _CELLS.split(expected.strip())
        return Step(
            line=number,
            text=text,
            now=self._now,
            request=self._request(cells),
            code=code,
            state=None if state == _NONE else state,
            level=next((word for word in rest if "=" not in word), None),
            also=dict(_pairs(word for word in rest if "=" in word)),
        )

    def _define(self, kind: str, name: str, values: dict[str, str]) -> None:
        if kind == "day":
            self._day = date.fromisoformat(name)
        elif kind == "zone":
            self._zone = ZoneInfo(name)
        elif kind == "product":
            known = self._products.get(name, Product(name=name))
            self._products[name] = replace(known, **_typed(values))
        elif kind == "batch":
            self._batches[name] = replace(self._batches.get(name, Batch(name=name)), **_typed(values))
        else:
            at = values.pop("at", None)
            since = values.pop("since", None)
            state = PackState(values.pop("state", PackState.ACTIVE))
            self._packs[name] = replace(
                Pack(name=name, serial=_serial(name)),
                **_typed(values),
                state=state,
                at=None if at in {None, "not_stated"} else at,
                since=self._moment(since) if since else None,
            )

    def _moment(self, text: str) -> datetime:
        """`09:00`, `09:00:01`, `+10 d 09:00`, `2026-12-01 00:00` in local time; `+240 h 1 s` after the row before."""
        if later := _DAYS_LATER.fullmatch(text):
            return self._local(self._day + timedelta(days=int(later[1])), time.fromisoformat(later[2]))
        if text.startswith("+"):
            later = _LATER.fullmatch(text)
            assert later is not None, text
            return self._now + timedelta(hours=int(later[1] or 0), seconds=int(later[2] or 0))
        day, _, clock = text.rpartition(" ")
        return self._local(date.fromisoformat(day) if day else self._day, time.fromisoformat(clock))

    def _local(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self._zone).astimezone(UTC)

    def _request(self, cells: list[str]) -> PackRequest:
        _, operation, at, pack_name, *changes = cells
        pack = self._packs.setdefault(pack_name, Pack(name=pack_name, serial=_serial(pack_name)))
        batch = self._batches[pack.batch]
        product = self._products[batch.product]
        sent: dict[str, str | None] = {
            "scheme": product.scheme,
            "code": product.code,
            "serial": pack.serial,
            "batch": batch.name,
            "expiry": batch.expiry,
            "mode": "non-manual",
        }
        for name, value in _pairs(changes):
            if name not in sent:
                raise ValueError(f"{name} is nothing that a request has")
            sent[name] = None if value == _NONE else value
        requested_state = self._requested_state(operation)
        return PackRequest(
            caller=CALLERS[at],
            operation=Operation.VERIFY
            if operation == "verify"
            else self._rules.operation_for(requested_state or ""),
            requested_state=requested_state,
            scheme=sent["scheme"] or "",
            product_code=pad_gtin(sent["code"] or "") if sent["scheme"] == "gs1" else sent["code"] or "",
            serial_number=sent["serial"] or "",
            batch=sent["batch"],
            expiry=sent["expiry"],
            entry_mode=sent["mode"],
            language=Language.FI,
            transaction_id="00000000-0000-7000-8000-000000000000",
            received_at=self._now,
        )

    def _requested_state(self, operation: str) -> str | None:
        """`supply` and `reactivate` ask for the state of that operation; `decommission W` and `ask W` for the word W."""
        word, _, state = operation.partition(" ")
        if word == "verify":
            return None
        if word in {"decommission", "ask"}:
            return None if state == _NONE else state
        asked = Operation(word)
        return next(
            state for state, rule in self._rules.pack_states.items() if rule.requested_by is asked
        ).value


def _serial(name: str) -> str:
    """Twenty characters, digits and capitals, that begin with the name of the pack."""
    return f"{name}XXXXXXXXXXXXXXXXXXX0"[:19] + "0"


def _pairs(cells: Iterator[str] | list[str]) -> Iterator[tuple[str, str]]:
    for cell in cells:
        name, equals, value = cell.partition("=")
        if not equals:
            raise ValueError(f"{cell!r} should be name=value")
        yield name, value


def _typed(values: dict[str, str]) -> dict[str, Any]:
    return {name: {"yes": True, "no": False}.get(value, value) for name, value in values.items()}
