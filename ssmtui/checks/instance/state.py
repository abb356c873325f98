"""Whether the instance runs. A node that does not has a verdict of its own, and nothing below it is asked."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unread
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.node import Instance, InstanceState, Node, PingStatus
from ssmtui.model.path import Link

_CAUSE = "instance-not-running"
_UP = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


@check(link=Link.INSTANCE, causes=(_CAUSE,), subject=the_node)
def instance_runs(node: Node) -> Findings:
    """Whether the instance runs."""
    if isinstance(node.instance, Unreadable) and node.ping is not PingStatus.ONLINE:
        return (
            unread(
                _CAUSE, the_node(node), say("Whether {node} runs could not be told.", node=node.name), node.instance
            ),
        )
    if not isinstance(node.instance, Instance) or node.instance.state in _UP:
        return ()
    state = node.instance.state.value
    return (
        Finding(
            cause=_CAUSE,
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say("{node} is {state}: sessions need a running instance.", node=node.name, state=state),
            evidence=(
                Evidence(say("the state of {node} is {state}", node=node.id, state=state), "ec2:DescribeInstances"),
            ),
            fixes=("start-instance",),
        ),
    )
