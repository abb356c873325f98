"""How nodes stand once something was changed there, without a screen."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from ssmtui.cli.changes.desk import say_lines
from ssmtui.cli.checking import say_errors
from ssmtui.cli.progress import followed
from ssmtui.evidence.wire.prompting import may_prompt
from ssmtui.language import say
from ssmtui.model.fleet import VerdictStatus

if TYPE_CHECKING:
    from ssmtui.changes.afterwards import Afterwards
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.scope import ScopeName


def look_afterwards(run: Run, after: Afterwards) -> None:
    """Diagnose the scope of an attempt, and say how its nodes stand; why, where that cannot be seen.

    Credentials that took an MFA code would take another one: who has given one is told how to look instead.
    """
    scope = after.scope
    if may_prompt(scope.profile, os.environ):
        command = shlex.join(["ssmtui", "check", *scope.options])
        say_lines([say("How the nodes stand now: {command} (it asks for a code again)", command=command)])
        return
    inquiry = run.only(scope).inquiry()
    try:
        state = followed(inquiry)
    finally:
        inquiry.close()
    say_errors(state)
    if scope in state.scopes:
        say_lines([standing_now(state, scope)])
    if after.waits is not None:
        until = after.waits.delay.until
        say_lines([say("  AWS may show it as it was before until {until:%H:%M} UTC.", until=until)])


def standing_now(state: FleetState, scope: ScopeName) -> str:
    """How many nodes of a scope stand how."""
    counts = state.counts([key for key, of in state.scope_of.items() if of.name == scope])
    words = ", ".join(f"{counts[status]} {status.value}" for status in VerdictStatus if counts[status])
    return say("{region} now: {words}", region=scope.region, words=words)
