"""`ssmtui connect`: open the requested session, and explain why a session does not open."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from ssmtui.cli.app_launch import restore_terminal
from ssmtui.cli.change_service import refuse_if_read_only
from ssmtui.cli.errors import NothingToDo, UndeterminedError, UsageError
from ssmtui.cli.node_selection import DiagnosisWatcher, SelectedNode, check_command, find_node, is_listed
from ssmtui.cli.notices import is_new_warning, unknown_node_messages
from ssmtui.cli.printing import is_quiet, print_lines, print_message, terminal_width
from ssmtui.cli.progress import show_progress
from ssmtui.cli.run import Run
from ssmtui.diagnosis.diagnosis_request import Pause
from ssmtui.language import say, translatable
from ssmtui.model.command_lines import fix_command
from ssmtui.model.finding import SERVICE_MANAGED, FleetFinding, VerdictStatus
from ssmtui.model.node import NODE_ID, PlatformFamily
from ssmtui.model.scope import Scope
from ssmtui.model.session_client import SessionClient
from ssmtui.model.sessions import COMMAND_PARAMETER, INTERACTIVE, NON_INTERACTIVE, OpenedSession, SessionRequest
from ssmtui.report.exit_code import ExitCode
from ssmtui.report.ssh_configuration import DOCUMENT as SSH_DOCUMENT
from ssmtui.session.calls import OutputNotWritten, SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.opener import invalid_parameters_reason, may_ask_for_access, missing_parameters, requires_reason
from ssmtui.session.remote_command import CAN_READ_MARK, piped_command, terminal_command
from ssmtui.text.printable import printable, printable_lines

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
    from ssmtui.model.preferences import DocumentParameter
    from ssmtui.session.plugin.invocation import Preflight
    from ssmtui.session.session_service import SessionService


_APART = "separateOutputStream"

Parameters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """A session that the command line requests. `word` is an ID or an exact Name tag.

    `command` are the words of a command: a single word is a line for the node's shell, as with ssh.
    """

    word: str
    document: str | None = None
    parameters: Parameters = ()
    reason: str = ""
    builtin: bool = False
    command: tuple[str, ...] = ()

    def request(self, scope: Scope, node: str, platform: PlatformFamily | None = None) -> SessionRequest:
        """Return the StartSession request for a node. The text of a command depends on the platform of the node."""
        if not self.command:
            return SessionRequest(scope, node, self.document, self.parameters, self.reason)
        if self.document == INTERACTIVE:
            parameters: Parameters = ((COMMAND_PARAMETER, (terminal_command(self.command, platform),)),)
        else:
            parameters = ((COMMAND_PARAMETER, (piped_command(self.command, platform),)), (_APART, ("true",)))
        return SessionRequest(scope, node, self.document, parameters, self.reason)

    def request_without_streams(
        self, scope: Scope, node: str, platform: PlatformFamily | None
    ) -> SessionRequest | None:
        """Return the request for a document without separate outputs; None if they were not requested.

        The User Guide does not document the parameter, so an AWS document may lack it. Then the agent reports no exit
        code.
        """
        if not self.command or self.document != NON_INTERACTIVE:
            return None
        text = piped_command(self.command, platform, marked=CAN_READ_MARK)
        return SessionRequest(scope, node, self.document, ((COMMAND_PARAMETER, (text,)),), self.reason)


def connect_request(
    word: str,
    command: Sequence[str],
    document: str | None,
    given: Sequence[str],
    *,
    reason: str = "",
    builtin: bool = False,
    on_terminal: bool,
) -> ConnectRequest:
    """Return the session that a command line requests.

    For a person at a terminal, a command gets a terminal. For a script it gets none: the output has no line ends of a
    terminal.

    Raises:
        UsageError: a parameter is malformed, or there is both a command and a document.

    """
    parameters = parameters_in(given)
    if not command:
        return ConnectRequest(word, document, parameters, reason, builtin)
    if document is not None or parameters:
        raise UsageError(say("COMMAND uses its own document: leave out --document-name and --parameter."))
    document = INTERACTIVE if on_terminal else NON_INTERACTIVE
    return ConnectRequest(word, document, reason=reason, builtin=builtin, command=tuple(command))


def parameters_in(given: Sequence[str]) -> Parameters:
    """Parse `--parameter` options: NAME=VALUE, NAME=["VALUE", …], or all parameters as a JSON object.

    A repeated name has several values, as in the AWS CLI.

    Raises:
        UsageError: an option has none of these forms.

    """
    values: dict[str, list[str]] = {}
    for text in given:
        for name, value in _pairs(text):
            values.setdefault(name, []).extend(value)
    return tuple((name, tuple(each)) for name, each in values.items())


def _pairs(text: str) -> Iterator[tuple[str, list[str]]]:
    if text.lstrip().startswith("{"):
        told = _json(text)
        if not isinstance(told, dict):
            raise _no_parameter(text)
        yield from ((name, _values(value, text)) for name, value in told.items())
        return
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise _no_parameter(text)
    yield name, _values(_json(value), text) if value.lstrip().startswith("[") else [value]


def _values(told: object, text: str) -> list[str]:
    if isinstance(told, str):
        return [told]
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        raise _no_parameter(text)
    return told


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_parameter(text) from error


def _no_parameter(text: str) -> UsageError:
    return UsageError(
        say('--parameter must be NAME=VALUE, NAME=["VALUE", …] or a JSON object, not {text}', text=printable(text))
    )


def with_parameters(
    handle: DiagnosisHandle, scope: Scope, wanted: ConnectRequest, *, on_terminal: bool
) -> ConnectRequest:
    """Return the request with a value for each parameter that the custom document declares without a default.

    If the document cannot be read, nothing is checked: AWS reports wrong parameters.

    Raises:
        UsageError: a parameter is wrong, or one is missing and there is no terminal to ask for it.

    """
    if scope.document is None:
        return wanted
    from ssmtui.model.preferences import SessionPreferences

    settings = handle.region_facts(scope.name).result().preferences
    if not isinstance(settings, SessionPreferences) or not settings.document_exists:
        return wanted
    given = dict(wanted.parameters)
    if why := invalid_parameters_reason(settings.parameters, given):
        raise UsageError(f"{why}.")
    missing = missing_parameters(settings.parameters, given)
    if missing and not on_terminal:
        raise UsageError(_lacks(scope.document, missing))
    asked = tuple((each.name, (_asked(each),)) for each in missing)
    return replace(wanted, parameters=(*wanted.parameters, *asked))


def _asked(parameter: DocumentParameter) -> str:
    text = printable(f"{parameter.name}: {parameter.description}" if parameter.description else parameter.name)
    kind = click.Choice(parameter.allowed) if parameter.allowed else click.STRING
    return str(click.prompt(text, type=kind, err=True))


def _lacks(document: str, missing: Sequence[DocumentParameter]) -> str:
    words = " ".join(printable(f"--parameter {each.name}=…") for each in missing)
    return say("the document {document} has required parameters: {words}", document=printable(document), words=words)


CHECK_SECONDS = 10.0
"""Seconds to wait for the node's checks, which tell its causes apart. At a terminal, they started earlier."""

