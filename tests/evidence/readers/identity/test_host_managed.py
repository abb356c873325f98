from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.evidence.readers.roles import host_managed_instance, host_management_delay
from ssmtui.model.fact import Absent, Now, Unreadable
from ssmtui.model.identity import InstanceProfile, NodeRole, RoleSource, UsedHostManagement
from ssmtui.model.node import ConnectionStatus, Instance, PingStatus
from ssmtui.model.node_facts import (
    HostManagedInstance,
    HostManagementDelay,
    Observation,
    RunningInstance,
    UnconnectedNode,
)
from tests.builders.fleet import NOON, a_node
from tests.builders.identity import a_node_role, a_profile, host_management

NODE = a_node()
NO_PROFILE = Absent("the instance profile of this instance", "ec2:DescribeInstances")
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
    setting: UsedHostManagement | Unreadable,
    expected: str,
) -> None:
    assert isinstance(NODE.instance, Instance)
    found = host_managed_instance(RunningInstance(NODE, NODE.instance), profile, node_role, setting)
    names = {HostManagedInstance: "relies", Unreadable: "unreadable"}
    assert names.get(type(found), "moot") == expected


@pytest.mark.parametrize(
    ("changed_ago", "ping", "waits"),
    [
        (timedelta(minutes=10), None, True),
        (timedelta(minutes=10), PingStatus.CONNECTION_LOST, True),
        (timedelta(minutes=10), PingStatus.ONLINE, False),
        (timedelta(minutes=30), None, False),
        (None, None, False),
    ],
)
def test_a_setting_that_was_just_changed_is_given_half_an_hour(
    changed_ago: timedelta | None, ping: PingStatus | None, waits: object
) -> None:
    node = a_node(ping=ping)
    assert isinstance(node.instance, Instance)
    setting = replace(ON, changed=NOON - changed_ago if changed_ago is not None else None)
    away = UnconnectedNode(node, Observation(ping, ConnectionStatus.NOT_CONNECTED))
    found = host_management_delay(HostManagedInstance(node, node.instance), away, setting, Now(NOON))
    assert isinstance(found, HostManagementDelay) is waits
    if isinstance(found, HostManagementDelay):
        assert (found.set_at, found.until) == (setting.changed, NOON + timedelta(minutes=20))
