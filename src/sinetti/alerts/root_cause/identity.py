"""R01 to R10 together: hypotheses about an identifier that does not agree with a stored one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA, Levenshtein

from sinetti.alerts.root_cause.book import Book
from sinetti.alerts.root_cause.changed_values import explanations
from sinetti.alerts.root_cause.explained import Explained
from sinetti.alerts.root_cause.model import (
    DIFFERING_FIELD,
    UNKNOWN_PACK,
    Bar,
    Difference,
    Evidence,
    Facts,
    Field,
    Hypothesis,
    Identifier,
    Span,
    StoredPack,
)
from sinetti.alerts.root_cause.typing_error import alphabet_size, variants
from sinetti.rules.vocabulary import Cause

SCANNER_CAUSES = frozenset(
    {
        Cause.KEYBOARD_LAYOUT,
        Cause.LOST_SEPARATOR,
        Cause.BARCODE_APPENDED,
        Cause.RESIDUE_CHARACTERS,
        Cause.SWAPPED_FIELDS,
        Cause.TRUNCATED,
        Cause.EXTRA_CHARACTERS,
    }
)
TYPING_CAUSES = frozenset({Cause.LOOK_ALIKE, Cause.TYPING_ERROR, Cause.DATE_ORDER})
TECHNICAL_CAUSES = SCANNER_CAUSES | TYPING_CAUSES | {Cause.CASE_SWAP, Cause.DAY_ZERO}

_UNEXPLAINED_FIELD = 35
"""What a further field costs that differs and that no rule explains."""
_SAME_FAULT_TWICE = 3
_TIE = 4
"""Two packs whose hypotheses are so near to each other are both possible: none is believed."""
_CHANCE_MATTERS = 0.0001
"""One in ten thousand: what the Delegated Regulation (EU) 2016/161 art. 4(c) calls negligible."""
_SWAPPED_RULE = "R09"
_CHANCE_RULE = "R29"


def identity_hypotheses(facts: Facts, book: Book) -> list[Hypothesis]:
    """What may have happened to the data between pack and system, by each stored pack that may have been meant."""
    if facts.sent.kind in DIFFERING_FIELD:
        return [] if facts.pack is None else list(_of_pack(facts, facts.pack, book))
    if facts.sent.kind not in UNKNOWN_PACK:
        return []
    shown = {code.serial_number for code in facts.photographed}
    # Where a photograph shows one of them, it is that one, however many others are as near.
    near = [pack for pack in facts.near if pack.serial_number in shown]
    if facts.pack is not None or not (facts.near_is_complete or near):
        return []
    best: list[tuple[int, StoredPack, list[Hypothesis]]] = []
    for pack in near or facts.near:
        found = list(_of_pack(facts, pack, book))
        if found:
            best.append((max(one.confidence for one in found), pack, found))
    if not best:
        return []
    best.sort(key=lambda one: -one[0])
    if len(best) > 1 and best[0][0] - best[1][0] < _TIE:
        return [_ambiguous(one, book, len(best)) for one in best[0][2]]
    return best[0][2]


def _ambiguous(hypothesis: Hypothesis, book: Book, count: int) -> Hypothesis:
    """The same without saying which pack: several are as near, so none of them says anything."""
    return book.hypothesis(
        hypothesis.rule,
        hypothesis.cause,
        confidence=hypothesis.confidence // 3,
        evidence=(Evidence(key="several_near", values={"count": count}),),
        bars=(Bar.AMBIGUOUS,),
    )


def _of_pack(facts: Facts, pack: StoredPack, book: Book) -> Iterator[Hypothesis]:
    """Hypotheses that this is the pack, one for each cause that explains the fields that differ."""
    sent = facts.sent
    if sent.batch is not None and (pack.serial_number, pack.batch.batch) == (sent.batch, sent.serial_number):
        yield _swapped(facts, pack, book)
        return
    ways: dict[Field, Sequence[Explained]] = {}
    unexplained = 0
    for field in Field:
        value, stored = sent.value(field), pack.value(field)
        if value is None or value == stored:
            continue
        found = explanations(sent, field, stored, value)
        if found:
            ways[field] = found
        elif field is Field.SERIAL_NUMBER:
            return
        else:
            unexplained += 1
    if not ways:
        return
    main = next(iter(ways))
    for way in _best_of_each_cause(ways[main], book):
        chosen = {main: way}
        for field, others in list(ways.items())[1:]:
            chosen[field] = next((one for one in others if one.cause is way.cause), others[0])
        yield _hypothesis(facts, pack, book, chosen, unexplained)


def _best_of_each_cause(ways: Sequence[Explained], book: Book) -> list[Explained]:
    best: dict[Cause, Explained] = {}
    for way in ways:
        best.setdefault(way.cause, way)
    return sorted(best.values(), key=lambda way: -book.confidence(way.rule, way.cause))


def _hypothesis(
    facts: Facts, pack: StoredPack, book: Book, chosen: dict[Field, Explained], unexplained: int
) -> Hypothesis:
    main = next(iter(chosen.values()))
    confidence = float(book.confidence(main.rule, main.cause))
    for way in list(chosen.values())[1:]:
        confidence += _SAME_FAULT_TWICE if way.cause is main.cause else -_SAME_FAULT_TWICE
    confidence -= _UNEXPLAINED_FIELD * unexplained
    bars: list[Bar] = []
    evidence = [Evidence(key="one_stored_value", values={"fields": len(chosen)})]
    if unexplained:
        evidence.append(Evidence(key="another_field_unexplained"))
        bars.append(Bar.AMBIGUOUS)
    chance = by_chance(facts, pack, next(iter(chosen)), main)
    if chance > _CHANCE_MATTERS:
        confidence /= 1 + chance
        bars.append(Bar.BY_CHANCE)
        evidence.append(Evidence(key="may_be_chance", values={"one_in": max(1, round(1 / chance))}))
    return book.hypothesis(
        main.rule,
        main.cause,
        confidence=round(confidence),
        evidence=evidence,
        differences=[
            Difference(
                field=field,
                how=way.how,
                values=way.values,
                sent=facts.sent.value(field) or "",
                stored=pack.value(field),
                spans=spans(facts.sent.value(field) or "", pack.value(field)),
            )
            for field, way in chosen.items()
        ],
        corrected=_identifier(facts, pack),
        bars=bars,
    )


def _swapped(facts: Facts, pack: StoredPack, book: Book) -> Hypothesis:
    """R09: serial number and batch stand in each other's place."""
    sent = facts.sent
    return book.hypothesis(
        _SWAPPED_RULE,
        Cause.SWAPPED_FIELDS,
        evidence=(Evidence(key="one_stored_value", values={"fields": 2}),),
        differences=[
            Difference(
                field=field,
                how="exchanged",
                sent=sent.value(field) or "",
                stored=pack.value(field),
                spans=(Span(0, len(sent.value(field) or ""), 0, len(pack.value(field))),),
            )
            for field in (Field.SERIAL_NUMBER, Field.BATCH)
        ],
        corrected=_identifier(facts, pack),
    )


