"""Whether the root volume is full, as far as the console tells: of nodes that are away, or pointed at.

A full volume does not end the control channel of a connected node: sessions start and show a blank screen (Systems
Manager User Guide, Troubleshooting Session Manager).
"""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.console import NO_SPACE, as_of, console_unread, line_since_boot, says, still_holds
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.moment import Now
from ssmtui.model.path import Link
from ssmtui.model.system import ConsoleAsked, ConsoleOutput

_CAUSE = "root-volume-full"


@check(
    link=Link.INSTANCE,
    causes=(_CAUSE,),
    subject=the_node,
    after=("instance-metadata-is-on",),
    without={ConsoleOutput: "it denies, and does not allow"},
)
def root_volume_has_space(asked: ConsoleAsked, console: ConsoleOutput | Absent | Unreadable, now: Now) -> Findings:
    """Whether the root volume has space left."""
    node = asked.node
    if isinstance(console, Unreadable):
        summary = say("Whether the root volume of {node} is full could not be told.", node=node.name)
        return (console_unread(_CAUSE, the_node(node), summary, asked, console),)
    line = line_since_boot(console, NO_SPACE)
    if line is None:
        return ()
    holds = still_holds(asked, console, now)
    return (
        Finding(
            cause=_CAUSE,
            status=Status.FAIL if holds else Status.WARN,
            confidence=Confidence.LIKELY if holds else Confidence.POSSIBLE,
            subject=the_node(node),
            summary=(
                say("The root volume of {node} is full, says its console.", node=node.name)
                if holds
                else say("The root volume of {node} was full when its console was last written to.", node=node.name)
            ),
            evidence=(says(line), *(as_of(console) if asked.connected else ())),
            fixes=("steps-free-disk",),
        ),
    )
