"""The command `sinetti`: which commands there are, and what becomes of an error."""

from __future__ import annotations

import os
import sys

from sinetti.cli.errors import EXIT_FAULT, EXIT_INTERRUPTED, explained
from sinetti.cli.lazy import Entry, LazyGroup

_COUNTER = "At the counter"
_SYSTEM = "The national system"
_PARTICIPANTS = "Participants and their data"
_REFERENCE = "Reference"

COMMANDS = (
    Entry("demo", _SYSTEM, "Play with a made-up country.", "sinetti.cli.demo:app"),
    Entry("serve", _SYSTEM, "Run a system.", "sinetti.cli.serve:app"),
    Entry("migrate", _SYSTEM, "Bring the database up to date.", "sinetti.cli.migrate:migrate"),
    Entry("backup", _SYSTEM, "Write the whole database into one file.", "sinetti.cli.backup:backup"),
    Entry("restore", _SYSTEM, "Fill an empty database from a backup.", "sinetti.cli.backup:restore"),
    Entry("scan", _COUNTER, "Explain what a code or an image of one says.", "sinetti.cli.scan:scan"),
    Entry("verify", _COUNTER, "Ask about a pack; nothing changes.", "sinetti.cli.packs:verify"),
    Entry("supply", _COUNTER, "Record that a pack is supplied.", "sinetti.cli.packs:supply"),
    Entry(
        "decommission",
        _COUNTER,
        "Take a pack out for another reason than supply.",
        "sinetti.cli.packs:decommission",
    ),
    Entry("reactivate", _COUNTER, "Undo what this location did to a pack.", "sinetti.cli.packs:reactivate"),
    Entry("history", _PARTICIPANTS, "Show all that was done to a pack.", "sinetti.cli.history:history"),
    Entry(
        "organisation",
        _PARTICIPANTS,
        "Add, list, lock organisations.",
        "sinetti.cli.identity:organisation",
    ),
    Entry("location", _PARTICIPANTS, "Add, list, lock locations.", "sinetti.cli.identity:location"),
    Entry("equipment", _PARTICIPANTS, "Add, list, lock client equipment.", "sinetti.cli.identity:equipment"),
    Entry("user", _PARTICIPANTS, "Add, invite, lock people of the portal.", "sinetti.cli.people:app"),
    Entry("load", _PARTICIPANTS, "Load products, batches and serial numbers.", "sinetti.cli.load:load"),
    Entry(
        "correct-batch",
        _PARTICIPANTS,
        "Correct the number or expiry date of a batch.",
        "sinetti.cli.load:correct_batch",
    ),
    Entry("recall", _PARTICIPANTS, "Recall a batch.", "sinetti.cli.load:recall"),
    Entry("withdraw", _PARTICIPANTS, "Withdraw a product.", "sinetti.cli.load:withdraw"),
    Entry(
        "non-fmd",
        _PARTICIPANTS,
        "Keep the list of batches outside the Regulation.",
        "sinetti.cli.load:non_fmd",
    ),
    Entry(
        "tables",
        _REFERENCE,
        "List the rules that need an operator's word.",
        "sinetti.cli.reference:tables",
    ),
    Entry("docs", _REFERENCE, "Write the reference pages from the tables.", "sinetti.cli.reference:docs"),
    Entry("openapi", _REFERENCE, "Print the description of the interface.", "sinetti.cli.reference:openapi"),
    Entry("version", _REFERENCE, "Print the version.", "sinetti.cli.reference:version"),
)


def command_group() -> LazyGroup:
    """The command with everything under it."""
    return LazyGroup(
        COMMANDS, name="sinetti", summary="Sinetti, an open-source national medicines verification system."
    )


def main() -> None:
    """Run the command line. A user's mistake ends in a sentence and exit code 2, never in a traceback."""
    try:
        command_group().main(prog_name="sinetti")
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does. Nothing may be written at exit any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_FAULT)
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        print(f"sinetti: {message}", file=sys.stderr)
        sys.exit(EXIT_FAULT)
