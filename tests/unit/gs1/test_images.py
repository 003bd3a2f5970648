"""Codes are written as pictures and read again: every character, both schemes, turned, light on dark, several."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageFilter, ImageOps
from zxingcpp import BarcodeFormat, create_barcode

from sinetti.gs1.charset import SET_82
from sinetti.gs1.encode import bracketed, element_string, ifa_message
from sinetti.gs1.images import IMAGE_BYTES_MAX, PIXELS_MAX, ImageRefusedError, read_codes, write_data_matrix
from sinetti.gs1.parse import parse_scan

GTIN = "05060141900022"
GS1_TEXT = element_string(GTIN, "AB-7(x)", "L/1", "270300", "12345678")
IFA_TEXT = ifa_message("110375286414", "AB7", "L-1", "270300")


def _picture(text: str, **options: int) -> Image.Image:
    return Image.open(io.BytesIO(write_data_matrix(text, "png", **options))).convert("L")


def _linear(content: str, kind: BarcodeFormat) -> Image.Image:
    image = create_barcode(content, kind).to_image(scale=3)
    height, width = image.shape
    return Image.frombytes("L", (width, height), bytes(memoryview(image)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "read"), [(GS1_TEXT, "]d2" + GS1_TEXT), (IFA_TEXT, "]d1" + IFA_TEXT)], ids=["gs1", "ifa"]
)
def test_a_code_is_read_as_a_scanner_would_send_it(text: str, read: str) -> None:
    (code,) = read_codes(write_data_matrix(text, "png"))
    assert (code.text, code.format) == (read, "Data Matrix")
    assert code.scan.is_pack_code
    assert code.scan.all_findings == ()
    assert code.scan.serial_number == parse_scan(text).serial_number


def test_fnc1_is_in_the_code_itself_and_not_the_character_29() -> None:
    (code,) = read_codes(write_data_matrix(GS1_TEXT, "png"))
    assert code.symbology == "]d2"
    assert code.data.count(b"\x1d") == 2


@pytest.mark.parametrize("character", SET_82)
def test_every_character_of_set_82_survives_a_picture(character: str) -> None:
    text = element_string(GTIN, f"A{character}b{character}", f"{character}L", "270300")
    (code,) = read_codes(write_data_matrix(text, "png", module_size=3))
    assert code.text == "]d2" + text


@pytest.mark.parametrize("start", range(0, len(SET_82), 20))
def test_serial_numbers_of_full_length_survive_a_picture(start: int) -> None:
    text = element_string(GTIN, SET_82[start : start + 20], SET_82[-20:], "270300", "A" * 20)
    (code,) = read_codes(write_data_matrix(text, "png"))
    assert code.text == "]d2" + text


@pytest.mark.parametrize("text", [GS1_TEXT, IFA_TEXT], ids=["gs1", "ifa"])
@pytest.mark.parametrize("angle", [0, 15, 45, 90, 180, 195, 270])
@pytest.mark.parametrize("inverted", [False, True], ids=["dark on light", "light on dark"])
def test_turned_and_inverted_codes_are_read(text: str, angle: int, inverted: bool) -> None:
    picture = _picture(text, module_size=6).rotate(
        angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255
    )
    if inverted:
        picture = ImageOps.invert(picture)
    (code,) = read_codes(picture)
    assert code.text[3:] == text


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param(lambda picture: picture.filter(ImageFilter.GaussianBlur(2)), id="blurred"),
        pytest.param(lambda picture: picture.point(lambda value: 110 + value // 8), id="faint"),
        pytest.param(lambda picture: picture.resize((picture.width // 3, picture.height // 3)), id="small"),
        pytest.param(lambda picture: ImageOps.crop(picture, 12), id="without quiet zone"),
        pytest.param(lambda picture: picture.convert("RGB"), id="in colours"),
        pytest.param(lambda picture: picture.convert("P"), id="with a palette"),
        pytest.param(lambda picture: picture.convert("1"), id="black and white"),
        pytest.param(
            lambda picture: picture.convert("I").point(lambda value: value * 256).convert("I;16"), id="16 bit"
        ),
    ],
)
def test_pictures_that_are_not_perfect_are_read(spoiled) -> None:
    (code,) = read_codes(spoiled(_picture(GS1_TEXT, module_size=6)))
    assert code.text == "]d2" + GS1_TEXT


def test_a_transparent_background_counts_as_white() -> None:
    dark = _picture(GS1_TEXT).convert("L")
    picture = Image.new("RGBA", dark.size, (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), mask=ImageOps.invert(dark))
    (code,) = read_codes(picture)
    assert code.text == "]d2" + GS1_TEXT


def test_several_codes_of_one_picture_are_read_with_their_places() -> None:
    page = Image.new("L", (900, 500), 230)
    page.paste(_linear("6430012345679", BarcodeFormat.EAN13), (20, 20))
    page.paste(_picture(GS1_TEXT, quiet_zone=2, module_size=4), (400, 60))
    page.paste(_picture(IFA_TEXT, quiet_zone=2, module_size=4).rotate(90), (650, 250))
    codes = read_codes(page)
    assert [code.format for code in codes[:2]] == ["Data Matrix", "Data Matrix"]
    assert {code.text for code in codes} >= {"]d2" + GS1_TEXT, "]d1" + IFA_TEXT, "]E06430012345679"}
    place = next(code.corners for code in codes if code.text == "]d2" + GS1_TEXT)
    assert place[0] == pytest.approx((408, 68), abs=2)
    assert place[2] == pytest.approx((408 + 24 * 4, 68 + 24 * 4), abs=6)


@pytest.mark.parametrize("contrast", [255, 7])
def test_a_small_blurred_or_faint_code_is_read_and_placed_in_the_picture_as_given(contrast: int) -> None:
    page = Image.new("L", (200, 160), 255)
    page.paste(_picture(GS1_TEXT, module_size=2, quiet_zone=0), (60, 50))
    page = page.filter(ImageFilter.GaussianBlur(0.8)).point(lambda value: 120 + value * contrast // 512)
    (code,) = read_codes(page)
    assert code.text == "]d2" + GS1_TEXT
    assert code.corners[0] == pytest.approx((60, 50), abs=2)


@pytest.mark.parametrize(
    ("content", "kind", "finding"),
    [
        ("6430012345679", BarcodeFormat.EAN13, "linear-barcode"),
        ("-03752864", BarcodeFormat.Code39, "product-number-only"),
        ("https://example.com/leaflet", BarcodeFormat.QRCode, "web-address"),
        ("hello", BarcodeFormat.DataMatrix, "other-text"),
    ],
)
def test_another_code_is_named(content: str, kind: BarcodeFormat, finding: str) -> None:
    codes = read_codes(_linear(content, kind))
    assert [code.scan.fatal.key for code in codes if code.scan.fatal] == [finding]


def test_a_picture_without_a_code_has_none() -> None:
    assert read_codes(Image.new("RGB", (200, 100), "white")) == []


def test_files_are_read_from_their_path(tmp_path: Path) -> None:
    file = tmp_path / "pack.jpg"
    _picture(GS1_TEXT, module_size=8).save(file, quality=60)
    assert read_codes(file)[0].text == "]d2" + GS1_TEXT


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        (b"", "not-an-image"),
        (b"hello", "not-an-image"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "not-an-image"),
        (write_data_matrix(GS1_TEXT, "png")[:-60], "image-damaged"),
        (write_data_matrix(GS1_TEXT, "svg"), "not-an-image"),
        (b"\x00" * (IMAGE_BYTES_MAX + 1), "image-too-large"),
    ],
    ids=["nothing", "text", "header only", "cut off", "svg", "too large"],
)
def test_what_is_no_picture_is_refused_with_a_reason(data: bytes, finding: str) -> None:
    with pytest.raises(ImageRefusedError) as refused:
        read_codes(data)
    assert refused.value.finding.key == finding


@pytest.mark.parametrize("side", [8_001, 9_900, 20_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(side: int) -> None:
    packed = io.BytesIO()
    Image.new("1", (side, side)).save(packed, "PNG")
    assert side * side > PIXELS_MAX
    with pytest.raises(ImageRefusedError) as refused:
        read_codes(packed.getvalue())
    assert refused.value.finding.key == "image-too-many-pixels"


def test_svg_and_png_show_the_same_modules() -> None:
    svg = write_data_matrix(GS1_TEXT, "svg", module_size=5, quiet_zone=3).decode()
    size = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    assert size is not None
    side = int(size[1])
    assert f'width="{side * 5}" height="{side * 5}"' in svg
    drawn = Image.new("L", (side, side), 255)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        drawn.paste(0, (int(x), int(y), int(x) + int(length), int(y) + 1))
    assert drawn.tobytes() == _picture(GS1_TEXT, module_size=1, quiet_zone=3).tobytes()


@pytest.mark.parametrize("text", [GS1_TEXT, IFA_TEXT, bracketed(GTIN, "A", "B", "270300")])
def test_codes_are_square_with_the_border_that_was_asked_for(text: str) -> None:
    picture = _picture(text, module_size=2, quiet_zone=4)
    assert picture.width == picture.height
    assert picture.crop((0, 0, picture.width, 8)).getextrema() == (255, 255)
    assert picture.getpixel((8, picture.height - 9)) == 0


def test_the_human_form_a_scan_and_format_05_can_be_written_too() -> None:
    human = bracketed(GTIN, "A(1)", "B", "270300")
    (code,) = read_codes(write_data_matrix(human, "png"))
    assert code.text == "]d2" + element_string(GTIN, "A(1)", "B", "270300")
    assert write_data_matrix(parse_scan(human)) == write_data_matrix(human)
    format_05 = f"[)>\x1e05\x1d01{GTIN}\x1d21A\x1d10B\x1d17270300\x1e\x04"
    (code,) = read_codes(write_data_matrix(format_05, "png"))
    assert code.text == "]d1" + format_05


def test_wrong_data_can_be_written_for_demonstrations() -> None:
    text = element_string("05060141900023", "A", "B", "271399")
    (code,) = read_codes(write_data_matrix(text, "png"))
    assert code.text == "]d2" + text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "6430012345679",
        GS1_TEXT + "\x1dxyz",
        element_string(GTIN, "A[10]B"),
        element_string(GTIN, "Ä"),
    ],
)
def test_what_is_no_pack_code_is_not_written(text: str) -> None:
    with pytest.raises(ValueError, match=r"pack code|element|characters|supported"):
        write_data_matrix(text)


def test_sizes_and_formats_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="module_size"):
        write_data_matrix(GS1_TEXT, module_size=0)
    with pytest.raises(ValueError, match="module_size"):
        write_data_matrix(GS1_TEXT, quiet_zone=-1)
    with pytest.raises(ValueError, match="gif"):
        write_data_matrix(GS1_TEXT, "gif")  # type: ignore[arg-type]
