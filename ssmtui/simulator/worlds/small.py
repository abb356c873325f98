"""The frame of a small world: one Region, one network, two or three nodes, one fault."""

from __future__ import annotations

from ssmtui.simulator.scenario import (
    HEALTHY,
    Agent,
    Bucket,
    Expectation,
    Instance,
    InstanceProfile,
    Key,
    LogGroup,
    Metadata,
    Network,
    Node,
    Organization,
    Platform,
    Preferences,
    RegionPlan,
    Role,
    Scenario,
    SessionDocument,
)
from ssmtui.simulator.worlds.callers import ENGINEER
from ssmtui.simulator.worlds.networks import routed
from ssmtui.simulator.worlds.permissions import Destinations, node_role, profile_of

REGION = "eu-west-3"
DESTINATIONS = Destinations(
    region=REGION, session_key="sessions", bucket="small-session-audit", log_group="/ssm/session-manager"
)
WEB = node_role("web", DESTINATIONS.everything())
WEB_WITHOUT_DESTINATIONS = node_role("web")
KEYS = (Key("sessions"), Key("session-logs", serves_logs=True))
BUCKETS = (Bucket("small-session-audit"),)
ENCRYPTED_GROUPS = (LogGroup("/ssm/session-manager", key="session-logs"),)
UNENCRYPTED_GROUPS = (LogGroup("/ssm/session-manager"),)


def small_world(
    name: str,
    summary: str,
    nodes: tuple[Node, ...],
    *,
    preferences: Preferences | None,
    roles: tuple[Role, ...] = (WEB,),
    networks: tuple[Network, ...] | None = None,
    keys: tuple[Key, ...] = KEYS,
    buckets: tuple[Bucket, ...] = BUCKETS,
    log_groups: tuple[LogGroup, ...] = ENCRYPTED_GROUPS,
    session_documents: tuple[SessionDocument, ...] = (),
    host_management_role: str | None = None,
    advanced_tier: bool = False,
    other_regions: tuple[RegionPlan, ...] = (),
    caller: Role = ENGINEER,
    organization: Organization | None = None,
) -> Scenario:
    """One Region with these nodes; everything not named is sound."""
    home = RegionPlan(
        name=REGION,
        networks=networks or (routed("main", "10.30"),),
        keys=keys,
        buckets=buckets,
        log_groups=log_groups,
        preferences=preferences,
        session_documents=session_documents,
        host_management_role=host_management_role,
        advanced_tier=advanced_tier,
        nodes=nodes,
    )
    return Scenario(name, summary, (home, *other_regions), roles, _profiles(roles), caller, organization)


def _profiles(roles: tuple[Role, ...]) -> tuple[InstanceProfile, ...]:
    return tuple(profile_of(role) for role in roles if "ec2.amazonaws.com" in role.trusted)


def node(
    name: str,
    expected: Expectation = HEALTHY,
    *,
    profile: str | None = WEB.name,
    network: str = "main",
    subnet: str = "private-a",
    platform: Platform = Platform.AMAZON_LINUX,
    agent: Agent | None = None,
    metadata: Metadata | None = None,
    console_output: str | None = None,
) -> Instance:
    """A running instance behind NAT with the sound role, where nothing else is said."""
    return Instance(
        name,
        f"{network}-{subnet}",
        profile,
        platform,
        security_group=f"{network}-nodes",
        metadata=metadata or Metadata(),
        agent=agent or Agent(),
        tags={"Env": "test", "Team": "Platform"},
        console_output=console_output,
        expected=expected,
    )
