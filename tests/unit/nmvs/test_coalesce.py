"""Rounds: what waits goes together, what conflicts goes one after the other, and one bad request harms no other."""

import asyncio

import psycopg
import pytest

from sinetti.kit.problems import Problem
from sinetti.nmvs.coalesce import Coalescer, TooManyWaitingError


class Rounds:
    """Work that remembers its rounds and fails where a request asks for it."""

    def __init__(self):
        self.done: list[list[str]] = []
        self.failures: dict[str, list[Exception]] = {}

    async def __call__(self, requests):
        await asyncio.sleep(0)
        for request in requests:
            if self.failures.get(request):
                raise self.failures[request].pop(0)
        self.done.append(list(requests))
        return [request.upper() for request in requests]


def first_letter(request):
    return [request[0]]


@pytest.fixture
async def rounds():
    return Rounds()


@pytest.fixture
async def coalescer(rounds):
    coalescer = Coalescer(rounds, first_letter, waiting_max=10)
    coalescer.start()
    yield coalescer
    await coalescer.stop()


async def test_requests_that_wait_go_together(rounds, coalescer):
    replies = await asyncio.gather(*[coalescer.submit(name) for name in ("a", "b", "c")])
    assert replies == ["A", "B", "C"]
    assert rounds.done == [["a", "b", "c"]]


async def test_two_requests_for_one_pack_go_one_after_the_other_in_their_order(rounds, coalescer):
    futures = [coalescer.submit(name) for name in ("a1", "b1", "a2", "a3", "c1", "b2")]
    assert await asyncio.gather(*futures) == ["A1", "B1", "A2", "A3", "C1", "B2"]
    assert rounds.done == [["a1", "b1", "c1"], ["a2", "b2"], ["a3"]]


async def test_one_bad_request_does_not_fail_the_others_of_its_round(rounds, coalescer):
    rounds.failures["b"] = [ValueError("bad"), ValueError("bad")]
    good, bad, other = (coalescer.submit(name) for name in ("a", "b", "c"))
    assert (await good, await other) == ("A", "C")
    with pytest.raises(ValueError, match="bad"):
        await bad
    assert rounds.done == [["a"], ["c"]]


async def test_a_deadlock_is_tried_once_more(rounds, coalescer):
    rounds.failures["a"] = [psycopg.errors.DeadlockDetected()]
    assert await coalescer.submit("a") == "A"


async def test_a_round_whose_fate_is_unknown_is_not_done_again(rounds, coalescer):
    rounds.failures["a"] = [psycopg.OperationalError("the connection is lost")]
    lost, other = coalescer.submit("a"), coalescer.submit("b")
    for future in (lost, other):
        with pytest.raises(Problem, match="database-unavailable"):
            await future
    assert rounds.done == []
    assert await coalescer.submit("a") == "A"


async def test_more_than_may_wait_is_refused_at_once(coalescer):
    futures = [coalescer.submit(f"{number:x}") for number in range(10)]
    with pytest.raises(TooManyWaitingError):
        coalescer.submit("x")
    await asyncio.gather(*futures)


async def test_who_stops_waiting_stops_nobody_else(rounds, coalescer):
    left, stayed = coalescer.submit("a"), coalescer.submit("b")
    left.cancel()
    assert await stayed == "B"
    assert rounds.done == [["a", "b"]]


async def test_stopping_answers_what_waits_and_takes_no_more(rounds):
    coalescer = Coalescer(rounds, first_letter, waiting_max=10)
    coalescer.start()
    futures = [coalescer.submit(name) for name in ("a1", "a2")]
    await coalescer.stop()
    assert [future.result() for future in futures] == ["A1", "A2"]
    with pytest.raises(TooManyWaitingError):
        coalescer.submit("b")
