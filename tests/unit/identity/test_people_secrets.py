"""Passwords, one-time codes and sealing: without a database."""

from __future__ import annotations

import base64
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sinetti.identity.people import totp
from sinetti.identity.people.passwords import fault_of_password, hash_password, is_password
from sinetti.kit.sealing import Sealer, sealer_of

ABOUT = ("Maija Metso", "maija.metso@example.fi", "Metson apteekki")
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "short"),
        ("Xq7!zP0#k", "short"),
        ("password1234", "easy"),
        ("qwertyuiop12", "easy"),
        ("maijametso2026", "easy"),
        ("aaaaaaaaaaaaaaaa", "easy"),
        ("x" * 129, "long"),
        ("neljä harmaata siiliä", None),
        ("correct horse battery staple", None),
        ("🦔🦔 hedgehog crossing 🦔", None),
    ],
)
def test_a_password_is_judged_by_how_hard_it_is_to_guess(password, fault):
    assert fault_of_password(password, ABOUT) == fault


async def test_a_password_is_kept_as_argon2_and_known_again():
    kept = await hash_password("neljä harmaata siiliä")
    assert kept.startswith("$argon2id$")
    assert kept != await hash_password("neljä harmaata siiliä"), "each with a salt of its own"
    assert await is_password("neljä harmaata siiliä", kept)
    assert not await is_password("neljä harmaata siiliä ", kept)
    assert not await is_password("a password that nobody has", None)


# RFC 6238, appendix B, the last six digits.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_the_standard(seconds, code):
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(RFC_SECRET, now) == code
    assert totp.step_of_code(RFC_SECRET, f" {code[:3]} {code[3:]} ", now) == seconds // 30


def test_a_code_is_good_half_a_minute_early_and_late_and_no_more():
    now = datetime.fromtimestamp(1_700_000_000, UTC)
    step = 1_700_000_000 // 30
    for away in range(-3, 4):
        code = totp.code_at(RFC_SECRET, datetime.fromtimestamp(1_700_000_000 + 30 * away, UTC))
        assert totp.step_of_code(RFC_SECRET, code, now) == (step + away if abs(away) <= 1 else None)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５６", "-12345"])
def test_what_is_no_code_is_wrong(typed):
    assert totp.step_of_code(RFC_SECRET, typed, datetime.now(UTC)) is None


def test_recovery_codes_differ_and_are_known_however_they_are_typed():
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    for code in codes:
        assert totp.plain_recovery_code(f" {code.replace('-', ' ').upper()} ") == code
        assert totp.plain_recovery_code(code.replace("-", "")) == code


def test_what_is_sealed_opens_with_the_same_key_for_the_same_purpose_only():
    sealer = Sealer(bytes(32))
    sealed = sealer.seal("SECRET", "totp 1")
    assert b"SECRET" not in sealed
    assert sealer.open(sealed, "totp 1") == "SECRET"
    assert sealer.open(sealed, "totp 2") is None
    assert Sealer(bytes([1] * 32)).open(sealed, "totp 1") is None
    for spoilt in (b"", sealed[:11], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        assert sealer.open(spoilt, "totp 1") is None


def test_an_installation_has_one_key_that_only_its_user_reads(tmp_path: Path):
    first = sealer_of(tmp_path / "home")
    assert sealer_of(tmp_path / "home").open(first.seal("x", "p"), "p") == "x"
    (key,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.stat().st_size == 32
