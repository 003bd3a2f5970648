"""Background work: a transaction asks for a task, a worker process does it after the commit.

The queue is procrastinate's (docs/adr/0014). What asks for work only writes a row; only a worker opens more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import msgspec
import structlog
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy, exceptions
from procrastinate.types import JSONValue
from psycopg.conninfo import make_conninfo

from sinetti.kit import metrics
from sinetti.kit.db import Transaction

RUN_AT_ONCE: Final = 8
"""Tasks that one worker process does at the same time: of those that take minutes there are six kinds, of which each is
done one after the other, and mail must not wait for all of them."""
STOP_SECONDS: Final = 10.0
"""What runs at a stop gets this long; what does not end is done again by the next worker."""
STALLED_SECONDS: Final = 60.0
"""A worker that said nothing for so long is gone, and what it had begun goes to another."""
POLL_SECONDS: Final = 0.5
"""New work wakes the worker; what waited for a lock or a time is found by asking."""
FAILED_KEPT_HOURS: Final = 30 * 24

_QUEUE: Final = "default"
_LISTENER_AND_SPARE: Final = 2

_logger = structlog.get_logger(__name__)

# Only for asking: it is never opened, because the caller's own connection does the writing.
_asking = App(connector=PsycopgConnector())


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of background work. It may be done twice, after a crash, and must bear that."""

    name: str
    run: Callable[..., Awaitable[None]]
    """Takes what `defer` was given by name. A periodic task is given nothing."""
    attempts_max: int = 8
    wait_base_seconds: int = 4
    """The wait after the n-th failure is this to the power of n: 4 s, 16 s, a minute, four, a quarter of an hour …"""
    every: str | None = None
    """When a periodic task runs, as in a crontab: minute, hour, day, month, weekday, in UTC."""


async def defer(
    tx: Transaction,
    task: str,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    once: str | None = None,
    **arguments: JSONValue,
) -> None:
    """Ask for a task, in the caller's transaction: it is done after the commit, and not at all after a rollback.

    Tasks with the same `lock` are done one after the other, in the order in which they were asked for. With `once`
    nothing is asked for while a task with the same word still waits. Arguments are JSON values.
    """
    asked = _asking.configure_task(
        task, queue=_QUEUE, schedule_at=at, lock=lock, queueing_lock=once, connection=tx
    )
    if once is None:
        await asked.defer_async(**arguments)
        return
    with contextlib.suppress(exceptions.AlreadyEnqueued):
        # A refused row must not end the caller's transaction.
        async with tx.transaction():
            await asked.defer_async(**arguments)


@asynccontextmanager
async def working(database_url: str, tasks: Sequence[Task]) -> AsyncIterator[asyncio.Task[None]]:
    """Do the tasks for as long as the block runs. Work begun at the end is finished, or left to another worker.

    Yields the worker, which ends by itself only when it can go on no more, such as after PostgreSQL went away.
    """
    app = _app(database_url, tasks)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[_QUEUE],
                concurrency=RUN_AT_ONCE,
                fetch_job_polling_interval=POLL_SECONDS,
                install_signal_handlers=False,
                delete_jobs="successful",
                shutdown_graceful_timeout=STOP_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
            ),
            name="worker",
        )
        try:
            yield worker
        finally:
            worker.cancel()
            # What it ended with was logged when it ended; whoever waits for it has seen it, too.
            await asyncio.wait([worker])
            if not worker.cancelled():
                worker.exception()


def _app(database_url: str, tasks: Sequence[Task]) -> App:
    connector = PsycopgConnector(
        conninfo=make_conninfo(database_url, fallback_application_name="sinetti worker", connect_timeout=5),
        min_size=1,
        max_size=RUN_AT_ONCE + _LISTENER_AND_SPARE,
    )
    app = App(connector=connector)
    for task in (*tasks, *_chores(app)):
        _register(app, task)
    return app


def _register(app: App, task: Task) -> None:
    async def run(context: JobContext, /, **arguments: JSONValue) -> None:
        with structlog.contextvars.bound_contextvars(task=task.name, job=context.job.id):
            try:
                await task.run(**arguments)
            except Exception as error:
                metrics.count_task(task.name, "failed")
                _logger.warning("task_failed", attempt=context.job.attempts + 1, error=repr(error))
                raise
            metrics.count_task(task.name, "done")

    # Procrastinate counts what comes after the first attempt, and takes 0 for "for ever".
    retries = task.attempts_max - 1
    retry = RetryStrategy(max_attempts=retries, exponential_wait=task.wait_base_seconds) if retries else False
    made = app.task(name=task.name, queue=_QUEUE, pass_context=True, retry=retry)
    if task.every is None:
        made(run)
        return

    async def run_now(context: JobContext, /, timestamp: int) -> None:  # noqa: ARG001 - ours ask their own clock
        await run(context)

    app.periodic(cron=task.every)(made(run_now))


def _chores(app: App) -> Sequence[Task]:
    """What the queue needs for itself."""

    async def hand_on_stalled() -> None:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            _logger.warning("task_of_a_lost_worker", task=job.task_name, job=job.id)
            await app.job_manager.retry_job(job)

    async def forget_failed() -> None:
        await app.job_manager.delete_old_jobs(nb_hours=FAILED_KEPT_HOURS, include_failed=True)

    return [
        Task(name="hand_on_stalled_tasks", run=hand_on_stalled, every="* * * * *", attempts_max=1),
        Task(name="forget_failed_tasks", run=forget_failed, every="17 3 * * *", attempts_max=1),
    ]
