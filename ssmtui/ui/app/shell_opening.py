"""One shell: from what is asked before it, to the terminal given to it and back. It waits for nobody but the person."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, replace
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, TypeVar

from textual.app import App, SuspendNotSupported

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.language import marked, say
from ssmtui.model.agent_version import older
from ssmtui.model.choice import Candidate, Choice
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.plain_text import printable
from ssmtui.model.plugin_versions import AMAZON_ONLY
from ssmtui.model.preferences import DocumentParameter, SessionPreferences
from ssmtui.model.session_opening import OpenedSession, SessionEnding, SessionRequest
from ssmtui.session.calls import SessionProblem
from ssmtui.session.opening.access import may_ask_for_access
from ssmtui.session.opening.asked import asks_for_a_reason, still_to_ask, why_not_these, why_not_this_reason
from ssmtui.ui.screens.choice_dialog import ChoiceDialog, JudgeChoice
from ssmtui.ui.screens.key_dialog import ENTER, KeyDialog, WaitingDialog, Way
from ssmtui.ui.screens.wishes import Explain, Preview
from ssmtui.ui.words import shell_text
from ssmtui.ui.words.shell_text import MOST_FIXES, called

if TYPE_CHECKING:
    from ssmtui.model.node import Node
    from ssmtui.model.scope import Scope
    from ssmtui.session.desk import Sessions
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.words.prose import Prose

T = TypeVar("T")

_TRY = Way(ENTER, "⏎", marked("Try"))
_OWN_SHELL = Way(ENTER, "⏎", marked("Own shell"))
_USE_IT = Way(ENTER, "⏎", marked("Use it"))
_WITHOUT = Way("b", "b", marked("Own shell"))
_ASK = Way(ENTER, "⏎", marked("Ask for access"))
_EXPLAIN = Way("x", "x", marked("Explain"))


@dataclass(frozen=True, slots=True)
class Target:
    """The node that a shell is wished for, where it is, and what opens it."""

    node: Node
    scope: Scope
    sessions: Sessions


class ShellOpening:
    """The opening of one shell in the running app."""

    def __init__(self, app: App[None], bench: Bench, target: Target) -> None:
        self._app = app
        self._bench = bench
        self._target = target

    async def go_through(self) -> None:
        """Ask what must be asked, open the session, and give it the terminal."""
        if not await self._is_to_be_tried(self._target.node):
            return
        builtin = await self._without_plugin()
        if builtin is None:
            return
        request = await self._request()
        if request is None:
            return
        opened = await self._opened(request)
        if opened is not None:
            self._give_terminal(*opened, builtin=builtin)

    async def _is_to_be_tried(self, node: Node) -> bool:
        """Say before what is known to be broken; a fix is one key away, and trying another."""
        board = self._bench.board
        verdict = board.verdict(node.key)
        if verdict.status is not VerdictStatus.FAIL:
            return True
        found = (each for each in board.findings_of(node.key) if each.finding.cause == verdict.root_cause)
        held = next(found, None)
        fixes = held.finding.fixes[:MOST_FIXES] if held else ()
        numbers = tuple(Way(str(number), str(number), marked("Fix")) for number, _ in enumerate(fixes, start=1))
        title = say("{node} is known to be broken", node=called(node))
        key = await self._app.push_screen_wait(KeyDialog(title, shell_text.broken_prose(board, held), (_TRY, *numbers)))
        if held is not None and key is not None and key.isdecimal():
            self._preview_fix(held, int(key))
        return key == ENTER

    def _preview_fix(self, held: FleetFinding, number: int) -> None:
        self._app.post_message(Preview(held.scope.name, held.finding.fixes[number - 1], held.id))

    async def _without_plugin(self) -> bool | None:
        """Whether the session is held without the plugin; None where the person turns back."""
        plugin = await asyncio.to_thread(self._target.sessions.preflight)
        if self._bench.simulated:
            return bool(plugin.why) or not older(plugin.version, AMAZON_ONLY)
        if plugin.why:
            prose = shell_text.no_plugin_prose(plugin.why, plugin.steps)
            key = await self._app.push_screen_wait(KeyDialog(say("No plugin to open it with"), prose, (_OWN_SHELL,)))
            return True if key == ENTER else None
        if not plugin.warning or plugin.warning in self._bench.told_once:
            return False
        self._bench.told_once.add(plugin.warning)
        prose = shell_text.warned_plugin_prose(plugin.warning, plugin.steps)
        key = await self._app.push_screen_wait(KeyDialog(say("The plugin"), prose, (_USE_IT, _WITHOUT)))
        return None if key is None else key == _WITHOUT.key

    async def _request(self) -> SessionRequest | None:
        """The request, with the values that a custom document asks for; None where the person turns back."""
        request = SessionRequest(self._target.scope, self._target.node.id, self._target.scope.document)
        inquiry = self._bench.inquiry
        if self._target.scope.document is None or inquiry is None:
            return request
        facts = await asyncio.wrap_future(inquiry.region_facts(self._target.scope.name))
        declared = facts.preferences.parameters if isinstance(facts.preferences, SessionPreferences) else ()
        given: dict[str, tuple[str, ...]] = {}
        for parameter in still_to_ask(declared, given):
            value = await self._app.push_screen_wait(ChoiceDialog(_choice(parameter), _judge(declared, parameter)))
            if value is None:
                return None
            given[parameter.name] = (value,)
        return replace(request, parameters=tuple(given.items()))

    async def _opened(self, request: SessionRequest) -> tuple[SessionRequest, OpenedSession] | None:
        """The session; None where there is none: the person has given it up, or reads why."""
        title = say("Opening a shell on {node}", node=called(self._target.node))
        try:
            opened = await self._awaited(
                self._target.sessions.start(request), title, shell_text.opening_prose(self._target.node)
            )
        except SessionProblem as problem:
            if asks_for_a_reason(problem) and not request.reason:
                reason = await self._reason(say("The account wants a reason for a session"))
                return await self._opened(replace(request, reason=reason)) if reason else None
            if may_ask_for_access(problem):
                return await self._opened_by_access(request, problem)
            self._explain(self._target.node, problem.text, is_own=problem.is_own)
            return None
        return None if opened is None else (request, opened)

    async def _opened_by_access(
        self, request: SessionRequest, refused: SessionProblem
    ) -> tuple[SessionRequest, OpenedSession] | None:
        title = say("You may not open it by yourself")
        key = await self._app.push_screen_wait(
            KeyDialog(title, shell_text.access_prose(refused.text), (_ASK, _EXPLAIN))
        )
        if key == _EXPLAIN.key:
            self._explain(self._target.node, refused.text)
        reason = await self._reason(say("Why you need access, for whoever approves it")) if key == ENTER else None
        if not reason:
            return None
        asked = replace(request, reason=reason)
        prose = shell_text.opening_prose(self._target.node, access=True)
        try:
            asking = self._target.sessions.ask_access(asked)
            access = await self._awaited(asking, title, shell_text.opening_prose(self._target.node))
            if access is None:
                return None
            waiting = say("Waiting for access to {node}", node=called(self._target.node))
            opened = await self._awaited(self._target.sessions.start_with_access(asked, access), waiting, prose)
        except SessionProblem as problem:
            # What kept the session from opening is explained with what kept the access from being asked for.
            self._explain(self._target.node, f"{refused.text}\n\n{problem.text}")
            return None
        return None if opened is None else (asked, opened)

    async def _reason(self, meaning: str) -> str | None:
        async def judge(value: str) -> str:
            return why_not_this_reason(value) if value else say("it is needed")

        return await self._app.push_screen_wait(ChoiceDialog(Choice("reason", meaning, free=True), judge))

    async def _awaited(self, future: Future[T], title: str, prose: Prose) -> T | None:
        """What a future gives, with a dialog while it does not; None where the person gives it up."""

        def gone(_: None) -> None:
            future.cancel()  # where it has come, this does nothing

        dialog = WaitingDialog(title, prose)
        self._app.push_screen(dialog, gone)
        try:
            return await asyncio.shield(asyncio.wrap_future(future))
        except asyncio.CancelledError:
            if not future.cancelled():
                raise  # the app is being left
            return None
        finally:
            dialog.take_away()

    def _give_terminal(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool) -> None:
        """Step aside until the session has ended, and say how it did. The loop stands still meanwhile."""
        line = shell_text.handed_over_line(self._target.node, builtin=builtin, simulated=self._bench.simulated)
        begun = self._bench.now()
        ending = self._lent(self._target.sessions, request, opened, builtin=builtin, line=line)
        match ending:
            case SessionEnding(text="", exit_code=_):
                words = shell_text.ended_sentence(self._target.node, ending, self._bench.now() - begun)
                self._app.notify(words, markup=False)
            case SessionEnding() | SessionProblem():
                self._explain(self._target.node, ending.text, is_own=ending.is_own)
            case SystemExit():
                self._app.exit(return_code=ending.code if isinstance(ending.code, int) else 1)
            case SuspendNotSupported():
                self._target.sessions.end(opened.id)
                words = f"aws ssm start-session --target {self._target.node.id} --region {self._target.scope.region}"
                self._app.notify(words, title=say("This terminal cannot be lent"), severity="warning", markup=False)
            case OSError():
                self._app.notify(printable(str(ending)), title=say("No shell"), severity="error", markup=False)
            case _:
                raise ending

    def _lent(
        self, sessions: Sessions, request: SessionRequest, opened: OpenedSession, *, builtin: bool, line: str
    ) -> SessionEnding | BaseException:
        ending: SessionEnding | BaseException = SessionProblem("")
        try:
            with self._app.suspend():
                # Textual takes the terminal back only where nothing is raised (docs/facts/libraries.md §7).
                try:
                    print(fill(line, get_terminal_size().columns), flush=True)  # noqa: T201 - the terminal is not the screen's now
                    ending = sessions.hold(request, opened, builtin=builtin)
                except BaseException as error:  # noqa: BLE001 - it is looked at once the screen is back
                    ending = error
        except SuspendNotSupported as unsupported:
            return unsupported
        return ending

    def _explain(self, node: Node, text: str, *, is_own: bool = False) -> None:
        """Show what a text means; a sentence of ssmtui's that stands for no cause needs no explanation."""
        if is_own and not match_text(text, catalogue().values()):
            self._app.notify(printable(text), title=say("No shell"), severity="warning", markup=False)
            return
        self._app.post_message(Explain(node.key, text))


def _choice(parameter: DocumentParameter) -> Choice:
    meaning = printable(parameter.description) or say("a value for {name}", name=printable(parameter.name))
    candidates = tuple(Candidate(value) for value in parameter.allowed)
    return Choice(parameter.name, meaning, candidates, free=not candidates)


def _judge(declared: tuple[DocumentParameter, ...], parameter: DocumentParameter) -> JudgeChoice:
    async def judge(value: str) -> str:
        return why_not_these(declared, {parameter.name: (value,)}) if value else say("it is needed")

    return judge
