"""`ssmtui connect`: a session opened as `aws ssm start-session` opens it, and what it means where none opens."""

from __future__ import annotations

import shlex
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import click

from ssmtui.cli.changes.desk import refuse_if_read_only
from ssmtui.cli.one_node import FoundNode, Watch, find_node
from ssmtui.cli.printing import complain
from ssmtui.cli.refusals import CouldNotTell, NothingToDo
from ssmtui.cli.run import Run
from ssmtui.cli.sane_terminal import make_sane
from ssmtui.cli.sessions.asking import with_what_is_asked
from ssmtui.cli.sessions.failed_session import explain_ending, explain_refusal
from ssmtui.cli.sessions.known_broken import is_judged, tries_all_the_same
from ssmtui.cli.sessions.request import Wanted, without_exit_code
from ssmtui.cli.unknown_words import no_such_nodes
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.model.session_opening import OpenedSession, SessionRequest
from ssmtui.report.outcome import ExitCode
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.opening.access import may_ask_for_access
from ssmtui.session.opening.asked import asks_for_a_reason
from ssmtui.session.plugin.preflight import Preflight, preflight

if TYPE_CHECKING:
    from ssmtui.session.desk import Sessions

PATIENCE = 1.5
"""Seconds that the node's check is given before its session is tried: an alias is to open as fast as it did before."""

LISTING = 10.0
"""Seconds that the list of nodes is waited for where no session opened: it tells whether there is such a node."""

_Told = TypeVar("_Told")


def connect(run: Run, wanted: Wanted) -> int:
    """Open the session, hold it, and say why where there is none. Gives the exit code.

    Raises:
        NothingToDo: the run is read-only.
        CouldNotTell: no such node, or no plugin.

    """
    refuse_if_read_only(run)
    make_sane()
    with ThreadPoolExecutor(1, "plugin") as beside:
        looked = beside.submit(preflight) if not wanted.builtin else None
        inquiry = run.inquiry()
        desk = run.sessions(inquiry.credentials)
        if desk is None:
            raise NothingToDo(say("this run is read-only: no session can be opened"))
        try:
            watch = Watch(inquiry)
            found = find_node(watch, wanted.word, one_scope=run.settings.is_one_scope, opened=inquiry.opened.done)
            refuse_if_read_only(run, found.scope.name.profile)
            if looked is not None:
                _say_plugin(looked.result(), wanted.word)
            left_open = desk.end_leftovers(found.scope)
            watch.until(lambda state: is_judged(state, found), PATIENCE if _on_terminal() else 0)
            found = _known_better(watch, found)
            if not tries_all_the_same(inquiry, watch, found):
                return ExitCode.FOUND
            asked = with_what_is_asked(inquiry, found.scope, wanted, on_terminal=_on_terminal())
            code = _session(desk, watch, found, asked)
            run.remember(watch.state)
            if left_open.done() and (sentence := left_open.result()):
                complain(sentence)
            return code
        finally:
            desk.close()
            inquiry.close()


def _session(desk: Sessions, watch: Watch, found: FoundNode, wanted: Wanted) -> int:
    request = wanted.request(found.scope, found.id)
    try:
        opened = _opened(desk, request)
        ended = desk.hold(request, opened, builtin=wanted.builtin)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CouldNotTell(say("the plugin cannot be run: {error}", error=error.strerror or error)) from error
    except SessionProblem as problem:
        code = explain_refusal(problem.text, _known_better(watch, found, LISTING), watch, is_own=problem.is_own)
        return ExitCode.REFUSED if isinstance(problem, SessionRefused) else code
    if not ended.text:
        return ended.exit_code
    return explain_ending(ended.text, _known_better(watch, found, LISTING), watch, is_own=ended.is_own)


def _opened(desk: Sessions, request: SessionRequest) -> OpenedSession:
    """A session; by just-in-time access where the caller may open none, somebody is there, and wants to ask for it."""
    try:
        return _awaited(desk.start(request))
    except SessionProblem as problem:
        if (without := without_exit_code(request)) is not None and problem.code == "InvalidParameters":
            return _awaited(desk.start(without))
        if asks_for_a_reason(problem) and not request.reason and _on_terminal():
            complain(printable(problem.text))
            if reason := _asked_reason(say("A reason for the session (none: leave)")):
                return _opened(desk, replace(request, reason=reason))
            raise
        if not (may_ask_for_access(problem) and _on_terminal()):
            raise
        complain(printable(problem.text))
        reason = request.reason or _asked_reason(say("A reason, to ask for just-in-time access (none: leave)"))
        if not reason:
            raise
        try:
            access = _awaited(desk.ask_access(replace(request, reason=reason)))
        except SessionProblem as refused:
            # That just-in-time access is not to be had is no news: that no session may be opened is.
            complain(printable(refused.text))
            raise problem from refused
    sentence = say("Access request {id} waits to be approved; Ctrl-C stops waiting.", id=printable(access))
    complain(sentence)
    return _awaited(desk.start_with_access(request, access))


def _asked_reason(prompt: str) -> str:
    return str(click.prompt(prompt, default="", show_default=False, err=True)).strip()


def _awaited(future: Future[_Told]) -> _Told:
    try:
        return future.result()
    except BaseException:
        # Ctrl-C and a signal to end are no Exception; and what it would have opened is to be ended then, too.
        future.cancel()
        raise


def _known_better(watch: Watch, found: FoundNode, patience: float = 0) -> FoundNode:
    """The node with its name, where it has been listed by now.

    Raises:
        CouldNotTell: every node has been listed, and it is none of them.

    """
    watch.until(lambda state: bool(state.nowhere()) or found.key in state.nodes, patience)
    if missing := no_such_nodes(watch.state):
        raise CouldNotTell("\n".join(missing))
    return replace(found, node=watch.state.nodes.get(found.key, found.node))


def _say_plugin(found: Preflight, word: str) -> None:
    """Say on standard error what is wrong with the plugin, and how the current one is installed here.

    Raises:
        CouldNotTell: there is none that can be used.

    """
    steps: list[str] = []
    for step in found.steps:
        steps += [f"  {step.text}", *(f"    {line}" for line in step.copy.split("\n"))]
    if not found.path:
        without = say(
            "Without a plugin: {command}", command=shlex.join(["ssmtui", "connect", printable(word), "--builtin"])
        )
        raise CouldNotTell("\n".join((f"{found.why}.", *steps, without)))
    if found.warning:
        complain("\n".join((f"{found.warning}.", *(steps if _on_terminal() else ()))))


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
