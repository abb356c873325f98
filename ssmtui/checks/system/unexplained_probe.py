"""Check whether a failed probe is explained by another finding."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import the_node, unknown_finding
from ssmtui.analysis.probe_results import TRANSIENT_CAUSES, describe_probe
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.finding import PROBE, Evidence, Findings, Link
from ssmtui.model.node import Node
from ssmtui.model.probe import ProbeOutcome, Probes

_CAUSE = "session-unexplained"

OF_THIS_COMPUTER = frozenset(
    {
        "credentials-expire-soon",
        "credentials-expired",
        "credentials-missing",
        "encryption-challenge-failed",
        "handshake-timed-out",
        "local-port-taken",
        "messages-endpoint-unreachable",
        "no-terminal",
        "plugin-known-bad",
        "plugin-missing",
        "plugin-not-on-path",
        "plugin-outdated",
        "socket-path-too-long",
        "ssh-tail",
        "workstation-clock-skewed",
        "wrong-region-or-account",
    }
)
"""Causes about the computer that the session is opened from: they explain an end, and say nothing of the node."""

_EXPLAINS_NOTHING = TRANSIENT_CAUSES | OF_THIS_COMPUTER


@check(link=Link.SYSTEM, causes=(_CAUSE,), subject=the_node, after=("node-is-no-domain-controller",))
def a_probe_of_it_is_explained(node: Node, probes: Probes) -> Findings:
    """Whether a probe of it opened, or stopped for a reason that is known."""
    left = [each for each in probes.in_order if _is_unexplained(each)]
    if not left:
        return ()
    summary = say(
        "Whether a session to {node} opens could not be told: {met}.", node=node.name, met=describe_probe(left[-1])
    )
    evidence = tuple(Evidence(describe_probe(each), PROBE) for each in left)
    return (unknown_finding(_CAUSE, the_node(node), summary, evidence),)


def _is_unexplained(outcome: ProbeOutcome) -> bool:
    if outcome.opened or not outcome.reached_the_node:
        return False
    return outcome.cause is None or outcome.cause in _EXPLAINS_NOTHING
