"""What is said around a shell: before a node that is known to be broken, without a plugin, while it opens, after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ssmtui.language import say
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import Node
from ssmtui.model.plain_text import printable
from ssmtui.model.session_opening import SessionEnding
from ssmtui.model.steps import Step
from ssmtui.ui.words.cause_rows import fix_title
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Block, Prose, item, lines_of, paragraph

MOST_FIXES = 9


def called(node: Node) -> str:
    """What a node is called, fit to print."""
    return printable(node.name or node.id)


def broken_prose(fleet: Fleet, held: FleetFinding | None) -> Prose:
    """Why a session is not expected to open, what would mend it, and that one can be tried all the same."""
    blocks: list[Block] = []
    if held is None:
        blocks.append(item("✖", say("A session cannot be opened, by what was read."), ink=Ink.FAIL))
    else:
        blocks += [
            item("✖", (fleet.finding_title(held.finding), Ink.STRONG), ink=Ink.FAIL),
            paragraph(held.finding.summary, indent=2),
        ]
        for number, slug in enumerate(held.finding.fixes[:MOST_FIXES], start=1):
            title = fix_title(fleet, held.finding.cause, slug)
            blocks.append(item(f"{number}", title, indent=2, ink=Ink.KEY))
    blocks.append(paragraph((say("Enter tries all the same, and shows where it stops."), Ink.MUTED), gap=True))
    return tuple(blocks)


def no_plugin_prose(why: str, steps: Sequence[Step]) -> Prose:
    """That the plugin cannot be used, how the current one is installed, and the way without."""
    blocks: list[Block] = [item("▲", (f"{why}.", Ink.STRONG), ink=Ink.WARN)]
    for step in steps:
        blocks.append(paragraph(step.text, gap=True))
        blocks += lines_of(step.copy, Ink.CODE, indent=2)
    words = say("Enter opens ssmtui's own shell instead: the second choice, for Linux and macOS terminals.")
    blocks.append(paragraph((words, Ink.MUTED), gap=True))
    return tuple(blocks)


def warned_plugin_prose(warning: str, steps: Sequence[Step]) -> Prose:
    """What may go wrong with the plugin that there is, and how the current one is installed."""
    blocks: list[Block] = [item("▲", (f"{warning}.", Ink.STRONG), ink=Ink.WARN)]
    for step in steps:
        blocks.append(paragraph(step.text, gap=True))
        blocks += lines_of(step.copy, Ink.CODE, indent=2)
    words = say("Enter uses it all the same; b opens ssmtui's own shell instead.")
    blocks.append(paragraph((words, Ink.MUTED), gap=True))
    return tuple(blocks)


def opening_prose(node: Node, *, access: bool = False) -> Prose:
    """That a session is being opened; by an access request that somebody has to approve, where that is so."""
    where = f"{called(node)} · {node.id} · {node.key.region}"
    if not access:
        return (paragraph(where), paragraph((say("AWS is asked for a session. Esc gives it up."), Ink.MUTED), gap=True))
    return (
        paragraph(where),
        paragraph(say("Access has been requested: somebody has to approve it."), gap=True),
        paragraph((say("The shell opens as soon as that is done. Esc waits no more."), Ink.MUTED)),
    )


def access_prose(text: str) -> Prose:
    """That the caller may not open a session by themselves, and may ask for access."""
    return (
        item("✖", printable(text), ink=Ink.FAIL),
        paragraph(say("Where just-in-time access is in use, somebody can approve it for a while."), gap=True),
        paragraph((say("Enter asks for it, with a reason; x explains the refusal."), Ink.MUTED)),
    )


def handed_over_line(node: Node, *, builtin: bool, simulated: bool) -> str:
    """The line on the terminal above the shell."""
    name = called(node)
    if simulated and builtin:
        return say("ssmtui: a simulated shell on {node}, without the plugin. exit brings you back.", node=name)
    if simulated:
        return say("ssmtui: a simulated shell on {node}. exit brings you back.", node=name)
    if builtin:
        return say("ssmtui: a shell on {node}, without the plugin. exit brings you back.", node=name)
    return say("ssmtui: a shell on {node}. exit brings you back.", node=name)


def ended_sentence(node: Node, ending: SessionEnding, lasted: timedelta) -> str:
    """That a session has ended as it should."""
    name, duration = called(node), short_duration(lasted)
    if ending.exit_code:
        return say(
            "The session on {node} ended after {duration}, with exit code {code}.",
            node=name,
            duration=duration,
            code=ending.exit_code,
        )
    return say("The session on {node} ended after {duration}.", node=name, duration=duration)
