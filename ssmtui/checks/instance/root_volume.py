"""Whether the root volume is full, as far as the console tells. Only asked of a node that is away."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import line_since_boot, says
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import RunningInstance, UnconnectedNode
from ssmtui.model.system import ConsoleOutput

_NO_SPACE = "no space left on device"


@check(link=Link.INSTANCE, causes=("root-volume-full",), subject=the_node, rank=40)
def root_volume_has_space(away: UnconnectedNode, running: RunningInstance, console: ConsoleOutput | Absent) -> Findings:
    """Whether the root volume has space left."""
    line = line_since_boot(console, _NO_SPACE)
    if line is None:
        return ()
    return (
        Finding(
            cause="root-volume-full",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=the_node(away.node),
            summary=say("The root volume of {node} is full, says its console.", node=running.node.name),
            evidence=(says(line),),
            fixes=("steps-free-disk",),
        ),
    )
