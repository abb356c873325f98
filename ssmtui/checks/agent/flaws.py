"""Whether SSM Agent is of a version that is known to be flawed, or that does not know the node's Windows."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.agent_flaws import AgentFlaw, flaws_of
from ssmtui.model.agent_version import older
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import ManagedNode

_LISTING = "ssm:DescribeInstanceProperties"
# github.com/aws/amazon-ssm-agent/issues/597: "Agent version 3.3.1345.0 supports Windows 2025".
_WINDOWS_2025 = "3.3.1345.0"
_THREAD = "github.com/aws/amazon-ssm-agent/issues/597"


@check(
    link=Link.AGENT, causes=("agent-version-flawed",), subject=the_node, after=("agent-uses-the-lasting-message-api",)
)
def agent_has_no_published_flaw(managed: ManagedNode) -> Findings:
    """Whether SSM Agent is free of the flaws that were published."""
    registration, node = managed.registration, managed.node
    version = registration.agent_version
    flaws = flaws_of(version, registration.platform_family)
    if not flaws:
        return ()
    hinders = not flaws[0].security
    summary = (
        say("SSM Agent {version} of {node} has a flaw that hinders sessions.", version=version, node=node.name)
        if hinders
        else say("SSM Agent {version} of {node} has a weakness that was published.", version=version, node=node.name)
    )
    return (
        Finding(
            cause="agent-version-flawed",
            status=Status.WARN if hinders else Status.INFO,
            # A distribution may have mended its own package without a new number.
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=summary,
            evidence=(_reported(version), *(_published(each) for each in flaws)),
            fixes=("update-agent",),
        ),
    )


@check(link=Link.AGENT, causes=("agent-needs-wmic",), subject=the_node, after=("agent-knows-the-features-in-use",))
def agent_knows_its_windows(managed: ManagedNode) -> Findings:
    """Whether SSM Agent knows the Windows that it runs on."""
    registration, node = managed.registration, managed.node
    if "Windows Server 2025" not in registration.platform or not older(registration.agent_version, _WINDOWS_2025):
        return ()
    return (
        Finding(
            cause="agent-needs-wmic",
            status=Status.WARN,
            # Somebody may have added WMIC, which no call tells.
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "SSM Agent {version} of {node} needs WMIC, which Windows Server 2025 comes without.",
                version=registration.agent_version,
                node=node.name,
            ),
            evidence=(
                _reported(registration.agent_version),
                Evidence(say("the platform is {platform}", platform=registration.platform), _LISTING),
                Evidence(
                    say(
                        "it supports Windows Server 2025 from {floor} on ({thread})",
                        floor=_WINDOWS_2025,
                        thread=_THREAD,
                    ),
                    _LISTING,
                ),
            ),
            fixes=("steps-add-wmic",),
        ),
    )


def _reported(version: str) -> Evidence:
    return Evidence(say("AgentVersion is {agent_version}", agent_version=version), _LISTING)


def _published(flaw: AgentFlaw) -> Evidence:
    what = say(flaw.what)
    fact = (
        say(
            "{source}: from {since} on, before {mended}, {what}",
            source=flaw.source,
            since=flaw.since,
            mended=flaw.mended,
            what=what,
        )
        if flaw.since
        else say("{source}: before {mended}, {what}", source=flaw.source, mended=flaw.mended, what=what)
    )
    return Evidence(fact, _LISTING)
