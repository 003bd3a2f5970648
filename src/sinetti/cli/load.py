"""`sinetti load`, `correct-batch`, `recall`, `withdraw`, `non-fmd`: the operator's work on what is uploaded."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, TypeVar
from uuid import UUID

import msgspec
import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from sinetti.cli.errors import EXIT_OUTCOME, UserError
from sinetti.contracts.uploads import BatchCorrection, BatchRecall, ProductWithdrawal
from sinetti.identity import registry
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.kit.ids import new_transaction_id
from sinetti.kit.postgres import running_database
from sinetti.kit.problems import Problem, render_problem
from sinetti.kit.settings import load_settings
from sinetti.nmvs import batches, loading, products
from sinetti.nmvs import non_fmd as national_list
from sinetti.nmvs.changes import Change
from sinetti.nmvs.loading import Loaded
from sinetti.nmvs.products import UploadResult
from sinetti.rules.vocabulary import OrganisationKind, Scheme

T = TypeVar("T")

_PIECE_BYTES = 64 * 1024
_NAMED_MAX = 10

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
SchemeOption = Annotated[Scheme, typer.Option(help="Coding scheme of the product code.")]
ProductCode = Annotated[str, typer.Argument(metavar="PRODUCT_CODE", help="GTIN or PPN.")]
Batch = Annotated[str, typer.Argument(metavar="BATCH", help="Batch number, as on the pack.")]


def load(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="JSON or lines of JSON; - is stdin.")],
    organisation: Annotated[
        int, typer.Option(min=1, help="Number of the organisation (mah_obp) that the data belongs to.")
    ],
    as_json: AsJson = False,
) -> None:
    """Load products, batches and serial numbers, each product and each batch all or nothing.

    What is there already is left as it is, so a file can be loaded again. Exit code 1 if anything was refused.
    docs/howto/load-data.md shows what a file looks like.
    """
    missing = [name for name in files if name != "-" and not Path(name).is_file()]
    if missing:
        raise UserError(f"{missing[0]}: no such file")
    refused = _in_database(lambda database: _load(database, files, organisation, as_json))
    if refused:
        raise typer.Exit(EXIT_OUTCOME)


def recall(
    product_code: ProductCode,
    batch: Batch,
    reason: Annotated[str, typer.Option(help="Why. Pharmacies read it.")],
    scheme: SchemeOption = Scheme.GS1,
    as_json: AsJson = False,
) -> None:
    """Recall a batch. This cannot be undone."""
    wanted = BatchRecall(product_code_scheme=scheme, product_code=product_code, batch_id=batch, reason=reason)
    result = _in_database(lambda database: batches.recall_batch(database, _operator(), wanted))
    done = "is recalled" if result is UploadResult.UPDATED else "was recalled already; nothing was changed"
    _tell(as_json, f"Batch {batch} of {product_code} {done}.", result=result)


def correct_batch(
    product_code: ProductCode,
    batch: Batch,
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    new_batch: Annotated[str | None, typer.Option(help="The right batch number.")] = None,
    new_expiry: Annotated[str | None, typer.Option(help="The right expiry date, YYMMDD.")] = None,
    scheme: SchemeOption = Scheme.GS1,
    as_json: AsJson = False,
) -> None:
    """Correct the number or the expiry date of a batch that was uploaded wrongly."""
    wanted = BatchCorrection(
        product_code_scheme=scheme,
        product_code=product_code,
        batch_id=batch,
        new_batch_id=new_batch,
        new_expiry_date=new_expiry,
        reason=reason,
    )
    result = _in_database(lambda database: batches.correct_batch(database, _operator(), wanted))
    done = "is corrected" if result is UploadResult.UPDATED else "was so already; nothing was changed"
    _tell(as_json, f"Batch {batch} of {product_code} {done}.", result=result)


def withdraw(
    product_code: ProductCode,
    reason: Annotated[str, typer.Option(help="Why. Pharmacies read it.")],
    scheme: SchemeOption = Scheme.GS1,
    as_json: AsJson = False,
) -> None:
    """Withdraw a product with all its packs. This cannot be undone."""
    wanted = ProductWithdrawal(product_code_scheme=scheme, product_code=product_code, reason=reason)
    result = _in_database(lambda database: products.withdraw_product(database, _operator(), wanted))
    done = "is withdrawn" if result is UploadResult.UPDATED else "was withdrawn already; nothing was changed"
    _tell(as_json, f"Product {product_code} {done}.", result=result)


non_fmd = typer.Typer(help="Keep the list of batches outside the Delegated Regulation.", no_args_is_help=True)


@non_fmd.command("add")
def add_non_fmd(
    product_code: ProductCode,
    batch: Batch,
    risk_note: Annotated[str, typer.Option("--note", help="Why packs of the batch are safe to supply.")],
    scheme: SchemeOption = Scheme.GS1,
    as_json: AsJson = False,
) -> None:
    """Put a batch on the list."""
    added = _in_database(
        lambda database: national_list.add_non_fmd(
            database, _operator(), scheme=scheme, product_code=product_code, batch=batch, risk_note=risk_note
        )
    )
    done = "is on the list now" if added else "was on the list already"
    _tell(as_json, f"Batch {batch} of {product_code} {done}.", changed=added)


@non_fmd.command("remove")
def remove_non_fmd(
    product_code: ProductCode,
    batch: Batch,
    reason: Annotated[str | None, typer.Option(help="Why, for the record.")] = None,
    scheme: SchemeOption = Scheme.GS1,
    as_json: AsJson = False,
) -> None:
    """Take a batch off the list. Exit code 1 if it is not on it."""
    removed = _in_database(
        lambda database: national_list.remove_non_fmd(
            database, _operator(), scheme=scheme, product_code=product_code, batch=batch, reason=reason
        )
    )
    done = "is off the list now" if removed else "is not on the list"
    _tell(as_json, f"Batch {batch} of {product_code} {done}.", changed=removed)
    if not removed:
        raise typer.Exit(EXIT_OUTCOME)


@non_fmd.command("list")
def list_non_fmd(as_json: AsJson = False) -> None:
    """Print the list."""
    found = _in_database(national_list.list_non_fmd)
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    for one in found:
        print(
            f"{one.scheme} {one.product_code}  {one.batch}  {one.risk_note}  ({one.added_by}, {one.added_at:%d.%m.%Y})"
        )


# ---------------------------------------------------------------- how it is done


def _in_database(work: Callable[[Database], Awaitable[T]]) -> T:
    async def worked(url: str) -> T:
        async with await Database.open(url, pool_max=2) as database:
            return await work(database)

    settings = load_settings()
    if settings.database_url is None and not (settings.home / "postgres").exists():
        raise UserError(f"there is no database in {settings.home} (SINETTI_HOME). Run: sinetti migrate")
    with running_database(settings) as url:
        return asyncio.run(worked(url))


def _operator(organisation_id: int | None = None) -> Change:
    return Change(
        organisation_id=organisation_id,
        person=getpass.getuser(),
        transaction_id=new_transaction_id(),
        at=system_clock(),
    )


def _tell(as_json: bool, sentence: str, **values: object) -> None:
    print(msgspec.json.encode(values).decode() if as_json else sentence)


async def _load(database: Database, files: list[str], organisation_id: int, as_json: bool) -> int:
    """Load all files; returns how many products and batches were refused."""
    await _refuse_other_organisations(database, organisation_id)
    told: list[dict[str, Any]] = []
    refused = 0
    for name in files:
        with _opened(name) as file, _progress(name) as advance:
            chunks = _chunks(file, advance)
            async for loaded in loading.load(database, lambda: _operator(organisation_id), chunks):
                refused += loaded.problem is not None
                if as_json:
                    told.append({"file": name, **_as_json(loaded)})
                else:
                    _print(loaded)
    if as_json:
        print(msgspec.json.encode(told, enc_hook=str).decode())
    elif refused:
        print(f"Refused: {refused}. The rest was loaded.", file=sys.stderr)
    return refused


async def _refuse_other_organisations(database: Database, organisation_id: int) -> None:
    async with database.transaction() as tx:
        found = await registry.organisations(tx, after=organisation_id - 1, limit=1)
    if not found or found[0].organisation_id != organisation_id:
        raise UserError(
            f"there is no organisation {organisation_id}. List them with: sinetti organisation list"
        )
    if found[0].kind is not OrganisationKind.MAH_OBP:
        raise UserError(
            f"organisation {organisation_id} is of kind {found[0].kind}, and only mah_obp uploads data"
        )


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
    else:
        with Path(name).open("rb") as file:
            yield file


async def _chunks(file: IO[bytes], advance: Callable[[int], None]) -> AsyncIterator[bytes]:
    while chunk := file.read(_PIECE_BYTES):
        advance(len(chunk))
        yield chunk


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing elsewhere. It goes by what was read, and stands still while a batch is stored."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()
    ) as progress:
        size = None if name == "-" else Path(name).stat().st_size
        task = progress.add_task("stdin" if name == "-" else Path(name).name, total=size)
        yield lambda count: progress.advance(task, count)


_RESULTS = {
    UploadResult.CREATED: "loaded",
    UploadResult.UPDATED: "updated",
    UploadResult.UNCHANGED: "there already",
}


def _print(loaded: Loaded) -> None:
    result = "refused" if loaded.result is None else _RESULTS[loaded.result]
    named = " ".join(word for word in (loaded.what, loaded.product_code, loaded.batch) if word)
    packs = "" if loaded.pack_count is None else f", {loaded.pack_count} packs"
    print(f"{result:<13} {named}{packs}")
    if loaded.problem is not None:
        problem = _described(loaded.problem)
        print(f"              {problem['detail']}\n              {problem['action']}")
        for error in problem.get("errors", [])[:_NAMED_MAX]:
            print(f"              {error['at']}: {error['reason']}")


def _as_json(loaded: Loaded) -> dict[str, Any]:
    told: dict[str, Any] = {
        "what": loaded.what,
        "productCode": loaded.product_code,
        "batchId": loaded.batch,
        "numberOfPacks": loaded.pack_count,
        "result": "refused" if loaded.result is None else loaded.result,
        "problem": None if loaded.problem is None else _described(loaded.problem),
    }
    return {name: value for name, value in told.items() if value is not None}


def _described(problem: Problem) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(render_problem(problem, "en", UUID(int=0))[2])
    return {name: value for name, value in body.items() if name not in {"instance", "transactionId"}}
