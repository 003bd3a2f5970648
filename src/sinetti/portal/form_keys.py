"""Forms that make something work once: a second submit finds what the first one made.

A double click, a reload after a slow answer or a second tab must not make a second piece of client equipment.
"""

from __future__ import annotations

from uuid import UUID

from sinetti.kit.db import load_queries
from sinetti.kit.problems import Problem
from sinetti.portal.visit import Visit

_QUERIES = load_queries("sinetti.portal.store", "form_keys.sql")


async def use(visit: Visit) -> str | None:
    """`None` at the first submit of this form; afterwards the path that the first one led to.

    The first submit holds the key's row until its transaction ends, so a second one that comes meanwhile waits and
    then finds the result. Call `keep_result` before the handler returns. Problem: `form-too-old`, for a key that
    is none or that another session has used.
    """
    try:
        form_key = UUID(visit.form.get("form_key", ""))
    except ValueError:
        raise Problem("form-too-old", 403) from None
    values = {"form_key": form_key, "session_id": visit.person.session_id, "now": visit.now}
    cursor = await visit.tx.execute(_QUERIES["use_form_key"], values)
    if await cursor.fetchone() is not None:
        return None
    cursor = await visit.tx.execute(_QUERIES["find_form_key"], values)
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        raise Problem("form-too-old", 403)
    path: str = row[0]
    return path


async def keep_result(visit: Visit, path: str) -> None:
    """Where the first submit led, for those that follow."""
    await visit.tx.execute(_QUERIES["keep_result"], {"form_key": UUID(visit.form["form_key"]), "path": path})


async def forget(visit: Visit) -> None:
    """The first submit came to nothing: the form may be sent again."""
    await visit.tx.execute(_QUERIES["forget_form_key"], {"form_key": UUID(visit.form["form_key"])})
