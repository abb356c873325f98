"""Checks that have nothing to say about a node or a link: they do not apply, or do not make the link ok."""

from __future__ import annotations

import pytest

from ssmtui.checks.agent.registration import control_channel_is_up, node_is_registered
from ssmtui.checks.agent.version import agent_knows_its_windows, last_agent_update_went_through
from ssmtui.checks.caller import caller_may_use_the_document
from ssmtui.checks.identity.instance_profile import instance_has_a_role
from ssmtui.checks.identity.role import role_may_be_taken, role_may_register
from ssmtui.checks.instance import instance_runs
from ssmtui.checks.preferences.document import run_as_names_a_user
from ssmtui.checks.preferences.log_bucket import bucket_encryption_is_accepted, role_may_look_up_bucket_encryption
from ssmtui.checks.preferences.log_group import log_group_is_encrypted, role_may_look_up_log_group
from ssmtui.checks.registry import all_checks
from ssmtui.checks.system import a_probe_of_it_is_explained
from ssmtui.checks.workstation import plugin_is_not_known_to_fail
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.iam_questions import (
    START_ACCESS_REQUEST,
    START_SESSION,
    bucket_questions,
    document_question,
)
from ssmtui.model.identity import RoleSource, RunAsSetting
from ssmtui.model.node import ConnectionStatus, InstanceState, PingStatus, PlatformFamily
from ssmtui.model.node_facts import InspectedNode, Observation, RunningInstance
from ssmtui.model.node_requests import NO_CONDITIONS
from ssmtui.model.permissions import (
    BucketPermissions,
    CallerAtNode,
    CallerInSessions,
    CorePermissions,
    Decision,
    Denier,
    EvaluationResult,
    Question,
)
from ssmtui.model.probe import Probes
from ssmtui.model.ssm_agent import RecentCommands
from ssmtui.model.workstation import CredentialKind, Credentials, Plugin, System
from tests.builders.fleet import NOTHING_MADE, a_node, a_scope, an_instance
from tests.builders.identity import CORE, a_node_role, answers, host_management
from tests.builders.probes import opened, stopped
from tests.builders.storage import ANY_DESTINATION, ENCRYPTED_ONLY, a_bucket, a_log_group, encrypted_with
from tests.checks.agent.nodes import hybrid, managed
from tests.checks.outcome import Judge, answered, node_of

SCOPE = a_scope()
UNREAD = Unreadable("iam:GetInstanceProfile", "not authorized")
ABSENT = Absent("a tag", "iam:ListRoleTags")
ONLINE = Observation(PingStatus.ONLINE, ConnectionStatus.CONNECTED)
SHARED = a_node_role(RoleSource.HOST_MANAGEMENT)
MAY = answers(BucketPermissions, bucket_questions(SCOPE, ANY_DESTINATION, a_bucket(), encrypted_with()))
PENDING = a_node(state=InstanceState.PENDING, ping=None)
HYBRID = node_of(hybrid())
WINDOWS = managed(family=PlatformFamily.WINDOWS, platform="Microsoft Windows Server 2022 Datacenter")


def evaluated(action: str, *, allowed: bool) -> EvaluationResult:
    question = Question(action, SCOPE.arn("ec2", "instance/i-1"))
    return EvaluationResult(
        question, Decision.ALLOWED if allowed else Decision.IMPLICIT_DENY, None if allowed else Denier.IDENTITY, ()
    )


def at_node(*, start: bool, checked: bool) -> CallerAtNode:
    request = evaluated(START_ACCESS_REQUEST, allowed=False)
    return CallerAtNode(evaluated(START_SESSION, allowed=start), request, checked)


IN_SESSIONS = CallerInSessions((), EvaluationResult(document_question(SCOPE), Decision.ALLOWED, None, ()))
CREDENTIALS = Credentials(next(iter(CredentialKind)), temporary=True, expires=None)
HANGS = Plugin(
    System.LINUX,
    "/usr/bin/session-manager-plugin",
    on_path=True,
    version=Unreadable("", "it hangs", source="workstation"),
)


