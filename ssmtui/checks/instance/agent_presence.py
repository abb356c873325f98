"""Whether SSM Agent is on the machine at all, as far as its console and its platform tell. Never more than likely.

The agent writes a line to the console when it has started (docs/facts/failure-texts.md §5); images of some families
come without it:
https://docs.aws.amazon.com/systems-manager/latest/userguide/ami-preinstalled-agent.html
"""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import NOT_RUNNING, booted_without_agent, last_line, says
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import UnconnectedNode, UnmanagedInstance
from ssmtui.model.system import ConsoleOutput

# As EC2's PlatformDetails has them ("Red Hat BYOL Linux" too): families whose images do not come with the agent.
_WITHOUT_AGENT = ("red hat", "rhel")


@check(link=Link.INSTANCE, causes=("agent-absent",), subject=the_node, after=("agent-is-awake",), last_resort=True)
def agent_is_installed(
    away: UnconnectedNode, unmanaged: UnmanagedInstance, console: ConsoleOutput | Absent
) -> Findings:
    """Whether SSM Agent is installed."""
    evidence: list[Evidence] = []
    sureness = Confidence.POSSIBLE
    if (line := last_line(console, NOT_RUNNING)) is not None:
        evidence.append(says(line))
        sureness = Confidence.LIKELY
    elif booted_without_agent(console):
        evidence.append(
            Evidence(say("the console shows a whole start without SSM Agent's line"), "ec2:GetConsoleOutput")
        )
        sureness = Confidence.LIKELY
    platform = unmanaged.instance.platform_details
    if any(family in platform.casefold() for family in _WITHOUT_AGENT) and not _started(console):
        evidence.append(
            Evidence(say("images of {platform} come without SSM Agent", platform=platform), "ec2:DescribeInstances")
        )
    if not evidence:
        return ()
    return (
        Finding(
            cause="agent-absent",
            status=Status.FAIL,
            confidence=sureness,
            subject=the_node(away.node),
            summary=say("SSM Agent does not seem to be installed on {node}.", node=away.node.name),
            evidence=tuple(evidence),
            fixes=("steps-install-agent",),
        ),
    )


def _started(console: ConsoleOutput | Absent) -> bool:
    return isinstance(console, ConsoleOutput) and "ssm agent" in console.text.casefold()
