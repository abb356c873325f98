"""Whether the node trusts the certificate that it is shown. Only asked of a node that is away: its console tells.

A line counts while the agent has not started again after it (docs/facts/failure-texts.md §5).
"""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import UNTRUSTED, last_line, says
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import RunningInstance, UnconnectedNode
from ssmtui.model.system import ConsoleOutput

# Others on the node, such as the CloudWatch agent, write of their own endpoints in the same words.
_ENDPOINTS = ("https://ssm.", "https://ssmmessages.", "https://ec2messages.")
_CAUSE = "endpoint-certificate-untrusted"
# The clock of a node makes a certificate that is in order one that is over.
_OF_TIME = "has expired or is not yet valid"


@check(link=Link.NETWORK, causes=(_CAUSE,), subject=the_node, after=("node-reaches-systems-manager",))
def endpoint_certificate_is_trusted(
    away: UnconnectedNode, running: RunningInstance, console: ConsoleOutput | Absent
) -> Findings:
    """Whether the node trusts the endpoint's certificate."""
    line = last_line(console, UNTRUSTED, _ENDPOINTS)
    if line is None or _OF_TIME in line:
        return ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(away.node),
            summary=say("{node} does not trust the certificate that it is shown.", node=running.node.name),
            evidence=(says(line),),
            fixes=("steps-trust-certificate",),
        ),
    )
