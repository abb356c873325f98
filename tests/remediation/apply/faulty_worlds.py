"""Small simulated accounts with one thing wrong that a fix puts right."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    Agent,
    HybridNode,
    InstanceProfile,
    Metadata,
    Network,
    Node,
    Role,
    Scenario,
    SecurityGroup,
)
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.building_blocks import (
    CHANNEL_ACTIONS,
    DESTINATIONS,
    HOST_MANAGEMENT,
    WEB,
    allow,
    endpoint_network,
    isolated_network,
    nat_network,
    node,
    node_role,
    preferences,
    profile_of,
    small_world,
)

_D = DESTINATIONS
_BUT_THE_KEY = (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write())
_NEVER_SEEN = Agent(registered_before=False)


def role_without_key() -> Scenario:
    """The role of an instance profile may not use the key."""
    role = node_role("reporting", _BUT_THE_KEY)
    return _world(node("reporting-1", profile=role.name), node("web-1"), roles=(WEB, role))


def imdsv2_enforced() -> Scenario:
    """The account enforces IMDSv2, and one older instance does not require it."""
    of = world("host-management-imdsv1")
    return replace(of, regions=tuple(replace(region, imdsv2_enforced=True) for region in of.regions))


def hybrid_role_without_key() -> Scenario:
    """The role of a hybrid node may not use the key."""
    role = node_role("warehouse", _BUT_THE_KEY, trusted="ssm.amazonaws.com", path="/service-role/")
    return _world(HybridNode("warehouse-1", role.name, "172.16.4.11"), node("web-1"), roles=(WEB, role))


def host_management_role_without_key() -> Scenario:
    """The role of default host management may not use the key."""
    role = node_role(
        "HostManagement",
        _BUT_THE_KEY,
        managed=(HOST_MANAGEMENT,),
        trusted="ssm.amazonaws.com",
        path="/service-role/",
    )
    return _world(
        node("app-1", profile=None),
        node("app-2", profile=None),
        node("web-1"),
        roles=(WEB, role),
        setting=f"service-role/{role.name}",
    )


def role_without_core() -> Scenario:
    """A role may open channels and not register its node."""
    role = node_role("legacy", (allow(CHANNEL_ACTIONS), *_D.everything()), managed=())
    return _world(node("legacy-1", profile=role.name), node("web-1"), roles=(WEB, role))


def role_without_channels() -> Scenario:
    """A role may register its node and not open channels."""
    role = node_role("by-hand", (allow("ssm:UpdateInstanceInformation"), *_D.everything()), managed=())
    return _world(node("by-hand-1", profile=role.name), node("web-1"), roles=(WEB, role))


def metadata_off() -> Scenario:
    """An instance has no metadata service."""
    return _world(node("scan-1", agent=_NEVER_SEEN, metadata=Metadata(enabled=False)), node("web-1"))


def stopped() -> Scenario:
    """An instance is stopped."""
    return _world(replace(node("dev-1"), running=False), node("web-1"))


def endpoints_closed() -> Scenario:
    """The endpoints of a network take HTTPS from elsewhere only."""
    network = endpoint_network("vault", "10.32", endpoints_open_to="10.99.0.0/16")
    return _world(
        node("vault-1", network="vault", subnet="isolated", agent=_NEVER_SEEN),
        node("web-1"),
        networks=(network, nat_network("main", "10.30")),
    )


def egress_closed() -> Scenario:
    """The security group of a node lets nothing out."""
    network = nat_network("main", "10.30", SecurityGroup("main-quarantine", "Nothing out", allows_outbound=False))
    shut = replace(node("forensics-1"), security_group="main-quarantine")
    return _world(shut, node("web-1"), networks=(network,))


def dns_off() -> Scenario:
    """A VPC has neither DNS attribute on."""
    network = replace(endpoint_network("vault", "10.32"), dns_support=False, dns_hostnames=False)
    return _world(
        node("vault-1", network="vault", subnet="isolated", agent=_NEVER_SEEN),
        node("web-1"),
        networks=(network, nat_network("main", "10.30")),
    )


def private_dns_off() -> Scenario:
    """The endpoints of a network answer to no name of their services."""
    network = endpoint_network("vault", "10.32")
    unnamed = tuple(replace(each, private_dns=each.service != "ssm") for each in network.endpoints)
    return _world(
        node("vault-1", network="vault", subnet="isolated", agent=_NEVER_SEEN),
        node("web-1"),
        networks=(replace(network, endpoints=unnamed), nat_network("main", "10.30")),
    )


def role_trusted_by_another_service() -> Scenario:
    """The role of an instance profile may be taken by another service than EC2, and by that one still."""
    role = replace(node_role("batch", _D.everything()), trusted=("lambda.amazonaws.com", "ecs-tasks.amazonaws.com"))
    scenario = _world(node("batch-1", profile=role.name, agent=_NEVER_SEEN), node("web-1"), roles=(WEB, role))
    return replace(scenario, profiles=(*scenario.profiles, profile_of(role)))


def profile_empty() -> Scenario:
    """The instance profile of a node has no role."""
    scenario = _world(node("hollow-1", profile="hollow", agent=_NEVER_SEEN), node("web-1"))
    return replace(scenario, profiles=(*scenario.profiles, InstanceProfile("hollow", None)))


def host_management_turned_off() -> Scenario:
    """Host management was turned off, and an instance without a profile was managed by it."""
    scenario = world("host-management-off")
    home = scenario.regions[0]
    return replace(scenario, regions=(replace(home, nodes=home.nodes[1:]), *scenario.regions[1:]))


def no_way_out() -> Scenario:
    """A network has neither a gateway nor an endpoint."""
    return _world(
        node("lab-1", network="lab", subnet="isolated", agent=_NEVER_SEEN),
        node("web-1"),
        networks=(isolated_network("lab", "10.33"), nat_network("main", "10.30")),
    )


def agent_too_old() -> Scenario:
    """An agent is older than sessions that are encrypted."""
    return _world(node("archive-1", agent=Agent(version="2.3.444.0")), node("web-1"))


def log_group_missing_and_any_will_do() -> Scenario:
    """The log group is gone, and it need not be encrypted."""
    scenario = world("log-group-missing")
    home = replace(scenario.regions[0], preferences=preferences(_D, only_encrypted_log_group=False))
    return replace(scenario, regions=(home, *scenario.regions[1:]))


def _world(
    *nodes: Node,
    roles: tuple[Role, ...] = (WEB,),
    networks: tuple[Network, ...] | None = None,
    setting: str | None = None,
) -> Scenario:
    return small_world(
        nodes,
        preferences=preferences(_D),
        roles=roles,
        networks=networks,
        host_management_role=setting,
    )
