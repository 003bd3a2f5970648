"""What is read from a pack code in each form that scanners send, and what is found wrong with it."""

from __future__ import annotations

import pytest
from tests.unit.gs1.marked import Row, plain, rows

from sinetti.gs1.parse import TEXT_LENGTH_MAX, parse_scan
from sinetti.gs1.scan import Scan, Severity

GTIN = "05060141900022"

# Each of these says the same: serial number AB-7(x), batch L/1, expiry 27-03 without a day. Nothing is wrong.
SAME_PACK = """
# as scanners send it, with and without symbology identifier
]d2010506014190002221AB-7(x)·10L/1·17270300
]C1010506014190002221AB-7(x)·10L/1·17270300
]Q3010506014190002221AB-7(x)·10L/1·17270300
]e0010506014190002221AB-7(x)·10L/1·17270300
010506014190002221AB-7(x)·10L/1·17270300
# FNC1 sent at the beginning too, and after every element
·010506014190002221AB-7(x)·10L/1·17270300
]d2·0105060141900022·21AB-7(x)·10L/1·17270300·
# line ends and tabs of keyboard wedges
]d2010506014190002221AB-7(x)·10L/1·17270300⏎
⇥]d2010506014190002221AB-7(x)·10L/1·17270300⇥⏎
# elements in other orders
]d221AB-7(x)·010506014190002210L/1·17270300
]d21727030010L/1·21AB-7(x)·0105060141900022
]d210L/1·17270300010506014190002221AB-7(x)
# other elements between: 710 to 717 NHRN, 240, 11, 7003, 7004, 8008, 37, 3103, 4300, 7230, 8200, 91
]d2010506014190002271012345678·21AB-7(x)·240X9·1124010110L/1·17270300
]d2010506014190002221AB-7(x)·70032703011200·70041234·80082401010930·10L/1·17270300
]d201050601419000223712·21AB-7(x)·310300050017270300·10L/1·4300Firma·8200https://a.fi/x·91any
]d20105060141900022723010AB12·21AB-7(x)·17270300·10L/1·71612345·717SR-1
# human form
(01)05060141900022(21)AB-7(x)(10)L/1(17)270300
(01) 05060141900022 (21) AB-7(x) (10) L/1 (17) 270300
(17)270300(10)L/1(21)AB-7(x)(01)05060141900022
# ISO 15434 format 05, with its trailer, without, and as Macro 05 written out by a scanner
[)>‖05·0105060141900022·21AB-7(x)·10L/1·17270300‖¶
]d1[)>‖05·0105060141900022·21AB-7(x)·10L/1·17270300‖
[)>‖05·010506014190002221AB-7(x)·10L/1·17270300
# GS1 Digital Link
https://id.gs1.org/01/05060141900022/10/L%2F1/21/AB-7(x)?17=270300
HTTPS://example.com/some/path/01/05060141900022/21/AB-7%28x%29?10=L%2F1&17=270300&s=1#top
"""


def _texts(table: str) -> list[str]:
    return [row.text for row in rows(table)]


@pytest.mark.parametrize("text", _texts(SAME_PACK))
def test_the_same_pack_is_read_from_every_form(text: str) -> None:
    scan = parse_scan(text)
    assert (scan.scheme, scan.product_code, scan.serial_number) == ("gs1", GTIN, "AB-7(x)")
    assert (scan.batch, scan.expiry) == ("L/1", "270300")
    assert scan.all_findings == ()
    assert scan.is_pack_code


SAME_IFA_PACK = """
[)>‖06·9N110375286414·1TL-1·D270300·SAB7‖¶
]d1[)>‖06·9N110375286414·1TL-1·D270300·SAB7‖¶
[)>‖06·SAB7·D270300·1TL-1·9N110375286414‖
[)>‖06·9N110375286414·1TL-1·D270300·SAB7
[)>‖06·9N110375286414·1TL-1·16D20240101·8P05060141900022·D270300·33Lhttps://a.fi·SAB7‖¶
[)>‖06·9N110375286414·1TL-1·14D20270300·SAB7‖¶
"""


@pytest.mark.parametrize("text", _texts(SAME_IFA_PACK))
def test_the_same_ifa_pack_is_read_from_every_order(text: str) -> None:
    scan = parse_scan(text)
    assert (scan.scheme, scan.product_code, scan.serial_number) == ("ifa", "110375286414", "AB7")
    assert (scan.batch, scan.expiry) == ("L-1", "270300")
    assert scan.all_findings == ()
    assert scan.is_pack_code


