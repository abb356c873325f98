"""Open one shell: ask what is needed, lend the terminal to the session, and take it back."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from textual.app import SuspendNotSupported

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.language import say, translatable
from ssmtui.model.choice import Candidate, Choice
from ssmtui.model.preferences import DocumentParameter, SessionPreferences
from ssmtui.model.session_client import SessionClient
from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest
from ssmtui.model.ssm_agent import is_older_version
from ssmtui.model.workstation import AMAZON_ONLY
from ssmtui.session.calls import SessionProblem
from ssmtui.session.opener import (
    invalid_parameters_reason,
    invalid_reason_message,
    may_ask_for_access,
    missing_parameters,
    requires_reason,
)
from ssmtui.text.printable import printable
from ssmtui.ui.app.scope_switching import print_to_terminal
from ssmtui.ui.app.session_obstacles import confirm_failing_node
from ssmtui.ui.screens.dialogs import KeyDialog, WaitingDialog
from ssmtui.ui.screens.input_dialogs import ChoiceDialog, ValidateValue
from ssmtui.ui.screens.screen_requests import ExplainText
from ssmtui.ui.text import sessions as shells
from ssmtui.ui.text.sessions import node_label
from ssmtui.ui.textual_workarounds import HardenedApp
from ssmtui.ui.widgets.key_bindings import ENTER, KeyOption

if TYPE_CHECKING:
    from ssmtui.model.node import Node
    from ssmtui.model.scope import Scope
    from ssmtui.session.session_service import SessionService
    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.text.styled_text import Prose


T = TypeVar("T")

_USE_BUILT_IN = KeyOption(ENTER, "⏎", translatable("Built-in"))
_USE_PLUGIN = KeyOption(ENTER, "⏎", translatable("Use plugin"))
_WITHOUT_PLUGIN = KeyOption("b", "b", translatable("Built-in"))
_ASK_FOR_ACCESS = KeyOption(ENTER, "⏎", translatable("Request access"))
_EXPLAIN_ERROR = KeyOption("x", "x", translatable("Explain"))


class ShellOpener:
    """The opening of one shell in the running app."""

    def __init__(
        self, app: HardenedApp, context: AppContext, node: Node, scope: Scope, sessions: SessionService
    ) -> None:
        self._app = app
        self._context = context
        self._node = node
        self._scope = scope
        self._sessions = sessions

    async def open_shell(self) -> None:
        """Ask for what is missing, open the session, and lend it the terminal."""
        if not await confirm_failing_node(self._app, self._context, self._node):
            return
        builtin = await self._without_plugin()
        if builtin is None:
            return
        request = await self._request()
        if request is None:
            return
        opened = await self._opened(request)
        if opened is not None:
            self._lend_terminal(*opened, builtin=builtin)

    async def _without_plugin(self) -> bool | None:
        """Return whether to use the built-in client in place of the plugin; None if the person cancels."""
        if self._sessions.client is SessionClient.BUILTIN:
            return True
        plugin = await asyncio.to_thread(self._sessions.preflight)
        if self._context.simulated:
            return bool(plugin.why) or not is_older_version(plugin.version, AMAZON_ONLY)
        if plugin.why:
            prose = shells.no_plugin_prose(plugin.why, plugin.steps)
            key = await self._app.push_screen_wait(
                KeyDialog(say("Session Manager plugin not found"), prose, (_USE_BUILT_IN,))
            )
            return True if key == ENTER else None
        if not plugin.warning or plugin.warning in self._context.shown_once:
            return False
        self._context.shown_once.add(plugin.warning)
        prose = shells.warned_plugin_prose(plugin.warning, plugin.steps)
        key = await self._app.push_screen_wait(
            KeyDialog(say("Session Manager plugin"), prose, (_USE_PLUGIN, _WITHOUT_PLUGIN))
        )
        return None if key is None else key == _WITHOUT_PLUGIN.key

    async def _request(self) -> SessionRequest | None:
        """Return the request, with the values that a custom document requires; None if the person cancels."""
        request = SessionRequest(self._scope, self._node.id, self._scope.document)
        handle = self._context.handle
        if self._scope.document is None or handle is None:
            return request
        facts = await asyncio.wrap_future(handle.region_facts(self._scope.name))
        declared = facts.preferences.parameters if isinstance(facts.preferences, SessionPreferences) else ()
        given: dict[str, tuple[str, ...]] = {}
        for parameter in missing_parameters(declared, given):
            value = await self._app.push_screen_wait(
                ChoiceDialog(_parameter_choice(parameter), _parameter_validator(declared, parameter))
            )
            if value is None:
                return None
            given[parameter.name] = (value,)
        return replace(request, parameters=tuple(given.items()))

    async def _opened(self, request: SessionRequest) -> tuple[SessionRequest, OpenedSession] | None:
        """Return the session; None if the person cancels, or is shown why it does not open."""
        title = say("Opening a shell on {node}", node=node_label(self._node))
        try:
            opened = await self._wait_for(self._sessions.start(request), title, shells.opening_prose(self._node))
        except SessionProblem as problem:
            if requires_reason(problem) and not request.reason:
                reason = await self._reason(say("The account requires a reason for sessions"))
                return await self._opened(replace(request, reason=reason)) if reason else None
            if may_ask_for_access(problem):
                return await self._opened_by_access(request, problem)
            self._explain(problem.text, is_own=problem.is_own)
            return None
        return None if opened is None else (request, opened)

    async def _opened_by_access(
        self, request: SessionRequest, refused: SessionProblem
    ) -> tuple[SessionRequest, OpenedSession] | None:
        title = say("You need approval to open this session")
        key = await self._app.push_screen_wait(
            KeyDialog(title, shells.access_prose(refused.text), (_ASK_FOR_ACCESS, _EXPLAIN_ERROR))
        )
        if key == _EXPLAIN_ERROR.key:
            self._explain(refused.text)
        reason = await self._reason(say("Reason for the access, for the approver")) if key == ENTER else None
        if not reason:
            return None
        asked = replace(request, reason=reason)
        prose = shells.opening_prose(self._node, access=True)
        try:
            asking = self._sessions.ask_access(asked)
            access = await self._wait_for(asking, title, shells.opening_prose(self._node))
            if access is None:
                return None
            waiting = say("Waiting for access to {node}", node=node_label(self._node))
            opened = await self._wait_for(self._sessions.start_with_access(asked, access), waiting, prose)
        except SessionProblem as problem:
            # The refusal of the session is explained together with that of the access request.
            self._explain(f"{refused.text}\n\n{problem.text}")
            return None
        return None if opened is None else (asked, opened)

    async def _reason(self, meaning: str) -> str | None:
        async def validate(value: str) -> str:
            return invalid_reason_message(value) if value else say("a value is required")

        return await self._app.push_screen_wait(ChoiceDialog(Choice("reason", meaning, free=True), validate))

    async def _wait_for(self, future: Future[T], title: str, prose: Prose) -> T | None:
        """Return the result of a future, with a dialog until it comes; None if the person cancels."""

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

    def _lend_terminal(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool) -> None:
        """Lend the terminal until the session has ended, and say how it ended. The loop stands still meanwhile."""
        begun = self._context.now()
        ending = self._app.lend_terminal(lambda: self._hold(request, opened, builtin=builtin))
        match ending:
            case SessionEnding(text="", exit_code=_):
                words = shells.ended_sentence(self._node, ending, self._context.now() - begun)
                self._app.notify(words, markup=False)
            case SessionEnding() | SessionProblem():
                self._explain(ending.text, is_own=ending.is_own)
            case SystemExit():
                self._app.exit(return_code=ending.code if isinstance(ending.code, int) else 1)
            case SuspendNotSupported():
                self._sessions.end(opened.id)
                words = f"aws ssm start-session --target {self._node.id} --region {self._scope.region}"
                self._app.notify(
                    words, title=say("This terminal cannot be suspended"), severity="warning", markup=False
                )
            case OSError():
                self._app.notify(printable(str(ending)), title=say("Shell not opened"), severity="error", markup=False)
            case _:
                raise ending

    def _hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool) -> SessionEnding:
        print_to_terminal(shells.shell_banner(self._node, builtin=builtin))
        return self._sessions.hold(request, opened, builtin=builtin)

    def _explain(self, text: str, *, is_own: bool = False) -> None:
        """Explain an error text; a sentence of ssmtui that stands for no cause is only shown."""
        if is_own and not match_text(text, catalogue().values()):
            self._app.notify(printable(text), title=say("Shell not opened"), severity="warning", markup=False)
            return
        self._app.post_message(ExplainText(self._node.key, text))


def _parameter_choice(parameter: DocumentParameter) -> Choice:
    meaning = printable(parameter.description) or say("Value of {name}", name=printable(parameter.name))
    candidates = tuple(Candidate(value) for value in parameter.allowed)
    return Choice(parameter.name, meaning, candidates, free=not candidates)


def _parameter_validator(declared: tuple[DocumentParameter, ...], parameter: DocumentParameter) -> ValidateValue:
    async def validate(value: str) -> str:
        return invalid_parameters_reason(declared, {parameter.name: (value,)}) if value else say("a value is required")

    return validate
