"""Problem details as RFC 9457 wants them, with Sinetti's own words."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from sinetti.kit.problems import Problem, render_problem

ID = UUID("01932e4c-7a1b-7def-8123-456789abcdef")


def rendered(problem: Problem, language: str = "en") -> tuple[int, dict[str, str], dict[str, object]]:
    status, headers, body = render_problem(problem, language, ID)
    return status, dict(headers), json.loads(body)


def test_a_problem_is_rendered_whole():
    problem = Problem("unknown-batch", 404, product_code="06400000000014", batch="A12")
    assert rendered(problem) == (
        404,
        {"Content-Type": "application/problem+json", "Content-Language": "en", "Cache-Control": "no-store"},
        {
            "type": "/problems/unknown-batch",
            "title": "The batch is not known",
            "status": 404,
            "detail": "Product 06400000000014 has no batch A12.",
            "action": "Check the batch number, or upload the batch first.",
            "instance": f"urn:uuid:{ID}",
            "transactionId": str(ID),
            "productCode": "06400000000014",
            "batch": "A12",
        },
    )


@pytest.mark.parametrize(
    ("language", "title"),
    [("fi", "Erää ei tunneta"), ("sv", "Batchen är okänd"), ("en", "The batch is not known")],
)
def test_a_problem_speaks_the_language_asked_for(language, title):
    _, headers, body = rendered(Problem("unknown-batch", 404, product_code="0", batch="0"), language)
    assert (headers["Content-Language"], body["title"]) == (language, title)


def test_a_list_is_told_as_words_and_given_as_a_list():
    problem = Problem(
        "duplicate-serial-numbers", 409, product_code="1", count=2, serial_numbers=["A1", "B{2}"]
    )
    _, _, body = rendered(problem)
    assert str(body["detail"]).endswith("The first of them: A1, B{2}")
    assert body["serialNumbers"] == ["A1", "B{2}"]
    assert body["count"] == 2


def test_values_cannot_take_the_place_of_the_standard_fields():
    _, _, body = rendered(Problem("internal-error", 500, status_text="x", title="mine", type="mine"))
    assert (body["type"], body["title"], body["statusText"]) == (
        "/problems/internal-error",
        body["title"],
        "x",
    )
    assert body["title"] != "mine"


def test_headers_of_the_problem_go_along():
    _, headers, _ = rendered(Problem("unauthorised-missing", 401, headers={"WWW-Authenticate": "Bearer"}))
    assert headers["WWW-Authenticate"] == "Bearer"


def test_a_key_without_texts_still_gives_its_status():
    status, _, body = rendered(Problem("never-heard-of", 418))
    assert (status, body["status"], body["title"]) == (418, 418, "never-heard-of")
