"""A node that is known to be broken: said before its session is tried, with the fix one key away."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.cause import title_of
from ssmtui.cli.changes.changing import WantedFix, show_preview
from ssmtui.cli.one_node import FoundNode, Watch
from ssmtui.cli.printing import complain, print_lines
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.command_lines import fix_command
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.plain_text import printable
from ssmtui.report.folding import Verbatim

if TYPE_CHECKING:
    from ssmtui.diagnosis.inquiry import Inquiry

_BROKEN = frozenset({VerdictStatus.FAIL, VerdictStatus.STOPPED})


def is_judged(state: FleetState, found: FoundNode) -> bool:
    """Whether enough is known of a node: that it is broken and why, that nothing more will be known, or it is none."""
    if state.nowhere():
        return True
    verdict = state.verdict(found.key)
    return verdict.settled or verdict.status in _BROKEN


def why_broken(state: FleetState, found: FoundNode) -> FleetFinding | None:
    """The finding that is why a session would not open; None where none is known, by now."""
    verdict = state.verdict(found.key)
    if verdict.status not in _BROKEN:
        return None
    held = [state.findings[id_] for id_ in verdict.finding_ids if id_ in state.findings]
    return next((each for each in held if each.finding.cause == verdict.root_cause), None)


def tries_all_the_same(inquiry: Inquiry, watch: Watch, found: FoundNode) -> bool:
    """Say it on standard error where a node is known to be broken, and ask where somebody is there to be asked."""
    held = why_broken(watch.state, found)
    if held is None:
        if watch.state.verdict(found.key).status is not VerdictStatus.STOPPED:
            return True
        complain(say("{node} is not running.", node=found.words))
        return _answered(None, inquiry, watch)
    sentence = say("{node} will not open a session: {why}", node=found.words, why=held.finding.summary)
    complain(printable(sentence))
    print_lines([f"  {title_of(catalogue(), held.finding.cause)} ({held.finding.cause})"], err=True)
    command = fix_command(held)
    if command:
        print_lines([Verbatim("  " + say("the fix: {command}", command=command))], err=True)
    return _answered(held if command else None, inquiry, watch)


def _answered(held: FleetFinding | None, inquiry: Inquiry, watch: Watch) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    question = (
        say("Enter tries all the same, q leaves.")
        if held is None
        else say("Enter tries all the same, f previews the fix, q leaves.")
    )
    while True:
        key = _pressed(question)
        if key in ("\r", "\n"):
            return True
        if key.lower() in ("q", "", "\x1b", "\x04"):
            return False
        if key.lower() == "f" and held is not None:
            _preview(held, inquiry, watch)


def _pressed(question: str) -> str:
    def ask() -> None:
        print_lines([question], err=True)

    if sys.platform == "win32":
        ask()
        return click.getchar()
    from ssmtui.session.terminal.key import pressed_key

    return pressed_key(ask)


def _preview(held: FleetFinding, inquiry: Inquiry, watch: Watch) -> None:
    """As `ssmtui fix` shows it, which takes a diagnosis that is at its end."""
    watch.until(lambda _: False)
    try:
        if show_preview(inquiry, watch.state, WantedFix(held.finding.cause, held.finding.subject.id)):
            made_by = f"{fix_command(held)} --yes"
            print_lines(["", Verbatim(say("Nothing was changed. What makes this change: {command}", command=made_by))])
    except click.ClickException as error:
        complain(error.format_message())
