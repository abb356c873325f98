"""Fixes that run a command on a node: restart or update SSM Agent, raise the inotify limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from ssmtui.language import say, translatable
from ssmtui.model.fact import Now, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.iam_questions import node_arn
from ssmtui.model.node import ConnectionStatus, Node, PingStatus, PlatformFamily
from ssmtui.model.node_facts import ManagedFleet, ManagedNode, Observation
from ssmtui.model.plan import (
    JSON,
    Call,
    FactChange,
    FixNotApplicable,
    Guard,
    Plan,
    Reach,
    RequiredPermission,
    Step,
    Steps,
    UndoPlan,
)
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import StaleSessions
from ssmtui.model.ssm_agent import is_older_version, newest_version
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import FIRST_REPORT, RESTART_BY_HAND
from ssmtui.remediation.plans.steps.agent import get_in, newest_agent

SHELL, POWERSHELL, UPDATE_AGENT = "AWS-RunShellScript", "AWS-RunPowerShellScript", "AWS-UpdateSSMAgent"
"""AWS's own documents, of which no account has another by that name."""

_SEND = "ssm:SendCommand"
_DELIVERED_WITHIN = 120
# The workstation's clock may be wrong by less than this, or AWS would refuse its calls.
_LOOKED_BACK = timedelta(hours=1)

_REACHES = translatable(
    "Run Command reaches a node by ssmmessages, or by ec2messages where the agent can use that. If neither is open, "
    "the command is not delivered, and nothing changes."
)


@dataclass(frozen=True, slots=True)
class NodeCommand:
    """A command: the document with its parameters. `before` and `after` say what it changes, `undo` that it stays.

    `by_hand` does the same on the node itself, for where no command arrives.
    """

    fix: str
    title: str
    document: str
    parameters: Mapping[str, JSON]
    before: str
    after: str
    undo: str
    delay: str
    settles_within: timedelta | None = None
    loses: str = ""
    notes: tuple[str, ...] = ()
    manual_step: Step | None = None


def run_command_plan(
    command: NodeCommand,
    scope: Scope,
    managed: ManagedNode,
    now: Now,
    facts_after: tuple[FactChange, ...],
    stale: tuple[type, ...],
) -> Plan | FixNotApplicable:
    """The plan that sends the command to the node, or why it would not arrive."""
    node = managed.node
    if managed.registration.ping is not PingStatus.ONLINE:
        why = say("{node} is not online: no command would reach its SSM Agent", node=node.name)
        return FixNotApplicable(command.fix, why, steps=_on_the_node(command, node, why))
    comment = f"ssmtui {command.fix} {now.at:%Y%m%dT%H%M%SZ}"
    return Plan(
        fix=command.fix,
        title=command.title,
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(_send(command, scope, managed, comment),),
        before=command.before,
        after=command.after,
        guards=(_online(node.id), _command(node.id, comment, now, "")),
        way_back=UndoPlan((_command(node.id, comment, now, "Success"),), ()),
        reach=Reach.NODE,
        undo=command.undo,
        facts_after=facts_after,
        stale=stale,
        loses=command.loses,
        delay=command.delay,
        settles_within=command.settles_within,
        notes=(*command.notes, say(_REACHES)),
    )


def _on_the_node(command: NodeCommand, node: Node, why: str) -> Steps | None:
    if command.manual_step is None:
        return None
    return Steps(command.fix, command.title, (Step(f"{why}."), get_in(node), command.manual_step))


def _send(command: NodeCommand, scope: Scope, managed: ManagedNode, comment: str) -> Call:
    node = managed.node
    parameters: dict[str, JSON] = {
        "InstanceIds": [node.id],
        "DocumentName": command.document,
        "Parameters": command.parameters,
        "Comment": comment,
        "TimeoutSeconds": _DELIVERED_WITHIN,
    }
    document = f"arn:{scope.partition}:ssm:{scope.region}::document/{command.document}"
    target = RequiredPermission(_SEND, node_arn(scope, node.id))
    return Call("ssm", "SendCommand", parameters, _SEND, document, besides=(target,))


