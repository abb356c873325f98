"""Sound nodes of kinds that are easily taken for broken, and that no other world has."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    STOPPED,
    Control,
    Expectation,
    Instance,
    Key,
    LogGroup,
    RegionPlan,
    Role,
    Scenario,
    sound,
)
from ssmtui.simulator.worlds.networks import routed
from ssmtui.simulator.worlds.permissions import CHANNEL_ACTIONS, Destinations, allow, node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, WEB, node, small_world

_ELSEWHERE = Destinations("eu-central-1", session_key="sessions-elsewhere", log_group="/ssm/session-manager")
_CORE_STATEMENTS = (allow(("ssm:UpdateInstanceInformation", *CHANNEL_ACTIONS)),)
_INLINE: Role = node_role("inline", (*_CORE_STATEMENTS, *DESTINATIONS.everything()), managed=())


def controls() -> Scenario:
    """Two Regions that name their key by its alias and by its id; a stopped node, and a role of inline policies."""
    elsewhere = node_role("elsewhere", _ELSEWHERE.everything())
    by_id = RegionPlan(
        name=_ELSEWHERE.region,
        networks=(routed("frankfurt", "10.40"),),
        keys=(Key("sessions-elsewhere"), Key("logs-elsewhere", serves_logs=True)),
        log_groups=(LogGroup("/ssm/session-manager", key="logs-elsewhere"),),
        preferences=preferences(_ELSEWHERE, inputs={"kmsKeyId": "<key-id:sessions-elsewhere>"}),
        nodes=(_in_frankfurt("by-id-1", sound(Control.KEY_BY_ID), elsewhere),),
    )
    return small_world(
        "controls",
        "Sound nodes that are easily taken for broken ones.",
        (
            node("by-alias-1", sound(Control.KEY_BY_ALIAS)),
            node("inline-1", sound(Control.INLINE_POLICY), profile=_INLINE.name),
            replace(node("stopped-1", replace(STOPPED, control=Control.STOPPED)), running=False),
        ),
        preferences=preferences(DESTINATIONS, inputs={"kmsKeyId": "alias/acme/sessions"}),
        roles=(WEB, _INLINE, elsewhere),
        other_regions=(by_id,),
    )


def _in_frankfurt(name: str, expected: Expectation, role: Role) -> Instance:
    return node(name, expected, profile=role.name, network="frankfurt")
