from __future__ import annotations

import pytest

from ssmtui.evidence.host_managed import host_managed_instance
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.identity import HostManagement, InstanceProfile, NodeRole, RoleSource
from ssmtui.model.node import Instance
from ssmtui.model.standing import HostManagedInstance, RunningInstance
from tests.builders.fleet import a_node
from tests.builders.identity import a_node_role, a_profile, host_management

NODE = a_node()
NO_PROFILE = Absent("an instance profile on this instance", "ec2:DescribeInstances")
NO_ROLE = Absent("a role", "iam:GetRole")
REFUSED = Unreadable("ssm:GetServiceSetting", "not authorized")
ON, OFF = host_management(), host_management(None)
OWN, SHARED = a_node_role(), a_node_role(RoleSource.HOST_MANAGEMENT)


@pytest.mark.parametrize(
    ("profile", "node_role", "setting", "expected"),
    [
        pytest.param(a_profile(), OWN, ON, "moot", id="its own role works"),
        pytest.param(a_profile(), OWN, REFUSED, "moot", id="its own role works, the setting is unread"),
        pytest.param(REFUSED, REFUSED, ON, "moot", id="a profile that is unread is taken to work"),
        pytest.param(NO_PROFILE, SHARED, ON, "relies", id="no profile"),
        pytest.param(a_profile(None), NO_ROLE, ON, "relies", id="an empty profile"),
        pytest.param(a_profile(), SHARED, ON, "relies", id="its own role does not work"),
        pytest.param(NO_PROFILE, NO_ROLE, OFF, "moot", id="off"),
        pytest.param(NO_PROFILE, REFUSED, REFUSED, "unreadable", id="no profile, and the setting is unread"),
    ],
)
def test_an_instance_relies_on_host_management_where_its_own_profile_gives_no_role(
    profile: InstanceProfile | Absent | Unreadable,
    node_role: NodeRole | Absent | Unreadable,
    setting: HostManagement | Unreadable,
    expected: str,
) -> None:
    assert isinstance(NODE.instance, Instance)
    found = host_managed_instance(RunningInstance(NODE, NODE.instance), profile, node_role, setting)
    names = {HostManagedInstance: "relies", Unreadable: "unreadable"}
    assert names.get(type(found), "moot") == expected
