"""`ssmtui probe`: open a real session to each node, end it at once, and report its stages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Protocol, cast

import click

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.change_service import refuse_if_read_only
from ssmtui.cli.check import paint, print_scope_errors, print_unknown_nodes
from ssmtui.cli.errors import NothingToDo, UndeterminedError
from ssmtui.cli.printing import is_quiet, is_terminal, print_json, print_lines, print_message
from ssmtui.cli.progress import follow_with_progress
from ssmtui.cli.run import Run
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say, say_many
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.probe import PROBE_LINE, ProbeEnd, ProbeKind, ProbeOutcome, StageResult, StageState
from ssmtui.report.exit_code import ExitCode
from ssmtui.report.probe import KINDS, ProbeReport, probing_document, probing_lines, stage_words
from ssmtui.session.calls import SessionProblem
from ssmtui.session.probe.conclusions import compare_probes
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from rich.text import Text

    from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
    from ssmtui.session.session_service import AwsSessionService


Job = tuple[NodeKey, ProbeKind]
_A_SECOND = 4


class ProbeReporter(Protocol):
    """Receives the stages of probes. The functions that `teller` returns are called on other threads."""

    def teller(self, job: Job) -> Callable[[StageResult], None]:
        """Return the function that receives the stages of one probe."""


@contextmanager
def probe_reporter(names: Mapping[NodeKey, str], jobs: Sequence[Job]) -> Iterator[ProbeReporter]:
    """Show the progress of these probes until the end, unless `--quiet` hides it."""
    if is_quiet():
        yield _QuietReporter()
        return
    if not is_terminal(sys.stderr):
        yield _LineReporter(names)
        return
    from rich.console import Console
    from rich.live import Live

    lines = _LiveReporter(names, jobs)
    console = Console(stderr=True, highlight=False, markup=False)
    with Live(console=console, get_renderable=lines.shown, refresh_per_second=_A_SECOND, transient=True):
        yield lines


def _title(names: Mapping[NodeKey, str], job: Job) -> str:
    key, kind = job
    return f"{names[key]} ({say(KINDS[kind])})"


class _QuietReporter:
    """Shows nothing."""

    def teller(self, _job: Job) -> Callable[[StageResult], None]:
        """Return the function for one probe."""
        return lambda _told: None


class _LineReporter:
    """Prints a line for each finished stage."""

    def __init__(self, names: Mapping[NodeKey, str]) -> None:
        self._names = names
        self._lock = Lock()

    def teller(self, job: Job) -> Callable[[StageResult], None]:
        """Return the function for one probe."""
        title = _title(self._names, job)

        def tell(told: StageResult) -> None:
            if told.state is not StageState.UNDER_WAY or told.words:
                with self._lock:
                    print_lines([f"{title}: {stage_words(told)}"], err=True)

        return tell


class _LiveReporter:
    """Shows a line for each probe with its stages so far. The current stage counts seconds."""

    def __init__(self, names: Mapping[NodeKey, str], jobs: Sequence[Job]) -> None:
        self._titles = {job: _title(names, job) for job in jobs}
        self._told: dict[Job, list[StageResult]] = {}
        self._under_way: dict[Job, tuple[StageResult, float]] = {}
        self._lock = Lock()

    def teller(self, job: Job) -> Callable[[StageResult], None]:
        """Return the function for one probe."""

        def tell(told: StageResult) -> None:
            with self._lock:
                self._under_way.pop(job, None)
                if told.state is StageState.UNDER_WAY:
                    self._under_way[job] = (told, monotonic() - told.seconds)
                else:
                    self._told.setdefault(job, []).append(told)

        return tell

    def shown(self) -> Text:
        """Return the current lines."""
        from rich.text import Text

        with self._lock:
            return Text("\n".join(self._line(job) for job in self._titles), no_wrap=True, overflow="ellipsis")

    def _line(self, job: Job) -> str:
        stages = [stage_words(each) for each in self._told.get(job, ()) if each.state is not StageState.SKIPPED]
        if job in self._under_way:
            told, since = self._under_way[job]
            stages.append(f"{stage_words(told)} {monotonic() - since:.0f} s")
        return printable(f"{self._titles[job]}  {'  '.join(stages) or '…'}")


_LOOK_UP = 0.2
"""Seconds between two looks of the waiting command, so that Ctrl-C works on every platform."""

_DENIED = frozenset({"caller-start-denied", "caller-document-denied"})


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """The request of `probe`: the kinds, the number of parallel probes, the format, and `yes` to skip the question."""

    kinds: tuple[ProbeKind, ...]
    at_once: int
    report_format: str
    yes: bool


def probe_request(options: Mapping[str, object]) -> ProbeRequest:
    """Build the request from the command's options."""
    kinds: tuple[ProbeKind, ...] = (ProbeKind.PORT,) if options["by_port"] else (ProbeKind.SHELL,)
    if options["compare"]:
        kinds = (ProbeKind.SHELL, ProbeKind.PORT)
    return ProbeRequest(kinds, cast("int", options["at_once"]), str(options["report_format"]), yes=bool(options["yes"]))


def probe_nodes(run: Run, wanted: ProbeRequest) -> ExitCode:
    """Probe the nodes of a run, several at a time, and report the results.

    Raises:
        NothingToDo: the run, or a profile that would open a session, is read-only.

    """
    refuse_if_read_only(run)
    handle = run.handle()
    try:
        state = follow_with_progress(handle)
        print_scope_errors(state)
        run.remember(state)
        if code := print_unknown_nodes(state):
            return code
        if not state.nodes:
            return ExitCode.COULD_NOT_TELL
        for scope in state.scope_of.values():
            refuse_if_read_only(run, scope.name.profile)
        jobs = [(key, kind) for key in _in_order(state, run.nodes) for kind in wanted.kinds]
        if not _agreed(state, jobs, wanted):
            return ExitCode.REFUSED
        with _session_service(run, handle) as service:
            _end_leftovers(service, state)
            outcomes = _probed(service, state, jobs, wanted)
        return _told(handle, state, outcomes, wanted)
    finally:
        handle.close()


