"""The change that a command on a node makes: one of AWS's documents, sent by Run Command and waited for.

Run Command has no token that makes a repeated call harmless. The comment takes its place: it is the plan's own, so that
a command whose answer was lost is found again, and none is sent twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ssmtui.fixes.steps.install_agent import get_in
from ssmtui.language import marked, say
from ssmtui.model.moment import Now
from ssmtui.model.node import Node, PingStatus
from ssmtui.model.plan import JSON, Call, FactChange, Guard, Needed, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.questions import node_arn
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode
from ssmtui.model.steps import Step, Steps
from ssmtui.model.subject import Subject, SubjectKind

SHELL, POWERSHELL, UPDATE_AGENT = "AWS-RunShellScript", "AWS-RunPowerShellScript", "AWS-UpdateSSMAgent"
"""AWS's own documents, of which no account has another by that name."""

_SEND = "ssm:SendCommand"
_DELIVERED_WITHIN = 120
# The workstation's clock may be wrong by less than this, or AWS would refuse its calls.
_LOOKED_BACK = timedelta(hours=1)

_REACHES = marked(
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
    by_hand: Step | None = None


def sent(
    command: NodeCommand,
    scope: Scope,
    managed: ManagedNode,
    now: Now,
    facts_after: tuple[FactChange, ...],
    stale: tuple[type, ...],
) -> Plan | NotApplicable:
    """The plan that sends the command to the node, or why it would not arrive."""
    node = managed.node
    if managed.registration.ping is not PingStatus.ONLINE:
        why = say("{node} is not online: no command would reach its SSM Agent", node=node.name)
        return NotApplicable(command.fix, why, steps=_on_the_node(command, node, why))
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
        way_back=WayBack((_command(node.id, comment, now, "Success"),), ()),
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
    if command.by_hand is None:
        return None
    return Steps(command.fix, command.title, (Step(f"{why}."), get_in(node), command.by_hand))


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
    target = Needed(_SEND, node_arn(scope, node.id))
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
