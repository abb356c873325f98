"""Whether the agent could make the user that sessions run as, as far as its console tells.

On Linux the session itself says only `exit status 1` (docs/facts/failure-texts.md §2.4, §5). Asked of nodes that are
away, or pointed at.
"""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import NO_USER, console_unread, last_line, says
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.system import ConsoleAsked, ConsoleOutput

_CAUSE = "ssm-user-refused"


@check(
    link=Link.SYSTEM,
    causes=(_CAUSE,),
    subject=the_node,
    after=("node-is-no-domain-controller",),
    without={ConsoleOutput: "it denies, and does not allow"},
)
def agent_could_make_its_user(asked: ConsoleAsked, console: ConsoleOutput | Absent | Unreadable) -> Findings:
    """Whether SSM Agent could make the user ssm-user."""
    node = asked.node
    if isinstance(console, Unreadable):
        summary = say("Whether SSM Agent of {node} could make the user ssm-user could not be told.", node=node.name)
        return (console_unread(_CAUSE, the_node(node), summary, asked, console),)
    line = last_line(console, NO_USER)
    if line is None:
        return ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say("SSM Agent of {node} could not make the user ssm-user.", node=node.name),
            evidence=(says(line),),
            fixes=("restart-agent",),
        ),
    )
