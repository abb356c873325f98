"""`ssmtui probe`: real sessions to the nodes named, each ended at once; what they met decides the verdicts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.changes.desk import refuse_if_read_only
from ssmtui.cli.checking import paint, say_errors, say_unknown_nodes
from ssmtui.cli.printing import complain, print_json, print_lines
from ssmtui.cli.progress import followed
from ssmtui.cli.refusals import CouldNotTell, NothingToDo
from ssmtui.cli.run import Run
from ssmtui.cli.sessions.probe_progress import Progress, progress
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say, say_many
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plain_text import printable
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome
from ssmtui.report.outcome import ExitCode
from ssmtui.report.probing import Probing, probing_document, probing_lines
from ssmtui.session.calls import SessionProblem
from ssmtui.session.probe.comparing import compared

if TYPE_CHECKING:
    from ssmtui.diagnosis.live import LiveDiagnosis
    from ssmtui.session.desk import SessionDesk

_LOOK_UP = 0.2
"""Seconds after which a waiting command looks up, so that Ctrl-C is heard on every platform."""

_DENIED = frozenset({"caller-start-denied", "caller-document-denied"})


@dataclass(frozen=True, slots=True)
class WantedProbes:
    """What `probe` was asked for: the kinds, how many at once, the format, and whether it may ask first."""

    kinds: tuple[ProbeKind, ...]
    at_once: int
    report_format: str
    yes: bool


Job = tuple[NodeKey, ProbeKind]


def wanted_probes(options: Mapping[str, object]) -> WantedProbes:
    """What the options of the command ask for."""
    kinds: tuple[ProbeKind, ...] = (ProbeKind.PORT,) if options["by_port"] else (ProbeKind.SHELL,)
    if options["compare"]:
        kinds = (ProbeKind.SHELL, ProbeKind.PORT)
    return WantedProbes(kinds, cast("int", options["at_once"]), str(options["report_format"]), yes=bool(options["yes"]))


def probe_nodes(run: Run, wanted: WantedProbes) -> ExitCode:
    """Probe the nodes of a run, several side by side, and report what was met.

    Raises:
        NothingToDo: the run, or a profile that would open a session, is read-only.

    """
    refuse_if_read_only(run)
    inquiry = run.inquiry()
    try:
        state = followed(inquiry)
        say_errors(state)
        run.remember(state)
        if code := say_unknown_nodes(state):
            return code
        if not state.nodes:
            return ExitCode.COULD_NOT_TELL
        for scope in state.scope_of.values():
            refuse_if_read_only(run, scope.name.profile)
        jobs = [(key, kind) for key in _in_order(state, run.nodes) for kind in wanted.kinds]
        if not _agreed(state, jobs, wanted):
            return ExitCode.REFUSED
        with _desk(run, inquiry) as desk:
            _end_leftovers(desk, state)
            outcomes = _probed(desk, state, jobs, wanted)
        return _told(inquiry, state, outcomes, wanted)
    finally:
        inquiry.close()


def footprint(nodes: int, sessions: int) -> str:
    """What probing leaves behind, in two sentences."""
    what = say_many(
        "This opens {count} real session to {nodes} and ends it at its first output; nothing is typed.",
        "This opens {count} real sessions to {nodes} and ends each at its first output; nothing is typed.",
        count=sessions,
        nodes=say_many("{count} node", "{count} nodes", count=nodes),
    )
    return f"{what} " + say(
        "CloudTrail records StartSession and TerminateSession for each, with the reason “ssmtui probe”, and where "
        "sessions are logged, so is this one."
    )


def _agreed(state: FleetState, jobs: Sequence[Job], wanted: WantedProbes) -> bool:
    print_lines([footprint(len({key for key, _ in jobs}), len(jobs))], err=True)
    if any(held.finding.cause == "caller-terminate-denied" and held.nodes for held in state.findings.values()):
        print_lines([say("You may not end sessions: each stays open until AWS ends it as idle.")], err=True)
    if wanted.yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    return click.confirm(say("Go on?"), default=True, err=True)


@contextmanager
def _desk(run: Run, inquiry: LiveDiagnosis) -> Iterator[SessionDesk]:
    desk = run.sessions(inquiry.credentials)
    if desk is None:
        raise NothingToDo(say("this run is read-only: no session can be opened"))
    try:
        yield desk
    finally:
        desk.close()


def _end_leftovers(desk: SessionDesk, state: FleetState) -> None:
    """What an earlier run was killed over is ended before more is opened."""
    for scope in state.scopes.values():
        try:
            words = desk.end_leftovers(scope).result(timeout=30)
        except (SessionProblem, TimeoutError) as problem:
            words = str(problem)
        if words:
            complain(printable(words))


def _probed(desk: SessionDesk, state: FleetState, jobs: Sequence[Job], wanted: WantedProbes) -> list[ProbeOutcome]:
    """Every job done, `at_once` at a time; one node's shell and port one after the other, so that they compare."""
    left, running, done = list(jobs), dict[Future[ProbeOutcome], Job](), dict[Job, ProbeOutcome]()
    names = {key: printable(state.nodes[key].name) for key, _ in jobs}
    with progress(names, jobs) as shown:
        try:
            while left or running:
                _start(desk, state, left, running, wanted.at_once, shown)
                ready, _ = wait(running, timeout=_LOOK_UP, return_when=FIRST_COMPLETED)
                for each in ready:
                    job = running.pop(each)
                    done[job] = _outcome(each)
        finally:
            for each in running:
                each.cancel()
    return [done[job] for job in jobs]


