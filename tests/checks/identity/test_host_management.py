from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.checks.identity.host_management import (
    agent_knows_host_management,
    host_management_role_works,
    metadata_suits_host_management,
)
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.identity import HostManagementRole
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    MetadataOptions,
    MetadataTokens,
    Node,
    PingStatus,
    Registration,
)
from ssmtui.model.node_facts import ConsoleOutput, HostManagedInstance, Observation, UnconnectedNode, UnmanagedInstance
from ssmtui.model.permissions import Denier, HostManagementPermissions
from tests.builders.fleet import a_node, a_scope
from tests.builders.identity import CORE, SETTING_ARN, a_role, answers, host_management, host_management_role, undecided
from tests.builders.policies import a_policy, allow
from tests.checks.outcome import Said, judged, said

NEVER_SEEN, LOST, ONLINE = a_node(ping=None), a_node(ping=PingStatus.CONNECTION_LOST), a_node()
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
FAIL, WARN, UNKNOWN = Status.FAIL, Status.WARN, Status.UNKNOWN
NO_ROLE = Absent("the role x", "iam:GetRole")
NO_CONSOLE = Absent("console output of the instance", "ec2:GetConsoleOutput")
NO_SIMULATION = Unreadable("iam:SimulatePrincipalPolicy", "not authorized")
MAY = answers(HostManagementPermissions, CORE)
PERHAPS = undecided(HostManagementPermissions, CORE, "ssm:UpdateInstanceInformation")
MAY_NOT = answers(HostManagementPermissions, CORE, "ssm:UpdateInstanceInformation")
FORBIDDEN = answers(HostManagementPermissions, CORE, "ssm:UpdateInstanceInformation", denier=Denier.ORGANIZATION)
CONDITION = ("StringEquals", "aws:SourceArn", "arn:aws:ssm:eu-west-3:1:*")
ON_CONDITION = HostManagementRole(
    replace(a_role(), trust=a_policy(allow("sts:AssumeRole", "", "ssm.amazonaws.com", CONDITION)))
)
KEPT = HostManagementRole(
    replace(
        host_management_role().role, arn="arn:aws:iam::123456789012:role/aws-reserved/ssm.amazonaws.com/HostManagement"
    )
)


def relying(node: Node) -> HostManagedInstance:
    assert isinstance(node.instance, Instance)
    return HostManagedInstance(node, node.instance)


