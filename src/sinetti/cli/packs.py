"""`sinetti verify`, `supply`, `decommission` and `reactivate`: one operation on one pack, against any server."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sinetti.cli.credentials import ClientIdOption, ClientSecretOption, ServerOption, access
from sinetti.cli.errors import EXIT_OUTCOME, UserError
from sinetti.cli.reading import read_scan
from sinetti.cli.words import LanguageOption, Words, words_in
from sinetti.gs1.explain import explain
from sinetti.gs1.scan import Scan
from sinetti.rules.vocabulary import Colour, EntryMode, Language, Operation, PackState, Scheme

CodeArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[TEXT|IMAGE|-]",
        help="What a scanner read, an image of the code, or - for standard input.",
        show_default=False,
    ),
]
ProductCodeOption = Annotated[
    str | None, typer.Option("--product-code", help="Product code, instead of a scanned code.")
]
SerialOption = Annotated[str | None, typer.Option("--serial", help="Serial number.")]
BatchOption = Annotated[str | None, typer.Option("--batch", help="Batch number.")]
ExpiryOption = Annotated[str | None, typer.Option("--expiry", help="Expiry YYMMDD; day 00 is a whole month.")]
ManualOption = Annotated[
    bool, typer.Option("--manual", help="The data was typed by hand; batch and expiry may be left out.")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="Key of an earlier attempt: what it did is not done again."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


class Reason(StrEnum):
    """States that a pack can be decommissioned to, other than supplied."""

    DESTROYED = "Destroyed"
    STOLEN = "Stolen"
    SAMPLE = "Sample"
    FREE_SAMPLE = "FreeSample"
    LOCKED = "Locked"
    EXPORTED = "Exported"


# The commands only say what they take; `_ask` does the same for all of them, so it gets everything they were given.


def verify(
    code: CodeArgument = None,
    product_code: ProductCodeOption = None,
    serial: SerialOption = None,
    batch: BatchOption = None,
    expiry: ExpiryOption = None,
    manual: ManualOption = False,
    server: ServerOption = None,
    client_id: ClientIdOption = None,
    client_secret: ClientSecretOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask about a pack: do its data match, and is it active? The pack stays as it is.

    Without a server and credentials the demo of this folder is asked. Exit code 0 for green, 1 for amber and
    red, 2 where there was no answer.
    """
    _ask(Operation.VERIFY, None, **locals())


def supply(
    code: CodeArgument = None,
    product_code: ProductCodeOption = None,
    serial: SerialOption = None,
    batch: BatchOption = None,
    expiry: ExpiryOption = None,
    manual: ManualOption = False,
    server: ServerOption = None,
    client_id: ClientIdOption = None,
    client_secret: ClientSecretOption = None,
    idempotency_key: KeyOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that a pack is handed to the public (Delegated Regulation (EU) 2016/161, art. 25).

    Without a server and credentials the demo of this folder is asked. Exit code 0 for green, 1 for amber and
    red, 2 where there was no answer.
    """
    _ask(Operation.SUPPLY, PackState.SUPPLIED, **locals())


def decommission(
    reason: Annotated[Reason, typer.Option("--as", help="What becomes of the pack.")],
    code: CodeArgument = None,
    product_code: ProductCodeOption = None,
    serial: SerialOption = None,
    batch: BatchOption = None,
    expiry: ExpiryOption = None,
    manual: ManualOption = False,
    server: ServerOption = None,
    client_id: ClientIdOption = None,
    client_secret: ClientSecretOption = None,
    idempotency_key: KeyOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a pack out for another reason than supply: destroyed, sample, exported and so on.

    Without a server and credentials the demo of this folder is asked. Exit code 0 for green, 1 for amber and
    red, 2 where there was no answer.
    """
    given = {name: value for name, value in locals().items() if name != "reason"}
    _ask(Operation.DECOMMISSION, PackState(reason.value), **given)


def reactivate(
    code: CodeArgument = None,
    product_code: ProductCodeOption = None,
    serial: SerialOption = None,
    batch: BatchOption = None,
    expiry: ExpiryOption = None,
    manual: ManualOption = False,
    server: ServerOption = None,
    client_id: ClientIdOption = None,
    client_secret: ClientSecretOption = None,
    idempotency_key: KeyOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo what this location did to a pack: make it active again (Delegated Regulation, art. 13).

    Without a server and credentials the demo of this folder is asked. Exit code 0 for green, 1 for amber and
    red, 2 where there was no answer.
    """
    _ask(Operation.REACTIVATE, PackState.ACTIVE, **locals())


def _ask(
    operation: Operation,
    state: PackState | None,
    *,
    code: str | None,
    product_code: str | None,
    serial: str | None,
    batch: str | None,
    expiry: str | None,
    manual: bool,
    server: str | None,
    client_id: str | None,
    client_secret: str | None,
    language: Language | None,
    as_json: bool,
    idempotency_key: str | None = None,
) -> None:
    """Carry out one operation and show what came of it."""
    # The client takes a while to load; a wrong option is told without it.
    from sinetti.cli.exchange import Asked, carry_out  # noqa: PLC0415
    from sinetti.cli.outcome import outcome_as_json, show_outcome  # noqa: PLC0415
    from sinetti.rules.load import load_rules  # noqa: PLC0415
    from sinetti.sdk.pack import Pack  # noqa: PLC0415

    words = words_in(language)
    entry_mode = EntryMode.MANUAL if manual else EntryMode.NON_MANUAL
    scan: Scan | None = None
    if code is not None:
        if product_code or serial or batch or expiry:
            raise UserError(words("faults", "both"))
        scan = _pack_scan(code, words)
        assert scan.product_code is not None, "it is a pack code"
        assert scan.serial_number is not None, "it is a pack code"
        pack = Pack(
            product_code=scan.product_code,
            serial_number=scan.serial_number,
            batch=scan.batch,
            expiry=scan.expiry,
            scheme=Scheme(scan.scheme or Scheme.GS1),
            entry_mode=entry_mode,
        )
    elif product_code and serial:
        pack = Pack(
            product_code=product_code,
            serial_number=serial,
            batch=batch,
            expiry=expiry,
            scheme=_scheme_of(product_code),
            entry_mode=entry_mode,
        )
    else:
        raise UserError(words("faults", "no_pack"))
    who = access(server, client_id, client_secret, words)
    asked = Asked(operation=operation, state=state, pack=pack, scan=scan, access=who)
    rules = load_rules()
    answer = carry_out(asked, rules, words, idempotency_key)
    if as_json:
        print(outcome_as_json(asked, answer, words))
    else:
        show_outcome(asked, answer, rules, words)
    if answer.colour is not Colour.GREEN:
        raise typer.Exit(EXIT_OUTCOME)


def _pack_scan(code: str, words: Words) -> Scan:
    """The scan, if it can be sent: only what is plainly no pack code is stopped here."""
    scan = read_scan(code, words)
    if not scan.is_pack_code:
        reasons = [scan.fatal] if scan.fatal else scan.all_findings
        told = " ".join(str(explain(finding, words.language)) for finding in reasons)
        raise UserError(f"{words('faults', 'not_a_pack')} {told}")
    return scan


def _scheme_of(product_code: str) -> Scheme:
    """GTINs have 8, 12, 13 or 14 digits; a PPN begins with 11 and has 12 characters, as some GTINs have."""
    from sinetti.gs1.identifiers import is_gtin, is_ppn, pad_gtin  # noqa: PLC0415

    return Scheme.IFA if is_ppn(product_code) and not is_gtin(pad_gtin(product_code)) else Scheme.GS1