_NAMED = 4
"""Maximum number of named causes; `ssmtui explain` names all."""
_STEP = re.compile(r"^\d+\. ", re.MULTILINE)
_HERE: Mapping[bool | None, str] = {
    True: translatable("✖ applies to this node"),
    False: translatable("● does not apply"),
    None: "",
}


def explain_refusal(text: str, found: SelectedNode, watcher: DiagnosisWatcher, *, is_own: bool = False) -> ExitCode:
    """Print why AWS opened no session on this node. `is_own`: the text is a sentence of ssmtui."""
    return _explain(say("cannot open a session on {node}:", node=found.words), text, found, watcher, is_own=is_own)


def report_no_answer(problem: SessionProblem, found: SelectedNode) -> ExitCode:
    """Print that AWS gave no answer because of the network. The text is not about the node, so it has no cause."""
    from ssmtui.evidence.aws.scope_errors import network_advice

    print_message(say("cannot open a session on {node}:", node=found.words))
    told = [say("AWS did not answer {action}.", action=problem.action)]
    if isinstance(problem, SessionUnanswered):
        told.append(say("If AWS opened a session, AWS ends it after the idle timeout."))
    lines = (*(f"  {line}" for line in printable_lines(problem.text.strip())), " ".join(told), network_advice())
    print_lines(lines, err=True)
    return ExitCode.COULD_NOT_TELL


