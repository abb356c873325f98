"""Check whether an instance has a role, and had its profile when it started."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from ssmtui.analysis.finding_parts import the_host_management_setting, the_node, the_profile, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Now, OfNode, Unreadable, end_of_delay
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.identity import InstanceProfile, UsedHostManagement
from ssmtui.model.node import Instance, Node
from ssmtui.model.node_facts import Observation, ProfileAttachment, RunningInstance

_NO_PROFILE = "instance-profile-missing"


@check(
    link=Link.IDENTITY,
    causes=(_NO_PROFILE,),
    subject=the_node,
    after=("host-management-still-serves",),
    without={InstanceProfile: "it is silent without"},
)
def instance_has_a_role(
    running: RunningInstance,  # noqa: ARG001 - a precondition
    observation: Observation,
    profile: InstanceProfile | Absent | Unreadable,
    host_management: UsedHostManagement | NotApplicable | Unreadable,
) -> Findings | NotApplicable | OfNode[Findings]:
    """Whether the instance has an instance profile or uses Default Host Management."""
    if isinstance(profile, Unreadable):
        return NotApplicable(profile.why)  # the checks of the role report what could not be read
    if isinstance(profile, InstanceProfile):
        return ()
    if isinstance(host_management, Unreadable):
        if observation.online:
            return ()  # the node reports, so it has a role from somewhere
        return OfNode(partial(_perhaps_no_role, host_management))
    if isinstance(host_management, NotApplicable) or host_management.role_name is not None:
        return ()
    return OfNode(partial(_no_role, observation, profile))


def _perhaps_no_role(host_management: Unreadable, node: Node) -> Findings:
    summary = say(
        "{node} has no instance profile. Cannot determine whether default host management applies.",
        node=node.name,
    )
    return (unread_finding(_NO_PROFILE, the_node(node), summary, host_management),)


def _no_role(observation: Observation, profile: Absent, node: Node) -> Findings:
    return (
        Finding(
            cause=_NO_PROFILE,
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=Confidence.LIKELY if node.managed else Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "{node} has no instance profile, and default host management is off in this Region.", node=node.name
            ),
            evidence=(Evidence(say("{what} does not exist", what=profile.what), profile.source), _setting_off()),
            fixes=() if node.service is not None else ("attach-instance-profile", "enable-host-management"),
        ),
    )


@check(
    link=Link.IDENTITY,
    causes=("instance-profile-empty",),
    subject=the_profile,
    after=("instance-has-a-role",),
    without={UsedHostManagement: "an empty profile is reported with any setting"},
)
def instance_profile_holds_a_role(
    observation: Observation,
    profile: InstanceProfile,
    host_management: UsedHostManagement | NotApplicable | Unreadable,
) -> Findings:
    """Whether the instance profile holds a role."""
    if profile.role_arn is not None:
        return ()
    if isinstance(host_management, Unreadable) and observation.online:
        return ()  # the node reports, so it has a role from somewhere
    served = isinstance(host_management, UsedHostManagement) and host_management.role_name is not None
    off_but_online = Status.INFO if served else Status.WARN
    return (
        Finding(
            cause="instance-profile-empty",
            status=off_but_online if observation.online else Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_profile(profile),
            summary=say("The instance profile {profile} contains no role.", profile=profile.name),
            evidence=(Evidence(say("{profile} contains no role", profile=profile.name), "iam:GetInstanceProfile"),),
            fixes=("add-role-to-profile", "replace-instance-profile"),
        ),
    )


@check(
    link=Link.IDENTITY,
    causes=("dhmc-off",),
    subject=the_host_management_setting,
    without={UsedHostManagement: "it is silent without", InstanceProfile: "it is silent without"},
    confirms=False,
)
def host_management_still_serves(
    running: RunningInstance,
    observation: Observation,
    profile: InstanceProfile | Absent | Unreadable,
    host_management: UsedHostManagement | NotApplicable | Unreadable,
) -> Findings:
    """Whether Default Host Management is on, if it managed an instance."""
    if not isinstance(profile, Absent) or not isinstance(host_management, UsedHostManagement):
        return ()
    if host_management.role_name is not None or observation.online:
        return ()
    # Only host management can register an instance without a profile, unless the profile was removed later.
    left_behind = running.node.managed
    summary = (
        say("Default host management is off, and an instance that used it has no instance profile.")
        if left_behind
        else say("Default host management is off in this Region. It manages instances without an instance profile.")
    )
    return (
        Finding(
            cause="dhmc-off",
            status=Status.FAIL if left_behind else Status.INFO,
            confidence=Confidence.LIKELY if left_behind else Confidence.PROVED,
            subject=the_host_management_setting(host_management),
            summary=summary,
            evidence=(_setting_off(), Evidence(say("{what} does not exist", what=profile.what), profile.source)),
            fixes=("enable-host-management",),
        ),
    )


def _setting_off() -> Evidence:
    return Evidence(say("default host management is off in this Region"), "ssm:GetServiceSetting")


# The agent waits 25 to 30 minutes between two searches for credentials (docs/facts/nodes.md §6).
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
    confirms=False,
)
def profile_was_there_at_launch(
    running: RunningInstance,  # noqa: ARG001 - a precondition
    attachment: ProfileAttachment | Unreadable,
    now: Now,
    node: Node,
) -> Findings:
    """Whether the instance profile was attached before the instance started."""
    if isinstance(attachment, Unreadable):
        return (_unread(node, attachment),)
    if not isinstance(node.instance, Instance):
        return ()
    launched, attached = node.instance.launched, attachment.attached
    until = end_of_delay(attached, _LOOKS_AGAIN, now.at)
    if attached <= launched + _AT_LAUNCH or until is None:
        return ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} got its instance profile at {attached:%H:%M} UTC; SSM Agent uses it by {until:%H:%M}.",
                node=node.name,
                attached=attached,
                until=until,
            ),
            evidence=(
                Evidence(
                    say("the instance profile was attached at {attached:%Y-%m-%d %H:%M} UTC", attached=attached),
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
    """Return a note: the node is not connected, and its other findings still hold."""
    return Finding(
        cause=_CAUSE,
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_node(node),
        summary=say("Cannot determine when the instance profile of {node} was attached.", node=node.name),
        evidence=(Evidence(unreadable.why, unreadable.source or _SOURCE),),
        needs=(unreadable.action,) if unreadable.action else (),
    )
