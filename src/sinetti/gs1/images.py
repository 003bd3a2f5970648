"""Reads and writes pictures of codes. The only module here that needs zxing-cpp and Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import zxingcpp
from PIL import Image, ImageOps

from sinetti.gs1.parse import parse_scan
from sinetti.gs1.scan import Element, Finding, Form, Scan, Severity

IMAGE_BYTES_MAX: Final = 25_000_000
PIXELS_MAX: Final = 64_000_000
"""Telephones of today take fifty megapixels: 8192 by 6144."""
CODES_MAX: Final = 50
"""At most so many codes of one picture are told."""
WRITTEN_TEXT_MAX: Final = 1_000

NO_CODE_IN_IMAGE: Final = Finding("no-code-in-image", Severity.FATAL, 0, 0)
"""For whoever has to tell a person that `read_codes` found nothing."""

# Linear barcodes and QR codes are read so that one can say what was photographed instead of the pack code.
_FORMATS: Final = (
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.EAN13,
    zxingcpp.BarcodeFormat.EAN8,
    zxingcpp.BarcodeFormat.Code39,
    zxingcpp.BarcodeFormat.Code128,
)
_SMALL_SIDE: Final = 1200
_HEIC_HEAD: Final = 12
_HEIC_BRANDS: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
_FRAME: Final = 20
_HEADERS: Final = {Form.ENVELOPE_05: "05", Form.ENVELOPE_06: "06"}


class ImageRefusedError(ValueError):
    """A picture that cannot be looked at. `finding` says why; `explain` has the words."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.key} {dict(finding.values)}")
        self.finding = finding


@dataclass(frozen=True, slots=True)
class ReadCode:
    """One code of a picture."""

    text: str
    """As a scanner would send it: symbology identifier, then the data with GS for FNC1. For `parse_scan`."""
    data: bytes
    """The data alone."""
    symbology: str
    """Symbology identifier: `]d2` is a Data Matrix with FNC1, `]d1` one without, `]E0` an EAN-13."""
    format: str
    """Kind of code in words, such as `Data Matrix`."""
    corners: tuple[tuple[int, int], ...]
    """Its corners in pixels of the picture: top left, top right, bottom right, bottom left of the code itself."""

    @property
    def scan(self) -> Scan:
        """What the code says."""
        return parse_scan(self.text)


def read_codes(image: bytes | Path | Image.Image) -> list[ReadCode]:
    """All codes of a picture, Data Matrix codes first; none is an empty list.

    Light on dark, turned and several in one picture are no matter. Raises ImageRefusedError for what is no picture,
    is damaged, or is larger than `IMAGE_BYTES_MAX` or `PIXELS_MAX`.
    """
    picture = _grey(open_image(image))
    for attempt in _attempts(picture):
        found = zxingcpp.read_barcodes(attempt.picture, formats=zxingcpp.BarcodeFormats(_FORMATS))
        if found:
            codes = [_read_code(code, attempt) for code in found[:CODES_MAX]]
            return sorted(codes, key=lambda code: not code.symbology.startswith("]d"))
    return []


def open_image(image: bytes | Path | Image.Image, formats: tuple[str, ...] | None = None) -> Image.Image:
    """The picture, of which only the head has been read. `formats` are those of Pillow's that may be.

    Raises ImageRefusedError for what is none, or is larger than `IMAGE_BYTES_MAX` or `PIXELS_MAX`.
    """
    picture = image if isinstance(image, Image.Image) else _opened(image, formats)
    pixels = picture.width * picture.height
    if pixels > PIXELS_MAX:
        raise _too_many_pixels(str(pixels))
    return picture


