"""Create the change service of a run, and print the outcome of a change."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from ssmtui.cli.check import print_scope_errors
from ssmtui.cli.errors import NothingToDo
from ssmtui.cli.printing import print_lines, print_message
from ssmtui.cli.progress import follow_with_progress
from ssmtui.cli.run import Run
from ssmtui.evidence.aws.profiles import can_prompt
from ssmtui.language import say, translatable
from ssmtui.model.finding import VerdictStatus, count_with_status
from ssmtui.report.exit_code import ExitCode

if TYPE_CHECKING:
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.scope import ScopeName
    from ssmtui.remediation.apply.change import ChangeOutcome
    from ssmtui.remediation.apply.change_service import ChangeService, CredentialProvider
    from ssmtui.remediation.apply.follow_up import FollowUp


_READ_ONLY = translatable("read-only mode: changes are not possible")


@contextmanager
def change_service_of(
    run: Run, *, lend: CredentialProvider | None = None, ask: Callable[[str], str] | None = None
) -> Iterator[ChangeService]:
    """Yield the change service of a run and close it at the end.

    Raises:
        NothingToDo: the run is read-only.

    """
    refuse_if_read_only(run)
    service = run.service(lend=lend, ask=ask)
    if service is None:
        raise NothingToDo(say(_READ_ONLY))
    try:
        yield service
    finally:
        finish(service)


def finish(service: ChangeService) -> None:
    """Close a change service. Wait for a while for a running change and print its outcome to standard error.

    A second signal stops the waiting: nothing more is sent.
    """
    from ssmtui.remediation.apply.change_service import FINISH_SECONDS

    try:
        if service.is_at_work:
            # Writing to a terminal that is gone fails.
            with suppress(OSError):
                seconds = int(FINISH_SECONDS)
                print_message(say("finishing a change, for at most {seconds} s", seconds=seconds))
        service.close()
    except (KeyboardInterrupt, SystemExit):
        service.close(0)
        raise
    finally:
        for outcome in service.finished_late:
            with suppress(OSError):
                from ssmtui.report.change_text import outcome_lines

                print_lines(outcome_lines(outcome), err=True)


def refuse_if_read_only(run: Run, profile: str | None = None) -> None:
    """Refuse if the run, or the profile that would write, is read-only.

    Raises:
        NothingToDo: the run or the profile is read-only.

    """
    if run.replay is not None:
        raise NothingToDo(run.replay.why_not)
    if run.settings.read_only or run.settings.is_read_only(profile):
        raise NothingToDo(say(_READ_ONLY))


def exit_code_of(outcome: ChangeOutcome) -> ExitCode:
    """Return the exit code for the outcome of a change."""
    from ssmtui.remediation.apply.change import DefectOutcome
    from ssmtui.remediation.apply.follow_up import Effect, effect_of

    if isinstance(outcome, DefectOutcome):
        return ExitCode.DEFECT
    codes = {
        Effect.MADE: ExitCode.DONE,
        Effect.IN_PART: ExitCode.REFUSED,
        Effect.PERHAPS: ExitCode.COULD_NOT_TELL,
        Effect.NONE: ExitCode.REFUSED,
    }
    return codes[effect_of(outcome)]


def print_outcome(outcome: ChangeOutcome) -> None:
    """Print an outcome: success to standard output, everything else to standard error."""
    from ssmtui.remediation.apply.follow_up import Effect, effect_of
    from ssmtui.report.change_text import outcome_lines

    print_lines(outcome_lines(outcome), err=effect_of(outcome) is not Effect.MADE)


def print_to_output(lines: Iterable[str]) -> None:
    """Print lines on standard output."""
    print_lines(lines)


def recheck_nodes(run: Run, after: FollowUp) -> None:
    """Diagnose the scope of a change again and print the status of its nodes.

    If the credentials need an MFA code, print the command for this instead: it would ask for a second code.
    """
    scope = after.scope
    if can_prompt(scope.profile, os.environ):
        command = shlex.join(["ssmtui", "check", *scope.options])
        print_to_output([say("To check the nodes again: {command} (asks for an MFA code again)", command=command)])
        return
    handle = run.only(scope).handle()
    try:
        state = follow_with_progress(handle)
    finally:
        handle.close()
    print_scope_errors(state)
    if scope in state.scopes:
        print_to_output([node_status_text(state, scope)])
    if after.waits is not None:
        until = after.waits.delay.until
        print_to_output([say("  AWS can still show the previous state until {until:%H:%M} UTC.", until=until)])


def node_status_text(state: FleetState, scope: ScopeName) -> str:
    """Return how many nodes of a scope have each status, as text."""
    counts = state.counts([key for key, of in state.scope_of.items() if of.name == scope])
    words = ", ".join(count_with_status(status, counts[status]) for status in VerdictStatus if counts[status])
    return say("{region} now: {words}", region=scope.region, words=words)