def test_a_message_of_format_06_with_a_gtin_alone_is_of_the_gs1_scheme() -> None:
    scan = parse_scan(plain("[)>‖06·8P05060141900022·SAB7·1TL1·D270300‖¶"))
    assert (scan.scheme, scan.product_code, scan.is_pack_code) == ("gs1", GTIN, True)


@pytest.mark.parametrize(
    ("code", "nhrn"),
    [
        ("·71012345678", "12345678"),
        ("·7149876543", "9876543"),
        ("·717A-1", "A-1"),
        ("·7163456·71012", "12"),
        ("·2403456", None),
    ],
)
def test_the_national_number_is_that_of_the_identifiers_710_to_717(code: str, nhrn: str | None) -> None:
    assert parse_scan(plain(f"]d201{GTIN}21A·10B·17270300{code}")).nhrn == nhrn


# What separators become when a scanner or its driver cannot send GS. Each must be understood, and told.
@pytest.mark.parametrize(
    "stand_in",
    [
        "<GS>",
        "{GS}",
        "[GS]",
        "<FNC1>",
        "^]",
        "\\u001d",
        "\\x1D",
        "\\035",
        "&#29;",
        "␝",
        "↔",
        "è",
        "|",
        "#",
        "~",
        "\x1e",
    ],
)
def test_a_stand_in_for_the_separator_is_understood_and_told(stand_in: str) -> None:
    text = f"01{GTIN}21AB-7|x10L/1|x17270300|x71012345".replace("|x", stand_in)
    scan = parse_scan(text)
    assert (scan.serial_number, scan.batch, scan.expiry, scan.nhrn) == ("AB-7", "L/1", "270300", "12345")
    assert [finding.key for finding in scan.all_findings] == ["separator-stand-in"]
    first = scan.all_findings[0]
    assert text[first.start : first.start + first.length] == stand_in
    assert first.severity is Severity.NOTICE


@pytest.mark.parametrize("in_the_serial_number", ["#", "|", "~", "^", "{GS}"])
def test_a_character_that_could_be_a_stand_in_does_not_hide_the_one_that_is(
    in_the_serial_number: str,
) -> None:
    scan = parse_scan(f"01{GTIN}21AB{in_the_serial_number}C<GS>10L1<GS>17270300")
    assert (scan.serial_number, scan.batch, scan.expiry) == (f"AB{in_the_serial_number}C", "L1", "270300")


@pytest.mark.parametrize(
    ("record_separator", "separator", "end"),
    [
        ("<RS>", "<GS>", "<EOT>"),
        ("{RS}", "{GS}", "{EOT}"),
        ("␞", "␝", "␄"),
        ("^^", "^]", "^D"),
        ("\\x1e", "\\x1d", "\\x04"),
    ],
)
def test_an_envelope_written_out_in_names_is_understood_and_told(
    record_separator: str, separator: str, end: str
) -> None:
    elements = separator.join(["9N110375286414", "SAB7", "1TL-1", "D270300"])
    scan = parse_scan(f"[)>{record_separator}06{separator}{elements}{record_separator}{end}")
    assert (scan.product_code, scan.serial_number, scan.batch, scan.expiry) == (
        "110375286414",
        "AB7",
        "L-1",
        "270300",
    )
    assert [finding.key for finding in scan.all_findings] == ["separator-stand-in"]


@pytest.mark.parametrize("serial_number", ["A<GS>B", "A|B", "A#1", "A~B", "A{GS}B"])
def test_what_is_no_separator_everywhere_it_occurs_stays_data(serial_number: str) -> None:
    scan = parse_scan(plain(f"01{GTIN}21{serial_number}·10L1·17270300"))
    assert (scan.serial_number, scan.batch) == (serial_number, "L1")


