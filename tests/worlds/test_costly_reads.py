"""What costs much or tells little is asked of nodes that are away, and of no other."""

from __future__ import annotations

from collections import Counter

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import Diagnose

ONLY_OF_SILENT_NODES = {
    "DescribeInstanceStatus",
    "GetConsoleOutput",
    "LookupEvents",
}


def asked(aws: SimulatedAws, diagnose: Diagnose, world: str) -> Counter[str]:
    aws.load(world)
    aws.journal.clear()
    diagnose()
    return Counter(entry.operation for entry in aws.journal.entries)


def test_a_sound_fleet_is_not_asked_for_consoles_nor_for_the_trail(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    assert asked(at_simulator, diagnose, "healthy-small").keys().isdisjoint(ONLY_OF_SILENT_NODES)


def test_the_console_of_each_silent_node_is_read_once_and_the_trail_once_for_each_kind_of_event(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    calls = asked(at_simulator, diagnose, "wrong-principal")
    assert (calls["GetConsoleOutput"], calls["LookupEvents"]) == (2, 3)
