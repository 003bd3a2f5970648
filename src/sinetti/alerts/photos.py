"""Photos of packs: what may be taken, what is shown of it, and which codes are on it.

The file as it came is evidence and is kept unaltered; nobody's browser ever shows it. What is shown is made anew from
the pixels alone, so that neither the place where it was taken nor anything hidden in the file goes on.
"""

from __future__ import annotations

import hashlib
import io
from enum import StrEnum
from typing import Final

import msgspec
from PIL import Image, ImageFilter, ImageOps, ImageStat

from sinetti.gs1.images import ImageRefusedError, ReadCode, open_image, read_codes
from sinetti.gs1.scan import Finding, Severity

SHOWN_SIDE_MAX: Final = 2400
"""Pixels: human-readable text of a pack that fills the picture stays readable."""
SMALL_SIDE_MAX: Final = 320

_MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_DARK_MEAN: Final = 55.0
_JUDGED_SIDE: Final = 1000
_SHARP_MIN: Final = 55.0
"""Variance of the edges of the picture, scaled down to `_JUDGED_SIDE`; below it a photo looks blurred to people."""
_GLARE_SHARE: Final = 0.05
_GLARE_LEVEL: Final = 248


class PhotoRemark(StrEnum):
    """What to tell whoever took the photo."""

    NO_CODE = "no_code"
    NO_PACK_CODE = "no_pack_code"
    SEVERAL_CODES = "several_codes"
    DARK = "dark"
    BLURRED = "blurred"
    GLARE = "glare"


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """A photo that was taken in."""

    sha256: bytes
    """Of the file as it came."""
    media_type: str
    width: int
    height: int
    """Pixels of the photo, upright."""
    shown: bytes
    """JPEG, upright, without metadata, at most `SHOWN_SIDE_MAX` pixels a side."""
    small: bytes
    """The same, for lists."""
    codes: tuple[str, ...]
    """What a scanner would send of each Data Matrix on it, for `parse_scan`; each once."""
    remarks: tuple[PhotoRemark, ...]
    """Why no code, or no single one, was found, and what would help."""


def take_photo(file: bytes) -> Photo:
    """Look at a photo. Takes up to a few seconds of one processor: call it in a thread.

    Raises `ImageRefusedError` for what is no JPEG, PNG or WebP picture, is damaged or too large.
    """
    # Only these three: no other reader of Pillow's sees what strangers send.
    picture = open_image(file, tuple(_MEDIA_TYPES))
    assert picture.format is not None, "a picture that was opened has a format"
    media_type = _MEDIA_TYPES[picture.format]
    upright = _upright(picture)
    shown = upright.copy()
    shown.thumbnail((SHOWN_SIDE_MAX, SHOWN_SIDE_MAX), Image.Resampling.LANCZOS)
    small = shown.copy()
    small.thumbnail((SMALL_SIDE_MAX, SMALL_SIDE_MAX), Image.Resampling.LANCZOS)
    codes = read_codes(upright)
    packs = list(dict.fromkeys(code.text for code in codes if _is_pack_code(code)))
    return Photo(
        sha256=hashlib.sha256(file).digest(),
        media_type=media_type,
        width=upright.width,
        height=upright.height,
        shown=_jpeg(shown, 85),
        small=_jpeg(small, 75),
        codes=tuple(packs),
        remarks=tuple(_remarks(shown, codes, len(packs))),
    )


def _upright(picture: Image.Image) -> Image.Image:
    """In colours, on white, turned as the camera says; the metadata that said so stays behind."""
    try:
        turned = ImageOps.exif_transpose(picture)
        if turned.has_transparency_data:
            seen = turned.convert("RGBA")
            turned = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
        upright = turned.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageRefusedError(Finding("image-damaged", Severity.FATAL, 0, 0)) from error
    # Comments, profiles and the like, which Pillow would write again.
    upright.info.clear()
    return upright


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def _is_pack_code(code: ReadCode) -> bool:
    return code.symbology.startswith("]d") and code.scan.fatal is None


def _remarks(picture: Image.Image, codes: list[ReadCode], packs: int) -> list[PhotoRemark]:
    if packs == 1:
        return []
    if packs > 1:
        return [PhotoRemark.SEVERAL_CODES]
    remarks = [PhotoRemark.NO_PACK_CODE if codes else PhotoRemark.NO_CODE]
    return remarks if codes else remarks + _faults(picture)


def _faults(picture: Image.Image) -> list[PhotoRemark]:
    """What is wrong with a photo on which nothing was found, as a person would say it."""
    grey = picture.convert("L")
    grey.thumbnail((_JUDGED_SIDE, _JUDGED_SIDE))
    remarks = []
    if ImageStat.Stat(grey).mean[0] < _DARK_MEAN:
        remarks.append(PhotoRemark.DARK)
    edges = grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128))
    if ImageStat.Stat(edges.crop((1, 1, edges.width - 1, edges.height - 1))).var[0] < _SHARP_MIN:
        remarks.append(PhotoRemark.BLURRED)
    histogram = grey.histogram()
    if sum(histogram[_GLARE_LEVEL:]) > _GLARE_SHARE * grey.width * grey.height and remarks != [
        PhotoRemark.DARK
    ]:
        remarks.append(PhotoRemark.GLARE)
    return remarks