def footprint(jobs: Sequence[Job]) -> str:
    """Return what probing does and leaves behind, in a few sentences."""
    what = say_many(
        "This opens {count} real session to {nodes} and ends it at once.",
        "This opens {count} real sessions to {nodes} and ends each at once.",
        count=len(jobs),
        nodes=say_many("{count} node", "{count} nodes", count=len({key for key, _ in jobs})),
    )
    if any(kind is ProbeKind.SHELL for _, kind in jobs):
        what += " " + say("Each probe types {line} into its shell, which prints a word.", line=PROBE_LINE)
    return f"{what} " + say(
        "CloudTrail records StartSession and TerminateSession with the reason “ssmtui probe”. If session logging is "
        "on, these sessions are logged."
    )


def _agreed(state: FleetState, jobs: Sequence[Job], wanted: ProbeRequest) -> bool:
    print_lines([footprint(jobs)], err=True)
    if any(held.finding.cause == "caller-terminate-denied" and held.nodes for held in state.findings.values()):
        print_lines(
            [say("You are not allowed to end sessions: each session stays open until its idle timeout.")], err=True
        )
    if wanted.yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    return click.confirm(say("Continue?"), default=True, err=True)


@contextmanager
def _session_service(run: Run, handle: LiveDiagnosis) -> Iterator[AwsSessionService]:
    service = run.sessions(handle.credentials)
    if service is None:
        raise NothingToDo(say("read-only mode: sessions cannot be opened"))
    try:
        yield service
    finally:
        service.close()


def _end_leftovers(service: AwsSessionService, state: FleetState) -> None:
    """End the open sessions of killed runs before new ones are opened."""
    for scope in state.scopes.values():
        try:
            words = service.end_leftovers(scope).result(timeout=30)
        except (SessionProblem, TimeoutError) as problem:
            words = str(problem)
        if words:
            print_message(printable(words))


def _probed(
    service: AwsSessionService, state: FleetState, jobs: Sequence[Job], wanted: ProbeRequest
) -> list[ProbeOutcome]:
    """Run all jobs, `at_once` at a time. A node's shell and port probes run one after the other, to be comparable."""
    left, running, done = list(jobs), dict[Future[ProbeOutcome], Job](), dict[Job, ProbeOutcome]()
    names = {key: printable(state.nodes[key].name) for key, _ in jobs}
    with probe_reporter(names, jobs) as shown:
        try:
            while left or running:
                _start(service, state, left, running, wanted.at_once, shown)
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
        raise UndeterminedError(problem.text) from problem


def _start(
    service: AwsSessionService,
    state: FleetState,
    left: list[Job],
    running: dict[Future[ProbeOutcome], Job],
    at_once: int,
    shown: ProbeReporter,
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
        running[service.probe(state.scope_of[key], key, kind, shown.teller(job))] = job


def _told(handle: LiveDiagnosis, state: FleetState, outcomes: Sequence[ProbeOutcome], wanted: ProbeRequest) -> ExitCode:
    for each in outcomes:
        if each.end is not ProbeEnd.INTERRUPTED:
            handle.probed(state.scope_of[each.node].name, each)
            follow_with_progress(handle, state)
    by_job = {(each.node, each.kind): each for each in outcomes}
    pairs = {
        key: compare_probes(by_job[key, ProbeKind.SHELL], by_job[key, ProbeKind.PORT])
        for key in dict.fromkeys(each.node for each in outcomes)
        if (key, ProbeKind.SHELL) in by_job and (key, ProbeKind.PORT) in by_job
    }
    probe_report = ProbeReport(outcomes, pairs, state)
    if wanted.report_format == "json":
        print_json(probing_document(probe_report, datetime.now(UTC)))
    else:
        print_lines(probing_lines(probe_report, catalogue(), paint))
    return exit_code(outcomes, state)


def exit_code(outcomes: Sequence[ProbeOutcome], state: FleetState) -> ExitCode:
    """Return 0 if all opened, 5 if the only failures are refusals, 3 if a failure has a known reason, else 4."""
    closed = [each for each in outcomes if not each.opened]
    if state.crashes:
        return ExitCode.DEFECT
    if not closed:
        return ExitCode.DONE
    if all(each.end is ProbeEnd.REFUSED and each.cause in _DENIED for each in closed):
        return ExitCode.REFUSED
    return ExitCode.FOUND if any(_is_explained(each, state) for each in closed) else ExitCode.COULD_NOT_TELL


def _is_explained(outcome: ProbeOutcome, state: FleetState) -> bool:
    """Return whether the reason is known, from the text or from the node's verdict."""
    verdict = state.verdict(outcome.node)
    if verdict.status is VerdictStatus.FAIL:
        return outcome.cause is not None or outcome.end is ProbeEnd.SILENT
    return verdict.status is not VerdictStatus.UNKNOWN and outcome.cause is not None


def _in_order(state: FleetState, asked: Sequence[str]) -> list[NodeKey]:
    """Return the nodes in the order of the command line; nodes of one name by Region and ID."""
    keys = sorted(state.nodes, key=lambda key: (key.region, key.id))
    words = asked or ("",)
    named = (key for word in words for key in keys if not word or state.nodes[key].is_called((word,)))
    return list(dict.fromkeys(named))
