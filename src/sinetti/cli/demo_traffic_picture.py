"""The live picture of traffic on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sinetti.cli.demo_traffic_lines import ANSWER_LIMIT_MILLISECONDS, failure_line, moment, pace
from sinetti.demo.traffic.figures import TARGET_PERCENT, Figures
from sinetti.demo.traffic.play import Event

_PER_SECOND: Final = 4
_CAUSES_SHOWN: Final = 12
_BAR: Final = 24
_WORST_PERCENT: Final = 1.0
_TROUBLES_SHOWN: Final = 3
_LATE_SECONDS: Final = 2.0


class Picture:
    """Time, figures, causes and the latest alerts, painted anew several times a second."""

    def __init__(self, figures: Figures, speed: float | None, console: Console | None = None) -> None:
        self._figures = figures
        self._speed = speed
        self._live = Live(
            get_renderable=self._now,
            console=console or Console(),
            refresh_per_second=_PER_SECOND,
            transient=True,
        )

    def after(self, event: Event, seconds: float) -> None:
        """Nothing: the picture is painted from the figures, by its own clock."""

    def __enter__(self) -> Self:
        """Begin to paint."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the picture away; the summary comes in its place."""
        self._live.__exit__(kind, error, trace)

    def _now(self) -> RenderableType:
        return painted(self._figures, self._speed, time.monotonic())


def painted(figures: Figures, speed: float | None, seconds: float) -> RenderableType:
    """The whole picture."""
    parts: list[RenderableType] = [_time(figures, speed), _figures(figures, seconds)]
    if figures.by_cause:
        parts.append(Panel(_causes(figures), title="Alerts by their true cause", title_align="left"))
        parts.append(Panel(_alerts(figures), title="Latest alerts", title_align="left"))
    parts += [Text(failure_line(failure), style="yellow") for failure in figures.failures[-_TROUBLES_SHOWN:]]
    parts.append(Text("Ctrl-C stops it", style="dim"))
    return Group(*parts)


def _time(figures: Figures, speed: float | None) -> RenderableType:
    row = Table.grid(padding=(0, 2))
    done, total = figures.prepared
    if done < total or not total:
        row.add_row(
            Text("Getting ready", style="bold"), f"{done} of {total or '…'} products and batches uploaded"
        )
        return row
    late = ""
    if figures.late_seconds > _LATE_SECONDS:
        late = f"{figures.late_seconds:.0f} s behind"
    bar = ProgressBar(total=1.0, completed=figures.done, width=_BAR)
    row.add_row(Text(f"{figures.at:%A %H:%M}", style="bold"), bar, pace(speed), Text(late, style="yellow"))
    return row


def _figures(figures: Figures, seconds: float) -> RenderableType:
    table = Table.grid(padding=(0, 3))
    slowest = figures.milliseconds(95)
    table.add_row(
        f"{figures.operations} of {figures.plan.operations} operations",
        f"{figures.per_second(seconds):.1f} a second",
        Text(
            f"p95 {slowest} ms (limit {ANSWER_LIMIT_MILLISECONDS})",
            style="red" if slowest > ANSWER_LIMIT_MILLISECONDS else "green",
        ),
    )
    above = figures.alert_percent > TARGET_PERCENT
    told = "above" if above else "within"
    table.add_row(
        f"{figures.alerts} alerts",
        Text(f"{figures.alert_percent:.2f} %", style="red" if above else "green"),
        f"{_against_target(figures.alert_percent)} {told} the European target of {TARGET_PERCENT} %",
    )
    return table


def _against_target(percent: float) -> str:
    """A bar from nothing to one per cent, with a mark where the target is."""
    filled = min(round(percent / _WORST_PERCENT * _BAR), _BAR)
    mark = round(TARGET_PERCENT / _WORST_PERCENT * _BAR)
    return "".join("│" if at == mark else "█" if at < filled else "·" for at in range(_BAR))


def _causes(figures: Figures) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    most = figures.by_cause.most_common()
    largest = most[0][1]
    for cause, number in most[:_CAUSES_SHOWN]:
        table.add_row(escape(cause), f"{number:4}", "█" * max(round(number / largest * _BAR), 1))
    if len(most) > _CAUSES_SHOWN:
        rest = sum(number for _, number in most[_CAUSES_SHOWN:])
        table.add_row(Text("others", style="dim"), f"{rest:4}", "")
    return table


def _alerts(figures: Figures) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for event in reversed(figures.recent_alerts):
        assert event.truth is not None, "an alert has a truth"
        truth = event.truth
        table.add_row(
            moment(truth.at),
            Text(event.operation_code or "", style="red"),
            escape(truth.cause),
            escape(truth.location),
            Text(truth.note or truth.title, overflow="ellipsis", no_wrap=True),
        )
    return table
