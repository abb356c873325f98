"""The chart of the pulse: a value a column, from the first moment until now."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.ui.text.overview import Chart, FleetSample, chart, legend
from ssmtui.ui.text.styled_text import plain_text
from tests.ui.builders import NOON


def sample(seconds: float, online: int, connected: int = 0, failing: int = 0) -> FleetSample:
    return FleetSample(NOON + timedelta(seconds=seconds), 10, online, connected, failing)


def at(seconds: float, *samples: FleetSample, columns: int = 13) -> Chart:
    plotted = chart(samples, NOON + timedelta(seconds=seconds), columns)
    assert plotted is not None
    return plotted


def test_nothing_is_plotted_before_anything_was_told_or_without_room() -> None:
    assert chart((), NOON, 80) is None
    assert chart((sample(0, 1),), NOON, 1) is None


def test_a_value_holds_until_the_next_and_the_newest_stands_at_now() -> None:
    online, connected, failing = at(60, sample(0, 2), sample(30, 4, 3), sample(60, 9, 8, 1)).lines
    assert online == (2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 9)
    assert connected == (0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 8)
    assert failing == (0,) * 12 + (1,)


def test_what_is_yet_to_come_is_left_blank() -> None:
    assert at(0, sample(0, 2)).lines[0] == (2,)
    assert at(30, sample(0, 2)).lines[0] == (2,) * 7
    assert at(7_200, sample(0, 2)).lines[0] == (2,) * 13


def test_the_axes_say_how_long_ago_and_how_many() -> None:
    plotted = at(7_200, sample(0, 2), columns=60)
    assert plotted.times == ((0, "2 h 00 ago"), (30, "1 h 00 ago"), (59, "now"))
    assert (plotted.top, plotted.heights) == (10, (0, 5, 10))


def test_words_below_the_axis_stand_only_where_they_do_not_meet() -> None:
    assert at(0, sample(0, 2), columns=60).times == ((0, "now"),)
    assert at(2, sample(0, 2), columns=60).times == ((2, "now"),)
    assert at(30, sample(0, 2), columns=60).times == ((0, "30 s ago"), (15, "15 s ago"), (30, "now"))


def test_an_empty_fleet_has_a_height_of_its_own() -> None:
    plotted = at(0, FleetSample(NOON, 0, 0, 0, 0))
    assert (plotted.top, plotted.heights) == (1, (0, 1))


def test_the_legend_says_how_it_stands_now() -> None:
    assert plain_text(legend((sample(0, 2), sample(9, 1_234, 7, 3)))) == "○ 1,234 Online  ● 7 connected  ✖ 3 failing  "
    assert legend(()) == ()
