"""Worlds whose caller may not do everything; the nodes are those of other worlds."""

from __future__ import annotations

from ssmtui.simulator.scenario import Expectation, Scenario, Verdict, fails
from ssmtui.simulator.worlds.callers import READER, STRANGER, WITHOUT_SIMULATION
from ssmtui.simulator.worlds.permissions import node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, UNENCRYPTED_GROUPS, WEB, node, small_world


def caller_read_only() -> Scenario:
    """A switch closes every node, and the caller may see that and not change it."""
    unencrypted = fails("log-group-unencrypted")
    return small_world(
        "caller-read-only",
        "The caller may read everything and change nothing.",
        (node("web-1", unencrypted), node("web-2", unencrypted)),
        preferences=preferences(DESTINATIONS),
        log_groups=UNENCRYPTED_GROUPS,
        caller=READER,
    )


def caller_denied() -> Scenario:
    """The caller may not list nodes: nothing can be said of any."""
    unheard = Expectation(Verdict.UNKNOWN)
    return small_world(
        "caller-denied",
        "The caller may not list nodes.",
        (node("web-1", unheard), node("web-2", unheard)),
        preferences=preferences(DESTINATIONS),
        caller=STRANGER,
    )


def caller_no_simulate() -> Scenario:
    """The caller may not ask IAM what a role may do; its policies can be read instead."""
    d = DESTINATIONS
    role = node_role("reporting", (*d.bucket_lookup(), *d.bucket_write(), *d.log_lookup(), *d.log_write()))
    return small_world(
        "caller-no-simulate",
        "The caller may not simulate policies.",
        (node("reporting-1", fails("kms-node-denied"), profile=role.name), node("web-1")),
        preferences=preferences(d),
        roles=(WEB, role),
        caller=WITHOUT_SIMULATION,
    )
