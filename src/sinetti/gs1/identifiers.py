"""Forms of the identifiers on a pack: product code, serial number, batch, expiry. Not whether one exists.

Pure and fast: used for every pack operation. `scheme` is always "gs1" or "ifa", the word of the REST path.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

GTIN_LENGTH: Final = 14
_SHORTER_GTINS: Final = frozenset({8, 12, 13})

_SET_82_FIELD: Final = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}""")
# IFA Coding System, PPN-Code Specification for Retail Packaging, §4.2: upper-case letters only.
_IFA_SERIAL: Final = re.compile(r"[A-Z0-9]{1,20}")
_IFA_BATCH: Final = re.compile(r"[A-Z0-9\-_]{1,20}")
_SERIAL_FORMS: Final = {"gs1": _SET_82_FIELD.fullmatch, "ifa": _IFA_SERIAL.fullmatch}
_BATCH_FORMS: Final = {"gs1": _SET_82_FIELD.fullmatch, "ifa": _IFA_BATCH.fullmatch}

_PPN: Final = re.compile(r"[A-Z0-9]{3,20}[0-9]{2}")
_PZN: Final = re.compile(r"[0-9]{8}")

# Day 00 means the last day of the month. From 1901 to 2099 a year is a leap year when its last two digits
# divide by four (2000 was one), so the century need not be known.
_EXPIRY: Final = re.compile(
    r"[0-9]{2}(?:(?:0[13578]|1[02])(?:[0-2][0-9]|3[01])|(?:0[469]|11)(?:[0-2][0-9]|30)|02(?:[01][0-9]|2[0-8]))"
    r"|(?:[02468][048]|[13579][26])0229"
)


def pad_gtin(text: str) -> str:
    """The GTIN-14 of a GTIN-8, GTIN-12 or GTIN-13, with zeros before it; any other text as it is.

    Source: GS1 General Specifications, AI (01): 14 digits, shorter GTINs get leading zeros.
    """
    return text.zfill(GTIN_LENGTH) if len(text) in _SHORTER_GTINS and _is_digits(text) else text


def is_gtin(text: str) -> bool:
    """Whether the text is 14 digits with a right GS1 check digit; pad shorter ones with `pad_gtin` first."""
    return len(text) == GTIN_LENGTH and _is_digits(text) and _gs1_weighted_sum(text) % 10 == 0


def gs1_check_digit(digits: str) -> str:
    """The check digit that belongs after these digits, of any number (GS1 General Specifications §7.9.1)."""
    return str(-_gs1_weighted_sum(digits + "0") % 10)


def has_gs1_check_digit(digits: str) -> bool:
    """Whether a GS1 key of any length (GTIN, SSCC, GLN …) ends in its right check digit; digits only."""
    return _gs1_weighted_sum(digits) % 10 == 0


def is_ppn(text: str) -> bool:
    """Whether the text is a Pharmacy Product Number: 5 to 22 digits or capitals with right check digits.

    A German one is "11", the 8 digits of the PZN and the two check digits, 12 characters in all.
    Source: IFA, Pharmacy Product Number Technical Specifications v3.1, §5 and §12.
    """
    return _PPN.fullmatch(text) is not None and ppn_check_digits(text[:-2]) == text[-2:]


def ppn_check_digits(text: str) -> str:
    """The two check digits of a PPN: ASCII values times 2, 3, 4 … from the left, the sum modulo 97.

    Source: IFA, Pharmacy Product Number Technical Specifications v3.1, §12. Example: 1103752864 has 14.
    """
    return f"{sum(weight * code for weight, code in enumerate(text.encode('ascii'), 2)) % 97:02}"


def is_pzn(text: str) -> bool:
    """Whether the text is a PZN of 8 digits: the first seven times 1 to 7, the sum modulo 11, is the last.

    Source: IFA, technical notes on the PZN in Code 39. A remainder of 10 is not used.
    """
    if _PZN.fullmatch(text) is None:
        return False
    return sum(weight * int(digit) for weight, digit in enumerate(text[:7], 1)) % 11 == int(text[7])


def is_serial_number(text: str, scheme: str) -> bool:
    """Whether the text has the form of a serial number: 1 to 20 of set 82, in IFA of the capitals and digits.

    Source: Delegated Regulation (EU) 2016/161 art. 4(b); GS1 General Specifications, AI (21); IFA
    PPN-Code Specification for Retail Packaging §4.2.
    """
    form = _SERIAL_FORMS.get(scheme)
    return form is not None and form(text) is not None


def is_batch(text: str, scheme: str) -> bool:
    """Whether the text has the form of a batch: that of a serial number, in IFA with `-` and `_` too."""
    form = _BATCH_FORMS.get(scheme)
    return form is not None and form(text) is not None


def is_expiry(text: str) -> bool:
    """Whether the text is YYMMDD with a real day, or day 00 for the end of the month.

    Source: GS1 General Specifications, AI (17).
    """
    return _EXPIRY.fullmatch(text) is not None


def full_year(two_digits: int, this_year: int = 2025) -> int:
    """The year that ends in these two digits among the 49 years before this one and the 50 after it.

    Source: GS1 General Specifications §7.12. Whoever has a clock passes its year; the default serves every
    medicine that expires between 1976 and 2075.
    """
    century = this_year - this_year % 100
    difference = two_digits - this_year % 100
    if difference > 50:  # noqa: PLR2004 - the rule's own number: 51 to 99 is the century before
        century -= 100
    elif difference < -49:  # noqa: PLR2004 - the rule's own number: -50 to -99 is the century after
        century += 100
    return century + two_digits


def last_day(expiry: str, this_year: int = 2025) -> date:
    """The last day on which the pack may be used; `expiry` must be one (`is_expiry`), else ValueError."""
    year, month, day = full_year(int(expiry[:2]), this_year), int(expiry[2:4]), int(expiry[4:])
    return date(year, month, day or monthrange(year, month)[1])


@lru_cache(maxsize=8192)
def expires_at(expiry: str, zone: ZoneInfo, this_year: int = 2025) -> datetime:
    """The first moment, in UTC, at which the pack has expired: when its last day has ended in the time zone.

    `expiry` must be one (`is_expiry`), else ValueError. A day that the clocks change on has its own length.
    """
    day_after = last_day(expiry, this_year) + timedelta(days=1)
    return datetime.combine(day_after, time.min, zone).astimezone(UTC)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _gs1_weighted_sum(digits: str) -> int:
    """Digits times 3 and 1 in turn so that the last one counts once, less what ASCII adds to each."""
    codes = digits.encode("ascii")
    return 3 * sum(codes[-2::-2]) + sum(codes[-1::-2]) - 48 * (len(codes) + 2 * (len(codes) // 2))