# One finding a row, at the marked place, and no other. All but the fatal ones are sent to the national system.
ONE_FINDING = """
# text                                                              ¦ finding                ¦ severity
# check digits
]d2010506014190002«3»21AB·10L1·17270331                             ¦ check-digit-wrong      ¦ odd
[)>‖06·9N1103752864«15»·SAB·1TL1·D270331‖¶                          ¦ check-digit-wrong      ¦ odd
]d2010506014190002221AB·10L1·17270331410123456789012«3»             ¦ check-digit-wrong      ¦ odd
# dates
]d2010506014190002221AB·10L1·17«271331»                             ¦ date-impossible        ¦ odd
]d2010506014190002221AB·10L1·17«270431»                             ¦ date-impossible        ¦ odd
]d2010506014190002221AB·10L1·17«270229»                             ¦ date-impossible        ¦ odd
]d2010506014190002221AB·10L1·1727033111«240230»                     ¦ date-impossible        ¦ odd
]d2010506014190002221AB·10L1·172703317003«270300»1200               ¦ date-impossible        ¦ odd
]d2010506014190002221AB·10L1·172703317003270301«2460»               ¦ time-impossible        ¦ odd
[)>‖06·9N110375286414·SAB·1TL1·D«270332»‖¶                          ¦ date-impossible        ¦ odd
[)>‖06·9N110375286414·SAB·1TL1·D270331·16D«20240231»‖¶              ¦ date-impossible        ¦ odd
# lengths: 20 is allowed, 21 is not
]d201050601419000222112345678901234567890«1»·10L1·17270331          ¦ value-too-long         ¦ odd
]d2010506014190002221AB·1012345678901234567890«12»·17270331         ¦ value-too-long         ¦ odd
]d2010506014190002221AB·10L1·17«27033»·71012                        ¦ value-too-short        ¦ odd
]d201«0506014190002»·21AB·10L1·17270331                             ¦ value-too-short        ¦ odd
[)>‖06·9N«1142»·SAB·1TL1·D270331‖¶                                  ¦ value-too-short        ¦ odd
]d2010506014190002221AB·10L1·17270331·710«»                         ¦ value-empty            ¦ odd
# characters outside set 82
]d2010506014190002221A«#»B·10L1·17270331                            ¦ characters-not-allowed ¦ odd
]d2010506014190002221A« »B·10L1·17270331                            ¦ characters-not-allowed ¦ odd
]d2010506014190002221AB·10L«¢»·17270331                             ¦ characters-not-allowed ¦ odd
]d201«O»506014190002221AB·10L1·17270331                             ¦ characters-not-allowed ¦ odd
]d2010506014190002221AB·10L1·1727«O»331                             ¦ characters-not-allowed ¦ odd
[)>‖06·9N110375286414·SA«b»·1TL1·D270331‖¶                          ¦ characters-not-allowed ¦ odd
[)>‖06·9N110375286414·SA«-»B·1TL1·D270331‖¶                         ¦ characters-not-allowed ¦ odd
# parts that are missing or cannot be read
]d2010506014190002221AB·17270331«»                                  ¦ batch-missing          ¦ odd
]d2010506014190002221AB·10L1«»                                      ¦ expiry-missing         ¦ odd
]d2010506014190002210L1·17270331«»                                  ¦ serial-number-missing  ¦ fatal
]d221AB·10L1·17270331«»                                             ¦ product-code-missing   ¦ fatal
]d2010506014190002221AB·10L1·17270331·«xyz»                         ¦ unreadable             ¦ odd
]d2010506014190002221AB·10L1·17270331·«4»                           ¦ unreadable             ¦ odd
]d2010506014190002221AB·10L1·17270331·«718»12                       ¦ identifier-unknown     ¦ notice
]d2010506014190002221AB·10L1·17270331«3106»000500                   ¦ identifier-unknown     ¦ notice
# a fixed length that is not among the predefined ones still says where the next element begins
]d2010506014190002270032703311200«»21AB·10L1·17270331               ¦ separator-missing      ¦ odd
# a GTIN of 13 digits, which only the human form can hold
(01)«5060141900022»(21)AB(10)L1(17)270331                           ¦ gtin-padded            ¦ notice
# twice
]d2010506014190002221AB·10L1·17270331·10«L1»                        ¦ element-repeated       ¦ notice
]d2010506014190002221AB·10L1·17270331·10«L2»                        ¦ element-contradicts    ¦ odd
]d2010506014190002221AB·10L1·17270331«]d2010506014190002221AB·10L1·17270331» ¦ scanned-twice ¦ notice
010506014190002221AB·10L1·17270331«010506014190002221AB·10L1·17270331»       ¦ scanned-twice ¦ notice
010506014190002221AB·10L1·17270331«⏎010506014190002221AB·10L1·17270331»      ¦ scanned-twice ¦ notice
]d2010506014190002221AB·10L1·17270331«]d2010506014190002221AC·10L1·17270331» ¦ several-codes ¦ fatal
010506014190002221AB·10L1·17270331«⏎010506014190002221AC·10L1·17270331»      ¦ several-codes ¦ fatal
010506014190002221AB·10L1·17270331«⏎6430012345679»                  ¦ text-after-code        ¦ odd
«ABC»010506014190002221AB·10L1·17270331                             ¦ text-before-code       ¦ odd
«6430012345679»010506014190002221AB·10L1·17270331                   ¦ text-before-code       ¦ odd
# carriers and envelopes
«]d1»010506014190002221AB·10L1·17270331                             ¦ not-flagged-as-gs1     ¦ notice
[)>«»06·9N110375286414·SAB·1TL1·D270331                             ¦ envelope-damaged       ¦ odd
# brackets that can be understood in two ways
«(01)05060141900022(21)A(10)B(10)L1(17)270331»                      ¦ brackets-ambiguous     ¦ odd
"""


