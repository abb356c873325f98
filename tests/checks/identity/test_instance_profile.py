from __future__ import annotations

import pytest

from ssmtui.checks.identity.instance_profile import (
    host_management_still_serves,
    instance_has_a_role,
    instance_profile_holds_a_role,
)
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.identity import InstanceProfile, UsedHostManagement
from ssmtui.model.node import Instance, Node, PingStatus
from ssmtui.model.node_facts import Observation, RunningInstance
from tests.builders.fleet import a_node
from tests.builders.identity import PROFILE_ARN, SETTING_ARN, a_profile, host_management
from tests.checks.outcome import Said, judged, said

NEVER_SEEN, LOST, ONLINE = a_node(ping=None), a_node(ping=PingStatus.CONNECTION_LOST), a_node()
NO_PROFILE = Absent("the instance profile of this instance", "ec2:DescribeInstances")
ON, OFF = host_management(), host_management(None)
REFUSED = Unreadable("ssm:GetServiceSetting", "not authorized")
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
BOTH_FIXES = ("attach-instance-profile", "enable-host-management")


def running(node: Node) -> RunningInstance:
    assert isinstance(node.instance, Instance)
    return RunningInstance(node, node.instance)


def seen(node: Node) -> Observation:
    return Observation(node.ping, None)


@pytest.mark.parametrize(
    ("node", "profile", "setting", "expected"),
    [
        pytest.param(NEVER_SEEN, a_profile(), OFF, [], id="a profile"),
        pytest.param(NEVER_SEEN, REFUSED, OFF, [], id="a profile that cannot be read is one"),
        pytest.param(NEVER_SEEN, NO_PROFILE, ON, [], id="host management serves it"),
        pytest.param(NEVER_SEEN, NO_PROFILE, OFF, [(Status.FAIL, PROVED, BOTH_FIXES, ())], id="neither"),
        pytest.param(LOST, NO_PROFILE, OFF, [(Status.FAIL, LIKELY, BOTH_FIXES, ())], id="neither, and once managed"),
        pytest.param(ONLINE, NO_PROFILE, OFF, [(Status.WARN, LIKELY, BOTH_FIXES, ())], id="neither, and still online"),
        pytest.param(
            NEVER_SEEN,
            NO_PROFILE,
            REFUSED,
            [(Status.UNKNOWN, POSSIBLE, (), ("ssm:GetServiceSetting",))],
            id="the setting is not to be read",
        ),
        pytest.param(ONLINE, NO_PROFILE, REFUSED, [], id="nor needs to be, of a node that is online"),
    ],
)
def test_an_instance_has_a_profile_or_host_management(
    node: Node,
    profile: InstanceProfile | Absent | Unreadable,
    setting: UsedHostManagement | Unreadable,
    expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    found = said(judged(instance_has_a_role, running(node), seen(node), profile, setting))
    assert found == [
        Said("instance-profile-missing", status, sure, node.id, fixes, needs) for status, sure, fixes, needs in expected
    ]


def test_what_is_missing_is_said_in_a_sentence_with_both_proofs() -> None:
    assert judged(instance_has_a_role, running(NEVER_SEEN), seen(NEVER_SEEN), NO_PROFILE, OFF) == (
        Finding(
            cause="instance-profile-missing",
            status=Status.FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.NODE, NEVER_SEEN.id),
            summary="web-1 has no instance profile, and default host management is off in this Region.",
            evidence=(
                Evidence("the instance profile of this instance does not exist", "ec2:DescribeInstances"),
                Evidence("default host management is off in this Region", "ssm:GetServiceSetting"),
            ),
            fixes=BOTH_FIXES,
        ),
    )


@pytest.mark.parametrize(
    ("node", "profile", "setting", "expected"),
    [
        pytest.param(NEVER_SEEN, a_profile(), OFF, [], id="a role in it"),
        pytest.param(NEVER_SEEN, a_profile(None), OFF, [Status.FAIL], id="empty"),
        pytest.param(LOST, a_profile(None), ON, [Status.FAIL], id="empty, and host management did not save it"),
        pytest.param(ONLINE, a_profile(None), ON, [Status.INFO], id="empty, and host management serves"),
        pytest.param(ONLINE, a_profile(None), OFF, [Status.WARN], id="empty, and online for now"),
        pytest.param(ONLINE, a_profile(None), REFUSED, [], id="empty, online, and it is not told by what"),
        pytest.param(LOST, a_profile(None), REFUSED, [Status.FAIL], id="empty, and lost whatever is set"),
    ],
)
def test_an_instance_profile_holds_a_role(
    node: Node, profile: InstanceProfile, setting: UsedHostManagement | Unreadable, expected: list[Status]
) -> None:
    fixes = ("add-role-to-profile", "replace-instance-profile")
    found = said(instance_profile_holds_a_role(seen(node), profile, setting))
    assert found == [Said("instance-profile-empty", status, PROVED, PROFILE_ARN, fixes) for status in expected]


@pytest.mark.parametrize(
    ("node", "profile", "setting", "expected"),
    [
        pytest.param(LOST, NO_PROFILE, OFF, [(Status.FAIL, LIKELY)], id="managed by it before"),
        pytest.param(NEVER_SEEN, NO_PROFILE, OFF, [(Status.INFO, PROVED)], id="never managed: worth knowing"),
        pytest.param(ONLINE, NO_PROFILE, OFF, [], id="online by something else"),
        pytest.param(LOST, a_profile(), OFF, [], id="a profile"),
        pytest.param(LOST, NO_PROFILE, ON, [], id="on"),
        pytest.param(LOST, NO_PROFILE, REFUSED, [], id="unreadable: the missing profile says so"),
    ],
)
def test_host_management_that_is_off_leaves_its_nodes_behind(
    node: Node,
    profile: InstanceProfile | Absent,
    setting: UsedHostManagement | Unreadable,
    expected: list[tuple[Status, Confidence]],
) -> None:
    found = said(host_management_still_serves(running(node), seen(node), profile, setting))
    assert found == [
        Said("dhmc-off", status, sure, SETTING_ARN, ("enable-host-management",)) for status, sure in expected
    ]
