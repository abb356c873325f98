"""Worlds about default host management: nodes without an instance profile, and the role that should serve them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import Agent, Control, Metadata, Node, Role, Scenario, fails, sound, warns
from ssmtui.simulator.worlds.permissions import HOST_MANAGEMENT, allow, node_role
from ssmtui.simulator.worlds.small import WEB_WITHOUT_DESTINATIONS, node, small_world

_NEVER_SEEN = Agent(registered=False)
_ROLE = node_role(
    "AWSSystemsManagerDefaultEC2InstanceManagementRole",
    managed=(HOST_MANAGEMENT,),
    trusted="ssm.amazonaws.com",
    path="/service-role/",
)
_SETTING = f"service-role/{_ROLE.name}"


def host_management_off() -> Scenario:
    """Two nodes have no profile; one of them was managed while host management was still on."""
    return _world(
        "host-management-off",
        "Host management is off, and two nodes have no instance profile.",
        (
            node("sandbox-1", fails("instance-profile-missing"), profile=None, agent=_NEVER_SEEN),
            node("sandbox-2", fails("dhmc-off"), profile=None),
            node("web-1"),
        ),
        roles=(WEB_WITHOUT_DESTINATIONS,),
    )


def host_management_healthy() -> Scenario:
    """No node has a profile, and all are managed."""
    return _world(
        "host-management-healthy",
        "Host management serves every node.",
        (node("app-1", sound(Control.HOST_MANAGEMENT), profile=None), node("app-2", profile=None)),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_role_missing() -> Scenario:
    """The role of the setting is gone."""
    return _broken("host-management-role-missing", "The role of host management does not exist.", ())


def host_management_role_trust_wrong() -> Scenario:
    """The role of the setting trusts EC2 instead of Systems Manager."""
    role = node_role(_ROLE.name, managed=(HOST_MANAGEMENT,), path=_ROLE.path)
    summary = "The role of host management cannot be assumed by Systems Manager."
    return _broken("host-management-role-trust-wrong", summary, (role,))


def host_management_role_denied() -> Scenario:
    """The role of the setting may not register nodes."""
    role = node_role(_ROLE.name, (allow("ssm:GetDocument"),), managed=(), trusted="ssm.amazonaws.com", path=_ROLE.path)
    return _broken("host-management-role-denied", "The role of host management may not register nodes.", (role,))


def host_management_old_agent() -> Scenario:
    """A node whose agent is older than host management."""
    return _world(
        "host-management-old-agent",
        "Host management is on, and one agent is too old for it.",
        (
            node("archive-1", fails("dhmc-agent-too-old"), profile=None, agent=Agent(version="3.1.2144.0")),
            node("app-1", profile=None),
        ),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_imdsv1() -> Scenario:
    """A node that never registered and allows version 1 of the instance metadata service.

    What keeps it away is hidden (no agent), so the metadata options are a hint and nothing more.
    """
    absent = Agent(installed=False, registered=False)
    return _world(
        "host-management-imdsv1",
        "Host management is on, and a node that never registered does not insist on IMDSv2.",
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
    """Host management was turned on ten minutes ago: one node is there already, and others come within half an hour."""
    waiting = fails("not-registered")
    world = _world(
        "host-management-new",
        "Host management was turned on ten minutes ago.",
        (
            node("app-1", warns("not-registered"), profile=None, agent=Agent(running=False, registered=False)),
            node("app-2", warns("connection-lost"), profile=None, agent=Agent(running=False)),
            node("app-3", profile=None),
            node("web-1", waiting, profile=WEB_WITHOUT_DESTINATIONS.name, agent=Agent(running=False, registered=False)),
        ),
        roles=(_ROLE, WEB_WITHOUT_DESTINATIONS),
        setting=_SETTING,
    )
    return replace(world, regions=(replace(world.regions[0], host_management_set_ago=timedelta(minutes=10)),))


def _broken(name: str, summary: str, roles: tuple[Role, ...]) -> Scenario:
    broken = fails("dhmc-role-broken")
    return _world(
        name,
        summary,
        (node("app-1", broken, profile=None, agent=_NEVER_SEEN), node("app-2", broken, profile=None), node("web-1")),
        roles=(WEB_WITHOUT_DESTINATIONS, *roles),
        setting=_SETTING,
    )


def _world(
    name: str, summary: str, nodes: tuple[Node, ...], *, roles: tuple[Role, ...], setting: str | None = None
) -> Scenario:
    return small_world(
        name,
        summary,
        nodes,
        preferences=None,
        roles=roles,
        keys=(),
        buckets=(),
        log_groups=(),
        host_management_role=setting,
    )
