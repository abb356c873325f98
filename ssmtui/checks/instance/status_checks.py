"""Whether EC2's own status checks pass. Only asked where a node is away."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import failed_start
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import ImpairedInstances, RunningInstance, UnconnectedNode
from ssmtui.model.system import SilentConsole


@check(link=Link.INSTANCE, causes=("instance-impaired",), subject=the_node, after=("instance-has-had-time-to-start",))
def instance_passes_status_checks(
    away: UnconnectedNode,
    running: RunningInstance,
    impaired: ImpairedInstances,
    console: SilentConsole | Absent | Moot | Unreadable,
) -> Findings:
    """Whether the instance passes EC2's status checks."""
    failed = impaired.checks_by_id.get(running.instance.id, ())
    if not failed:
        return ()
    node = away.node
    return (
        Finding(
            cause="instance-impaired",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} fails EC2's status checks: its operating system or its host does not answer.", node=node.name
            ),
            evidence=(
                *(
                    Evidence(say("the {name} status is impaired", name=name), "ec2:DescribeInstanceStatus")
                    for name in failed
                ),
                *failed_start(console),
            ),
            fixes=("reboot-instance",),
        ),
    )
