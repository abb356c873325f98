"""A world to simulate, declared: what is built through the API, what AWS hides, and what a diagnosis must find.

Texts may hold references that seeding replaces, because AWS chooses the value: ``<key:NAME>`` is a key's ARN,
``<key-id:NAME>`` its id.
"""

from ssmtui.simulator.scenario.expectation import (
    HEALTHY,
    STOPPED,
    Control,
    Expectation,
    Verdict,
    fails,
    sound,
    unseen,
    warns,
)
from ssmtui.simulator.scenario.identity import InlinePolicy, InstanceProfile, Organization, Role, StatementJSON
from ssmtui.simulator.scenario.machines import Agent, HybridNode, Instance, Metadata, Node, Platform, seen_from_afar
from ssmtui.simulator.scenario.network import AclEntry, Endpoint, Network, PrefixList, SecurityGroup, Subnet, WayOut
from ssmtui.simulator.scenario.storage import Bucket, Key, KeyState, LogGroup, Preferences, SessionDocument
from ssmtui.simulator.scenario.world import AccessDecision, Member, RegionPlan, Scenario

__all__ = [
    "HEALTHY",
    "STOPPED",
    "AccessDecision",
    "AclEntry",
    "Agent",
    "Bucket",
    "Control",
    "Endpoint",
    "Expectation",
    "HybridNode",
    "InlinePolicy",
    "Instance",
    "InstanceProfile",
    "Key",
    "KeyState",
    "LogGroup",
    "Member",
    "Metadata",
    "Network",
    "Node",
    "Organization",
    "Platform",
    "Preferences",
    "PrefixList",
    "RegionPlan",
    "Role",
    "Scenario",
    "SecurityGroup",
    "SessionDocument",
    "StatementJSON",
    "Subnet",
    "Verdict",
    "WayOut",
    "fails",
    "seen_from_afar",
    "sound",
    "unseen",
    "warns",
]