def _outcome(future: Future[ProbeOutcome]) -> ProbeOutcome:
    try:
        return future.result()
    except SessionProblem as problem:
        raise CouldNotTell(problem.text) from problem


def _start(
    desk: SessionDesk,
    state: FleetState,
    left: list[Job],
    running: dict[Future[ProbeOutcome], Job],
    at_once: int,
    shown: Progress,
) -> None:
    busy = {key for key, _ in running.values()}
    for job in list(left):
        key, kind = job
        if len(running) >= at_once:
            return
        if key in busy:
            continue
        left.remove(job)
        busy.add(key)
        running[desk.probe(state.scope_of[key], key, kind, shown.teller(job))] = job


def _told(
    inquiry: LiveDiagnosis, state: FleetState, outcomes: Sequence[ProbeOutcome], wanted: WantedProbes
) -> ExitCode:
    for each in outcomes:
        if each.end is not ProbeEnd.INTERRUPTED:
            inquiry.probed(state.scope_of[each.node].name, each)
            followed(inquiry, state)
    by_job = {(each.node, each.kind): each for each in outcomes}
    pairs = {
        key: compared(by_job[key, ProbeKind.SHELL], by_job[key, ProbeKind.PORT])
        for key in dict.fromkeys(each.node for each in outcomes)
        if (key, ProbeKind.SHELL) in by_job and (key, ProbeKind.PORT) in by_job
    }
    probing = Probing(outcomes, pairs, state)
    if wanted.report_format == "json":
        print_json(probing_document(probing, datetime.now(UTC)))
    else:
        print_lines(probing_lines(probing, catalogue(), paint))
    return exit_code(outcomes, state)


def exit_code(outcomes: Sequence[ProbeOutcome], state: FleetState) -> ExitCode:
    """0 where all opened, 5 where none but denied ones did not, 3 where one stopped for a known reason, else 4."""
    closed = [each for each in outcomes if not each.opened]
    if state.crashes:
        return ExitCode.DEFECT
    if not closed:
        return ExitCode.DONE
    if all(each.end is ProbeEnd.REFUSED and each.cause in _DENIED for each in closed):
        return ExitCode.REFUSED
    return ExitCode.FOUND if any(_is_explained(each, state) for each in closed) else ExitCode.COULD_NOT_TELL


def _is_explained(outcome: ProbeOutcome, state: FleetState) -> bool:
    """Whether it is known why: by the text of its end, or by what explains a node that is away, or silent."""
    verdict = state.verdict(outcome.node)
    if verdict.status is VerdictStatus.FAIL:
        return outcome.cause is not None or outcome.end is ProbeEnd.SILENT
    return verdict.status is not VerdictStatus.UNKNOWN and outcome.cause is not None


def _in_order(state: FleetState, asked: Sequence[str]) -> list[NodeKey]:
    """The nodes in the order in which they were named; those of one name by Region and id."""
    keys = sorted(state.nodes, key=lambda key: (key.region, key.id))
    words = asked or ("",)
    named = (key for word in words for key in keys if not word or state.nodes[key].is_called((word,)))
    return list(dict.fromkeys(named))