def explain_ending(
    text: str,
    found: SelectedNode,
    watcher: DiagnosisWatcher,
    *,
    is_own: bool = False,
    document: str | None = None,
    by_plugin: ConnectRequest | None = None,
) -> ExitCode:
    """Print why a session on this node ended, from the text of the agent, AWS, the plugin or ssmtui.

    `document`: the same text has another first cause in an SSH session. `by_plugin`: the plugin ran this session; if
    the built-in client can do what the plugin cannot, its command is printed.
    """
    heading = say("the session on {node} ended:", node=found.words)
    context = document if document == SSH_DOCUMENT else ""
    return _explain(heading, text, found, watcher, is_own=is_own, context=context, by_plugin=by_plugin)


def _explain(
    heading: str,
    text: str,
    found: SelectedNode,
    watcher: DiagnosisWatcher,
    *,
    is_own: bool,
    context: str = "",
    by_plugin: ConnectRequest | None = None,
) -> ExitCode:
    from ssmtui.causes.catalogue import catalogue
    from ssmtui.causes.matching import match_text

    print_message(heading)
    print_lines((f"  {line}" for line in printable_lines(text.strip())), err=True)
    text = f"{context} {text}".strip()
    is_known = bool(match_text(text, catalogue().values()))
    if is_known or not is_own:
        print_lines(_lines(text, found, watcher, by_plugin), err=True)
    return ExitCode.FOUND if is_known else ExitCode.COULD_NOT_TELL


_OF_THE_PLUGIN = frozenset({"encryption-challenge-failed", "plugin-known-bad", "plugin-outdated"})
"""Causes that the built-in client does not have. ssmtui gives the plugin the whole request, so a challenge fails only
because the plugin does not support it (docs/facts/data-channel.md §4).
"""

_ELSEWHERE = "wrong-region-or-account"
"""ssmtui starts the session where it listed the node."""


def _lines(
    text: str, found: SelectedNode, watcher: DiagnosisWatcher, by_plugin: ConnectRequest | None
) -> Iterator[str]:
    from ssmtui.causes.catalogue import catalogue, title_of
    from ssmtui.causes.matching import match_text
    from ssmtui.causes.placeholders import cause_with_names, names_of_nodes
    from ssmtui.diagnosis.explanation import have_checks, names_for_match, opening_sentence, possible_causes
    from ssmtui.report.catalogue import text_lines
    from ssmtui.report.text_layout import Verbatim

    causes = catalogue()
    matches = match_text(text, causes.values())
    if found.key in watcher.state.nodes:
        matches = tuple(match for match in matches if match.cause != _ELSEWHERE)
    if not matches:
        yield say("Unknown error text.")
        yield Verbatim(say("To find the cause: {command}", command=printable(check_command(found))))
        return
    if have_checks({match.cause for match in matches}):
        watcher.until(lambda state: state.verdict(found.key).settled, CHECK_SECONDS)
    possible = possible_causes(watcher.state, matches, {found.key})
    here = causes_without_contradiction({slug: each.here for slug, each in possible.items()})
    ranked = list(possible) if True in here.values() else [match.cause for match in matches]
    yield ""
    if opening := opening_sentence(possible):
        yield opening
    for slug in ranked[:_NAMED]:
        told = f"{possible[slug].match.percentage:>4}  {slug}: {title_of(causes, slug)}"
        yield f"{told}  {_told(here[slug])}".rstrip()
    yield ""
    first = causes[ranked[0]]
    of_node = names_of_nodes(found.scope, {found.key})
    names = {**of_node, **names_for_match(watcher.state, possible[first.slug].match, {found.key})}
    step = first_step(cause_with_names(first, names).how_to_resolve)
    yield from text_lines(step, terminal_width(sys.stderr))
    yield ""
    if by_plugin is not None and first.slug in _OF_THE_PLUGIN and sys.platform != "win32":
        yield Verbatim(say("Without the plugin: {command}", command=printable(_builtin_command(by_plugin, found))))
    yield Verbatim(say("Details: {command}", command=printable(_command(text, found))))


def _builtin_command(wanted: ConnectRequest, found: SelectedNode) -> str:
    """Return the command for the same session with the built-in client."""
    words = ["ssmtui", "connect", found.id, *found.scope.name.options, "--builtin"]
    if wanted.reason:
        words += ["--reason", wanted.reason]
    if wanted.command:
        return shlex.join([*words, "--", *wanted.command])
    if wanted.document is not None:
        words += ["--document-name", wanted.document]
    for name, values in wanted.parameters:
        words += [part for value in values for part in ("--parameter", f"{name}={value}")]
    return shlex.join(words)


