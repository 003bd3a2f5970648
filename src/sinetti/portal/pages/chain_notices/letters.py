"""The mail of a notice of falsification, as it is shown before and as it goes out, whoever sends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sinetti.alerts.chain_notices import Sent
from sinetti.alerts.model import AlertFile
from sinetti.kit.db import Transaction
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.nmvs.trail import find_product
from sinetti.portal.formats import expiry_text
from sinetti.portal.mailing import post
from sinetti.portal.words import fill, page_words
from sinetti.rules.alerts.vocabulary import Classification
from sinetti.rules.vocabulary import Language

_PAGE = "chain_notices"


async def mail_chain_notice(
    tx: Transaction,
    sealer: Sealer,
    settings: Settings,
    file: AlertFile,
    product: str,
    sent: Sent,
    now: datetime,
) -> None:
    """To everybody whom a notice is for, in each one's language."""
    for one in sent.people:
        language = Language(one.language)
        words = page_words(_PAGE, language)
        await post(
            tx,
            sealer,
            settings,
            page=_PAGE,
            key="authority" if one.is_authority else "chain",
            to=one.email,
            language=language,
            path=f"/alerts/{file.reference}" if one.is_authority else "/",
            now=now,
            values={
                **_facts(file, product, language),
                "alert": file.reference,
                **_sentences(words, file.classification),
                "addition": sent.addition or words["no_addition"],
            },
        )


def text_of_notice(file: AlertFile, product: str, language: Language) -> tuple[str, list[str]]:
    """What the chain is told, without the addition: subject and paragraphs. Nothing of a mere alert."""
    if file.classification is Classification.POTENTIAL_SUSPICION:
        return "", []
    words = page_words(_PAGE, language)
    letter, values = (
        words["mail"]["chain"],
        _facts(file, product, language) | _sentences(words, file.classification),
    )
    # The last paragraph is the addition.
    return fill(letter["subject"], **values), [fill(text, **values) for text in letter["paragraphs"][:-1]]


async def product_name(tx: Transaction, file: AlertFile) -> str:
    """What the product is called, or its code where that is not known."""
    product = await find_product(tx, file.product_code)
    return file.product_code if product is None else product.name


def _facts(file: AlertFile, product: str, language: Language) -> dict[str, str]:
    """What the notice tells of the alert. No serial number, no place: mail is read on the way, and kept for years."""
    return {
        "product": product,
        "product_code": file.product_code,
        "batch": file.batch or "–",
        "expiry": expiry_text(file.expiry, language),
    }


def _sentences(words: Mapping[str, Mapping[str, str]], classification: Classification) -> dict[str, str]:
    return {"what": words["what"][classification], "todo": words["todo"][classification]}
