"""Which instances rely on default host management."""

from __future__ import annotations

from ssmtui.evidence.reading import derives
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import HostManagement, InstanceProfile, NodeRole, RoleSource
from ssmtui.model.standing import HostManagedInstance, RunningInstance


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
    if not (without or fallen_back):
        return Moot("the instance has a role from its instance profile")
    if isinstance(setting, Unreadable):
        return setting
    if setting.role_name is None:
        return Moot("default host management is off")
    return HostManagedInstance(running.node, running.instance)
