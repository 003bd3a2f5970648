"""What a command is given about a pack, as a scan: text in any form, an image of a code, or standard input."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sinetti.cli.errors import UserError
from sinetti.cli.words import Words
from sinetti.gs1.explain import explain
from sinetti.gs1.parse import parse_scan
from sinetti.gs1.scan import Scan

if TYPE_CHECKING:
    from sinetti.gs1.images import ReadCode

STANDARD_INPUT: Final = "-"
_IMAGE_NAME: Final = re.compile(r".+\.(?:png|jpe?g|tiff?|bmp|gif|webp)", re.IGNORECASE | re.DOTALL)


def read_scan(given: str, words: Words) -> Scan:
    """The scan of a command's argument. Raises `UserError` for a file that cannot be read, or holds no code."""
    if given == STANDARD_INPUT:
        return parse_scan(sys.stdin.read())
    path = Path(given)
    if _is_file(path):
        return _image_scan(path, words)
    if _IMAGE_NAME.fullmatch(given):
        raise UserError(words("faults", "no_such_file", path=path))
    return parse_scan(given)


def _is_file(path: Path) -> bool:
    """Whether there is such a file; what a scanner read is too long or too odd for a name at times."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _image_scan(path: Path, words: Words) -> Scan:
    # zxing-cpp and Pillow take their time to load, and are needed for images only.
    from sinetti.gs1.images import ImageRefusedError, read_codes  # noqa: PLC0415

    try:
        codes = read_codes(path)
    except ImageRefusedError as error:
        raise UserError(f"{path}: {explain(error.finding, words.language)}") from error
    if not codes:
        raise UserError(words("faults", "no_code_in_image", path=path))
    return _the_pack(path, codes, words)


def _the_pack(path: Path, codes: list[ReadCode], words: Words) -> Scan:
    """The one pack code of an image; where there is none, the first code, so that it can be told what it is."""
    packs = list({code.text: code.scan for code in codes if code.scan.is_pack_code}.values())
    if len(packs) > 1:
        raise UserError(words("faults", "several_codes", path=path))
    return packs[0] if packs else codes[0].scan