def _online(node_id: str) -> Guard:
    which: dict[str, JSON] = {"Filters": [{"Key": "InstanceIds", "Values": [node_id]}]}
    path = "InstanceInformationList.0.PingStatus"
    return Guard(say("the ping status of the node"), "ssm", "DescribeInstanceInformation", which, path, "Online")


def _command(node_id: str, comment: str, now: Now, expected: str) -> Guard:
    """How this command stands: no line where it was never sent."""
    since = f"{now.at - _LOOKED_BACK:%Y-%m-%dT%H:%M:%SZ}"
    which: dict[str, JSON] = {"InstanceId": node_id, "Filters": [{"key": "InvokedAfter", "value": since}]}
    path = f"Commands.*Comment={comment}.Status"
    return Guard(say("this command"), "ssm", "ListCommands", which, path, expected)


_RAISE_INOTIFY_LIMIT = "raise-inotify-limit"
_INOTIFY_STALE = (StaleSessions,)

# User Guide, session-manager-troubleshooting: "document worker timed out".
_INOTIFY_LIMIT = 8192
_USUAL_INOTIFY_LIMIT = 128
_INOTIFY_UNDO = translatable(
    "None here: the limit holds until the node starts again, because it is written to no file."
)
_TO_KEEP = translatable(
    "To keep it, write fs.inotify.max_user_instances=8192 into a file under /etc/sysctl.d on the node."
)


@fix(slug=_RAISE_INOTIFY_LIMIT, stale=_INOTIFY_STALE)
def raise_inotify_limit(scope: Scope, managed: ManagedNode, now: Now) -> Plan | FixNotApplicable:
    """Raise it to what AWS documents, until the node starts again."""
    node = managed.node
    if managed.registration.platform_family is not PlatformFamily.LINUX:
        return FixNotApplicable(
            _RAISE_INOTIFY_LIMIT, say("{node} is no Linux node: only Linux has this limit", node=node.name)
        )
    command = NodeCommand(
        fix=_RAISE_INOTIFY_LIMIT,
        title=say("Raise the inotify limit of {node} ({id})", node=node.name, id=node.id),
        document=SHELL,
        parameters={"commands": [f"sysctl fs.inotify.max_user_instances={_INOTIFY_LIMIT}"]},
        before=say(
            "fs.inotify.max_user_instances as it is ({usual}, where nobody changed it)", usual=_USUAL_INOTIFY_LIMIT
        ),
        after=f"fs.inotify.max_user_instances={_INOTIFY_LIMIT}",
        undo=say(_INOTIFY_UNDO),
        delay=say("At once: the next session finds room."),
        notes=(say(_TO_KEEP),),
        manual_step=Step(say("Raise the limit there."), f"sudo sysctl fs.inotify.max_user_instances={_INOTIFY_LIMIT}"),
    )
    return run_command_plan(command, scope, managed, now, (), _INOTIFY_STALE)


_RESTART_AGENT = "restart-agent"
_RESTART_STALE = (Observation,)

# The agent carries the command out, so the restart is left behind for a few seconds later: it would end its own report.
_LINUX = (
    "unit=amazon-ssm-agent",
    "systemctl cat snap.amazon-ssm-agent.amazon-ssm-agent >/dev/null 2>&1 && "
    "unit=snap.amazon-ssm-agent.amazon-ssm-agent",
    'systemd-run --on-active=5 systemctl restart "$unit" || '
    "nohup sh -c 'sleep 5; service amazon-ssm-agent restart || restart amazon-ssm-agent' >/dev/null 2>&1 &",
)
_MACOS = ("nohup sh -c 'sleep 5; launchctl kickstart -k system/com.amazon.aws.ssm' >/dev/null 2>&1 &",)
_WINDOWS = (
    "Start-Process powershell.exe -WindowStyle Hidden -ArgumentList "
    "'-NoProfile', '-Command', 'Start-Sleep 5; Restart-Service AmazonSSMAgent'",
)
_SCRIPTS = {
    PlatformFamily.LINUX: (SHELL, _LINUX),
    PlatformFamily.MACOS: (SHELL, _MACOS),
    PlatformFamily.WINDOWS: (POWERSHELL, _WINDOWS),
}

