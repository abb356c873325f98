"""From the wish for a shell to the terminal given to it, and back: nothing waits but the person's own terminal."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, replace
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, TypeVar

from textual import on
from textual.app import App, SuspendNotSupported

from ssmtui.language import marked, say
from ssmtui.model.agent_version import older
from ssmtui.model.choice import Candidate, Choice
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.node import Node
from ssmtui.model.plain_text import printable
from ssmtui.model.plugin_versions import AMAZON_ONLY
from ssmtui.model.preferences import DocumentParameter, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.session_opening import OpenedSession, SessionEnding, SessionRequest
from ssmtui.session.calls import SessionProblem
from ssmtui.session.opening.access import may_ask_for_access
from ssmtui.session.opening.asked import asks_for_a_reason, still_to_ask, why_not_these, why_not_this_reason
from ssmtui.ui.screens.choice_dialog import ChoiceDialog, JudgeChoice
from ssmtui.ui.screens.key_dialog import ENTER, KeyDialog, WaitingDialog, Way
from ssmtui.ui.screens.wishes import Explain, OpenShell, Preview
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.words import shell_text
from ssmtui.ui.words.prose import Prose
from ssmtui.ui.words.shell_text import MOST_FIXES, called

if TYPE_CHECKING:
    from ssmtui.session.desk import Sessions

T = TypeVar("T")

_TRY = Way(ENTER, "⏎", marked("Try"))
_OWN_SHELL = Way(ENTER, "⏎", marked("Own shell"))
_USE_IT = Way(ENTER, "⏎", marked("Use it"))
_WITHOUT = Way("b", "b", marked("Own shell"))
_ASK = Way(ENTER, "⏎", marked("Ask for access"))
_EXPLAIN = Way("x", "x", marked("Explain"))


@dataclass(frozen=True, slots=True)
class _Target:
    """The node that a shell is wished for, where it is, and what opens it."""

    node: Node
    scope: Scope
    sessions: Sessions


class Shells(App[None]):
    """The part of the app that opens shells, one at a time."""

    bench: Bench
    _opening_shell = False

    @on(OpenShell)
    def _open_shell(self, wish: OpenShell) -> None:
        node, scope = self.bench.board.node(wish.key), self.bench.board.scope_of(wish.key)
        if node is None or scope is None or self.bench.sessions is None or self._opening_shell:
            return
        self._opening_shell = True
        target = _Target(node, scope, self.bench.sessions)
        self.run_worker(self._shell(target), group="shell", name="shell", exit_on_error=False)

    async def _shell(self, target: _Target) -> None:
        try:
            if not await self._is_to_be_tried(target.node):
                return
            builtin = await self._without_plugin(target)
            if builtin is None:
                return
            request = await self._request(target)
            if request is None:
                return
            opened = await self._opened(target, request)
            if opened is not None:
                self._give_terminal(target, *opened, builtin=builtin)
        finally:
            self._opening_shell = False

    async def _is_to_be_tried(self, node: Node) -> bool:
        """Say before what is known to be broken; a fix is one key away, and trying another."""
        board = self.bench.board
        verdict = board.verdict(node.key)
        if verdict.status is not VerdictStatus.FAIL:
            return True
        found = (each for each in board.findings_of(node.key) if each.finding.cause == verdict.root_cause)
        held = next(found, None)
        fixes = held.finding.fixes[:MOST_FIXES] if held else ()
        numbers = tuple(Way(str(number), str(number), marked("Fix")) for number, _ in enumerate(fixes, start=1))
        title = say("{node} is known to be broken", node=called(node))
        key = await self.push_screen_wait(KeyDialog(title, shell_text.broken_prose(board, held), (_TRY, *numbers)))
        if held is not None and key is not None and key.isdecimal():
            self._preview_fix(held, int(key))
        return key == ENTER

    def _preview_fix(self, held: FleetFinding, number: int) -> None:
        self.post_message(Preview(held.scope.name, held.finding.fixes[number - 1], held.id))

    async def _without_plugin(self, target: _Target) -> bool | None:
        """Whether the session is held without the plugin; None where the person turns back."""
        plugin = await asyncio.to_thread(target.sessions.preflight)
        if self.bench.simulated:
            return bool(plugin.why) or not older(plugin.version, AMAZON_ONLY)
        if plugin.why:
            prose = shell_text.no_plugin_prose(plugin.why, plugin.steps)
            key = await self.push_screen_wait(KeyDialog(say("No plugin to open it with"), prose, (_OWN_SHELL,)))
            return True if key == ENTER else None
        if not plugin.warning or plugin.warning in self.bench.told_once:
            return False
        self.bench.told_once.add(plugin.warning)
        prose = shell_text.warned_plugin_prose(plugin.warning, plugin.steps)
        key = await self.push_screen_wait(KeyDialog(say("The plugin"), prose, (_USE_IT, _WITHOUT)))
        return None if key is None else key == _WITHOUT.key

    async def _request(self, target: _Target) -> SessionRequest | None:
        """The request, with the values that a custom document asks for; None where the person turns back."""
        request = SessionRequest(target.scope, target.node.id, target.scope.document)
        inquiry = self.bench.inquiry
        if target.scope.document is None or inquiry is None:
            return request
        facts = await asyncio.wrap_future(inquiry.region_facts(target.scope.name))
        declared = facts.preferences.parameters if isinstance(facts.preferences, SessionPreferences) else ()
        given: dict[str, tuple[str, ...]] = {}
        for parameter in still_to_ask(declared, given):
            value = await self.push_screen_wait(ChoiceDialog(_choice(parameter), _judge(declared, parameter)))
            if value is None:
                return None
            given[parameter.name] = (value,)
        return replace(request, parameters=tuple(given.items()))

    async def _opened(self, target: _Target, request: SessionRequest) -> tuple[SessionRequest, OpenedSession] | None:
        """The session; None where there is none: the person has given it up, or reads why."""
        title = say("Opening a shell on {node}", node=called(target.node))
        try:
            opened = await self._awaited(target.sessions.start(request), title, shell_text.opening_prose(target.node))
        except SessionProblem as problem:
            if asks_for_a_reason(problem) and not request.reason:
                reason = await self._reason(say("The account wants a reason for a session"))
                return await self._opened(target, replace(request, reason=reason)) if reason else None
            if may_ask_for_access(problem):
                return await self._opened_by_access(target, request, problem)
            self._explain(target.node, problem.text)
            return None
        return None if opened is None else (request, opened)

    async def _opened_by_access(
        self, target: _Target, request: SessionRequest, refused: SessionProblem
    ) -> tuple[SessionRequest, OpenedSession] | None:
        title = say("You may not open it by yourself")
        key = await self.push_screen_wait(KeyDialog(title, shell_text.access_prose(refused.text), (_ASK, _EXPLAIN)))
        if key == _EXPLAIN.key:
            self._explain(target.node, refused.text)
        reason = await self._reason(say("Why you need access, for whoever approves it")) if key == ENTER else None
        if not reason:
            return None
        asked = replace(request, reason=reason)
        prose = shell_text.opening_prose(target.node, access=True)
        try:
            asking = target.sessions.ask_access(asked)
            access = await self._awaited(asking, title, shell_text.opening_prose(target.node))
            if access is None:
                return None
            waiting = say("Waiting for access to {node}", node=called(target.node))
            opened = await self._awaited(target.sessions.start_with_access(asked, access), waiting, prose)
        except SessionProblem as problem:
            # What kept the session from opening is explained with what kept the access from being asked for.
            self._explain(target.node, f"{refused.text}\n\n{problem.text}")
            return None
        return None if opened is None else (asked, opened)

    async def _reason(self, meaning: str) -> str | None:
        async def judge(value: str) -> str:
            return why_not_this_reason(value) if value else say("it is needed")

        return await self.push_screen_wait(ChoiceDialog(Choice("reason", meaning, free=True), judge))

    async def _awaited(self, future: Future[T], title: str, prose: Prose) -> T | None:
        """What a future gives, with a dialog while it does not; None where the person gives it up."""

        def gone(_: None) -> None:
            future.cancel()  # where it has come, this does nothing

        dialog = WaitingDialog(title, prose)
        self.push_screen(dialog, gone)
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            if not future.cancelled():
                raise  # the app is being left
            return None
        finally:
            dialog.take_away()

    def _give_terminal(self, target: _Target, request: SessionRequest, opened: OpenedSession, *, builtin: bool) -> None:
        """Step aside until the session has ended, and say how it did. The loop stands still meanwhile."""
        line = shell_text.handed_over_line(target.node, builtin=builtin, simulated=self.bench.simulated)
        begun = self.bench.now()
        ending = self._lent(target.sessions, request, opened, builtin=builtin, line=line)
        match ending:
            case SessionEnding(text="", exit_code=_):
                words = shell_text.ended_sentence(target.node, ending, self.bench.now() - begun)
                self.notify(words, markup=False)
            case SessionEnding() | SessionProblem():
                self._explain(target.node, ending.text)
            case SystemExit():
                self.exit(return_code=ending.code if isinstance(ending.code, int) else 1)
            case SuspendNotSupported():
                target.sessions.end(opened.id)
                words = f"aws ssm start-session --target {target.node.id} --region {target.scope.region}"
                self.notify(words, title=say("This terminal cannot be lent"), severity="warning", markup=False)
            case OSError():
                self.notify(printable(str(ending)), title=say("No shell"), severity="error", markup=False)
            case _:
                raise ending

    def _lent(
        self, sessions: Sessions, request: SessionRequest, opened: OpenedSession, *, builtin: bool, line: str
    ) -> SessionEnding | BaseException:
        ending: SessionEnding | BaseException = SessionProblem("")
        try:
            with self.suspend():
                # Textual takes the terminal back only where nothing is raised (docs/facts/libraries.md §7).
                try:
                    print(fill(line, get_terminal_size().columns), flush=True)  # noqa: T201 - the terminal is not the screen's now
                    ending = sessions.hold(request, opened, builtin=builtin)
                except BaseException as error:  # noqa: BLE001 - it is looked at once the screen is back
                    ending = error
        except SuspendNotSupported as unsupported:
            return unsupported
        return ending

    def _explain(self, node: Node, text: str) -> None:
        self.post_message(Explain(node.key, text))


def _choice(parameter: DocumentParameter) -> Choice:
    meaning = printable(parameter.description) or say("a value for {name}", name=printable(parameter.name))
    candidates = tuple(Candidate(value) for value in parameter.allowed)
    return Choice(parameter.name, meaning, candidates, free=not candidates)


def _judge(declared: tuple[DocumentParameter, ...], parameter: DocumentParameter) -> JudgeChoice:
    async def judge(value: str) -> str:
        return why_not_these(declared, {parameter.name: (value,)}) if value else say("it is needed")

    return judge
