"""The demo: a company's account with two Regions, mostly healthy, with every kind of fault somewhere.

In Paris faults sit on single roles, nodes and networks. In Frankfurt one switch of the session preferences asks for an
encrypted log group and the group is not: every node there is closed until that is mended.
"""

from __future__ import annotations

from ssmtui.simulator.scenario import Scenario
from ssmtui.simulator.worlds import demo_frankfurt, demo_paris
from ssmtui.simulator.worlds.callers import ENGINEER


def demo() -> Scenario:
    """The world of ``ssmtui demo``."""
    return Scenario(
        name="demo",
        summary="A fleet in two Regions, mostly healthy, with every kind of fault somewhere.",
        regions=(demo_paris.plan(), demo_frankfurt.plan()),
        roles=(*demo_paris.roles(), *demo_frankfurt.roles()),
        profiles=(*demo_paris.profiles(), *demo_frankfurt.profiles()),
        caller=ENGINEER,
    )
