"""Plot the series of the overview over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol, cast

from rich.text import Text
from textual.app import RenderResult
from textual.content import Content
from textual_plotext import PlotextPlot

from ssmtui.ui.text.overview import SERIES, Chart
from ssmtui.ui.text.styled_text import Piece, TextStyle
from ssmtui.ui.widgets.text_pane import styled_content

_FRAME = 3
"""The cells of the plot's frame beside the numbers of its axis, and its lines in total."""


class _Drawing(Protocol):
    """The used part of plotext, which has no types."""

    def clear_figure(self) -> None: ...

    def xaxes(self, lower: bool, upper: bool) -> None: ...  # noqa: FBT001 - as plotext has it

    def yaxes(self, left: bool, right: bool) -> None: ...  # noqa: FBT001 - as plotext has it

    def xlim(self, left: float, right: float) -> None: ...

    def ylim(self, lower: float, upper: float) -> None: ...

    def xticks(self, ticks: Sequence[float], labels: Sequence[str]) -> None: ...

    def yticks(self, ticks: Sequence[float], labels: Sequence[str]) -> None: ...

    def plot(self, x: Sequence[int], y: Sequence[int], *, marker: str) -> None: ...


class SeriesPlot(PlotextPlot):
    """The lines of a chart, each with its sign. It shows a text while there is nothing to plot."""

    DEFAULT_CSS = "SeriesPlot { min-height: 6; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.theme = "clear"
        self._chart: Chart | None = None
        self._instead = ""

    @property
    def columns(self) -> int:
        """The number of columns of cells for the plot."""
        return max(0, self.size.width - _FRAME - 6)

    def show(self, chart: Chart | None, instead: str = "") -> None:
        """Plot a chart; without a chart, show a text instead."""
        if (chart, instead) != (self._chart, self._instead):
            self._chart, self._instead = chart, instead
            self.refresh()

    def render(self) -> RenderResult:
        """Return the plot, in the app's styles."""
        if self._chart is None or self.size.height < _FRAME + 1:
            return styled_content((self._instead, TextStyle.MUTED))
        self._draw(self._chart)
        drawn = super().render()
        return _coloured(drawn.plain.splitlines()) if isinstance(drawn, Text) else drawn

    def _draw(self, chart: Chart) -> None:
        drawing = cast("_Drawing", self.plt)
        drawing.clear_figure()
        drawing.xaxes(lower=True, upper=False)
        drawing.yaxes(left=True, right=False)
        drawing.xlim(0, chart.span - 1)
        drawing.ylim(0, chart.top)
        drawing.xticks([place for place, _ in chart.times], [words for _, words in chart.times])
        drawing.yticks(chart.heights, [f"{height:,}" for height in chart.heights])
        for series, line in zip(SERIES, chart.lines, strict=True):
            drawing.plot(range(len(line)), line, marker=series.sign.glyph)


def _coloured(lines: Sequence[str]) -> Content:
    """Return the lines with the styles of the signs of the series, and of the axes."""
    text_styles = {series.sign.glyph: series.sign.text_style for series in SERIES}
    pieces: list[Piece] = []
    for line in lines:
        axis = next((place for place, each in enumerate(line) if each in "│┤└"), len(line))
        # Separate from the axis: some SVG viewers drop leading blanks.
        pieces += [(line[:axis], TextStyle.MUTED), (line[axis : axis + 1], TextStyle.FAINT)]
        pieces += [("".join(alike), text_style) for text_style, alike in _runs(line[axis + 1 :], text_styles)]
        pieces.append(("\n", TextStyle.PLAIN))
    return styled_content(*pieces[:-1])


def _runs(text: str, text_styles: dict[str, TextStyle]) -> list[tuple[TextStyle, list[str]]]:
    return [
        (text_style, list(alike))
        for text_style, alike in groupby(text, lambda each: text_styles.get(each, TextStyle.FAINT))
    ]
