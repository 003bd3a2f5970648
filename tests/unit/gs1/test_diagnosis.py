"""Scanner trouble that shows in the text. Nothing is mended: the data stays as it was read."""

from __future__ import annotations

import pytest
from tests.unit.gs1.marked import Row, plain, rows

from sinetti.gs1.keyboards import layout_names, undo
from sinetti.gs1.parse import parse_scan
from sinetti.gs1.scan import Finding, Scan, Severity


def _found(scan: Scan, key: str) -> Finding | None:
    return next((finding for finding in scan.all_findings if finding.key == key), None)


# The separator got lost. What is sent stays in one piece; the guess is for a person.
LOST = """
# text                                                          ¦ serial number  ¦ batch  ¦ expiry
01050601419000222112345678«172703311012AB»                       ¦ 12345678       ¦ 12AB   ¦ 270331
01050601419000222112345678«1012AB17270331»                       ¦ 12345678       ¦ 12AB   ¦ 270331
0105060141900022211234567890ABCDEF«1727033110LOT7»               ¦ 1234567890ABCDEF ¦ LOT7 ¦ 270331
]d201050601419000221727033110LOT7«2112345678»                    ¦ 12345678       ¦ LOT7   ¦
010506014190002210LOT7«172703312112345678»                       ¦ 12345678       ¦ LOT7   ¦ 270331
[)>‖069N110375286414«SAB121TLOT7D270331»                         ¦ AB12           ¦ LOT7   ¦ 270331
"""


@pytest.mark.parametrize("row", rows(LOST), ids=str)
def test_a_lost_separator_is_suspected_and_never_mended(row: Row) -> None:
    scan = parse_scan(row.text)
    found = _found(scan, "separator-lost")
    assert found is not None
    assert found.severity is Severity.ODD
    assert (found.start, found.length) == (row.start, row.length)
    serial_number, batch, expiry = row.expected
    assert found.values["serial_number"] == serial_number
    assert found.values["batch"] == batch
    assert found.values.get("expiry", "") == expiry
    swallowing = next(element for element in scan.elements if element.start <= found.start <= element.end)
    assert row.text[swallowing.start : swallowing.end] == swallowing.value


def test_a_national_number_that_was_swallowed_is_suspected_when_the_value_is_too_long() -> None:
    scan = parse_scan(plain("01050601419000221727033110L1·211234567890123471012345678"))
    found = _found(scan, "separator-lost")
    assert found is not None
    assert found.values == {"serial_number": "12345678901234", "other": "12345678"}


@pytest.mark.parametrize(
    "text",
    [
        # All four elements are there: a serial number may look like anything.
        "01050601419000222112317270331·10L1·17270331",
        "0105060141900022211231727033110AB·10L1·17270331",
        # A batch is missing, but nothing reads like one.
        "010506014190002221ABCDEF·17270331",
    ],
)
def test_a_serial_number_that_only_looks_like_more_is_not_suspected(text: str) -> None:
    assert _found(parse_scan(plain(text)), "separator-lost") is None


APPENDED = """
# text                                                           ¦ likely
01050601419000221727033121ABC·10L1«5060141900022»                ¦ L1
01050601419000221727033121ABC·10L12345678«6430012345679»         ¦ L12345678
"""


@pytest.mark.parametrize("row", rows(APPENDED), ids=str)
def test_digits_of_a_barcode_at_the_end_are_told(row: Row) -> None:
    scan = parse_scan(row.text)
    found = _found(scan, "barcode-appended")
    assert found is not None
    assert (found.start, found.length) == (row.start, row.length)
    assert found.values["likely"] == row.expected[0]
    assert scan.batch is not None
    assert scan.batch.endswith(found.values["barcode"])


def test_thirteen_digits_of_another_product_within_the_length_are_no_barcode() -> None:
    scan = parse_scan(plain("01050601419000221727033121ABC·10L16430012345679"))
    assert scan.all_findings == ()


