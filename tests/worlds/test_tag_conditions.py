"""A permission that hangs on tags of nodes is asked about once for each set of values, whatever carries them."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Scenario, fails
from ssmtui.simulator.worlds.building_blocks import BY_TAG, DESTINATIONS, node, preferences, small_world
from tests.simulated_diagnosis.fixtures import Diagnose


def tagged(each: int) -> Scenario:
    """So many nodes with one value, with another, and without the tag."""
    denied = fails("caller-start-denied")
    sound = [node(f"web-test-{number}") for number in range(each)]
    others = [
        replace(node(f"web-{env}-{number}", denied), tags={"Env": env} if env == "prod" else {"Team": f"team-{number}"})
        for env in ("prod", "none")
        for number in range(each)
    ]
    return small_world((*sound, *others), preferences=preferences(DESTINATIONS), caller=BY_TAG)


def simulations(aws: SimulatedAws, diagnose: Diagnose, each: int) -> int:
    aws.load(tagged(each))
    aws.journal.clear()
    state = diagnose()
    started = {node.name.split("-")[1]: state.verdict(key).root_cause for key, node in state.nodes.items()}
    assert started == {"test": None, "prod": "caller-start-denied", "none": "caller-start-denied"}
    return sum(entry.operation == "SimulatePrincipalPolicy" for entry in aws.journal.entries)


def test_conditions_on_tags_are_asked_about_once_a_set_of_values(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    few, many = (simulations(at_simulator, diagnose, each) for each in (1, 5))
    assert many == few