def causes_without_contradiction(here: Mapping[str, bool | None]) -> Mapping[str, bool | None]:
    """Return which causes hold. If the checks confirm none, none is ruled out: the session has just failed."""
    return here if True in here.values() else dict.fromkeys(here)


def first_step(resolution: str) -> str:
    """Return the first step of a resolution's Markdown, complete, without its number."""
    starts = list(_STEP.finditer(resolution))
    if not starts:
        return resolution.strip()
    end = starts[1].start() if len(starts) > 1 else len(resolution)
    return resolution[starts[0].end() : end].strip()


def _told(here: bool | None) -> str:  # noqa: FBT001 - as it is told of a cause
    word = _HERE[here]
    return say(word) if word else ""


def _command(text: str, found: SelectedNode) -> str:
    said = printable(" ".join(text.split()))
    return shlex.join(["ssmtui", "explain", "--node", found.id, *found.scope.name.options, said])


_BROKEN = frozenset({VerdictStatus.FAIL, VerdictStatus.STOPPED, VerdictStatus.RESTRICTED})


def is_judged(state: FleetState, found: SelectedNode) -> bool:
    """Return whether the node's verdict is final, the node is known to be broken, or it does not exist."""
    if state.nowhere():
        return True
    verdict = state.verdict(found.key)
    return verdict.settled or verdict.status in _BROKEN


def why_broken(state: FleetState, found: SelectedNode) -> FleetFinding | None:
    """Return the finding that prevents a session; None if none is known yet."""
    verdict = state.verdict(found.key)
    if verdict.status not in _BROKEN:
        return None
    held = [state.findings[id_] for id_ in verdict.finding_ids if id_ in state.findings]
    cause = SERVICE_MANAGED if verdict.status is VerdictStatus.RESTRICTED else verdict.root_cause
    return next((each for each in held if each.finding.cause == cause), None)


def confirm_attempt(handle: DiagnosisHandle, watcher: DiagnosisWatcher, found: SelectedNode) -> bool:
    """Print why a session will fail if the node is known to be broken, and ask a person whether to continue."""
    held = why_broken(watcher.state, found)
    if held is None:
        if watcher.state.verdict(found.key).status is not VerdictStatus.STOPPED:
            return True
        print_message(say("{node} is not running, so it cannot open sessions.", node=found.words))
        return _answered(None, handle, watcher)
    from ssmtui.causes.catalogue import catalogue, title_of
    from ssmtui.report.text_layout import Verbatim

    sentence = say("{node} cannot open sessions: {why}", node=found.words, why=held.finding.summary)
    print_message(printable(sentence))
    print_lines([f"  {title_of(catalogue(), held.finding.cause)} ({held.finding.cause})"], err=True)
    command = fix_command(held)
    if command:
        print_lines([Verbatim("  " + say("fix: {command}", command=command))], err=True)
    return _answered(held if command else None, handle, watcher)


def _answered(held: FleetFinding | None, handle: DiagnosisHandle, watcher: DiagnosisWatcher) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    question = (
        say("Enter: try anyway, q: quit.") if held is None else say("Enter: try anyway, f: preview the fix, q: quit.")
    )
    while True:
        key = _pressed(question)
        if key in ("\r", "\n"):
            return True
        if key.lower() in ("q", "", "\x1b", "\x04"):
            return False
        if key.lower() == "f" and held is not None:
            _preview(held, handle, watcher)


def _pressed(question: str) -> str:
    def ask() -> None:
        print_lines([question], err=True)

    if sys.platform == "win32":
        ask()
        return click.getchar()
    from ssmtui.session.terminal import read_key

    return read_key(ask)


def _preview(held: FleetFinding, handle: DiagnosisHandle, watcher: DiagnosisWatcher) -> None:
    """Show the preview as `ssmtui fix` does. It needs a complete diagnosis."""
    from ssmtui.cli.fix import FixRequest, show_preview
    from ssmtui.report.text_layout import Verbatim

    watcher.until(lambda _: False)
    try:
        if show_preview(handle, watcher.state, FixRequest(held.finding.cause, held.finding.subject.id)):
            made_by = f"{fix_command(held)} --yes"
            print_lines(["", Verbatim(say("Nothing was changed. To apply this change: {command}", command=made_by))])
    except click.ClickException as error:
        print_message(error.format_message())


