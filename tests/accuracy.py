"""How right the diagnosis is, over every world of the simulator (`make accuracy`). Fails where it is not."""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.following import follow
from ssmtui.diagnosis.live import Asked, LiveDiagnosis
from ssmtui.simulator.environment import isolated
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.scenario import Scenario, Verdict
from ssmtui.simulator.worlds import names, world


def main() -> int:
    """Diagnose every world, print a row each, the proof of each cause, and the sum; 1 where a word was wrong."""
    wrong = 0
    proofs: dict[str, Counter[str]] = defaultdict(Counter)
    calls: Counter[str] = Counter()
    expected: Counter[Verdict] = Counter()
    with serving() as aws:
        for name in names():
            state = diagnosed(aws, name)
            right, total = compared(state, world(name))
            wrong += total - right
            calls.update(state.api_calls())
            expected.update(node.expected.verdict for region in world(name).regions for node in region.nodes)
            for held in state.findings.values():
                proofs[held.finding.cause].update(each.source for each in held.finding.evidence if each.source)
            print(f"{'ok' if right == total else 'WRONG':<6} {name:<36} {right}/{total} nodes")
    print("\nWhat proves each cause")
    for cause, sources in sorted(proofs.items()):
        print(f"  {cause:<32} {', '.join(sorted(sources))}")
    words = ", ".join(f"{count} {verdict.value}" for verdict, count in expected.most_common())
    print(f"\n{sum(expected.values())} nodes ({words}), {wrong} wrong, {sum(calls.values())} API calls")
    return 1 if wrong else 0


def diagnosed(aws: SimulatedAws, name: str) -> FleetState:
    """A world, diagnosed to the end."""
    aws.load(name)
    os.environ.update(isolated({}, aws.environment))
    live = LiveDiagnosis.start(Asked(regions=aws.regions, endpoint_url=aws.endpoint_url))
    try:
        return follow(live)
    finally:
        live.close()


def compared(state: FleetState, scenario: Scenario) -> tuple[int, int]:
    """How many nodes have the verdict and root cause that the scenario says, of how many."""
    told = {node.name: state.verdict(key) for key, node in state.nodes.items()}
    nodes = [node for region in scenario.regions for node in region.nodes]
    if not state.nodes and state.errors:
        return sum(node.expected.verdict is Verdict.UNKNOWN for node in nodes), len(nodes)
    right = [
        node
        for node in nodes
        if node.name in told
        and told[node.name].status.value == node.expected.verdict.value
        and told[node.name].root_cause == node.expected.root_cause
    ]
    return len(right), len(nodes)


if __name__ == "__main__":
    sys.exit(main())
