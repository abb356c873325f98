"""Compare probes with the facts, on the simulator (`make probe`): every ending, every fault, every world."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.model.finding import NOT_CONNECTED, Link, VerdictStatus
from ssmtui.model.probe import ProbeOutcome
from ssmtui.session.probe.stages import Deadlines
from ssmtui.simulator.gateway.session_overrides import SessionStep
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.scenario import fleet_expectation
from ssmtui.simulator.worlds import names
from ssmtui.simulator.worlds import world as scenario
from tests.session.probe.endings import Ending, endings
from tests.session.probe.faults import Fault, faults
from tests.session.probe.on_simulator import PATIENCE, Probed, world_under_probes

SOUND = "healthy-small"
"""The world in which endings are injected: its sessions are encrypted and logged."""

PLAIN = "preferences-absent"
"""A world without encrypted sessions: an ending in its handshake is not at the session key."""

_PROBED = frozenset({Link.IDENTITY, Link.PREFERENCES, Link.SYSTEM})
"""The links of the path whose faults can end a session on a connected node."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    right: bool
    what: str
    met: str


def main() -> int:
    """Print the three tables and the total; return 1 after a wrong result, or if a session was left open."""
    rows: list[Row] = []
    with serving() as aws:
        for title, table in (
            ("What sessions end with", of_endings(aws)),
            ("What networks do", of_faults(aws)),
            ("Theory against probe", of_worlds(aws)),
        ):
            print(f"\n{title}")
            for row in table:
                rows.append(row)
                print(f"{'ok' if row.right else 'WRONG':<6} {row.what:<78} {row.met}", flush=True)
        left = len(aws.active_sessions)
    wrong = sum(not row.right for row in rows)
    print(f"\n{len(rows)} lines, {wrong} wrong, {left} sessions left")
    return 1 if wrong or left else 0


def of_endings(aws: SimulatedAws) -> Iterator[Row]:
    """Yield every text, injected into a healthy node."""
    for name, steps in ((PLAIN, {SessionStep.HANDSHAKE}), (SOUND, set(SessionStep) - {SessionStep.HANDSHAKE})):
        with world_under_probes(aws, name) as world:
            for each in endings():
                if each.step in steps:
                    yield ending_row(aws, world, each)


def ending_row(aws: SimulatedAws, world: Probed, each: Ending) -> Row:
    """Return one text, and the probe's result."""
    key = world.key("web-1")
    aws.demand(key.id, each.step, each.text, bare=True)
    outcome = world.probe(key, each.kind)
    right = outcome.stopped_at is each.stage and outcome.cause in each.causes and ended(aws, outcome)
    text = " ".join(each.text.split()).removeprefix("----------ERROR------- ")
    return Row(right, f"{each.section} {text[:72]}", met(outcome))


def of_faults(aws: SimulatedAws) -> Iterator[Row]:
    """Yield every fault of the network, on a healthy node."""
    with world_under_probes(aws, SOUND) as world:
        for each in faults():
            yield fault_row(aws, world, each)


def fault_row(aws: SimulatedAws, world: Probed, each: Fault, deadlines: Deadlines = PATIENCE) -> Row:
    """Return one fault, and whether the probe ended in time and ended its session."""
    aws.clear_faults()
    aws.network_fault(each.kind, **each.details)
    began = time.monotonic()
    outcome = world.probe(world.key("web-1"), deadlines=deadlines)
    took = time.monotonic() - began
    aws.clear_faults()
    right = outcome.end in each.ends and took <= deadlines.hard + deadlines.ending and ended(aws, outcome)
    return Row(right, each.name, f"{met(outcome)} after {took:.1f} s")


def of_worlds(aws: SimulatedAws) -> Iterator[Row]:
    """Yield every node that the expectation calls ok, and every connected node that it calls failing."""
    for name in names():
        yield from world_rows(aws, name)


def world_rows(aws: SimulatedAws, name: str) -> Iterator[Row]:
    """Yield a world's rows: each of those nodes probed, and the verdicts by the probe's result."""
    with world_under_probes(aws, name) as world:
        inspect_nodes(world, name)
        theory = {key: world.state.verdict(key) for key in world.state.nodes}
        opens = {VerdictStatus.OK, VerdictStatus.WARN}
        chosen = [
            key
            for key, verdict in theory.items()
            if verdict.status in opens or (verdict.root_cause and catalogue()[verdict.root_cause].link in _PROBED)
        ]
        outcomes = world.probe_all(chosen)
        # A warning can be about a delay that still runs; the expectation does not say whether the node opens before its
        # end.
        world.learn(*outcomes)
        for key, outcome in zip(chosen, outcomes, strict=True):
            verdict, now = theory[key], world.state.verdict(key)
            if verdict.status is VerdictStatus.FAIL:
                stays = now.root_cause == verdict.root_cause
                right = not outcome.opened and says_so(outcome, verdict.root_cause) and stays
            elif verdict.status is VerdictStatus.OK:
                right = outcome.opened and now.status is VerdictStatus.OK
            else:
                right = now.status is not VerdictStatus.OK
            told = f"{verdict.status.value} {verdict.root_cause or ''}".strip()
            what = f"{name}/{world.state.nodes[key].name}: {told}"
            after = f"{met(outcome)} → {now.status.value} {now.root_cause or ''}"
            # A caller who can open sessions but not end them leaves one until its idle timeout, and is told so.
            may_end = not any(id_.startswith("caller-terminate-denied@") for id_ in verdict.finding_ids)
            over = ended(aws, outcome) if may_end else not outcome.terminated
            yield Row(right and over, what, after)


def inspect_nodes(world: Probed, name: str) -> None:
    """Inspect the nodes that need it deeply, as `check` does for named nodes: this shows a full disk."""
    hidden = {node.name for node in scenario(name).nodes if fleet_expectation(node) != node.expected}
    if hidden:
        world.live.inspect_nodes([key for key, node in world.state.nodes.items() if node.name in hidden])
        follow(world.live, world.state)


def says_so(outcome: ProbeOutcome, cause: str | None) -> bool:
    """Return whether an end matches the cause: its text, its silence, or a node that is not connected."""
    return cause in (outcome.cause, *outcome.also) or outcome.cause in NOT_CONNECTED


def ended(aws: SimulatedAws, outcome: ProbeOutcome) -> bool:
    """Return whether the session of a probe is over, as the probe and the simulator say."""
    active = {session.session_id for session in aws.active_sessions}
    return outcome.terminated and outcome.session_id not in active


def met(outcome: ProbeOutcome) -> str:
    """Return a probe's result in a few words."""
    stage = outcome.stopped_at.name.lower() if outcome.stopped_at else ""
    return " ".join(filter(None, (outcome.end.value, stage, outcome.cause or "")))


if __name__ == "__main__":
    sys.exit(main())
