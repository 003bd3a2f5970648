"""Each kind of photo gets its right answer."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile

import pytest
from PIL import Image
from tests.unit.alerts.pack_photos import CODE, OTHER_CODE, as_file, box, data_matrix, noise_file, photo

from sinetti.alerts.photos import SHOWN_SIDE_MAX, PhotoRemark, take_photo
from sinetti.gs1.images import IMAGE_BYTES_MAX, ImageRefusedError
from sinetti.gs1.parse import parse_scan


def said(code: str) -> dict[str, str]:
    return {element.ai: element.value for element in parse_scan(code).elements}


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(photo, id="as it should be"),
        pytest.param(lambda: photo(angle=90), id="turned by a quarter"),
        pytest.param(lambda: photo(angle=197), id="upside down"),
        pytest.param(lambda: photo(angle=33), id="aslant"),
        pytest.param(lambda: photo(blur=2.6), id="blurred"),
        pytest.param(lambda: photo(light=0.16, noise=2), id="dark"),
        pytest.param(lambda: photo(glare=(1420, 860, 50)), id="reflecting"),
        pytest.param(lambda: photo(box(module_size=5), size=(4000, 3000)), id="from far away"),
        pytest.param(lambda: photo(box(module_size=3), size=(3000, 2250), noise=3), id="a tiny code"),
    ],
)
def test_the_code_is_read(picture):
    taken = take_photo(as_file(picture(), quality=85))
    assert [said(code) for code in taken.codes] == [said(CODE)]
    assert taken.remarks == ()


def test_two_packs_in_one_picture_are_both_told():
    taken = take_photo(as_file(photo(box(CODE), box(OTHER_CODE), size=(2000, 1900))))
    assert sorted(map(str, map(said, taken.codes))) == sorted(map(str, map(said, (CODE, OTHER_CODE))))
    assert taken.remarks == (PhotoRemark.SEVERAL_CODES,)


def test_the_same_code_twice_is_one_code():
    taken = take_photo(as_file(photo(box(CODE), box(CODE), size=(2000, 1900))))
    assert len(taken.codes) == 1
    assert taken.remarks == ()


@pytest.mark.parametrize(
    ("picture", "remarks"),
    [
        pytest.param(lambda: photo(box(None)), [PhotoRemark.NO_CODE], id="the wrong side of the box"),
        pytest.param(
            lambda: photo(box(None), blur=14, noise=1),
            [PhotoRemark.NO_CODE, PhotoRemark.BLURRED],
            id="blurred beyond reading",
        ),
        pytest.param(
            lambda: photo(box(None), light=0.05, noise=0),
            [PhotoRemark.NO_CODE, PhotoRemark.DARK, PhotoRemark.BLURRED],
            id="almost black",
        ),
        pytest.param(
            lambda: photo(glare=(1470, 940, 330), noise=1),
            [PhotoRemark.NO_CODE, PhotoRemark.GLARE],
            id="the lamp hides the code",
        ),
    ],
)
def test_without_a_code_the_photo_is_kept_and_it_is_said_what_would_help(picture, remarks):
    taken = take_photo(as_file(picture()))
    assert (taken.codes, list(taken.remarks)) == ((), remarks)
    assert taken.shown


def test_a_data_matrix_of_something_else_is_said_to_be_so():
    import zxingcpp

    made = zxingcpp.create_barcode("https://example.com/leaflet", zxingcpp.BarcodeFormat.QRCode).to_image(
        scale=6
    )
    page = Image.new("RGB", (800, 600), "white")
    pixels = bytes(memoryview(made))  # type: ignore[arg-type]  # its stub leaves the buffer protocol out
    page.paste(Image.frombytes("L", made.shape[::-1], pixels), (100, 100))
    assert take_photo(as_file(page)).remarks == (PhotoRemark.NO_PACK_CODE,)


def test_the_place_where_it_was_taken_and_everything_else_beside_the_pixels_stays_behind():
    exif = Image.Exif()
    exif[0x010F] = "Telephone maker"
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[2] = (60.0, 10.0, 15.0)  # latitude
    upright = photo(size=(1600, 1200))
    file = as_file(upright.rotate(90, expand=True), exif=exif, quality=85, comment=b"Maija's telephone")
    assert b"Telephone maker" in file
    taken = take_photo(file)
    assert taken.sha256 == hashlib.sha256(file).digest()
    assert (taken.width, taken.height) == (1600, 1200), "upright again"
    for made in (taken.shown, taken.small):
        again = Image.open(io.BytesIO(made))
        assert dict(again.getexif()) == {}
        assert "comment" not in again.info
        assert b"Maija" not in made
    assert [said(code) for code in taken.codes] == [said(CODE)]


def test_fifty_megapixels_are_read_and_shown_smaller():
    page = Image.new("RGB", (8192, 6144), (200, 200, 196))
    page.paste(data_matrix(CODE, 24), (3600, 2700))
    file = as_file(page, quality=80)
    started = time.monotonic()
    taken = take_photo(file)
    assert time.monotonic() - started < 30
    assert [said(code) for code in taken.codes] == [said(CODE)]
    assert max(Image.open(io.BytesIO(taken.shown)).size) == SHOWN_SIDE_MAX


@pytest.mark.parametrize(
    ("file", "finding"),
    [
        (b"", "not-an-image"),
        (b"GIF89a" + bytes(100), "not-an-image"),
        (b"%PDF-1.7\n" + bytes(100), "not-an-image"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not-an-image"),
        (b"<!doctype html><script>alert(1)</script>", "not-an-image"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "image-heic"),
        (as_file(photo(size=(400, 300)))[:3000], "image-damaged"),
        (bytes(IMAGE_BYTES_MAX + 1), "image-too-large"),
    ],
    ids=["empty", "GIF", "PDF", "SVG with a script", "HTML", "HEIC", "cut off", "too large"],
)
def test_what_is_no_photo_is_refused_with_the_reason(file, finding):
    with pytest.raises(ImageRefusedError) as refused:
        take_photo(file)
    assert refused.value.finding.key == finding


def test_a_small_file_that_would_unpack_to_very_many_pixels_is_refused_unread():
    bomb = Image.new("1", (20_000, 20_000))
    with pytest.raises(ImageRefusedError) as refused:
        take_photo(as_file(bomb, "PNG"))
    assert refused.value.finding.key == "image-too-many-pixels"


def test_of_a_file_that_is_two_things_at_once_only_the_picture_goes_on():
    """A JPEG that is a zip archive and a web page, too: some viewers would run it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("x.html", "<script>alert(1)</script>")
    file = as_file(photo(size=(1600, 1200))) + b"<script>alert(1)</script>" + archive.getvalue()
    taken = take_photo(file)
    assert [said(code) for code in taken.codes] == [said(CODE)]
    assert b"<script>" not in taken.shown + taken.small
    assert taken.sha256 == hashlib.sha256(file).digest(), "the evidence is the file as it came"


def test_noise_is_looked_at_within_seconds():
    started = time.monotonic()
    assert take_photo(as_file(noise_file((4000, 3000)), quality=70)).codes == ()
    assert time.monotonic() - started < 30