JUDGEMENT_SECONDS = 1.5
"""Seconds to wait for the node's check before the session is tried: an alias must open as fast as before."""

LISTING_SECONDS = 10.0
"""Seconds to wait for the list of nodes before a command, and after no session opened: the list shows the platform of
the node, and whether the node exists."""

PLATFORM_SECONDS = 3.0
"""Seconds to wait for the registration of a node ID, before the list of nodes is read for its platform."""

_ResultT = TypeVar("_ResultT")


class PlatformReader(Protocol):
    """Reads the platform of a managed node (see `AwsSessionService`)."""

    def platform(self, scope: Scope, node: str) -> Future[PlatformFamily | None]:
        """Read the platform of a node."""


def connect(run: Run, wanted: ConnectRequest) -> int:
    """Open the session, give it the terminal, print why if it does not open, and return the exit code.

    Raises:
        NothingToDo: the run is read-only.
        UndeterminedError: there is no such node, or no plugin.

    """
    refuse_if_read_only(run)
    wanted = replace(wanted, builtin=_uses_builtin(run, wanted))
    restore_terminal()
    with ThreadPoolExecutor(1, "plugin") as beside:
        looked = beside.submit(_preflight) if not wanted.builtin else None
        pause = _pause(run, wanted)
        handle = run.handle(pause=pause)
        service = run.sessions(handle.credentials)
        if service is None:
            raise NothingToDo(say("read-only mode: sessions cannot be opened"))
        try:
            watcher = DiagnosisWatcher(handle)
            found = find_node(watcher, wanted.word, one_scope=run.settings.is_one_scope, opened=handle.opened.done)
            refuse_if_read_only(run, found.scope.name.profile)
            if looked is not None:
                _say_plugin(looked.result(), wanted.word)
            left_open = service.end_leftovers(found.scope)
            watcher.until(lambda state: is_judged(state, found), JUDGEMENT_SECONDS if _on_terminal() else 0)
            platform = None
            if wanted.command and pause is Pause.AFTER_OPENING:
                platform = read_platform(service, found)
                if platform is None:
                    handle.proceed()
            # The text of a command depends on the platform, which the listing shows.
            needs_list = bool(wanted.command) and platform is None
            found = _with_listed_name(watcher, found, LISTING_SECONDS if needs_list else 0)
            if found.node is not None:
                platform = found.node.platform_family
            if not confirm_attempt(handle, watcher, found):
                return ExitCode.FOUND
            asked = with_parameters(handle, found.scope, wanted, on_terminal=_on_terminal())
            code = _session(service, handle, watcher, found, asked, platform)
            run.remember(watcher.state)
            if left_open.done() and (sentence := left_open.result()):
                print_message(sentence)
            return code
        finally:
            service.close()
            handle.close()


def _uses_builtin(run: Run, wanted: ConnectRequest) -> bool:
    """Return whether the built-in client runs the session. By default it does for ssh, whose uploads are faster."""
    client = run.settings.client
    if wanted.builtin or client is not None:
        return wanted.builtin or client is SessionClient.BUILTIN
    return wanted.document == SSH_DOCUMENT and sys.platform != "win32"


def _preflight() -> Preflight:
    from ssmtui.session.plugin.invocation import preflight

    return preflight()


def _pause(run: Run, wanted: ConnectRequest) -> Pause:
    """Return when the diagnosis waits: without a terminal, the checks only explain why no session opened.

    At a terminal, the command warns before the session if the node fails its checks. A custom document is read before
    the session. Names are in the list of nodes.
    """
    if _on_terminal() or run.document is not None:
        return Pause.NEVER
    if run.settings.is_one_scope and NODE_ID.fullmatch(wanted.word):
        return Pause.AFTER_OPENING
    return Pause.AFTER_LISTING


def read_platform(service: PlatformReader, found: SelectedNode) -> PlatformFamily | None:
    """Return the platform of a node; None if it is not a managed node, or the read fails or takes too long."""
    try:
        return _result_of(service.platform(found.scope, found.id), PLATFORM_SECONDS)
    except (SessionProblem, TimeoutError):
        return None


