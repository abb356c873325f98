"""Return the text about a shell: before it opens, while it opens, and after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ssmtui.language import say
from ssmtui.model.finding import FleetFinding
from ssmtui.model.node import Node
from ssmtui.model.plan import Step
from ssmtui.model.sessions import SessionEnding
from ssmtui.text.printable import printable
from ssmtui.ui.text.cause_rows import fix_title
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import Block, Prose, TextStyle, item, lines_of, paragraph, short_duration

MOST_FIXES = 9


def node_label(node: Node) -> str:
    """What a node is called, fit to print."""
    return printable(node.name or node.id)


def broken_prose(fleet: Fleet, fleet_finding: FleetFinding | None) -> Prose:
    """Why a session is not expected to open, what would mend it, and that one can be tried all the same."""
    blocks: list[Block] = []
    if fleet_finding is None:
        blocks.append(item("✖", say("A session cannot be opened, by what was read."), text_style=TextStyle.FAIL))
    else:
        blocks += [
            item("✖", (fleet.finding_title(fleet_finding.finding), TextStyle.STRONG), text_style=TextStyle.FAIL),
            paragraph(fleet_finding.finding.summary, indent=2),
        ]
        for number, slug in enumerate(fleet_finding.finding.fixes[:MOST_FIXES], start=1):
            title = fix_title(fleet, fleet_finding.finding.cause, slug)
            blocks.append(item(f"{number}", title, indent=2, text_style=TextStyle.KEY))
    blocks.append(paragraph((say("Enter tries all the same, and shows where it stops."), TextStyle.MUTED), gap=True))
    return tuple(blocks)


def no_plugin_prose(why: str, steps: Sequence[Step]) -> Prose:
    """That the plugin cannot be used, how the current one is installed, and the way without."""
    blocks: list[Block] = [item("▲", (f"{why}.", TextStyle.STRONG), text_style=TextStyle.WARN)]
    for step in steps:
        blocks.append(paragraph(step.text, gap=True))
        blocks += lines_of(step.copy, TextStyle.CODE, indent=2)
    words = say("Enter opens ssmtui's own shell instead: the second choice, for Linux and macOS terminals.")
    blocks.append(paragraph((words, TextStyle.MUTED), gap=True))
    return tuple(blocks)


def warned_plugin_prose(warning: str, steps: Sequence[Step]) -> Prose:
    """What may go wrong with the plugin that there is, and how the current one is installed."""
    blocks: list[Block] = [item("▲", (f"{warning}.", TextStyle.STRONG), text_style=TextStyle.WARN)]
    for step in steps:
        blocks.append(paragraph(step.text, gap=True))
        blocks += lines_of(step.copy, TextStyle.CODE, indent=2)
    words = say("Enter uses it all the same; b opens ssmtui's own shell instead.")
    blocks.append(paragraph((words, TextStyle.MUTED), gap=True))
    return tuple(blocks)


def opening_prose(node: Node, *, access: bool = False) -> Prose:
    """That a session is being opened; by an access request that somebody has to approve, where that is so."""
    where = f"{node_label(node)} · {node.id} · {node.key.region}"
    if not access:
        return (
            paragraph(where),
            paragraph((say("AWS is asked for a session. Esc gives it up."), TextStyle.MUTED), gap=True),
        )
    return (
        paragraph(where),
        paragraph(say("Access has been requested: somebody has to approve it."), gap=True),
        paragraph((say("The shell opens as soon as that is done. Esc waits no more."), TextStyle.MUTED)),
    )


def access_prose(text: str) -> Prose:
    """That the caller may not open a session by themselves, and may ask for access."""
    return (
        item("✖", printable(text), text_style=TextStyle.FAIL),
        paragraph(say("Where just-in-time access is in use, somebody can approve it for a while."), gap=True),
        paragraph((say("Enter asks for it, with a reason; x explains the refusal."), TextStyle.MUTED)),
    )


def shell_banner(node: Node, *, builtin: bool, simulated: bool) -> str:
    """The line on the terminal above the shell."""
    name = node_label(node)
    if simulated and builtin:
        return say("ssmtui: a simulated shell on {node}, without the plugin. exit brings you back.", node=name)
    if simulated:
        return say("ssmtui: a simulated shell on {node}. exit brings you back.", node=name)
    if builtin:
        return say("ssmtui: a shell on {node}, without the plugin. exit brings you back.", node=name)
    return say("ssmtui: a shell on {node}. exit brings you back.", node=name)


def ended_sentence(node: Node, ending: SessionEnding, lasted: timedelta) -> str:
    """That a session has ended as it should."""
    name, duration = node_label(node), short_duration(lasted)
    if ending.exit_code:
        return say(
            "The session on {node} ended after {duration}, with exit code {code}.",
            node=name,
            duration=duration,
            code=ending.exit_code,
        )
    return say("The session on {node} ended after {duration}.", node=name, duration=duration)
