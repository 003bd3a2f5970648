"""Transaction ids: UUIDv7 as RFC 9562 §5.7 lays it out."""

from __future__ import annotations

import multiprocessing
import time

from sinetti.kit.ids import new_transaction_id


def test_an_id_is_a_version_7_uuid_of_this_moment():
    before = time.time_ns() // 1_000_000
    transaction_id = new_transaction_id()
    after = time.time_ns() // 1_000_000
    assert transaction_id.version == 7
    assert transaction_id.variant == "specified in RFC 4122"
    assert before <= transaction_id.int >> 80 <= after + 1


def test_each_id_is_greater_than_the_one_before():
    ids = [new_transaction_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_ids_grow_even_when_the_clock_goes_back(monkeypatch):
    first = new_transaction_id()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    second = new_transaction_id()
    assert second > first
    assert second.version == 7


def _some_ids() -> list[str]:
    return [str(new_transaction_id()) for _ in range(1000)]


def test_processes_that_start_from_one_state_make_different_ids():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        one, other = (pool.apply_async(_some_ids) for _ in range(2))
        assert not set(one.get()) & set(other.get())