# Caps Lock or another keyboard layout, proven by the symbology identifier that they changed.
KEYBOARD = """
# text                                                           ¦ cause     ¦ severity ¦ likely serial number
«]D2»010506014190002221ab1·10L1·17270331                         ¦ caps-lock ¦ fatal    ¦ AB1
«]c1»010506014190002221ab1·10L1·17270331                         ¦ caps-lock ¦ fatal    ¦ AB1
«]D2»010506014190002221123·1077·17270331                         ¦ caps-lock ¦ odd      ¦ 123
«¨d2»010506014190002221AB+1·10L1·17270331                        ¦ nordic    ¦ fatal    ¦ AB-1
«¨d2»010506014190002221AB1·10L1·17270331                         ¦ nordic    ¦ odd      ¦ AB1
«+d2»010506014190002221AZ1·10L1·17270331                         ¦ german    ¦ fatal    ¦ AY1
«+d2»010506014190002221AB1·10L1·17270331                         ¦ german    ¦ odd      ¦ AB1
«]δ2»010506014190002221ΑΒ1·10Λ1·17270331                         ¦ greek     ¦ fatal    ¦ AB1
«ъв2»010506014190002221ФИ1·10Д1·17270331                         ¦ russian   ¦ fatal    ¦ AB1
"""


@pytest.mark.parametrize("row", rows(KEYBOARD), ids=str)
def test_a_changed_symbology_identifier_proves_what_the_keyboard_did(row: Row) -> None:
    cause, severity, likely = row.expected
    scan = parse_scan(row.text)
    found = _found(scan, "caps-lock" if cause == "caps-lock" else "keyboard-layout")
    assert found is not None
    assert (found.start, found.length) == (row.start, row.length)
    assert found.values["layout"] == cause
    assert found.severity.value == severity
    assert found.values["serial_number"] == likely
    assert scan.is_pack_code is (severity == "odd")


def _typed(meant: str, layout: str) -> str:
    """The text as it comes through a keyboard of this layout."""
    everything = "".join(chr(code) for code in (*range(33, 127), *range(160, 0x500)))
    keys = {
        undo(character, layout): character for character in everything if undo(character, layout) != character
    }
    return "".join(keys.get(character, character) for character in meant)


@pytest.mark.parametrize("prefix", ["]d2", ""])
@pytest.mark.parametrize("layout", ["french", "greek", "russian"])
def test_a_whole_text_in_another_layout_is_proven_by_the_check_digit(layout: str, prefix: str) -> None:
    scan = parse_scan(_typed(plain(prefix + "010506014190002221AB1·10L1·17270331"), layout))
    assert scan.fatal is not None
    assert scan.fatal.key in {"keyboard-layout", "foreign-letters"}
    if scan.fatal.key == "keyboard-layout":
        assert scan.fatal.values["serial_number"] == "AB1"


def test_caps_lock_on_an_ifa_code_shows_in_its_identifiers() -> None:
    scan = parse_scan(plain("[)>‖06·9n110375286414·sab1·1tl1·d270331‖¶"))
    assert scan.fatal is not None
    assert scan.fatal.key == "caps-lock"
    assert scan.fatal.values["serial_number"] == "AB1"


@pytest.mark.parametrize(
    ("serial_number", "script"), [("ΑΒΓ", "Greek"), ("АБВ", "Cyrillic"), ("אב", "Hebrew"), ("اب", "Arabic")]
)
def test_letters_of_another_script_are_stopped(serial_number: str, script: str) -> None:
    scan = parse_scan(plain(f"010506014190002221{serial_number}·10L1·17270331"))
    assert scan.fatal is not None
    assert (scan.fatal.key, scan.fatal.values["script"]) == ("foreign-letters", script)
    assert (scan.fatal.start, scan.fatal.length) == (18, len(serial_number))


def test_scandinavian_letters_are_suspected_and_sent() -> None:
    scan = parse_scan(plain("010506014190002221Aä1·10L1·17270331"))
    found = _found(scan, "keyboard-layout")
    assert found is not None
    assert (found.severity, found.values["layout"], found.values["serial_number"]) == (
        Severity.ODD,
        "nordic",
        "A'1",
    )
    assert scan.serial_number == "Aä1"
    assert scan.is_pack_code


def test_layouts_are_tables_of_equal_length_so_that_each_key_has_one_meaning() -> None:
    assert layout_names()[:5] == ("nordic", "german", "french", "greek", "russian")
    assert undo("¨d2", "nordic") == "]d2"
    assert undo("_", "nordic") == "?"
