"""The demo's home Region: its destinations, networks and roles; the nodes are in modules of their own."""

from __future__ import annotations

from ssmtui.simulator.scenario import (
    Bucket,
    InstanceProfile,
    Key,
    LogGroup,
    Network,
    RegionPlan,
    Role,
    SecurityGroup,
)
from ssmtui.simulator.worlds import demo_paris_broken, demo_paris_healthy
from ssmtui.simulator.worlds.demo_paris_roles import DESTINATIONS, EMPTY_PROFILE, ROLES
from ssmtui.simulator.worlds.networks import enclosed, routed, sealed
from ssmtui.simulator.worlds.permissions import profile_of
from ssmtui.simulator.worlds.preferences import preferences


def roles() -> tuple[Role, ...]:
    """The roles of this Region's nodes."""
    return ROLES


def profiles() -> tuple[InstanceProfile, ...]:
    """An instance profile for every role of EC2, and one without a role."""
    of_roles = (profile_of(role) for role in ROLES if "ssm.amazonaws.com" not in role.trusted)
    return (*of_roles, InstanceProfile(EMPTY_PROFILE, None))


def plan() -> RegionPlan:
    """Sessions encrypted with a key, logged to an encrypted bucket and an encrypted log group; host management off."""
    return RegionPlan(
        name=DESTINATIONS.region,
        networks=_networks(),
        keys=(Key("sessions"), Key("session-audit"), Key("session-logs", serves_logs=True)),
        buckets=(Bucket(str(DESTINATIONS.bucket), key="session-audit"),),
        log_groups=(LogGroup(str(DESTINATIONS.log_group), key="session-logs"), LogGroup("/ssm/run-command")),
        preferences=preferences(DESTINATIONS),
        advanced_tier=True,
        nodes=(*demo_paris_healthy.nodes(), *demo_paris_broken.nodes()),
    )


def _networks() -> tuple[Network, ...]:
    no_way_out = SecurityGroup("core-quarantine", "Quarantine: nothing out", allows_outbound=False)
    return (
        routed("core", "10.20", no_way_out),
        enclosed("vault", "10.21"),
        # The endpoints admit the office's network instead of the VPC's.
        enclosed("billing", "10.22", endpoints_open_to="10.200.0.0/16"),
        enclosed("edge", "10.23", without=("logs",)),
        sealed("lab", "10.24"),
    )
