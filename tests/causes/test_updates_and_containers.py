"""Texts of updates that went wrong, of roles of AWS's own, and of containers: each has its cause first."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from tests.causes.texts import Text, refused, told

CAUSES = tuple(catalogue().values())
UPDATES_AND_CONTAINERS = (
    told(
        'Failed to create update info object: exec: "wmic": executable file not found in %PATH%',
        "agent-needs-wmic",
    ),
    told(
        "failed to update amazon-ssm-agent to 3.3.4108.0, failed to start the agent, ErrorMessage=checking svc and "
        "agent worker running err, The specified service does not exist as an installed service.",
        "agent-service-disabled",
    ),
    told("amazon-ssm-agent  Amazon.com -> SUSE LLC <https://www.suse.com/>", "agent-unit-removed"),
    told(
        "UnmodifiableEntity: Cannot perform the operation on the protected role "
        "'AWSReservedSSO_RestrictedAdmin_01b9b74ca528d470' - this role is only modifiable by AWS",
        "role-protected",
    ),
    told(
        refused("TargetNotConnected", "StartSession", "ecs:shop_0a1b2c_0a1b2c-38 is not connected."), "ecs-exec-failed"
    ),
    told(
        refused(
            "TargetNotConnectedException",
            "ExecuteCommand",
            "The execute command failed due to an internal error. Try again later.",
        ),
        "ecs-exec-failed",
    ),
    told(
        refused(
            "InvalidParameterException",
            "ExecuteCommand",
            "The execute command failed because execute command was not enabled when the task was run or the execute "
            "command agent isn't running. Wait and try again or run a new task with execute command enabled and try "
            "again.",
        ),
        "ecs-exec-failed",
    ),
    told("CannotStartManagedAgentError: failed to start managed agent inside container", "ecs-exec-failed"),
    told('"managedAgents": [{"name": "ExecuteCommandAgent", "lastStatus": "STOPPED"}]', "ecs-exec-failed"),
    told('{"name": "ExecuteCommandAgent", "reason": "Failed to start", "lastStatus": "STOPPED"}', "ecs-exec-failed"),
    told(
        'Managed Agent Status\n  1. RUNNING for "web"\n  2. STOPPED (Reason: null) for "api" - LastStartedAt: null',
        "ecs-exec-failed",
    ),
    told("  Exec Enabled for Task  | NO", "ecs-exec-failed"),
    told("Can I ExecuteCommand?  | arn:...\n    ecs:ExecuteCommand: implicitDeny", "ecs-exec-failed"),
    told("Task Role Permissions  | arn:...\n    ssmmessages:CreateControlChannel: implicitDeny", "ecs-exec-failed"),
    told('{"Target": "i-0123456789abcdef0", "Status": "notconnected"}', "wrong-region-or-account"),
    told('{"InstanceInformationList": []}', "not-registered"),
    told('"PingStatus": "ConnectionLost", "LastPingDateTime": "2026-01-01"', "connection-lost"),
    told("SSH times out; `SSM PingStatus=ConnectionLost`", "connection-lost"),
    told("| `ExpiredTokenException` | old session | `aws sso login` |", "credentials-expired"),
    told("`Unable to start command: Failed to start pty`", "shell-start-failed"),
    told(
        "cannot find the amazon-ssm-agent-windows-amd64.tar.gz information in the Manifest file", "agent-update-failed"
    ),
    told("error calling RegisterManagedInstance API: InvalidActivation: ", "activation-expired"),
    told("amazon-ssm-agent stop/waiting", "connection-lost"),
    told("InvalidInstanceId: null", "not-registered"),
    told("InvalidInstanceId: Instances [[i-0123456789abcdef0]] not in a valid state", "not-registered"),
    told(
        "com.amazonaws.services.simplesystemsmanagement.model.InvalidInstanceIdException: null (Service: "
        "AWSSimpleSystemsManagement; Status Code: 400; Error Code: InvalidInstanceId; Request ID: 1)",
        "not-registered",
    ),
    told(
        'Done   today at 03:01 UTC  today at 03:02 UTC  Mount snap "amazon-ssm-agent" (2012)\n'
        'Error  today at 03:01 UTC  today at 03:01 UTC  Stop snap "amazon-ssm-agent" services',
        "agent-update-failed",
    ),
    told(
        'error: cannot perform the following tasks:\n- Download snap "amazon-ssm-agent" (7993) from channel "latest"',
        "agent-update-failed",
    ),
    told(
        "Unable to start command: Failed to start pty: fork/exec C:/Program Files/Git/usr/bin/sh: no such file or "
        "directory",
        "command-invalid",
        "shell-start-failed",
    ),
    told("Cannot perform start session: The handle is invalid.", "no-terminal"),
)
INSTALLERS = (
    "package {}-1.2.650.0-1.x86_64 does not verify: no digest",
    "E: Unable to locate package {}",
    "No package {} available.",
    "Error: Unable to find a match: {}",
    "No match for argument: {}",
    "dpkg: error processing archive {}.deb (--install):\n package architecture (amd64) does not match system (arm64)",
    "dpkg: error processing archive /tmp/{}.deb (--unpack):",
    "dpkg: error processing package {} (--configure):",
)
OF_THE_PLUGIN_ALONE = (
    "Package {}.rpm is not signed",
    'Error: No available formula with the name "{}".',
    "Error: Cask '{}' is unavailable: No Cask with this name exists.",
    "Error: Download failed on Cask '{}' with message: Download failed",
    'ERROR: process "/bin/sh -c dnf install -y https://s3.amazonaws.com/{0}.rpm" did not complete successfully: exit '
    "code: 1",
    "[Errno 13] Permission denied: '{}'",
    "zsh: permission denied: {}",
    "zsh: permission denied: /usr/local/bin/{}",
    'exec: "{}": permission denied',
    "Error: spawn {} EACCES",
    'java.io.IOException: Cannot run program "{}": error=2, No such file or directory',
    "zsh: killed     {}",
)
"""What package managers and shells print about one that is not installed, with a hole for its name."""


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        *((text.format("session-manager-plugin"), "plugin-missing") for text in INSTALLERS + OF_THE_PLUGIN_ALONE),
        *((text.format("amazon-ssm-agent"), "agent-absent") for text in INSTALLERS),
    ],
)
def test_an_installer_that_fails_names_what_is_missing(text: str, cause: str) -> None:
    assert match_text(text, CAUSES)[0].cause == cause


@pytest.mark.parametrize("text", INSTALLERS + OF_THE_PLUGIN_ALONE)
def test_an_installer_of_another_program_names_no_cause(text: str) -> None:
    assert match_text(text.format("nginx"), CAUSES) == ()


@pytest.mark.parametrize("each", UPDATES_AND_CONTAINERS, ids=lambda each: each.text.strip()[-40:])
def test_the_cause_comes_first(each: Text) -> None:
    assert match_text(each.text, CAUSES)[0].cause in each.causes


@pytest.mark.parametrize(
    "text",
    [
        "The specified service does not exist as an installed service.",
        "exec: node: executable file not found",
        'Managed Agent Status\n 1. RUNNING for "nginx"',
        "Exec Enabled for Task  | OK",
        "CannotStartContainerError: OCI runtime create failed",
        '"lastStatus": "STOPPED", "stoppedReason": "Essential container in task exited"',
        '"PingStatus": "Online"',
        '"Status": "notConnected"',
        "ExpiredToken: The provided token has expired.",
        "Setting up session-manager-plugin (1.2.707.0-1) ...",
        'Done  today at 03:01 UTC  today at 03:02 UTC  Mount snap "amazon-ssm-agent" (2012)',
        'error: cannot perform the following tasks:\n- Download snap "core22" (864) from channel "latest"',
        "Failed to start pty: fork/exec /usr/bin/zsh: no such file or directory",
    ],
)
def test_what_any_program_may_say_is_not_told_of_the_agent(text: str) -> None:
    assert match_text(text, CAUSES) == ()
