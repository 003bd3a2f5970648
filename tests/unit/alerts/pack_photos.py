"""Photos of packs as telephones take them, drawn: a box on a table, with its printed text and its Data Matrix."""

from __future__ import annotations

import io
import random
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from sinetti.gs1.images import write_data_matrix

CODE = "(01)09520640000013(21)BAHW3B1POPJCUE(10)RT2605(17)310531"
OTHER_CODE = "(01)09520640000020(21)7K3MX0Q2(10)AB12(17)290300"
LINES = ("PC 09520640000013", "SN BAHW3B1POPJCUE", "Lot RT2605", "EXP 05/2031")


def data_matrix(code: str, module_size: int) -> Image.Image:
    return Image.open(io.BytesIO(write_data_matrix(code, "png", module_size=module_size))).convert("RGB")


@cache
def box(code: str | None = CODE, module_size: int = 9, lines: tuple[str, ...] = LINES) -> Image.Image:
    """The side of a box: white, with a coloured band, lines of text and the code."""
    side = Image.new("RGB", (1100, 560), (244, 243, 238))
    draw = ImageDraw.Draw(side)
    draw.rectangle((0, 0, 1100, 110), fill=(20, 92, 140))
    font = ImageFont.load_default(44)
    draw.text((40, 30), "Revontul 20 mg", font=font, fill="white")
    for number, line in enumerate(lines):
        draw.text((40, 180 + 80 * number), line, font=font, fill=(25, 25, 25))
    if code is not None:
        side.paste(data_matrix(code, module_size), (700, 190))
    return side


def photo(
    *boxes: Image.Image,
    size: tuple[int, int] = (2400, 1800),
    angle: float = 4.0,
    blur: float = 0.8,
    light: float = 1.0,
    noise: int = 6,
    glare: tuple[int, int, int] | None = None,
) -> Image.Image:
    """Boxes on a table: seen a little from the side, turned, out of focus, in this light, with noise and a reflection.

    `glare` is centre and radius of a reflection in pixels.
    """
    table = Image.linear_gradient("L").resize(size).point(lambda value: 90 + value // 4).convert("RGB")
    shown = boxes or (box(),)
    for number, one in enumerate(shown):
        # A quarter of a box's height further away on one side: the view is not from straight above.
        width, height = one.size
        lean = (
            -0.02 * width,
            -0.03 * height,
            -0.01 * width,
            1.04 * height,
            1.03 * width,
            0.97 * height,
            1.01 * width,
            0,
        )
        seen = one.convert("RGBA").transform(
            one.size, Image.Transform.QUAD, lean, Image.Resampling.BICUBIC, fillcolor=(0, 0, 0, 0)
        )
        seen = seen.rotate(angle, Image.Resampling.BICUBIC, expand=True)
        place = (
            (size[0] - seen.width) // 2,
            (size[1] * (2 * number + 1)) // (2 * len(shown)) - seen.height // 2,
        )
        table.paste(seen, place, seen)
    if glare is not None:
        x, y, radius = glare
        spot = Image.new("L", size, 0)
        ImageDraw.Draw(spot).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        table = Image.composite(
            Image.new("RGB", size, "white"), table, spot.filter(ImageFilter.GaussianBlur(radius / 4))
        )
    table = table.filter(ImageFilter.GaussianBlur(blur)).point(lambda value: int(value * light))
    grain = Image.effect_noise(size, noise * 4).convert("RGB")
    return ImageChops.add(table, grain, scale=1, offset=-128)


def as_file(picture: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def noise_file(size: tuple[int, int], seed: int = 7) -> Image.Image:
    """A picture of grey dots, on which nothing can be found."""
    dots = random.Random(seed).randbytes(size[0] * size[1])
    return Image.frombytes("L", size, dots)
