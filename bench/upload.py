"""Benchmarks 4 and 5: upload through the interface beside a bare COPY, and what a pack takes on disk."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Sequence

import psycopg

from bench import system
from bench.ground import Options
from bench.packs import EXPIRY, Alphabet, Country, add_batch, add_products, copy_packs, make_country
from bench.report import Finding, middle, spread, whole
from sinetti.kit.postgres import EmbeddedPostgres

BATCHES = 50
PRODUCTS = 5
UPLOAD_SECONDS_MAX = 120

AIM_UPLOAD = 0.5
AIM_BYTES = 110


def findings(
    server: EmbeddedPostgres, options: Options, alphabet: Alphabet, workers: int, only: set[int]
) -> Iterator[Finding]:
    """Both benchmarks, on the same uploads."""
    country = make_country(products=PRODUCTS, batches=BATCHES, packs=options.packs, seed=3)
    bodies = [_body(country, number, alphabet) for number in range(BATCHES)]
    rounds = options.rounds if 4 in only else 1
    uploaded: list[float] = []
    copied: list[float] = []
    size: Finding | None = None
    for _ in range(rounds):
        options.quiet.wait()
        url = system.make_database(server, "uploaded")
        uploaded.append(_upload(url, country, bodies, workers))
        size = size or _size(url)
        system.drop_database(server, "uploaded")
        if 4 in only:
            options.quiet.wait()
            url = system.make_database(server, "copied")
            copied.append(_copy(url, country, alphabet))
            system.drop_database(server, "copied")
    if 4 in only:
        yield _speed(uploaded, copied, len(bodies[0]))
    if 5 in only:
        assert size is not None
        yield size


def _body(country: Country, number: int, alphabet: Alphabet) -> bytes:
    """A batch as lines: its head, then a serial number a line."""
    batch = country.batches[number]
    head = {
        "productCodeScheme": "gs1",
        "productCode": country.product_codes[batch.product],
        "batchId": batch.batch,
        "expiryDate": EXPIRY,
    }
    lines = "\n".join(f'"{serial_number}"' for serial_number in batch.serial_numbers(alphabet))
    return f"{json.dumps(head)}\n{lines}\n".encode()


def _upload(url: str, country: Country, bodies: Sequence[bytes], workers: int) -> float:
    """Packs a second through `POST /upload/batches`, one batch after the other."""
    with psycopg.connect(url, autocommit=True) as connection:
        owner = system.add_equipment(connection, "mah_obp", "Vertailulääke")
        add_products(connection, country.product_codes, owner.organisation_id)
    with system.serve(url, workers) as service:
        headers = {
            "Authorization": f"Bearer {service.token(owner)}",
            "Content-Type": "application/x-ndjson",
            "User-Agent": system.USER_AGENT,
        }
        client = http.client.HTTPConnection(service.host, service.port, timeout=UPLOAD_SECONDS_MAX)
        began = time.perf_counter()
        for body in bodies:
            client.request("POST", "/upload/batches", body, headers)
            answer = client.getresponse()
            said = answer.read()
            if answer.status != http.HTTPStatus.CREATED:
                raise RuntimeError(f"upload refused: {answer.status} {said.decode(errors='replace')[:500]}")
        took = time.perf_counter() - began
        client.close()
    _check_count(url, country.pack_count)
    return country.pack_count / took


def _copy(url: str, country: Country, alphabet: Alphabet) -> float:
    """Packs a second by COPY of the same rows in the same order, a transaction for each batch."""
    with psycopg.connect(url, autocommit=True) as connection:
        owner = system.add_equipment(connection, "mah_obp", "Vertailulääke").organisation_id
        product_ids = add_products(connection, country.product_codes, owner)
        prepared: list[bytes] = []
        for batch in country.batches:
            product_id = product_ids[batch.product]
            prepared.append(batch.copy_data(alphabet, product_id, add_batch(connection, batch, product_id)))
        began = time.perf_counter()
        for rows in prepared:
            copy_packs(connection, rows)
        took = time.perf_counter() - began
    _check_count(url, country.pack_count)
    return country.pack_count / took


def _check_count(url: str, wanted: int) -> None:
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pack").fetchone() == (wanted,)


def _speed(uploaded: Sequence[float], copied: Sequence[float], body_bytes: int) -> Finding:
    ratio = middle(uploaded) / middle(copied)
    how = (
        f"{BATCHES} batches of {PRODUCTS} products in turn, {body_bytes / 2**20:.1f} MiB each, one after the other over"
        " one connection; the COPY gets the same rows in the same order, a transaction for each batch."
    )
    return Finding(
        number=4,
        title="Upload through the interface / bare COPY",
        aim=f"at least {AIM_UPLOAD}",
        got=f"{ratio:.2f}",
        met=ratio >= AIM_UPLOAD,
        columns=("way", "packs/s", "least - most"),
        rows=[
            ("POST /upload/batches, NDJSON", whole(middle(uploaded)), spread(uploaded)),
            ("COPY ... FROM STDIN (FORMAT BINARY)", whole(middle(copied)), spread(copied)),
        ],
        notes=[how],
        values={"ratio": ratio, "uploaded": middle(uploaded), "copied": middle(copied)},
    )


def _size(url: str) -> Finding:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*), pg_relation_size('pack'), pg_indexes_size('pack'), pg_total_relation_size('pack')"
            " FROM pack"
        ).fetchone()
    assert row is not None
    packs, heap, indexes, total = row
    return Finding(
        number=5,
        title="Bytes a pack, indexes included",
        aim=f"at most {AIM_BYTES}",
        got=f"{total / packs:.1f}",
        met=total / packs <= AIM_BYTES,
        columns=("packs", "table", "indexes", "all"),
        rows=[(whole(packs), *(f"{part / packs:.1f}" for part in (heap, indexes, total)))],
        notes=[
            f"Random serial numbers of 20 characters, uploaded in {BATCHES} batches, {PRODUCTS} products in turn."
        ],
        values={"bytes": total / packs},
    )
