"""Which instances rely on default host management."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.evidence.gathering.reading import derives
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import HostManagement, InstanceProfile, NodeRole, RoleSource
from ssmtui.model.moment import Now, end_of_delay
from ssmtui.model.standing import HostManagedInstance, HostManagementDelay, RunningInstance, UnconnectedNode

# https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-default-host-management-configuration.html
_TAKES_EFFECT = timedelta(minutes=30)


@derives
def host_managed_instance(
    running: RunningInstance,
    profile: InstanceProfile | Absent | Unreadable,
    node_role: NodeRole | Absent | Moot | Unreadable,
    setting: HostManagement | Unreadable,
) -> HostManagedInstance | Moot | Unreadable:
    """Host management is for instances without a profile that works; a profile that cannot be read is taken to."""
    without = isinstance(profile, Absent) or (isinstance(profile, InstanceProfile) and profile.role_arn is None)
    fallen_back = isinstance(node_role, NodeRole) and node_role.source is RoleSource.HOST_MANAGEMENT
    if isinstance(setting, Unreadable) and node_role == setting:
        return setting  # its profile may not serve it, and whether anything else does was not told
    if not (without or fallen_back):
        return Moot(say("the instance has a role from its instance profile"))
    if isinstance(setting, Unreadable):
        return setting
    if setting.role_name is None:
        return Moot(say("default host management is off"))
    return HostManagedInstance(running.node, running.instance)


@derives
def host_management_delay(
    relying: HostManagedInstance, away: UnconnectedNode, setting: HostManagement, now: Now
) -> HostManagementDelay | Moot:
    """Whether the node may still come by itself, by the time at which the setting was changed."""
    until = end_of_delay(setting.changed, _TAKES_EFFECT, now.at) if setting.changed is not None else None
    if setting.changed is None or until is None or away.observation.online:
        return Moot(say("default host management has had its time"))
    return HostManagementDelay(relying.node, setting.changed, until)
