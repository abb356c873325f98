"""`ssmtui undo`: show the journal and undo a change without the app."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ssmtui.cli.change_service import (
    change_service_of,
    exit_code_of,
    print_outcome,
    print_to_output,
    recheck_nodes,
    refuse_if_read_only,
)
from ssmtui.cli.errors import NothingToDo, UndeterminedError
from ssmtui.cli.notices import print_interrupted_changes, suggest
from ssmtui.cli.progress import show_progress
from ssmtui.cli.run import Run
from ssmtui.config.declared_settings import PROFILE, REGION
from ssmtui.language import say
from ssmtui.remediation.apply.change import Change
from ssmtui.remediation.apply.follow_up import follow_up_of_undo, interrupted_changes
from ssmtui.remediation.apply.journal import (
    Journal,
    JournalRead,
    JournalUnusable,
    damage_message,
    hidden_by_damage_message,
    made_elsewhere,
)
from ssmtui.remediation.apply.undo import undo_plan_of
from ssmtui.report.change_text import change_lines, journal_lines
from ssmtui.report.exit_code import ExitCode
from ssmtui.text.names import match_names
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.remediation.apply.change_service import ChangeService


def preview_undo(run: Run, change: str | None) -> ExitCode:
    """Show what undoing a change (default: the last one) would change. Changes nothing, and asks nothing."""
    taken_back = _to_take_back(run, change)
    print_to_output(change_lines(undo_plan_of(taken_back)))
    if _is_under_way(Journal(run.journal), taken_back):
        print_to_output([f"  {say('note'):<9} {made_elsewhere(taken_back.id)}"])
    elif taken_back.is_open:
        note = say("it is not known whether the change was fully applied: an undo checks this first")
        print_to_output([f"  {say('note'):<9} {note}"])
    print_to_output(["", say("Nothing was changed. To undo change {change}, add --yes.", change=taken_back.id)])
    return ExitCode.DONE


def undo_change(run: Run, change: str | None) -> ExitCode:
    """Undo a change (default: the last one of the given profiles and Regions), and check its nodes again."""
    refuse_if_read_only(run)
    taken_back = _to_take_back(run, change)
    print_to_output([*change_lines(undo_plan_of(taken_back)), ""])
    with desk_for(run, taken_back, say("undoing the change")) as service:
        outcome = service.undo(taken_back.id).result()
    print_outcome(outcome)
    after = follow_up_of_undo(taken_back, taken_back.scope.name, outcome, datetime.now(UTC))
    if after.read_again is not None:
        recheck_nodes(run, after)
    return exit_code_of(outcome)


@contextmanager
def desk_for(run: Run, change: Change, doing: str) -> Iterator[ChangeService]:
    """Yield the change service for a change of the journal, with its scope's credentials and a progress line.

    Raises:
        NothingToDo: the run, or the profile, is read-only.

    """
    refuse_if_read_only(run, change.scope.name.profile)
    with ExitStack() as ending:
        lender = run.lender() if change.scope.name.role is not None else None
        if lender is not None:
            ending.callback(lender.close)
        lend = lender.credentials if lender is not None else None
        end_progress = ending.enter_context(show_progress(doing))

        def ask(prompt: str) -> str:
            end_progress()
            return ask_mfa_code(prompt)

        yield ending.enter_context(change_service_of(run, lend=lend, ask=ask))
        end_progress()


def ask_mfa_code(prompt: str) -> str:
    """Read an MFA code from the terminal.

    Raises:
        PromptForbidden: standard input is at its end.

    """
    from ssmtui.aws.credentials import PromptForbidden

    try:
        return getpass.getpass(prompt)
    except EOFError as error:
        why = say("the credentials need an MFA code, which cannot be entered here: use temporary credentials")
        raise PromptForbidden(why) from error


def _to_take_back(run: Run, wanted: str | None) -> Change:
    reading = journal_of(run)
    found = _chosen(run, wanted, reading)
    if found.id in reading.obscured:
        raise UndeterminedError(
            say("change {change} is not undone: {why}", change=found.id, why=hidden_by_damage_message(reading))
        )
    return found


def change_named(run: Run, wanted: str) -> Change:
    """Return the change with that ID from the journal.

    Raises:
        NothingToDo: there is no such change.
        UndeterminedError: there is no such change, but the journal is damaged or cannot be read.

    """
    return _named(wanted, journal_of(run))


def _named(wanted: str, reading: JournalRead) -> Change:
    found = next((each for each in reading.changes if each.id == wanted), None)
    if found is not None:
        return found
    damage = damage_message(reading)
    near = suggest(wanted, (each.id for each in reading.changes if each.can_be_undone))
    told = say("the journal has no change {change}.", change=printable(wanted)) + near
    raise UndeterminedError(f"{told} {damage}") if damage else NothingToDo(told)


def _chosen(run: Run, wanted: str | None, reading: JournalRead) -> Change:
    changes, damage = reading.changes, damage_message(reading)
    if wanted is not None:
        found = _named(wanted, reading)
        if found.why_it_stays:
            raise NothingToDo(
                say("change {change} is not undone: {why}", change=found.id, why=printable(found.why_it_stays))
            )
        return found
    last = next((each for each in changes if _is_of(run, each) and each.can_be_undone), None)
    if last is None and damage:
        raise UndeterminedError(damage)
    if last is None:
        raise NothingToDo(
            say("the journal has no change of these profiles and Regions that can be undone")
            if run.settings[PROFILE] or run.settings.names_regions
            else say("the journal has no change that can be undone")
        )
    return last


def _is_of(run: Run, change: Change) -> bool:
    """Return whether a change belongs to the given profiles, roles and Regions; any does if none are given."""
    scope, profiles, others = change.scope, run.settings[PROFILE], run.settings.others
    regions = run.settings.alone(REGION, scope.name.profile).value
    return (
        (not profiles or scope.name.profile in profiles)
        and (not regions or "all" in regions or any(_stands_for(word, scope.region) for word in regions))
        and (not others.roles or scope.name.role in others.roles)
        and (not others.accounts or scope.account in others.accounts)
    )


def _stands_for(word: str, region: str) -> bool:
    return region in match_names((word,), (region,))[word]


def list_changes(run: Run) -> ExitCode:
    """Show the journal, newest first. If lines are damaged, the list is incomplete: raise an error."""
    journal, reading = Journal(run.journal), journal_of(run)
    print_to_output(
        journal_lines(reading.changes, [each.id for each in reading.changes if _is_under_way(journal, each)])
    )
    print_interrupted_changes(run)
    if reading.damaged:
        raise UndeterminedError(damage_message(reading))
    return ExitCode.DONE


def _is_under_way(journal: Journal, change: Change) -> bool:
    return change.is_open and journal.is_made_elsewhere(change)


def unfinished_of(run: Run) -> tuple[Change, ...]:
    """Return the interrupted changes of a run's journal.

    Raises:
        UndeterminedError: the journal cannot be read.

    """
    try:
        return interrupted_changes(Journal(run.journal))
    except JournalUnusable as error:
        raise UndeterminedError(str(error)) from error


def journal_of(run: Run) -> JournalRead:
    """Return the journal of a run.

    Raises:
        UndeterminedError: it cannot be read.

    """
    try:
        return Journal(run.journal).read()
    except JournalUnusable as error:
        raise UndeterminedError(str(error)) from error
