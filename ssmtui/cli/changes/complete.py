"""`ssmtui fix --complete`: preview or make the remaining calls of an interrupted change, without a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.changes.change_service import exit_code_of, print_outcome, print_to_output, recheck_nodes
from ssmtui.cli.changes.undo import change_named, desk_for, unfinished_of
from ssmtui.language import say
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Plan
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.follow_up import follow_up_of_apply
from ssmtui.remediation.apply.interrupted_changes import find_same_change
from ssmtui.remediation.apply.undo import plan_of
from ssmtui.report.change_text import change_lines
from ssmtui.report.exit_code import ExitCode

if TYPE_CHECKING:
    from ssmtui.cli.changes.fix import FixRequest
    from ssmtui.cli.run import Run


def begun_before(run: Run, request: FixRequest) -> str | None:
    """The id of a change by which the same fix was begun for the same subject, and interrupted; None: there is none."""
    if not request.subject or request.choices.values or run.replay is not None or run.settings.read_only:
        return None
    known = catalogue().get(request.cause)
    fixes = (request.fix,) if request.fix else tuple(offer.slug for offer in known.fixes) if known else ()
    begun = unfinished_of(run)
    return next(
        (
            each.id
            for each in begun
            if not each.undoes and each.fix in fixes and each.subject.id == request.subject.partition("@")[0]
        ),
        None,
    )


def begun_like(run: Run, plan: Plan) -> str | None:
    """The id of a change that was begun by the same plan, and interrupted; None: there is none."""
    if run.replay is not None or run.settings.read_only:
        return None
    begun = find_same_change(unfinished_of(run), plan)
    return None if begun is None else begun.id


def complete_or_preview(run: Run, wanted: str, *, makes: bool) -> ExitCode | None:
    """Complete a change, or preview that; None where AWS shows that nothing of it was made: it is made anew."""
    change = change_named(run, wanted)
    with desk_for(run, change, say("AWS is asked what was made")) as service:
        service.completion(change.id).result()
    if change_named(run, wanted).state is ChangeState.FAILED:
        return None
    return complete_change(run, wanted) if makes else preview_completion(run, wanted)


def preview_completion(run: Run, wanted: str) -> ExitCode:
    """Show the calls that are left of a change. Asks AWS which were made, and writes nothing there."""
    change = change_named(run, wanted)
    with desk_for(run, change, say("AWS is asked what was made")) as service:
        plan = service.completion(change.id).result()
    if not isinstance(plan, Plan):
        print_outcome(plan)
        return exit_code_of(plan)
    print_to_output(change_lines(plan))
    left, number = len(plan.calls), len(change.calls)
    note = say("{made} of {number} calls were made before it was interrupted", made=number - left, number=number)
    print_to_output([f"  {say('note'):<9} {note}"])
    print_to_output(["", say("Nothing was changed. To complete change {change}, add --yes.", change=change.id)])
    return ExitCode.DONE


def complete_change(run: Run, wanted: str) -> ExitCode:
    """Make what is left of a change, and look again."""
    change = change_named(run, wanted)
    with desk_for(run, change, say("the change is being completed")) as service:
        outcome = service.complete(change.id).result()
    print_outcome(outcome)
    expected_nodes = tuple(NodeKey(change.scope.account, change.scope.region, id_) for id_ in change.awaited_by)
    after = follow_up_of_apply(plan_of(change), outcome, expected_nodes, datetime.now(UTC))
    if after.read_again is not None:
        recheck_nodes(run, after)
    return exit_code_of(outcome)
