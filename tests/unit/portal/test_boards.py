"""How the boards' periods are cut into steps, and where sums stand in a picture."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sinetti.alerts.boards import Period
from sinetti.portal.pages.boards.drawing import BARS_HEIGHT, CHART_HEIGHT, CHART_WIDTH, bars, chart

LAST = date(2026, 3, 31)


@pytest.mark.parametrize(("days", "sizes"), [(7, [1] * 7), (28, [1] * 28), (90, [6] + [7] * 12)])
def test_a_long_period_goes_by_weeks_of_which_the_last_is_whole(days, sizes):
    period = Period.until(LAST, days)
    steps = [period.step_of(day) for day in period.days()]
    assert [steps.count(step) for step in range(period.steps)] == sizes
    assert steps == sorted(steps)
    assert period.first_day == LAST - timedelta(days=days - 1)
    assert period.begins() == [
        next(day for day, at in zip(period.days(), steps, strict=True) if at == step)
        for step in range(period.steps)
    ]


def test_the_most_fill_the_height_and_a_single_one_beside_many_is_still_seen():
    drawn = bars([0, 1, 500], 500)
    assert [bar.height for bar in drawn] == [0, 2, BARS_HEIGHT]
    assert all(bar.y + bar.height == BARS_HEIGHT for bar in drawn)
    assert bars([0, 0], 0) == bars([0, 0], 1), "nothing to draw is no division by nought"


def test_the_line_ends_where_there_is_no_value_and_the_target_is_always_in_the_picture():
    drawn = chart([0.1, 0.2, None, 0.3], 0.5)
    assert len(drawn.lines) == 1
    assert drawn.lines[0].startswith("0,")
    (dot,) = drawn.dots
    assert dot == pytest.approx((CHART_WIDTH, CHART_HEIGHT * (1 - 0.3 / 0.55)), abs=0.1)
    assert 0 < drawn.target_y < CHART_HEIGHT
    assert chart([5.0, 0.0], 0.5).lines == (
        f"0,{CHART_HEIGHT * (1 - 1 / 1.1):.1f} {CHART_WIDTH},{CHART_HEIGHT}",
    )
    assert chart([None], 0.5).lines == chart([], 0.5).lines == ()
