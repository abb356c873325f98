"""Measure how many nodes are diagnosed correctly, in every world of the simulator (`make accuracy`); fail on errors."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.process import without_aws_variables
from ssmtui.simulator.scenario import Control, Scenario, Verdict, fleet_expectation
from ssmtui.simulator.worlds import names, world
from tests.workstations import workstations

WORLDS = 130
BROKEN, CONTROLS = 80, 40
"""The number of worlds, and of nodes of each kind, that must be diagnosed, all correctly."""

SOUND = "healthy-small"
"""The world that is diagnosed from different computers."""


def main() -> int:
    """Diagnose every world; print a row each, the proof of each cause, and the total. Return 1 after a wrong result."""
    wrong = 0
    proofs: dict[str, Counter[str]] = defaultdict(Counter)
    calls: Counter[str] = Counter()
    expected: Counter[Verdict] = Counter()
    controls: dict[Control, list[str]] = defaultdict(list)
    with serving() as aws:
        for name in names():
            state = diagnosed(aws, name)
            right, total = compared(state, world(name))
            closer, named = looked_at_closely(aws, name, proofs)
            right, total = right + closer, total + named
            wrong += total - right
            calls.update(state.api_calls())
            expected.update(node.expected.verdict for node in world(name).nodes)
            for node in world(name).nodes:
                if node.expected.control is not None:
                    controls[node.expected.control].append(f"{name}/{node.name}")
            for held in state.findings.values():
                proofs[held.finding.cause].update(each.source for each in held.finding.evidence if each.source)
            print(f"{'ok' if right == total else 'WRONG':<6} {name:<36} {right}/{total} nodes")
        wrong += judged_workstations(aws, proofs)
    print("\nWhat proves each cause")
    for cause, sources in sorted(proofs.items()):
        print(f"  {cause:<32} {', '.join(sorted(sources))}")
    print("\nWhat must never be told to fail")
    for control, told in sorted(controls.items()):
        print(f"  {control:<48} {', '.join(sorted(told))}")
    words = ", ".join(f"{count} {verdict.value}" for verdict, count in expected.most_common())
    print(f"\n{sum(expected.values())} nodes ({words}), {wrong} wrong, {sum(calls.values())} API calls")
    print(f"{len(names())} worlds")
    too_few = (
        len(names()) < WORLDS
        or expected[Verdict.FAIL] < BROKEN
        or expected[Verdict.OK] < CONTROLS
        or controls.keys() != set(Control)
    )
    return 1 if wrong or too_few else 0


def judged_workstations(aws: SimulatedAws, proofs: dict[str, Counter[str]]) -> int:
    """Diagnose a healthy fleet from every computer; return how many results are wrong."""
    wrong = 0
    asked = min(key.id for key in diagnosed(aws, SOUND).nodes)
    for station in workstations(asked):
        state = diagnosed(aws, SOUND, station.workstation)
        found = {each.finding.cause: each.finding for each in state.findings.values()}
        told = {cause: finding.status for cause, finding in found.items()}
        for cause, finding in found.items():
            proofs[cause].update(each.source for each in finding.evidence if each.source)
        wrong += told != station.expected
        print(f"{'ok' if told == station.expected else 'WRONG':<6} {f'from {station.name}':<36} {len(told)} findings")
    return wrong


def looked_at_closely(aws: SimulatedAws, name: str, proofs: dict[str, Counter[str]]) -> tuple[int, int]:
    """Diagnose single nodes whose fleet diagnosis says less; return how many are correct, and the total."""
    hidden = [node for node in world(name).nodes if fleet_expectation(node) != node.expected]
    if not hidden:
        return 0, 0
    state = diagnosed(aws, name, nodes=tuple(node.name for node in hidden))
    told = {node.name: state.verdict(key) for key, node in state.nodes.items()}
    for held in state.findings.values():
        proofs[held.finding.cause].update(each.source for each in held.finding.evidence if each.source)
    right = [
        node
        for node in hidden
        if told[node.name].status.value == node.expected.verdict.value
        and told[node.name].root_cause == node.expected.root_cause
    ]
    return len(right), len(hidden)


def diagnosed(
    aws: SimulatedAws, name: str, workstation: WorkstationDescription | None = None, nodes: tuple[str, ...] = ()
) -> FleetState:
    """Return the complete diagnosis of a world: from a given computer, or only of the named nodes."""
    aws.load(name)
    os.environ.update(without_aws_variables({}, aws.environment))
    asked = DiagnosisRequest(
        regions=aws.regions,
        endpoint_url=aws.endpoint_url,
        nodes=nodes,
        workstation=workstation.workstation if workstation else None,
    )
    live = LiveDiagnosis.start(asked)
    try:
        return follow(live)
    finally:
        live.close()


def compared(state: FleetState, scenario: Scenario) -> tuple[int, int]:
    """Return how many nodes have the expected verdict and root cause, and the total."""
    told = {node.name: state.verdict(key) for key, node in state.nodes.items()}
    refused = {name.region for name in state.errors}
    nodes = [(region.name, node) for region in scenario.regions for node in region.nodes]
    right = [
        node
        for region, node in nodes
        if (
            told[node.name].status.value == fleet_expectation(node).verdict.value
            and told[node.name].root_cause == fleet_expectation(node).root_cause
            if node.name in told
            # Nodes that the caller is not allowed to list have no result, which is correct.
            else region in refused and node.expected.verdict is Verdict.UNKNOWN
        )
    ]
    return len(right), len(nodes)


if __name__ == "__main__":
    sys.exit(main())
