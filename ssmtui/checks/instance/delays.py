"""Delays of AWS's own after which a node comes by itself: they are told with their end, and are no fault yet."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.moment import Now, end_of_delay
from ssmtui.model.path import Link
from ssmtui.model.standing import RunningInstance, UnconnectedNode

# An agent reports every five minutes, first when it has started (docs/facts/nodes.md §1).
_FIRST_REPORT = timedelta(minutes=5)


@check(link=Link.INSTANCE, causes=("instance-starting",), subject=the_node, after=("instance-runs",))
def instance_has_had_time_to_start(away: UnconnectedNode, running: RunningInstance, now: Now) -> Findings:
    """Whether the instance has had time to start."""
    until = end_of_delay(running.instance.launched, _FIRST_REPORT, now.at)
    if until is None:
        return ()
    node = away.node
    return (
        Finding(
            cause="instance-starting",
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} was started at {launched:%H:%M} UTC; its agent may still be coming.",
                node=node.name,
                launched=running.instance.launched,
            ),
            evidence=(
                Evidence(
                    say("LaunchTime is {launched:%Y-%m-%d %H:%M} UTC", launched=running.instance.launched),
                    "ec2:DescribeInstances",
                ),
            ),
            until=until,
        ),
    )