@pytest.mark.parametrize("row", rows(ONE_FINDING), ids=str)
def test_one_fault_gives_one_finding_at_its_place(row: Row) -> None:
    scan = parse_scan(row.text)
    key, severity = row.expected
    assert [(found.key, found.severity.value) for found in scan.all_findings] == [(key, severity)]
    found = scan.all_findings[0]
    assert (found.start, found.length) == (row.start, row.length)
    assert scan.is_pack_code is (severity != "fatal")


# Two pack codes that run together without anything between them have two product codes and two serial numbers.
def test_two_packs_in_one_scan_are_stopped() -> None:
    scan = parse_scan(plain("010506014190002221AB·17270331010500045601348221XY·17270331"))
    assert scan.fatal is not None
    assert scan.fatal.key == "several-codes"


def test_the_product_code_inside_other_data_is_no_second_scan() -> None:
    scan = parse_scan(plain("]d2010506014190002221AB·10L1·1727033191X0105060141900022Y"))
    assert scan.all_findings == ()
    assert scan.elements[-1].value == "X0105060141900022Y"


@pytest.mark.parametrize(
    ("text", "serial_number", "batch"),
    [
        ("(01)05060141900022(21)AB(C1)x(10)L1(17)270331", "AB(C1)x", "L1"),
        ("(01)05060141900022(21)(10(10)L1(17)270331", "(10", "L1"),
        ("(01)05060141900022(21)A(21)B(10)L1(17)270331", "A(21)B", "L1"),
        ("(01)05060141900022(21)A(01)B(10)L1(17)270331", "A(01)B", "L1"),
        ("(01)05060141900022(21)A(17)B(10)L1(17)270331", "A(17)B", "L1"),
        ("(01)05060141900022(21)A(999)B(10)L1(17)270331", "A(999)B", "L1"),
        ("(01)05060141900022⏎(21)AB⏎(10)L1⏎(17)270331⏎", "AB", "L1"),
    ],
)
def test_brackets_inside_a_serial_number_of_the_human_form_stay_in_it(
    text: str, serial_number: str, batch: str
) -> None:
    scan = parse_scan(plain(text))
    assert (scan.serial_number, scan.batch, scan.expiry) == (serial_number, batch, "270331")
    assert scan.is_pack_code


def test_odd_data_is_kept_as_it_was_read() -> None:
    scan = parse_scan(plain("]d2010506014190002321ä b·10·17271399"))
    assert scan.product_code == "05060141900023"
    assert scan.serial_number == "ä b"
    assert scan.batch is None
    assert scan.expiry == "271399"
    assert scan.is_pack_code


def test_each_element_says_where_its_value_stands() -> None:
    text = plain("]d2010506014190002221AB·10L1·17270331")
    elements = parse_scan(text).elements
    assert [(element.ai, text[element.start : element.end]) for element in elements] == [
        ("01", GTIN),
        ("21", "AB"),
        ("10", "L1"),
        ("17", "270331"),
    ]
    assert all(element.value == text[element.start : element.end] for element in elements)


def test_a_text_longer_than_any_code_is_refused_unread() -> None:
    just = "01" + GTIN + "21" + "A" * (TEXT_LENGTH_MAX - 18)
    assert len(just) == TEXT_LENGTH_MAX
    assert parse_scan(just).product_code == GTIN
    refused = parse_scan(just + "A")
    assert refused.product_code is None
    assert [(found.key, found.start, found.length) for found in refused.findings] == [
        ("too-long", TEXT_LENGTH_MAX, 1)
    ]
    assert not refused.is_pack_code


def test_a_scan_without_findings_may_be_hashed_and_compared() -> None:
    first, second = parse_scan("01" + GTIN), parse_scan("01" + GTIN)
    assert first == second
    assert hash(first) == hash(second)


def test_a_megabyte_is_refused_at_once() -> None:
    scan: Scan = parse_scan("(01)" * 250_000)
    assert [found.key for found in scan.findings] == ["too-long"]
