"""Whoever may read what `ssmtui policy` prints, and nothing else, sees the demo as it is."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.model.finding import Status
from ssmtui.report.policy import PERMITTED_TO_ALL
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import InlinePolicy
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.building_blocks import READER
from tests.minimal_policy.reading_policy import READ_POLICY, actions, asked, statements
from tests.simulated_diagnosis.fixtures import Diagnose
from tests.worlds.test_expected_verdicts import expected, told


def test_every_node_has_the_verdict_and_root_cause_of_what_is_broken(
    at_simulator: SimulatedAws, diagnose: Diagnose
) -> None:
    demo = world("demo")
    reading = InlinePolicy("read", tuple(statements(READ_POLICY)))
    # It may open sessions too: that it may not would be a finding on every node.
    at_simulator.load(replace(demo, caller=replace(READER, managed=(), inline=(*READER.inline, reading))))
    state = diagnose()
    assert told(state) == expected(demo, state)
    assert [id_ for id_, held in state.findings.items() if held.finding.status is Status.UNKNOWN] == []
    assert asked(at_simulator).keys() <= {*actions(READ_POLICY), *PERMITTED_TO_ALL}
