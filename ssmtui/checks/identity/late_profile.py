"""Whether an instance got its profile after it had started: its agent looks again only after a while."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.moment import Now, end_of_delay
from ssmtui.model.node import Node
from ssmtui.model.path import Link
from ssmtui.model.standing import ProfileAttachment, RunningInstance

# Between two looks for credentials the agent waits 25 to 30 minutes (docs/facts/nodes.md §6).
_LOOKS_AGAIN = timedelta(minutes=30)
_AT_LAUNCH = timedelta(minutes=2)
_CAUSE = "profile-attached-late"
_SOURCE = "cloudtrail:LookupEvents"


@check(
    link=Link.IDENTITY,
    causes=(_CAUSE,),
    subject=the_node,
    after=("metadata-suits-host-management",),
    without={ProfileAttachment: "a delay, and no allowance"},
)
def profile_was_there_at_launch(
    running: RunningInstance, attachment: ProfileAttachment | Unreadable, now: Now
) -> Findings:
    """Whether the instance profile was there when the instance started."""
    if isinstance(attachment, Unreadable):
        return (_unread(running.node, attachment),)
    launched, attached = running.instance.launched, attachment.attached
    until = end_of_delay(attached, _LOOKS_AGAIN, now.at)
    if attached <= launched + _AT_LAUNCH or until is None:
        return ()
    node = running.node
    return (
        Finding(
            cause=_CAUSE,
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} got its instance profile at {attached:%H:%M} UTC; its agent looks by {until:%H:%M}.",
                node=node.name,
                attached=attached,
                until=until,
            ),
            evidence=(
                Evidence(
                    say("the instance was given its profile at {attached:%Y-%m-%d %H:%M} UTC", attached=attached),
                    _SOURCE,
                ),
                Evidence(
                    say("LaunchTime is {launched:%Y-%m-%d %H:%M} UTC", launched=launched), "ec2:DescribeInstances"
                ),
            ),
            fixes=("reboot-instance",),
            until=until,
        ),
    )


def _unread(node: Node, unreadable: Unreadable) -> Finding:
    """A note: the node is away, and what else is told of it still holds."""
    return Finding(
        cause=_CAUSE,
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_node(node),
        summary=say("When {node} was given its instance profile could not be told.", node=node.name),
        evidence=(Evidence(unreadable.why, unreadable.source or _SOURCE),),
        needs=(unreadable.action,) if unreadable.action else (),
    )