_RESTART = translatable("Restart SSM Agent there.")

_RESTART_UNDO = translatable("There is none, and none is needed: the agent runs again by itself.")
_RESTART_LOSES = translatable("Sessions and commands that are open on the node end.")


@fix(slug=_RESTART_AGENT, stale=_RESTART_STALE)
def restart_agent(scope: Scope, managed: ManagedNode, observation: Observation, now: Now) -> Plan | FixNotApplicable:
    """Have it restarted a few seconds after the command has reported."""
    node = managed.node
    document, lines = _SCRIPTS[managed.registration.platform_family]
    command = NodeCommand(
        fix=_RESTART_AGENT,
        title=say("Restart SSM Agent of {node} ({id})", node=node.name, id=node.id),
        document=document,
        parameters={"commands": list(lines)},
        before="",
        after="",
        undo=say(_RESTART_UNDO),
        loses=say(_RESTART_LOSES),
        delay=say("A minute or so, until the agent has started and opened its channels."),
        settles_within=FIRST_REPORT,
        manual_step=Step(say(_RESTART), *RESTART_BY_HAND[managed.registration.platform_family]),
    )
    connected = replace(observation, connection=ConnectionStatus.CONNECTED)
    after = (FactChange(Observation, connected, replaces=observation, node=node.key),)
    return run_command_plan(command, scope, managed, now, after, _RESTART_STALE)


_UPDATE_AGENT = "update-agent"
_UPDATE_STALE = (Node, Observation, ManagedFleet)

_RELEASED_AGENT = "3.3.5828.0"
"""A release of 2026 that is known to be out (docs/facts/nodes.md §10): the update brings this one, or a newer one."""

_COMMANDS_BY_SSMMESSAGES = "3.3.40.0"
_UPDATE_UNDO = translatable(
    "None here. The document AWS-UpdateSSMAgent puts back an earlier version where it is given allowDowngrade."
)
_OLD_AGENT_NOTE = translatable(
    "An agent this old takes commands by ec2messages only: that service must be within its reach."
)
_DOWNLOAD_NOTE = translatable("The node must reach the S3 bucket of its Region from which AWS hands out the agent.")


@fix(slug=_UPDATE_AGENT, stale=_UPDATE_STALE)
def update_agent(
    scope: Scope, managed: ManagedNode, fleet: ManagedFleet | Unreadable, now: Now
) -> Plan | FixNotApplicable:
    """Update to the newest version that AWS hands out in the Region."""
    node, version = managed.node, managed.registration.agent_version
    known = fleet.newest_agent if isinstance(fleet, ManagedFleet) else ""
    expected = newest_version({each for each in (known, _RELEASED_AGENT, version) if each})
    command = NodeCommand(
        fix=_UPDATE_AGENT,
        title=say("Update SSM Agent of {node} ({id})", node=node.name, id=node.id),
        document=UPDATE_AGENT,
        parameters={},
        before=version,
        after=say("the newest version that AWS hands out ({version}, or newer)", version=expected),
        undo=say(_UPDATE_UNDO),
        loses=say("Sessions that are open on the node may end."),
        delay=say("A few minutes: the agent is downloaded, installed and started."),
        manual_step=newest_agent(scope, node),
        notes=(
            say(_DOWNLOAD_NOTE),
            *((say(_OLD_AGENT_NOTE),) if is_older_version(version, _COMMANDS_BY_SSMMESSAGES) else ()),
        ),
    )
    updated = replace(node, registration=replace(managed.registration, agent_version=expected))
    return run_command_plan(command, scope, managed, now, (FactChange(Node, updated, replaces=node),), _UPDATE_STALE)
