"""Worlds in which a node is to AWS who it should not be."""

from __future__ import annotations

from ssmtui.simulator.scenario import Agent, InlinePolicy, Role, Scenario, fails
from ssmtui.simulator.worlds.permissions import allow
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, WEB, node, small_world

_DEPLOYER = Role("deployer", trusted=("codebuild.amazonaws.com",))
_REPORTER = Role(
    "reporter",
    trusted=("codebuild.amazonaws.com",),
    inline=(InlinePolicy("report", (allow("ssm:UpdateInstanceInformation"),)),),
)


def wrong_principal() -> Scenario:
    """Two agents found other credentials before those of their sound role; one of them may at least report."""
    return small_world(
        "wrong-principal",
        "Two agents work as somebody else than the role of their instance profile.",
        (
            node("build-1", fails("wrong-principal"), agent=Agent(shadowed_by=_DEPLOYER.name)),
            node("build-2", fails("wrong-principal"), agent=Agent(shadowed_by=_REPORTER.name)),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, _DEPLOYER, _REPORTER),
    )
