"""Bodies of bulk requests read in pieces give what reading them at once would give."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinetti.contracts.bulk import BulkPack, BulkRequest
from sinetti.nmvs import many_packs
from sinetti.nmvs.many_packs import BodyInvalidError, ManyPacks

PACKS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "productCode": st.text(max_size=5),
            "serialNumber": st.text(alphabet='}{[]",:\\ab\u00e4', max_size=8),
            "batchId": st.none() | st.text(max_size=3),
            "unknown": st.integers() | st.text(alphabet='}"],', max_size=4),
        },
    ),
    max_size=12,
)


async def read(body: bytes, size: int = 65536) -> tuple[str | None, int | None, list[BulkPack]]:
    async def chunks():
        for start in range(0, len(body), size):
            yield body[start : start + size]

    packs = ManyPacks(BulkPack)
    found = [pack async for some in packs.read(chunks()) for pack in some]
    return packs.state, packs.number_of_packs, found


def at_once(body: bytes) -> tuple[str | None, int | None, list[BulkPack]]:
    request = msgspec.json.decode(body, type=BulkRequest)
    assert request.packs is not None
    return request.state, request.number_of_packs, request.packs


@pytest.fixture
def small_slices(monkeypatch):
    """Slices so small that short bodies have many of them."""
    monkeypatch.setattr(many_packs, "SLICE_BYTES", 40)


@pytest.mark.usefixtures("small_slices")
@given(packs=PACKS, size=st.integers(1, 200), indent=st.none() | st.integers(0, 2), last=st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[])
async def test_any_body_in_any_pieces_is_read_as_if_at_once(packs, size, indent, last):
    beside = {"state": "Supplied", "numberOfPacks": len(packs)}
    body: dict[str, Any] = {**beside, "packs": packs} if last else {"packs": packs, **beside}
    encoded = json.dumps(body, indent=indent, ensure_ascii=False).encode()
    assert await read(encoded, size) == at_once(encoded)


PACK = '{"serialNumber":"A"}'


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize(
    "body",
    [
        '{"packs":[]}',
        '{"packs" : [ ] , "state" : null}',
        f'{{"packs":[],"packs":[{PACK}]}}',
        f'{{"a":"\\"packs\\":[","packs":[{PACK}]}}',
        f'{{"x\\"packs":[{PACK}],"packs":[{PACK},{PACK}]}}',
        '{"packs":[{"a":{"b":{"c":[1]}},"serialNumber":"A"},{"a":[{"b":"}"}]}]}',
        f'{{"packs":[{",".join([PACK] * 50)}],"b":"}}]}}"}}',
        f'\n{{"packs":[{PACK}\n,\r\t{PACK} ]}}\n',
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_odd_bodies_are_read_right(body, size):
    assert await read(body.encode(), size) == at_once(body.encode())


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", "{}", '{"packs":null}', '{"packs":{}}', '{"packs":[', f'{{"packs":[{PACK}', '{"packs":[1]}',
        f'{{"packs":[{PACK}]', f'{{"packs":[{PACK},]}}', f'{{"packs":[,{PACK}]}}', f'{{"packs":[{PACK} {PACK}]}}',
        f'{{"packs":[{PACK}]}}x', f'{{"packs":[{PACK}],}}', f'{{"packs":[{PACK}],"state":1}}',
        f'{{"packs":[{PACK}],"numberOfPacks":1.5}}', f'{{"packs":[{PACK}],"numberOfPacks":true}}',
        '{"packs":[{"serialNumber":1}]}', f'{{"packs":[{",".join([PACK] * 50)}}}', f'x{{"packs":[{PACK}]}}',
        f'{{"packs":[{",".join([PACK] * 50)},{{"serialNumber":[]}}]}}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_what_is_no_such_body_is_refused(body, size):
    with pytest.raises(BodyInvalidError):
        await read(body.encode(), size)


async def test_what_is_not_utf_8_is_refused():
    with pytest.raises(BodyInvalidError):
        await read(b'{"packs":[{"serialNumber":"\xff"}]}')


async def test_a_large_body_of_another_form_is_refused_without_decoding_it_at_once():
    nested = b",".join([b'{"a":' * 20 + b"1" + b"}" * 20] * 50_000)
    with pytest.raises(BodyInvalidError, match="list of packs as the interface has it"):
        await read(b'{"packs":[%b]}' % nested)