def by_chance(facts: Facts, pack: StoredPack, field: Field, way: Explained) -> float:
    """R29: how many stored serial numbers would be as near to a made-up one by accident.

    Reckoned from how many packs are stored and how many values there could be, and from how many others are near:
    serial numbers that are counted up have many neighbours although there could be as many values.
    """
    if field is not Field.SERIAL_NUMBER:
        return 0.0
    stored, sent = pack.serial_number, facts.sent.serial_number
    packs = max(pack.batch.pack_count, 1 if way.cause is Cause.TYPING_ERROR else facts.product_packs, 1)
    compared = min(len(stored), len(sent))
    reckoned = way.tries * packs / float(alphabet_size(stored)) ** compared
    if way.cause is not Cause.TYPING_ERROR:
        return reckoned
    distance = OSA.distance(stored, sent)
    others = sum(
        1
        for other in facts.near
        if other.serial_number != stored and OSA.distance(other.serial_number, sent, score_cutoff=2) <= 2  # noqa: PLR2004
    )
    seen = others * variants(stored, distance) / variants(stored, 2)
    return max(reckoned, seen)


def _identifier(facts: Facts, pack: StoredPack) -> Identifier:
    return Identifier(
        product_code=facts.sent.product_code,
        serial_number=pack.serial_number,
        batch=pack.batch.batch,
        expiry=pack.batch.expiry,
    )


def spans(sent: str, stored: str) -> tuple[Span, ...]:
    """Where the two differ, from left to right."""
    return tuple(
        Span(edit.src_start, edit.src_end, edit.dest_start, edit.dest_end)
        for edit in Levenshtein.opcodes(sent, stored)
        if edit.tag != "equal"
    )
