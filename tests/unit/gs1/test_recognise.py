"""What is plainly no pack code is stopped, and said what it seems to be."""

from __future__ import annotations

import pytest
from tests.unit.gs1.marked import Row, rows

from sinetti.gs1.parse import parse_scan

NO_PACK_CODE = """
# text                                           ¦ what it is              ¦ kind
6430012345679                                    ¦ linear-barcode          ¦ EAN-13
]E06430012345679                                 ¦ linear-barcode          ¦ EAN-13
6430012345679⏎                                   ¦ linear-barcode          ¦ EAN-13
96385074                                         ¦ linear-barcode          ¦ EAN-8
036000291452                                     ¦ linear-barcode          ¦ UPC-A
05060141900022                                   ¦ linear-barcode          ¦ GTIN-14
# linear barcodes that begin like application identifiers, right and misread
0101234567892                                    ¦ linear-barcode          ¦ EAN-13
1012345678904                                    ¦ linear-barcode          ¦ EAN-13
1712345678903                                    ¦ linear-barcode          ¦ EAN-13
6430012345671                                    ¦ linear-barcode          ¦ EAN-13
# a shop's own labels for goods by weight
2012345600010                                    ¦ price-label             ¦ EAN-13
2112345678900                                    ¦ price-label             ¦ EAN-13
# product numbers: Nordic Vnr, German PZN and PPN
123456                                           ¦ product-number-only     ¦ Vnr
-03752864                                        ¦ product-number-only     ¦ PZN
PZN-03752864                                     ¦ product-number-only     ¦ PZN
]A0-03752864                                     ¦ product-number-only     ¦ PZN
110375286414                                     ¦ product-number-only     ¦ PPN
# shipments
00106141411234567897                             ¦ shipping-label          ¦
]C100106141411234567897                          ¦ shipping-label          ¦
(00)106141411234567897                           ¦ shipping-label          ¦
]C1001061414112345678971012·3712                 ¦ shipping-label          ¦
# addresses
https://www.example.com/leaflet?x=1              ¦ web-address             ¦
www.laakevarmennus.fi                            ¦ web-address             ¦
laakeinfo.fi/pakkausseloste                      ¦ web-address             ¦
https://example.com/414/1234567890128            ¦ web-address             ¦
# prescriptions and people
1.2.246.10.12345678.93001.2024.98765             ¦ prescription-number     ¦
urn:oid:1.2.246.10.12345678.93001.2024.98765     ¦ prescription-number     ¦
131052-308T                                      ¦ personal-identity-code  ¦
010199A9991                                      ¦ personal-identity-code  ¦
19640823-3234                                    ¦ personal-identity-code  ¦
# other trades
+A99912345/9901510X3                             ¦ medical-device-code     ¦
[)>‖12·1TABC·PXYZ‖¶                              ¦ other-envelope          ¦
[)>‖06·PXYZ-1·Q100‖¶                             ¦ other-envelope          ¦
[)>                                              ¦ other-envelope          ¦
# anything else
hello                                            ¦ other-text              ¦
]Q0WIFI:S:verkko;T:WPA;P:salasana;;              ¦ other-text              ¦
12345                                            ¦ other-text              ¦
9                                                ¦ other-text              ¦
]d2                                              ¦ empty                   ¦
⏎⇥                                               ¦ empty                   ¦
"""


@pytest.mark.parametrize("row", rows(NO_PACK_CODE), ids=str)
def test_what_is_no_pack_code_is_named(row: Row) -> None:
    scan = parse_scan(row.text)
    assert not scan.is_pack_code
    assert scan.fatal is not None
    key, *kind = row.expected
    assert scan.fatal.key == key
    if kind and kind[0]:
        assert scan.fatal.values["kind"] == kind[0]


def test_a_text_of_nothing_is_empty() -> None:
    assert [finding.key for finding in parse_scan("").findings] == ["empty"]


@pytest.mark.parametrize("text", ["131052-308T", "19640823-3234"])
def test_a_personal_identity_code_is_not_repeated_in_the_finding(text: str) -> None:
    assert parse_scan(text).findings[0].values == {}


def test_a_gtin_without_a_serial_number_is_a_code_of_another_product() -> None:
    scan = parse_scan("]d20105060141900022")
    assert scan.fatal is not None
    assert scan.fatal.key == "serial-number-missing"
