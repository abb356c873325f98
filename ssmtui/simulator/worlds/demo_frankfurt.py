"""The demo's second Region: sound nodes behind a preference that their log group does not meet."""

from __future__ import annotations

from ssmtui.simulator.scenario import (
    Instance,
    InstanceProfile,
    Key,
    LogGroup,
    Platform,
    RegionPlan,
    Role,
    fails,
)
from ssmtui.simulator.worlds.networks import routed
from ssmtui.simulator.worlds.permissions import Destinations, node_role, profile_of
from ssmtui.simulator.worlds.preferences import preferences

_REGION = "eu-central-1"
# The logs key admits CloudWatch Logs, so that encrypting the group is a way out besides the switch.
_LOGS_KEY = Key("frankfurt-logs", serves_logs=True)
_DESTINATIONS = Destinations(_REGION, log_group="/ssm/sessions")
_WORKERS = node_role("frankfurt-workers", _DESTINATIONS.everything())
_UNENCRYPTED = fails("log-group-unencrypted")


def roles() -> tuple[Role, ...]:
    """The roles of this Region's nodes."""
    return (_WORKERS,)


def profiles() -> tuple[InstanceProfile, ...]:
    """Their instance profiles."""
    return (profile_of(_WORKERS),)


def plan() -> RegionPlan:
    """Eight nodes, all closed by one switch."""
    return RegionPlan(
        name=_REGION,
        networks=(routed("frankfurt", "10.40"),),
        keys=(_LOGS_KEY,),
        log_groups=(LogGroup("/ssm/sessions"), LogGroup("/ssm/sessions-archive", key=_LOGS_KEY.name)),
        preferences=preferences(_DESTINATIONS),
        nodes=(
            *(_node(f"checkout-{n}", "Checkout", Platform.AMAZON_LINUX) for n in (1, 2, 3)),
            *(_node(f"search-{n}", "Search", Platform.UBUNTU) for n in (1, 2)),
            _node("ledger-db-1", "Finance", Platform.RED_HAT),
            _node("report-win-1", "Finance", Platform.WINDOWS),
            _node("mail-relay-1", "Platform", Platform.AMAZON_LINUX, subnet="frankfurt-public"),
        ),
    )


def _node(name: str, team: str, platform: Platform, subnet: str = "frankfurt-private-a") -> Instance:
    return Instance(
        name,
        subnet,
        _WORKERS.name,
        platform,
        security_group="frankfurt-nodes",
        tags={"Env": "prod", "Team": team},
        expected=_UNENCRYPTED,
    )
