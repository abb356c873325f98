"""The rate of a tunnel, by a clock that only these tests advance."""

from __future__ import annotations

import pytest

from ssmtui.session.tunnels.transfer_meter import TransferMeter

Transfer = tuple[float, int]


@pytest.mark.parametrize(
    ("transfers", "peak"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([(0, 700)], 0, id="at one moment"),
        pytest.param([(0, 700), (0.9, 700)], 0, id="in less than a second"),
        pytest.param([(0, 700), (0.5, 700), (1, 700)], 1400, id="in a second, without what came before it"),
        pytest.param([(0, 1), (1, 900), (2, 100)], 900, id="the fastest second counts"),
        pytest.param([(0, 1), (1, 100), (61, 900), (62, 300)], 300, id="a long pause is no slow tunnel"),
        pytest.param([(0, 1), (4, 2000)], 500, id="a piece that takes longer than a second"),
    ],
)
def test_the_peak_rate_is_measured_over_a_second_or_more(transfers: list[Transfer], peak: float) -> None:
    now = 0.0
    meter = TransferMeter(lambda: now)
    for now, count in transfers:  # noqa: B007 - the clock reads it
        meter.add(count)
    assert meter.peak == peak
    assert meter.total == sum(count for _, count in transfers)
