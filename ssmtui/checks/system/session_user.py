"""Whether the agent could make the user that sessions run as, as far as its console tells.

On Linux the session itself says only `exit status 1` (agent-errors §2.4, §5). Asked only of nodes that are away.
"""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import NO_USER, last_line, says
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import RunningInstance, UnconnectedNode
from ssmtui.model.system import ConsoleOutput


@check(link=Link.SYSTEM, causes=("ssm-user-refused",), subject=the_node, rank=60)
def agent_could_make_its_user(
    away: UnconnectedNode, running: RunningInstance, console: ConsoleOutput | Absent
) -> Findings:
    """Whether SSM Agent could make the user ssm-user."""
    line = last_line(console, NO_USER)
    if line is None:
        return ()
    return (
        Finding(
            cause="ssm-user-refused",
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(away.node),
            summary=say("SSM Agent of {node} could not make the user ssm-user.", node=running.node.name),
            evidence=(says(line),),
            fixes=("restart-agent",),
        ),
    )