def _session(
    service: SessionService,
    handle: LiveDiagnosis,
    watcher: DiagnosisWatcher,
    found: SelectedNode,
    wanted: ConnectRequest,
    platform: PlatformFamily | None,
) -> int:
    request = wanted.request(found.scope, found.id, platform)
    try:
        try:
            opened = _opened(service, request, found)
        except SessionProblem as problem:
            other = wanted.request_without_streams(found.scope, found.id, platform)
            if other is None or problem.code != "InvalidParameters":
                raise
            request, opened = other, _opened(service, other, found)
        ended = service.hold(request, opened, builtin=wanted.builtin)
    except OutputNotWritten as error:
        raise UsageError(say("the output cannot be written: {error}", error=str(error))) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UndeterminedError(say("the plugin cannot be started: {error}", error=error.strerror or error)) from error
    except SessionProblem as problem:
        if problem.by_network:
            return report_no_answer(problem, found)
        handle.proceed()
        code = explain_refusal(
            problem.text, _with_listed_name(watcher, found, LISTING_SECONDS), watcher, is_own=problem.is_own
        )
        return ExitCode.REFUSED if isinstance(problem, SessionRefused) else code
    if not ended.text:
        return ended.exit_code
    handle.proceed()
    found = _with_listed_name(watcher, found, LISTING_SECONDS)
    by_plugin = None if wanted.builtin or request.document == SSH_DOCUMENT else wanted
    return explain_ending(
        ended.text, found, watcher, is_own=ended.is_own, document=request.document, by_plugin=by_plugin
    )


def _opened(service: SessionService, request: SessionRequest, found: SelectedNode) -> OpenedSession:
    """Open a session. If AWS refuses, a person at the terminal can give a reason or request just-in-time access."""
    try:
        with show_progress(say("opening a session on {node}", node=found.words)):
            return _result_of(service.start(request))
    except SessionProblem as problem:
        if requires_reason(problem) and not request.reason and _on_terminal():
            print_message(printable(problem.text))
            if reason := _asked_reason(say("Reason for the session (empty: cancel)")):
                return _opened(service, replace(request, reason=reason), found)
            raise
        if not (may_ask_for_access(problem) and _on_terminal()):
            raise
        print_message(printable(problem.text))
        reason = request.reason or _asked_reason(say("Reason for the just-in-time access request (empty: cancel)"))
        if not reason:
            raise
        try:
            access = _result_of(service.ask_access(replace(request, reason=reason)))
        except SessionProblem as refused:
            # The refused session is the useful error, not that just-in-time access is not available.
            print_message(printable(refused.text))
            raise problem from refused
    sentence = say("Access request {id} is waiting for approval. Press Ctrl-C to stop waiting.", id=printable(access))
    print_message(sentence)
    return _result_of(service.start_with_access(request, access))


def _asked_reason(prompt: str) -> str:
    return str(click.prompt(prompt, default="", show_default=False, err=True)).strip()


def _result_of(future: Future[_ResultT], seconds: float | None = None) -> _ResultT:
    try:
        return future.result(seconds)
    except BaseException:
        # Ctrl-C and signals are no Exception. Cancelling also ends a session that opens anyway.
        future.cancel()
        raise


def _with_listed_name(watcher: DiagnosisWatcher, found: SelectedNode, patience: float = 0) -> SelectedNode:
    """Return the node with its name if it is already listed.

    Raises:
        UndeterminedError: all nodes are listed and this node is not among them.

    """
    watcher.until(lambda state: found.key in state.nodes or is_listed(state), patience)
    if missing := unknown_node_messages(watcher.state):
        raise UndeterminedError("\n".join(missing))
    return replace(found, node=watcher.state.nodes.get(found.key, found.node))


def _say_plugin(found: Preflight, word: str) -> None:
    """Print a new warning about the plugin, and how to install the current one.

    ssh and scp open a session each time: the same warning is not repeated.

    Raises:
        UndeterminedError: there is no usable plugin.

    """
    steps: list[str] = []
    for step in found.steps:
        steps += [f"  {step.text}", *(f"    {line}" for line in step.copy.split("\n"))]
    if not found.path:
        without = say(
            "Without the plugin: {command}", command=shlex.join(["ssmtui", "connect", printable(word), "--builtin"])
        )
        raise UndeterminedError("\n".join((f"{found.why}.", *steps, without)))
    if found.warning and not is_quiet() and is_new_warning(found.warning):
        print_message("\n".join((f"{found.warning}.", *(steps if _on_terminal() else ()))))


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