@pytest.mark.parametrize(
    ("check", "facts", "why"),
    [
        (plugin_is_not_known_to_fail, (HANGS, CREDENTIALS), "it hangs"),
        (
            caller_may_use_the_document,
            (SCOPE, at_node(start=True, checked=False), IN_SESSIONS),
            "the caller's policies do not ask for the document",
        ),
        (
            caller_may_use_the_document,
            (SCOPE, at_node(start=False, checked=True), IN_SESSIONS),
            "the caller is not allowed to start sessions",
        ),
        (instance_runs, (HYBRID,), "a hybrid node is not an EC2 instance"),
        (
            instance_has_a_role,
            (RunningInstance(a_node(), an_instance("i-1")), ONLINE, UNREAD, host_management(None)),
            "not authorized",
        ),
        (role_may_be_taken, (SCOPE, SHARED, ONLINE), "the node has the role of default host management"),
        (
            role_may_register,
            (SHARED, ONLINE, answers(CorePermissions, CORE), NOTHING_MADE, NOTHING_MADE),
            "the node has the role of default host management",
        ),
        (agent_knows_its_windows, (managed(),), "the node does not run Windows Server 2025"),
        (
            node_is_registered,
            (
                RunningInstance(PENDING, an_instance("i-1", InstanceState.PENDING)),
                NOTHING_MADE,
                NOTHING_MADE,
                NOTHING_MADE,
            ),
            "the instance is starting",
        ),
        (
            control_channel_is_up,
            (managed(), Observation(PingStatus.CONNECTION_LOST, None), NOTHING_MADE, NOTHING_MADE),
            "the node does not report to Systems Manager",
        ),
        (
            control_channel_is_up,
            (managed(), Observation(PingStatus.ONLINE, None), NOTHING_MADE, NOTHING_MADE),
            "the connection of the node was not read",
        ),
        (
            last_agent_update_went_through,
            (InspectedNode(a_node()), managed(), RecentCommands(())),
            "no update of SSM Agent was recorded lately",
        ),
        (
            log_group_is_encrypted,
            (SCOPE, ANY_DESTINATION, a_log_group(None), NOTHING_MADE),
            "the preferences allow a log group without encryption",
        ),
        (
            role_may_look_up_log_group,
            (a_node_role(), ANY_DESTINATION, a_log_group(), UNREAD),
            "the preferences allow a log group without encryption",
        ),
        (
            role_may_look_up_log_group,
            (a_node_role(), ENCRYPTED_ONLY, a_log_group(None), UNREAD),
            "the log group has no KMS key",
        ),
        (
            role_may_look_up_bucket_encryption,
            (a_node_role(), SCOPE, ANY_DESTINATION, a_bucket(), MAY, ABSENT, NO_CONDITIONS),
            "the preferences allow a bucket without encryption",
        ),
        (
            bucket_encryption_is_accepted,
            (SCOPE, ANY_DESTINATION, a_bucket(), ABSENT),
            "the preferences allow a bucket without encryption",
        ),
        (run_as_names_a_user, (SCOPE, WINDOWS, RunAsSetting(""), ABSENT), "Run As applies only to Linux and macOS"),
        (
            a_probe_of_it_is_explained,
            (Probes(shell=stopped("kms-node-denied")),),
            "no probe has opened a shell",
        ),
    ],
)
def test_a_check_that_judged_nothing_does_not_apply(check: Judge, facts: tuple[object, ...], why: str) -> None:
    node = PENDING if check is node_is_registered else a_node()
    assert answered(check, *facts, node=node) == NotApplicable(why)


def test_a_shell_that_opened_says_that_the_operating_system_is_ok() -> None:
    assert answered(a_probe_of_it_is_explained, Probes(shell=opened()), node=a_node()) == ()


def test_a_check_whose_sources_show_faults_only_does_not_confirm_its_link() -> None:
    assert {check.name for check in all_checks() if not check.confirms} == {
        *("caller-may-change-preferences", "caller-may-open-desktops"),
        *("users-can-connect", "instance-has-had-time-to-start", "root-volume-has-space", "clock-of-the-node-is-right"),
        *("node-has-watches-left", "sessions-are-ended", "agent-is-awake", "agent-is-installed"),
        *("host-management-still-serves", "profile-was-there-at-launch", "role-can-be-changed"),
        *("endpoint-certificate-is-trusted", "endpoint-policies-let-the-role-through"),
        *("service-survived-its-update", "unit-survived-the-last-update", "machine-is-registered-once"),
        *("node-could-register-again", "managed-nodes-are-within-the-quota"),
        *("preferences-are-saved", "run-as-user-is-known", "agent-could-make-its-user"),
    }