def _opened(image: bytes | Path, formats: tuple[str, ...] | None) -> Image.Image:
    size = image.stat().st_size if isinstance(image, Path) else len(image)
    if size > IMAGE_BYTES_MAX:
        values = {"length": str(size), "limit": str(IMAGE_BYTES_MAX)}
        raise ImageRefusedError(Finding("image-too-large", Severity.FATAL, 0, 0, values))
    try:
        return Image.open(image if isinstance(image, Path) else io.BytesIO(image), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels("very many") from error
    except (OSError, SyntaxError, ValueError) as error:
        key = "image-heic" if _is_heic(image) else "not-an-image"
        raise ImageRefusedError(Finding(key, Severity.FATAL, 0, 0)) from error


def _is_heic(image: bytes | Path) -> bool:
    """Whether it is what Apple's telephones keep photos as, which no free library of Pillow's reads."""
    if isinstance(image, Path):
        with image.open("rb") as file:
            head = file.read(_HEIC_HEAD)
    else:
        head = image[:_HEIC_HEAD]
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS


def _too_many_pixels(pixels: str) -> ImageRefusedError:
    values = {"length": pixels, "limit": str(PIXELS_MAX)}
    return ImageRefusedError(Finding("image-too-many-pixels", Severity.FATAL, 0, 0, values))


def _grey(picture: Image.Image) -> Image.Image:
    """The picture in shades of grey, on white where it is transparent."""
    try:
        if picture.has_transparency_data:
            picture = picture.convert("RGBA")
            white = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(white, picture)
        if picture.mode.startswith("I;16"):
            picture = picture.point(lambda value: value * (1 / 256))
        return picture.convert("L")
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageRefusedError(Finding("image-damaged", Severity.FATAL, 0, 0)) from error


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A picture to look at, made from the given one by a frame and then by scaling."""

    picture: Image.Image
    frame: int
    scale: int

    def point_of_picture(self, point: zxingcpp.Point) -> tuple[int, int]:
        """A point of this attempt, in pixels of the given picture."""
        return round(point.x / self.scale) - self.frame, round(point.y / self.scale) - self.frame


def _attempts(picture: Image.Image) -> Iterator[_Attempt]:
    """The picture as it is, then with what helps a faint, cut out or very small one."""
    yield _Attempt(picture, frame=0, scale=1)
    framed = ImageOps.expand(ImageOps.autocontrast(picture, cutoff=1), _FRAME, fill=255)
    yield _Attempt(framed, _FRAME, scale=1)
    if max(picture.size) <= _SMALL_SIDE:
        larger = framed.resize((framed.width * 3, framed.height * 3), Image.Resampling.LANCZOS)
        yield _Attempt(larger, _FRAME, scale=3)


def _read_code(code: zxingcpp.Barcode, attempt: _Attempt) -> ReadCode:
    position = code.position
    corners = tuple(
        attempt.point_of_picture(point)
        for point in (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    )
    try:
        data = code.bytes.decode("utf-8")
    except UnicodeDecodeError:
        data = code.bytes.decode("latin-1")
    symbology = code.symbology_identifier
    return ReadCode(symbology + data, code.bytes, symbology, str(code.format), corners)


def write_data_matrix(
    content: Scan | str,
    format: Literal["svg", "png"] = "svg",  # noqa: A002 - the usual word for it
    *,
    module_size: int = 4,
    quiet_zone: int = 2,
) -> bytes:
    """A square Data Matrix of the pack code as SVG or PNG.

    `content` is what `parse_scan` reads: GS1 data becomes a GS1 Data Matrix with FNC1, an IFA message one with Macro
    06. `module_size` is the side of a module in pixels, `quiet_zone` the white border in modules (the standard asks
    for at least one). Raises ValueError for a text that is no pack code or that a Data Matrix cannot hold.
    """
    if module_size < 1 or quiet_zone < 0:
        raise ValueError("module_size must be at least 1 and quiet_zone at least 0")
    scan = parse_scan(content) if isinstance(content, str) else content
    modules = _modules(scan)
    if format == "svg":
        return _svg(modules, module_size, quiet_zone)
    if format == "png":
        return _png(modules, module_size, quiet_zone)
    raise ValueError(f"unknown picture format {format!r}")


def _modules(scan: Scan) -> Image.Image:
    """The code with one pixel a module and no border, 0 for a dark one."""
    if len(scan.text) > WRITTEN_TEXT_MAX or not scan.elements:
        raise ValueError("only the text of a pack code can be written as one")
    if any(finding.key == "unreadable" for finding in scan.findings):
        raise ValueError("the text has a part that is no element")
    if scan.form in _HEADERS:
        body = "\x1d".join(element.ai + element.value for element in scan.elements)
        code = _created(f"[)>\x1e{_HEADERS[scan.form]}\x1d{body}\x1e\x04", gs1=False)
    else:
        code = _created(_in_square_brackets(scan.elements), gs1=True)
    image = code.to_image(scale=1, add_quiet_zones=False)
    height, width = image.shape
    pixels = memoryview(image)  # type: ignore[arg-type]  # its stub leaves the buffer protocol out
    return Image.frombytes("L", (width, height), bytes(pixels))


def _in_square_brackets(elements: Sequence[Element]) -> str:
    """The form from which zxing-cpp makes FNC1; round brackets would be taken for those of set 82."""
    for element in elements:
        if not {"[", "]"}.isdisjoint(element.value):
            raise ValueError(f"({element.ai}) holds characters that no GS1 code can")
    return "".join(f"[{element.ai}]{element.value}" for element in elements)


def _created(text: str, *, gs1: bool) -> zxingcpp.Barcode:
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=gs1, force_square=True)


def _png(modules: Image.Image, module_size: int, quiet_zone: int) -> bytes:
    framed = ImageOps.expand(modules, quiet_zone, fill=255)
    size = (framed.width * module_size, framed.height * module_size)
    buffer = io.BytesIO()
    framed.resize(size, Image.Resampling.NEAREST).convert("1").save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _svg(modules: Image.Image, module_size: int, quiet_zone: int) -> bytes:
    """One path of all dark runs, so that no light seams show between modules when it is printed."""
    side = modules.width + 2 * quiet_zone
    pixels = modules.tobytes()
    path = []
    for y in range(modules.height):
        row = pixels[y * modules.width : (y + 1) * modules.width]
        x = row.find(0)
        while x >= 0:
            end = next((at for at in range(x, modules.width) if row[at] != 0), modules.width)
            path.append(f"M{x + quiet_zone} {y + quiet_zone}h{end - x}v1h-{end - x}z")
            x = row.find(0, end)
    size = side * module_size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {side} {side}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        f'<path d="{"".join(path)}"/></svg>'
    ).encode()
