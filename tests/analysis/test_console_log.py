"""What a console's output tells of the present."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ssmtui.analysis.console_log import is_current
from ssmtui.model.fact import Absent, Now
from ssmtui.model.node_facts import ConsoleOutput, ConsoleOutputQuery
from tests.builders.fleet import NOON, a_node

NODE = a_node()
CONNECTED, AWAY = (ConsoleOutputQuery(connected=each) for each in (True, False))
DAY, MOMENT = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("captured", "asked"),
    [
        pytest.param(NOON, CONNECTED, id="a day old"),
        pytest.param(NOON - MOMENT, CONNECTED, id="from before the launch, which is not its own time"),
        pytest.param(None, CONNECTED, id="of no time"),
        pytest.param(NOON, AWAY, id="of a node that is away"),
    ],
)
def test_an_output_holds_for_a_day_or_while_its_node_is_away(
    captured: datetime | None, asked: ConsoleOutputQuery
) -> None:
    assert is_current(asked, NODE, ConsoleOutput("", captured), Now(NOON + DAY))


def test_an_older_output_of_a_connected_node_holds_no_more() -> None:
    assert not is_current(CONNECTED, NODE, ConsoleOutput("", NOON), Now(NOON + DAY + MOMENT))
    assert is_current(CONNECTED, NODE, Absent("the console output", "ec2:GetConsoleOutput"), Now(NOON))
