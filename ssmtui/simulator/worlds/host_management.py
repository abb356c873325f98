"""Worlds of default host management, with and without faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import (
    Agent,
    Control,
    Expectation,
    Metadata,
    Node,
    Role,
    Scenario,
    fails,
    sound,
    warns,
)
from ssmtui.simulator.worlds.building_blocks import (
    HOST_MANAGEMENT,
    WEB_WITHOUT_DESTINATIONS,
    allow,
    node,
    node_role,
    small_world,
)

_NEVER_SEEN = Agent(registered_before=False)
_ROLE = node_role(
    "AWSSystemsManagerDefaultEC2InstanceManagementRole",
    managed=(HOST_MANAGEMENT,),
    trusted="ssm.amazonaws.com",
    path="/service-role/",
)
_SETTING = f"service-role/{_ROLE.name}"

# AWS names neither the path nor the name of the role that Systems Manager creates (docs/facts/nodes.md §7).
_KEPT_ROLE = replace(_ROLE, path="/aws-reserved/ssm.amazonaws.com/")
_KEPT_SETTING = f"{_KEPT_ROLE.path.lstrip('/')}{_KEPT_ROLE.name}"


def host_management_off() -> Scenario:
    """Host management is off, and two nodes have no instance profile."""
    return _host_management_world(
        (
            node("sandbox-1", fails("instance-profile-missing"), profile=None, agent=_NEVER_SEEN),
            node("sandbox-2", fails("dhmc-off"), profile=None),
            node("web-1"),
        ),
        roles=(WEB_WITHOUT_DESTINATIONS,),
    )


def host_management_healthy() -> Scenario:
    """Default host management works for every node."""
    return _host_management_world(
        (node("app-1", sound(Control.HOST_MANAGEMENT), profile=None), node("app-2", profile=None)),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_role_missing() -> Scenario:
    """The role of host management does not exist."""
    return _broken(())


def host_management_role_trust_wrong() -> Scenario:
    """The role of host management cannot be assumed by Systems Manager."""
    role = node_role(_ROLE.name, managed=(HOST_MANAGEMENT,), path=_ROLE.path)
    return _broken((role,))


def host_management_role_denied() -> Scenario:
    """The role of host management is not allowed to register nodes."""
    role = node_role(_ROLE.name, (allow("ssm:GetDocument"),), managed=(), trusted="ssm.amazonaws.com", path=_ROLE.path)
    return _broken((role,))


def host_management_service_managed() -> Scenario:
    """Systems Manager manages the role of host management, and the role works."""
    return _host_management_world(
        (node("app-1", Expectation(also=("role-protected",)), profile=None),),
        roles=(_KEPT_ROLE,),
        setting=_KEPT_SETTING,
    )


def host_management_service_managed_denied() -> Scenario:
    """Systems Manager created the role of host management, and the role is not allowed to register nodes."""
    denied = replace(node_role(_ROLE.name, (allow("ssm:GetDocument"),), trusted="ssm.amazonaws.com"), managed=())
    return _host_management_world(
        (node("app-1", fails("dhmc-role-broken", "role-protected"), profile=None, agent=_NEVER_SEEN), node("web-1")),
        roles=(WEB_WITHOUT_DESTINATIONS, replace(denied, path=_KEPT_ROLE.path)),
        setting=_KEPT_SETTING,
    )


def host_management_old_agent() -> Scenario:
    """Host management is on, but one agent is too old for it."""
    return _host_management_world(
        (
            node("archive-1", fails("dhmc-agent-too-old"), profile=None, agent=Agent(version="3.1.2144.0")),
            node("app-1", profile=None),
        ),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_imdsv1() -> Scenario:
    """Host management is on, but a node that never registered does not require IMDSv2.

    The agent is not installed, which AWS hides: the metadata options are a hint and nothing more.
    """
    absent = Agent(installed=False, registered_before=False)
    return _host_management_world(
        (
            node(
                "kiosk-1",
                fails("not-registered", "dhmc-needs-imdsv2"),
                profile=None,
                agent=absent,
                metadata=Metadata(tokens_required=False),
            ),
            node("app-1", profile=None),
        ),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_new() -> Scenario:
    """Host management was turned on ten minutes ago."""
    waiting = fails("not-registered")
    world = _host_management_world(
        (
            node("app-1", warns("not-registered"), profile=None, agent=Agent(running=False, registered_before=False)),
            node("app-2", warns("connection-lost"), profile=None, agent=Agent(running=False)),
            node("app-3", profile=None),
            node(
                "web-1",
                waiting,
                profile=WEB_WITHOUT_DESTINATIONS.name,
                agent=Agent(running=False, registered_before=False),
            ),
        ),
        roles=(_ROLE, WEB_WITHOUT_DESTINATIONS),
        setting=_SETTING,
    )
    return replace(world, regions=(replace(world.regions[0], host_management_set_ago=timedelta(minutes=10)),))


def _broken(roles: tuple[Role, ...]) -> Scenario:
    broken = fails("dhmc-role-broken")
    return _host_management_world(
        (node("app-1", broken, profile=None, agent=_NEVER_SEEN), node("app-2", broken, profile=None), node("web-1")),
        roles=(WEB_WITHOUT_DESTINATIONS, *roles),
        setting=_SETTING,
    )


def _host_management_world(nodes: tuple[Node, ...], *, roles: tuple[Role, ...], setting: str | None = None) -> Scenario:
    return small_world(
        nodes, preferences=None, roles=roles, keys=(), buckets=(), log_groups=(), host_management_role=setting
    )
