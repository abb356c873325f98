"""`ssmtui fix`: preview, apply or export a fix without the app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from ssmtui.causes.catalogue import catalogue, title_of
from ssmtui.checks.registry import all_checks
from ssmtui.cli.change_service import (
    change_service_of,
    exit_code_of,
    node_status_text,
    print_outcome,
    print_to_output,
    recheck_nodes,
    refuse_if_read_only,
)
from ssmtui.cli.check import print_scope_errors, scope_error_text
from ssmtui.cli.errors import NothingToDo, UndeterminedError, UsageError
from ssmtui.cli.notices import print_interrupted_changes, suggest
from ssmtui.cli.printing import print_data
from ssmtui.cli.progress import follow_with_progress, show_progress
from ssmtui.cli.run import Run
from ssmtui.cli.undo import change_named, desk_for, unfinished_of
from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.language import say
from ssmtui.model.choice import NOTHING_CHOSEN, Candidate, Choice, Choices
from ssmtui.model.command_lines import fix_command
from ssmtui.model.finding import FleetFinding, Link, Status, VerdictStatus
from ssmtui.model.node import NODE_ID, NodeKey
from ssmtui.model.node_facts import WholeFleet
from ssmtui.model.plan import FixNotApplicable, Plan, Reach, Steps
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.follow_up import find_same_change, follow_up_of_apply, nodes_expected_to_change
from ssmtui.remediation.apply.undo import plan_of
from ssmtui.remediation.plans.registry import all_fixes
from ssmtui.report.change_text import change_lines, plan_lines, steps_lines
from ssmtui.report.exit_code import ExitCode
from ssmtui.report.text_layout import Verbatim
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable


def begun_before(run: Run, request: FixRequest) -> str | None:
    """Return the ID of an interrupted change with the same fix and subject; None if there is none."""
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
    """Return the ID of an interrupted change with the same plan; None if there is none."""
    if run.replay is not None or run.settings.read_only:
        return None
    begun = find_same_change(unfinished_of(run), plan)
    return None if begun is None else begun.id


def complete_or_preview(run: Run, wanted: str, *, makes: bool) -> ExitCode | None:
    """Complete a change, or preview its completion; None if AWS shows that nothing of it was made."""
    change = change_named(run, wanted)
    with desk_for(run, change, say("reading from AWS which calls were made")) as service:
        service.completion(change.id).result()
    if change_named(run, wanted).state is ChangeState.FAILED:
        return None
    return complete_change(run, wanted) if makes else preview_completion(run, wanted)


def preview_completion(run: Run, wanted: str) -> ExitCode:
    """Show the missing calls of a change. Reads from AWS which were made, and changes nothing."""
    change = change_named(run, wanted)
    with desk_for(run, change, say("reading from AWS which calls were made")) as service:
        plan = service.completion(change.id).result()
    if not isinstance(plan, Plan):
        print_outcome(plan)
        return exit_code_of(plan)
    print_to_output(change_lines(plan))
    left, number = len(plan.calls), len(change.calls)
    note = say("{made} of {number} calls were made before the interruption", made=number - left, number=number)
    print_to_output([f"  {say('note'):<9} {note}"])
    print_to_output(["", say("Nothing was changed. To complete change {change}, add --yes.", change=change.id)])
    return ExitCode.DONE


def complete_change(run: Run, wanted: str) -> ExitCode:
    """Make the missing calls of a change, and check its nodes again."""
    change = change_named(run, wanted)
    with desk_for(run, change, say("completing the change")) as service:
        outcome = service.complete(change.id).result()
    print_outcome(outcome)
    expected_nodes = tuple(NodeKey(change.scope.account, change.scope.region, id_) for id_ in change.awaited_by)
    after = follow_up_of_apply(plan_of(change), outcome, expected_nodes, datetime.now(UTC))
    if after.read_again is not None:
        recheck_nodes(run, after)
    return exit_code_of(outcome)


_SHOWN = 40


def choices_in(given: Sequence[str]) -> Choices:
    """Parse `--set` options.

    Raises:
        UsageError: an option has no `=`, or a name is set twice.

    """
    pairs: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(say("--set must be NAME=VALUE, not {text}", text=printable(text)))
        if name in pairs:
            raise UsageError(say("--set {name}=… is given twice", name=printable(name)))
        pairs[name] = value
    return Choices(tuple(pairs.items()))


def choices_text(answer: FixNotApplicable, others: Sequence[str]) -> str:
    """Return why the fix has no plan yet, what can be set, one per line, and the alternative fixes (`others`)."""
    hint = (say("Other fixes (--with): {others}", others=", ".join(others)),) if others else ()
    return "\n".join((f"{answer.fix}: {printable(answer.why)}", *_lines(answer.choices), *hint))


def _lines(choices: Sequence[Choice]) -> Iterator[str]:
    for choice in choices:
        yield f"  --set {choice.name}=…  {printable(choice.meaning)}"
        if choice.note:
            yield f"      {printable(choice.note)}"
        for candidate in choice.candidates[:_SHOWN]:
            yield _candidate(choice, candidate)
        if len(choice.candidates) > _SHOWN:
            yield f"      {say('and {count} more', count=len(choice.candidates) - _SHOWN)}"


def _candidate(choice: Choice, candidate: Candidate) -> str:
    about = f"  {candidate.about}" if candidate.about else ""
    why_not = f"  {say('not possible: {why}', why=candidate.why_not)}" if candidate.why_not else ""
    return printable(f"      {choice.name}={candidate.value}{about}{why_not}")


HandleT = TypeVar("HandleT", bound=DiagnosisHandle)

_NAMED, _LISTED = 6, 40
"""Maximum number of subjects in a sentence, and in a list."""


class ManualStepsOnly(NothingToDo):
    """The fix makes no change by itself: it has steps for a person to follow."""

    def __init__(self, steps: Steps) -> None:
        super().__init__(
            say(
                "{fix} consists of manual steps: run the command without --yes and --as to see the steps", fix=steps.fix
            )
        )
        self.steps = steps


@dataclass(frozen=True, slots=True)
class FixRequest:
    """The request of `fix`: the cause, its subject, the fix (None: the first in rank), and the choices.

    Without a subject (""), it is the only subject of the cause. With a `node` (an ID or a Name tag), there is no cause:
    it is the only cause of the node that has a fix.
    """

    cause: str
    subject: str
    fix: str | None = None
    choices: Choices = NOTHING_CHOSEN
    node: str = ""

    @classmethod
    def of(cls, word: str, subject: str, fix: str | None, choices: Choices) -> FixRequest:
        """Return the request for a command line: its word is `CAUSE`, `CAUSE@SUBJECT` or a node.

        A word that is neither a cause nor similar to one is a node.

        Raises:
            UsageError: the subject is named twice.

        """
        cause, _, after = word.partition("@")
        if after and subject:
            raise UsageError(say("the subject is specified twice: leave out --subject or the part after @"))
        subject = subject or after
        if not subject and cause not in catalogue() and not similar_names(cause, catalogue()):
            return cls("", "", fix, choices, cause)
        return cls(cause, subject, fix, choices)


def run_of_request(run: Run, request: FixRequest) -> Run:
    """Return the run about the node that the request names, if any: a snapshot has all its nodes at once.

    If the cause compares a node with all others, the run is about all nodes.
    It is in the Region of the subject's ID, unless the cause is that the subject is in another Region.
    """
    node = request.node or (request.subject if NODE_ID.fullmatch(request.subject) else "")
    if node and run.replay is None and not _compares_nodes(request.cause):
        run = replace(run, nodes=(node,))
    cause = catalogue().get(request.cause)
    return run if cause is not None and cause.subject_is_elsewhere else run.in_region_of(request.subject)


def _compares_nodes(cause: str) -> bool:
    """Return whether a cause is only found among all nodes."""
    return any(need.kind is WholeFleet for each in all_checks() if cause in each.causes for need in each.needs)


def preview_fix(run: Run, request: FixRequest) -> ExitCode:
    """Show what a fix would change, and for which nodes. Changes nothing."""
    _must_be_known(request)
    with _diagnosed(run.diagnosis()) as (handle, state):
        if isinstance(handle, LiveDiagnosis):
            print_interrupted_changes(run, state.scopes, lend=handle.credentials)
        begun = _begun_like(run, handle, state, request)
        if begun is not None and (code := complete_or_preview(run, begun, makes=False)) is not None:
            return code
        if show_preview(handle, state, request):
            print_to_output(["", *(_command_words(state, request) if run.replay is None else (run.replay.why_not,))])
    return ExitCode.DONE


def _command_words(state: FleetState, request: FixRequest) -> tuple[str, ...]:
    if request.subject:
        return (say("Nothing was changed. To apply this change, add --yes."),)
    chosen = ("--with", request.fix) if request.fix else ()
    command = fix_command(_finding(state, request), *chosen, *_told(request), "--yes")
    return (say("Nothing was changed. To apply this change:"), Verbatim(command))


def _told(request: FixRequest) -> Iterator[str]:
    return (word for name, value in request.choices.values for word in ("--set", f"{name}={value}"))


def show_preview(handle: DiagnosisHandle, state: FleetState, request: FixRequest) -> bool:
    """Show the preview from a complete diagnosis. Return whether ssmtui can make the change."""
    try:
        plan = _plan(handle, state, request)
        print_to_output(plan_lines(plan, handle.forecast(plan).result(), state))
    except ManualStepsOnly as by_hand:
        print_to_output(steps_lines(by_hand.steps))
        print_to_output(["", say("Nothing was changed. These are manual steps.")])
        return False
    return True


def export_fix(run: Run, request: FixRequest, as_: str) -> ExitCode:
    """Print the change in the given format. Changes nothing."""
    from ssmtui.remediation.export.format import ChangeRequest, NotExpressible, export_plan

    _must_be_known(request)
    with _diagnosed(run.diagnosis()) as (handle, state):
        plan = _plan(handle, state, request)
        held = _finding(state, request)
        names = {node.id: node.name for node in state.nodes.values()}
        forecast = handle.forecast(plan).result()
        command = fix_command(held, "--with", plan.fix, *_told(request))
        written = export_plan(ChangeRequest(plan, held.finding, forecast, names, datetime.now(UTC), command), as_)
    if isinstance(written, NotExpressible):
        raise NothingToDo(written.why)
    print_data(written)
    return ExitCode.DONE


def apply_fix(run: Run, request: FixRequest) -> ExitCode:
    """Show the change, make it, and check again what depends on it."""
    _must_be_known(request)
    refuse_if_read_only(run)
    if not request.subject and not request.node:
        raise UsageError(
            say("--yes requires the exact subject: add --subject ID (the preview without --yes finds the subject)")
        )
    # Reads and writes of an account use the same credentials, so that an MFA code is requested only once.
    with _diagnosed(run.handle()) as (handle, state), change_service_of(run, lend=handle.credentials) as service:
        print_interrupted_changes(run, state.scopes, lend=handle.credentials)
        plan = _plan(handle, state, request)
        begun = begun_like(run, plan)
        if begun is not None and (code := complete_or_preview(run, begun, makes=True)) is not None:
            return code
        forecast = handle.forecast(plan).result()
        print_to_output(plan_lines(plan, forecast, state))
        print_to_output([""])
        expected_nodes = nodes_expected_to_change(plan, forecast, state)
        with show_progress(say("applying the change")):
            outcome = service.apply(replace(plan, awaited_by=tuple(key.id for key in expected_nodes))).result()
        print_outcome(outcome)
        after = follow_up_of_apply(plan, outcome, expected_nodes, datetime.now(UTC))
        if after.waits is not None:
            handle.expect(after.scope, after.waits.nodes, after.waits.delay)
        if after.read_again is not None:
            handle.recheck(after.scope, after.read_again)
            print_to_output([node_status_text(follow_with_progress(handle, state), plan.scope.name)])
    return exit_code_of(outcome)


def _begun_like(run: Run, handle: DiagnosisHandle, state: FleetState, request: FixRequest) -> str | None:
    """Return the ID of an interrupted change with the plan of the request; None if there is none, or no plan."""
    try:
        return begun_like(run, _plan(handle, state, request))
    except (NothingToDo, UsageError, UndeterminedError):
        return None  # the preview says why


@contextmanager
def _diagnosed(handle: HandleT) -> Iterator[tuple[HandleT, FleetState]]:
    try:
        state = follow_with_progress(handle)
        if not state.scopes and state.errors:
            raise UndeterminedError("\n".join(map(scope_error_text, state.errors.values())))
        print_scope_errors(state)
        if not state.scopes:
            raise UndeterminedError(say("no account could be checked"))
        yield handle, state
    finally:
        handle.close()


def _plan(handle: DiagnosisHandle, state: FleetState, request: FixRequest) -> Plan:
    """Return the plan with all nodes that it affects: if only one node is listed, these are listed now."""
    plan = _plan_of_listed(handle, state, request)
    sought = state.sought.get(plan.scope.name)
    if plan.reach is Reach.NODE or sought is None or sought.listed_all or not isinstance(handle, LiveDiagnosis):
        return plan
    handle.include_all_nodes(plan.scope.name)
    follow_with_progress(handle, state)
    return _plan_of_listed(handle, state, request)


def _plan_of_listed(handle: DiagnosisHandle, state: FleetState, request: FixRequest) -> Plan:
    held, fix = _finding(state, request), request.fix
    cause = held.finding.cause
    chosen = fix or next(iter(held.finding.fixes), None)
    if chosen is None:
        raise NothingToDo(say("{cause} has no automatic fix: follow the documented steps", cause=cause))
    if chosen not in held.finding.fixes:
        raise UsageError(
            say(
                "{cause} has no fix {chosen} here. Available fixes: {fixes}",
                cause=cause,
                chosen=chosen,
                fixes=", ".join(held.finding.fixes) or say("none"),
            )
        )
    offered = all_fixes().get(chosen)
    if request.choices.values and not (offered is not None and offered.chooses):
        raise UsageError(say("{fix} has no options: leave out --set", fix=chosen))
    plan = handle.plan(held.scope.name, chosen, held.id, request.choices).result()
    if isinstance(plan, FixNotApplicable):
        others = [each for each in held.finding.fixes if each != chosen] if fix is None else []
        if plan.steps is not None:
            raise ManualStepsOnly(plan.steps)
        if plan.choices:
            raise UsageError(choices_text(plan, others))
        hint = say(" Other fixes (--with): {others}", others=", ".join(others)) if others else ""
        raise NothingToDo(say("{chosen} is not possible: {why}{hint}", chosen=chosen, why=plan.why, hint=hint))
    return plan


def _must_be_known(request: FixRequest) -> None:
    """Refuse an unknown cause or fix before the long work starts."""
    if not request.node and request.cause not in catalogue():
        near = suggest(request.cause, catalogue())
        raise UsageError(say("unknown cause: {cause}.", cause=printable(request.cause)) + near)
    fixes = {offer.slug for cause in catalogue().values() for offer in cause.fixes}
    if request.fix is not None and request.fix not in fixes:
        near = suggest(request.fix, fixes)
        raise UsageError(say("unknown fix: {fix}.", fix=printable(request.fix)) + near)


def _finding(state: FleetState, request: FixRequest) -> FleetFinding:
    if request.node:
        return _finding_of_node(state, _node_named(state, request.node))
    cause, subject = request.cause, request.subject
    of_cause = [held for held in state.findings.values() if held.finding.cause == cause]
    if not subject:
        return _only_one(state, of_cause, cause)
    found = [
        held for held in of_cause if _holds(held) and subject in (held.finding.subject.id, held.id.partition("@")[2])
    ]
    if not found:
        _refuse_if_unknown(state, of_cause, cause)
        sentence = say("nothing to fix: {cause} does not apply to {subject}", cause=cause, subject=printable(subject))
        raise NothingToDo(sentence + _subjects_of(state, cause))
    if len(found) > 1:
        regions = ", ".join(sorted(held.scope.region for held in found))
        raise UsageError(
            say(
                "{cause} applies to {subject} in several Regions ({regions}): specify one with --region",
                cause=cause,
                subject=subject,
                regions=regions,
            )
        )
    return found[0]


def _only_one(state: FleetState, of_cause: Sequence[FleetFinding], cause: str) -> FleetFinding:
    found = [held for held in of_cause if _holds(held)]
    if len(found) == 1:
        return found[0]
    if not found:
        _refuse_if_unknown(state, of_cause, cause)
        raise NothingToDo(say("nothing to fix: {cause} does not apply here", cause=cause))
    names = {node.id: node.name for node in state.nodes.values()}
    told = sorted(
        printable(f"  {fix_command(held)}  {names.get(held.finding.subject.id, '')}").rstrip() for held in found
    )
    more = [say("  and {more} more", more=len(told) - _LISTED)] if len(told) > _LISTED else []
    heading = say("{cause} applies to {count} subjects. Choose one:", cause=cause, count=len(told))
    raise UsageError("\n".join((heading, *told[:_LISTED], *more)))


def _node_named(state: FleetState, word: str) -> NodeKey:
    """Return the node with this ID or Name tag.

    Raises:
        UndeterminedError: there is no such node.
        UsageError: several nodes have the name.

    """
    found = [key for key, node in state.nodes.items() if word in (node.id, node.name)]
    if len(found) > 1:
        heading = say("{count} nodes have the name {name}: specify the node ID", count=len(found), name=printable(word))
        raise UsageError("\n".join((heading, *(f"  ssmtui fix {key.id}  {key.region}" for key in found[:_LISTED]))))
    if not found:
        nodes = (name for node in state.nodes.values() for name in (node.id, node.name))
        names = {*catalogue(), *state.others(), *nodes}
        sentence = say("{word} is neither a cause nor a node.", word=printable(word))
        raise UndeterminedError(sentence + suggest(word, names))
    return found[0]


def _finding_of_node(state: FleetState, key: NodeKey) -> FleetFinding:
    """Return the only finding of a node that has a fix: of its failures, or, without one, of its warnings.

    Findings of the workstation are not the node's.

    Raises:
        NothingToDo: the node has no problem, or none with a fix.
        UndeterminedError: it is unknown if the node has a problem.
        UsageError: several findings have a fix. The message lists their commands.

    """
    verdict, name = state.verdict(key), printable(state.nodes[key].name or key.id)
    held = [
        state.findings[each]
        for each in verdict.finding_ids
        if each in state.findings and state.findings[each].link is not Link.WORKSTATION
    ]
    for status in (Status.FAIL, Status.WARN):
        bad = [each for each in held if each.finding.status is status]
        fixable = sorted(
            (each for each in bad if each.finding.fixes), key=lambda each: each.finding.cause != verdict.root_cause
        )
        if len(fixable) == 1:
            return fixable[0]
        if fixable:
            heading = say("{node} has {count} causes with a fix. Choose one:", node=name, count=len(fixable))
            raise UsageError("\n".join((heading, *_commands_of(fixable))))
        if bad:
            steps = "\n".join(f"  ssmtui explain {each.finding.cause}" for each in bad)
            raise NothingToDo(say("No cause of {node} has a fix. Its documented steps:", node=name) + f"\n{steps}")
    if verdict.status is VerdictStatus.UNKNOWN:
        needs = sorted({need for each in held for need in each.finding.needs})
        sentence = say("the causes of {node} could not be determined", node=name)
        raise UndeterminedError(f"{sentence}: {', '.join(needs)}" if needs else sentence)
    raise NothingToDo(say("nothing to fix: no check found a problem with {node}", node=name))


def _commands_of(found: Sequence[FleetFinding]) -> list[str]:
    """Return the commands that preview the fixes of these findings, with the titles of their causes."""
    commands = [fix_command(held) for held in found]
    width = max(map(len, commands))
    lines = (
        f"  {each:<{width}}  {title_of(catalogue(), held.finding.cause)}"
        for each, held in zip(commands, found, strict=True)
    )
    return [printable(each) for each in lines]


def _subjects_of(state: FleetState, cause: str) -> str:
    """Return the subjects of the cause as a sentence; empty if there are none."""
    held = (each.finding.subject.id for each in state.findings.values() if each.finding.cause == cause and _holds(each))
    subjects = sorted(map(printable, set(held)))
    more = say(" and {more} more", more=len(subjects) - _NAMED) if len(subjects) > _NAMED else ""
    return say(". Subjects: {subjects}", subjects=", ".join(subjects[:_NAMED]) + more) if subjects else ""


def _refuse_if_unknown(state: FleetState, of_cause: Sequence[FleetFinding], cause: str) -> None:
    """Raise an error if the cause may hold although it was not found, because something is unknown."""
    untold = [held.finding for held in of_cause if not _holds(held)]
    if untold or state.errors:
        needs = sorted({need for finding in untold for need in finding.needs})
        sentence = say("whether {cause} applies could not be determined", cause=cause)
        raise UndeterminedError(f"{sentence}: {', '.join(needs)}" if needs else sentence)


def _holds(held: FleetFinding) -> bool:
    """Return whether the cause was found: the finding is not only a note that it is unknown."""
    finding = held.finding
    is_untold = finding.status is Status.UNKNOWN or (finding.status is Status.INFO and bool(finding.needs))
    return bool(finding.fixes) or not is_untold
