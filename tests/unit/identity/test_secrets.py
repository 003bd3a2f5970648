"""Client ids, client secrets and tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinetti.identity import secrets
from sinetti.identity.secrets import Credentials


def test_a_client_id_can_be_read_aloud_and_is_new_every_time():
    made = {secrets.new_client_id("FI") for _ in range(200)}
    assert len(made) == 200
    for client_id in made:
        market, *groups = client_id.split("-")
        assert market == "fi"
        assert [len(group) for group in groups] == [4, 4, 4]
        assert not set("".join(groups)) & set("01ilou")
        assert secrets.could_be_client_id(client_id)


def test_secrets_and_tokens_have_256_random_bits_and_can_be_told_apart():
    credentials = secrets.new_credentials("FI")
    assert credentials.client_secret.startswith("sinsec_")
    assert len(credentials.client_secret.removeprefix("sinsec_")) == 43  # 256 bits, six to a character
    token = secrets.new_token()
    assert token.startswith("sintok_")
    assert len(token.removeprefix("sintok_")) == 43
    assert secrets.looks_like_token(token)
    assert not secrets.looks_like_token(credentials.client_secret)
    assert len({secrets.new_token() for _ in range(200)}) == 200


def test_a_new_client_passes_the_check_of_imported_ones():
    for _ in range(200):
        assert secrets.fault_of_imported(secrets.new_credentials("FI")) is None


@given(st.text(), st.text())
def test_only_the_secret_itself_matches_its_digest(secret: str, other: str):
    assert secrets.matches(secret, secrets.digest(secret))
    assert secrets.matches(other, secrets.digest(secret)) == (secret == other)
    assert not secrets.matches(secret, None)


def test_nothing_matches_the_digest_of_nothing():
    assert not secrets.matches("", None)
    assert not secrets.matches("", secrets.DIGEST_OF_NOTHING)


@pytest.mark.parametrize(
    ("client_id", "client_secret", "fault"),
    [
        ("FI-PHARMACY-1", "k3J9-x7Qw-Zp20-LmNd", None),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7", None),
        ("a client", "with spaces & 'signs' : inside", None),
        ("x", "abcdefgh12345678", None),
        ("x", "abcdefgh1234567", "client-secret-weak"),
        ("x", "abcabcabcabcabcabc", "client-secret-weak"),
        ("x", "", "client-secret-unusable"),
        ("x", " abcdefgh12345678", "client-secret-unusable"),
        ("x", "abcdefgh12345678\n", "client-secret-unusable"),
        ("x", "päiväkahvi1234567", "client-secret-unusable"),
        ("x", "aB3$" * 125, "client-secret-weak"),
        ("x", "abcdefgh" * 63, "client-secret-unusable"),
        ("", "k3J9-x7Qw-Zp20-LmNd", "client-id-unusable"),
        (" x", "k3J9-x7Qw-Zp20-LmNd", "client-id-unusable"),
        ("apteekki-ä", "k3J9-x7Qw-Zp20-LmNd", "client-id-unusable"),
        ("a\x00b", "k3J9-x7Qw-Zp20-LmNd", "client-id-unusable"),
        ("x" * 101, "k3J9-x7Qw-Zp20-LmNd", "client-id-unusable"),
    ],
)
def test_credentials_from_elsewhere_are_taken_over_where_they_are_safe(client_id, client_secret, fault):
    assert secrets.fault_of_imported(Credentials(client_id, client_secret)) == fault


def test_a_secret_does_not_show_in_a_representation():
    credentials = secrets.new_credentials("FI")
    assert credentials.client_secret not in repr(credentials)
    assert credentials.client_secret not in str([credentials])
    assert credentials.client_secret not in repr(list(credentials.__rich_repr__()))
