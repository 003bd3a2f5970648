"""Figures for Prometheus, together for all server processes. Parts count through the small functions here.

prometheus_client decides when it is first imported whether processes share their figures, so that import
waits until something is counted, and `share_metrics` must come before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

_SHARED = "PROMETHEUS_MULTIPROC_DIR"

SECONDS_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper ends, in seconds; 0.015 is the aim for the slowest hundredth."""
ROUND_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def share_metrics(home: Path) -> Path:
    """Let this process and those it starts count together, in `<home>/metrics/<run>`. Call before anything
    counts.

    Folders of earlier runs whose process is gone are deleted: figures of a run end with it, as Prometheus
    expects.
    """
    folder = home / "metrics" / str(os.getpid())
    if folder.parent.is_dir():
        for old in folder.parent.iterdir():
            if old == folder or not _runs(old.name):
                shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[_SHARED] = str(folder)
    return folder


def _runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def render_metrics() -> tuple[bytes, str]:
    """All figures in Prometheus' text form, and its content type."""
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    if _SHARED not in os.environ:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST


def count_request(route: str, status: int, seconds: float) -> None:
    """One answered HTTP request. `route` is a pattern from the code, never a path with values in it."""
    _request(route, status)(seconds)


def count_outcome(operation: str, operation_code: str) -> None:
    """One judged pack operation."""
    _outcome(operation, operation_code)()


def count_problem(key: str) -> None:
    """One problem answer."""
    _problem(key)()


def observe_round(packs: int, seconds: float) -> None:
    """One transaction of pack operations: how many it took together, and how long from BEGIN to COMMIT."""
    size, duration = _round()
    size(packs)
    duration(seconds)


def count_refused_for_load() -> None:
    """One request answered 429 because the waiting list was full."""
    _refused()()


def count_task(task: str, result: str) -> None:
    """One piece of background work that ended, as `done` or `failed`."""
    _task(task, result)()


def count_alerts_taken(count: int) -> None:
    """Deviations that the alert management has taken over."""
    _alerts_taken()(count)


# Each label combination is looked up once; after that counting is one call.


@cache
def _request(route: str, status: int) -> Callable[[float], None]:
    return _requests().labels(route, str(status)).observe


@cache
def _requests() -> Histogram:
    from prometheus_client import Histogram  # noqa: PLC0415

    return Histogram(
        "sinetti_request_seconds", "Time to answer a request", ["route", "status"], buckets=SECONDS_BUCKETS
    )


@cache
def _outcome(operation: str, operation_code: str) -> Callable[[], None]:
    return (
        _counter("sinetti_outcomes", "Pack operations judged", ("operation", "code"))
        .labels(operation, operation_code)
        .inc
    )


@cache
def _problem(key: str) -> Callable[[], None]:
    return _counter("sinetti_problems", "Problem answers", ("key",)).labels(key).inc


@cache
def _task(task: str, result: str) -> Callable[[], None]:
    return _counter("sinetti_tasks", "Background work ended", ("task", "result")).labels(task, result).inc


@cache
def _refused() -> Callable[[], None]:
    return _counter("sinetti_refused_for_load", "Requests answered 429 for load", ()).inc


@cache
def _alerts_taken() -> Callable[[float], None]:
    return _counter("sinetti_alerts_taken", "Deviations that the alert management has taken over", ()).inc


@cache
def _round() -> tuple[Callable[[float], None], Callable[[float], None]]:
    from prometheus_client import Histogram  # noqa: PLC0415

    size = Histogram("sinetti_round_packs", "Pack operations in one transaction", buckets=ROUND_BUCKETS)
    seconds = Histogram("sinetti_round_seconds", "Time of one transaction", buckets=SECONDS_BUCKETS)
    return size.observe, seconds.observe


@cache
def _counter(name: str, meaning: str, labels: tuple[str, ...]) -> Counter:
    from prometheus_client import Counter  # noqa: PLC0415

    return Counter(name, meaning, labels)
