"""Whether a probe of the node came to an end that nothing explains: then nobody can say that a session opens."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unknown
from ssmtui.checks.probed import PASSING, probe_words
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.finding import PROBE, Evidence, Findings
from ssmtui.model.node import Node
from ssmtui.model.path import Link
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

_EXPLAINS_NOTHING = PASSING | OF_THIS_COMPUTER


@check(link=Link.SYSTEM, causes=(_CAUSE,), subject=the_node, after=("node-is-no-domain-controller",))
def a_probe_of_it_is_explained(node: Node, probes: Probes) -> Findings:
    """Whether a probe of it opened, or stopped for a reason that is known."""
    left = [each for each in probes.in_order if _is_unexplained(each)]
    if not left:
        return ()
    summary = say(
        "Whether a session to {node} opens could not be told: {met}.", node=node.name, met=probe_words(left[-1])
    )
    evidence = tuple(Evidence(probe_words(each), PROBE) for each in left)
    return (unknown(_CAUSE, the_node(node), summary, evidence),)


def _is_unexplained(outcome: ProbeOutcome) -> bool:
    if outcome.opened or not outcome.reached_the_node:
        return False
    return outcome.cause is None or outcome.cause in _EXPLAINS_NOTHING
