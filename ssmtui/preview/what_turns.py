"""What a forecast says, in sentences: how many nodes turn which way. Screens, reports and hand-overs say the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ssmtui.language import say, say_many
from ssmtui.model.plan import Forecast


class Turn(Enum):
    """What becomes of a node."""

    GREEN = "green"
    AWAITED = "awaited"
    WARN = "warn"
    WORSE = "worse"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Turning:
    """The nodes, by their ids, of which one thing becomes, and the sentence that says so of them."""

    turn: Turn
    sentence: str
    nodes: tuple[str, ...]

    def of(self, names: str) -> str:
        """The sentence, and the nodes by these names."""
        return say("{turned}: {nodes}", turned=self.sentence, nodes=names)


def turnings(forecast: Forecast) -> tuple[Turning, ...]:
    """What becomes of whom, the good first; nothing is said of what becomes of nobody."""
    green, awaited = forecast.turn_green, forecast.await_agent
    warn, worse, red = forecast.turn_warn, forecast.turn_worse, forecast.stay_red
    told = (
        Turning(Turn.GREEN, say_many("{count} node turns green", "{count} nodes turn green", len(green)), green),
        Turning(
            Turn.AWAITED,
            say_many(
                "{count} node is red only until SSM Agent is back",
                "{count} nodes are red only until SSM Agent is back",
                len(awaited),
            ),
            awaited,
        ),
        Turning(
            Turn.WARN, say_many("{count} node turns to a warning", "{count} nodes turn to a warning", len(warn)), warn
        ),
        Turning(Turn.WORSE, say_many("{count} node turns worse", "{count} nodes turn worse", len(worse)), worse),
        Turning(
            Turn.RED,
            say_many(
                "{count} node stays red for another reason", "{count} nodes stay red for another reason", len(red)
            ),
            red,
        ),
    )
    return tuple(each for each in told if each.nodes)