@pytest.mark.parametrize(
    ("role", "permissions", "node", "expected"),
    [
        pytest.param(host_management_role(), MAY, NEVER_SEEN, [], id="sound"),
        pytest.param(host_management_role(), PERHAPS, NEVER_SEEN, [(UNKNOWN, POSSIBLE, (), ())], id="on conditions"),
        pytest.param(host_management_role(), PERHAPS, ONLINE, [], id="on conditions that evidently hold"),
        pytest.param(
            NO_ROLE, NO_ROLE, NEVER_SEEN, [(FAIL, PROVED, ("enable-host-management",), ())], id="the role is gone"
        ),
        pytest.param(
            host_management_role("ec2.amazonaws.com"),
            MAY,
            LOST,
            [(FAIL, PROVED, ("repair-role-trust", "enable-host-management"), ())],
            id="it trusts EC2",
        ),
        pytest.param(
            host_management_role(),
            MAY_NOT,
            LOST,
            [(FAIL, PROVED, ("grant-host-management-role", "enable-host-management"), ())],
            id="it may not register nodes",
        ),
        pytest.param(
            host_management_role("ec2.amazonaws.com"),
            MAY_NOT,
            ONLINE,
            [(WARN, PROVED, ("grant-host-management-role", "repair-role-trust", "enable-host-management"), ())],
            id="both, and its node is online for now",
        ),
        pytest.param(
            host_management_role(),
            FORBIDDEN,
            LOST,
            [(FAIL, LIKELY, ("steps-organization-policy", "enable-host-management"), ())],
            id="the organization denies it",
        ),
        pytest.param(KEPT, MAY, LOST, [], id="Systems Manager keeps it, and it works"),
        pytest.param(
            KEPT,
            MAY_NOT,
            LOST,
            [(FAIL, PROVED, ("enable-host-management",), ())],
            id="Systems Manager keeps it: the account cannot change it",
        ),
        pytest.param(host_management_role(), FORBIDDEN, ONLINE, [], id="the organization is said to, of one online"),
        pytest.param(
            host_management_role(),
            NO_SIMULATION,
            LOST,
            [(UNKNOWN, POSSIBLE, (), ("iam:SimulatePrincipalPolicy",))],
            id="its permissions are not to be read",
        ),
        pytest.param(host_management_role(), NO_SIMULATION, ONLINE, [], id="nor need to be, of a node that is online"),
        pytest.param(ON_CONDITION, MAY, LOST, [(UNKNOWN, POSSIBLE, (), ())], id="a trust on conditions"),
        pytest.param(ON_CONDITION, MAY, ONLINE, [], id="a trust on conditions that evidently hold"),
    ],
)
def test_the_role_of_the_setting_works(
    role: HostManagementRole | Absent,
    permissions: HostManagementPermissions | Absent | Unreadable,
    node: Node,
    expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    found = host_management_role_works(
        relying(node), a_scope(), Observation(node.ping, None), host_management(), role, permissions
    )
    assert said(found) == [
        Said("dhmc-role-broken", status, sure, SETTING_ARN, fixes, needs) for status, sure, fixes, needs in expected
    ]


def with_agent(node: Node, version: str) -> Node:
    assert isinstance(node.registration, Registration)
    return replace(node, registration=replace(node.registration, agent_version=version))


def console(version: str) -> ConsoleOutput:
    return ConsoleOutput(f"boot\n[ 12.1] Amazon SSM Agent v{version} is running\nlogin:", None)


UPDATE = ("attach-instance-profile", "update-agent", "steps-install-agent")


@pytest.mark.parametrize(
    ("node", "console_", "expected"),
    [
        pytest.param(with_agent(LOST, "3.2.582.0"), NO_CONSOLE, [], id="the first that knows it"),
        pytest.param(with_agent(LOST, "3.2.581.0"), NO_CONSOLE, [(FAIL, PROVED, UPDATE, ())], id="one older"),
        pytest.param(with_agent(LOST, "3.10.1.0"), NO_CONSOLE, [], id="numbers are compared, not texts"),
        pytest.param(with_agent(ONLINE, "3.1.0.0"), NO_CONSOLE, [], id="a node that is online knows it"),
        pytest.param(NEVER_SEEN, console("3.1.1732.0"), [(FAIL, LIKELY, UPDATE, ())], id="by its console"),
        pytest.param(NEVER_SEEN, console("3.3.987.0"), [], id="new enough by its console"),
        pytest.param(NEVER_SEEN, NO_CONSOLE, [(UNKNOWN, POSSIBLE, (), ())], id="no console"),
        pytest.param(
            NEVER_SEEN,
            Unreadable("ec2:GetConsoleOutput", "not authorized"),
            [(UNKNOWN, POSSIBLE, (), ("ec2:GetConsoleOutput",))],
            id="the console is not to be read",
        ),
    ],
)
def test_the_agent_is_new_enough(
    node: Node,
    console_: ConsoleOutput | Absent | Unreadable,
    expected: list[tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    away = UnconnectedNode(node, Observation(node.ping, ConnectionStatus.NOT_CONNECTED))
    assert said(judged(agent_knows_host_management, relying(node), away, console_)) == [
        Said("dhmc-agent-too-old", status, sure, node.id, fixes, needs) for status, sure, fixes, needs in expected
    ]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        pytest.param(MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.REQUIRED), [], id="IMDSv2"),
        pytest.param(
            MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.OPTIONAL),
            [(WARN, POSSIBLE, ("require-imdsv2",))],
            id="both versions: a hint",
        ),
        pytest.param(
            MetadataOptions(endpoint_enabled=False, tokens=MetadataTokens.REQUIRED),
            [(FAIL, PROVED, ("enable-instance-metadata", "require-imdsv2"))],
            id="off: a proof",
        ),
    ],
)
def test_host_management_needs_the_metadata_service(
    metadata: MetadataOptions, expected: list[tuple[Status, Confidence, tuple[str, ...]]]
) -> None:
    assert isinstance(NEVER_SEEN.instance, Instance)
    node = replace(NEVER_SEEN, instance=replace(NEVER_SEEN.instance, metadata=metadata))
    on = relying(node)
    assert said(judged(metadata_suits_host_management, on, UnmanagedInstance(node, on.instance))) == [
        Said("dhmc-needs-imdsv2", status, sure, node.id, fixes) for status, sure, fixes in expected
    ]
