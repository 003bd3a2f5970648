"""One-time codes of authenticator apps (RFC 6238), and recovery codes for when the app is lost."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
STEPS_EITHER_SIDE = 1
"""Clocks differ, and typing takes time (RFC 6238, 5.2)."""
RECOVERY_CODES = 10

_CLEAR_CHARACTERS = "23456789abcdefghjkmnpqrstvwxyz"
_GROUPS, _GROUP_CHARACTERS = 4, 4


def new_secret() -> str:
    """A new secret, 160 random bits in base 32, as apps take it."""
    return pyotp.random_base32()


def address_of_secret(secret: str, email: str) -> str:
    """The address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Sinetti")


def code_at(secret: str, now: datetime) -> str:
    """The code that the app shows at this moment."""
    return pyotp.TOTP(secret).at(now)


def step_of_code(secret: str, code: str, now: datetime) -> int | None:
    """Number of the step that the code belongs to, of those near now; `None` for a wrong code."""
    digits = "".join(code.split())
    if len(digits) != pyotp.TOTP(secret).digits or not (digits.isascii() and digits.isdigit()):
        return None
    totp, step = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    found = None
    for near in range(step - STEPS_EITHER_SIDE, step + STEPS_EITHER_SIDE + 1):
        if secrets.compare_digest(totp.generate_otp(near), digits):
            found = near
    return found


def new_recovery_codes() -> list[str]:
    """Codes of 78 random bits, each good once, to be written on paper."""
    return [
        "-".join(
            "".join(secrets.choice(_CLEAR_CHARACTERS) for _ in range(_GROUP_CHARACTERS))
            for _ in range(_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    ]


def plain_recovery_code(typed: str) -> str:
    """The code as it was given out, however it was typed."""
    characters = "".join(character for character in typed.lower() if character.isalnum())
    return "-".join(
        characters[start : start + _GROUP_CHARACTERS]
        for start in range(0, len(characters), _GROUP_CHARACTERS)
    )
