"""A world in which every kind of fact is asked for, whoever looks at it."""

from __future__ import annotations

from ssmtui.simulator.scenario import (
    NO_SPACE_LEFT,
    Agent,
    Bucket,
    HybridNode,
    InstanceProfile,
    Key,
    LogGroup,
    Platform,
    RegionScenario,
    Scenario,
    SecurityGroup,
    SessionDocument,
)
from ssmtui.simulator.worlds.building_blocks import (
    ENGINEER,
    HOST_MANAGEMENT,
    REGION,
    Destinations,
    endpoint_network_by_prefix_list,
    isolated_network,
    nat_network,
    node,
    node_role,
    preferences,
    profile_of,
)

_TO = Destinations(
    region=REGION,
    session_key="sessions",
    bucket="all-facts-audit",
    bucket_key="audit",
    log_group="/ssm/session-manager",
)
_WEB = node_role("web", _TO.everything())
_WITHOUT_LOG_LOOKUP = node_role("queue-worker", (*_TO.key_use(), *_TO.bucket_lookup(), *_TO.bucket_write()))
_SHARED = node_role(
    "host-management",
    _TO.everything(),
    managed=(HOST_MANAGEMENT,),
    trusted="ssm.amazonaws.com",
    path="/service-role/",
)
_HYBRID = node_role("point-of-sale", _TO.everything(), trusted="ssm.amazonaws.com", path="/service-role/")
_NEVER_SEEN = Agent(registered_before=False)


_OF_ONE_ADDRESS = SecurityGroup("main-one", "One address in the subnet of endpoints", https_from=("10.31.20.9/32",))


def all_facts() -> Scenario:
    """The world; some of its nodes are broken, each in another way."""
    return Scenario(
        regions=(
            RegionScenario(
                name=REGION,
                networks=(
                    nat_network("main", "10.30", _OF_ONE_ADDRESS),
                    endpoint_network_by_prefix_list("vault", "10.31"),
                    isolated_network("lab", "10.32"),
                ),
                keys=(
                    Key("sessions", tags={"SystemsManagerJustInTimeNodeAccessManaged": "true"}),
                    Key("audit"),
                    Key("session-logs", serves_logs=True),
                ),
                buckets=(Bucket(str(_TO.bucket), key="audit"),),
                log_groups=(LogGroup(str(_TO.log_group), key="session-logs"),),
                preferences=preferences(_TO, inputs={"runAsEnabled": True, "runAsDefaultUser": "operator"}),
                approval_policies=("ops-approval",),
                session_documents=(SessionDocument("Break-glass", preferences(_TO).content),),
                host_management_role=f"service-role/{_SHARED.name}",
                advanced_tier=True,
                nodes=(
                    node("web-1"),
                    node("vault-1", network="vault", subnet="isolated"),
                    node("app-1", profile=None),
                    node("queue-1", profile=_WITHOUT_LOG_LOOKUP.name),
                    node("lab-1", network="lab", subnet="isolated", agent=_NEVER_SEEN),
                    node("metrics-1", agent=Agent(disk_full=True), console_output=NO_SPACE_LEFT),
                    node("ad-dc-1", platform=Platform.WINDOWS, agent=Agent(domain_controller=True)),
                    HybridNode("pos-1", _HYBRID.name, "192.168.1.10"),
                    HybridNode("pos-2", _HYBRID.name, "192.168.1.11", agent=Agent(running=False)),
                ),
            ),
        ),
        roles=(_WEB, _WITHOUT_LOG_LOOKUP, _SHARED, _HYBRID),
        profiles=(*map(profile_of, (_WEB, _WITHOUT_LOG_LOOKUP)), InstanceProfile("empty", None)),
        caller=ENGINEER,
    )
