"""Report errors of keys, messages, timers, and painting on the screen, and keep the app running."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from textual import events
from textual._context import active_message_pump
from textual.actions import ActionParseResult
from textual.app import App
from textual.dom import DOMNode
from textual.geometry import Region
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from ssmtui.language import say
from ssmtui.model.internal_error import describe_internal_error

_log = logging.getLogger(__name__)


class ErrorBoundary(App[None]):
    """The part of the app that outlives defects: of keys, messages, timers, workers, and of whatever is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.fatal_error: BaseException | None = None
        """The defect that the app could not outlive."""
        self._is_up = False
        self._reported_errors: set[str] = set()

    def report_error(self, error: BaseException) -> None:
        """Say what has failed, and where that is reported; once, as it may fail again at every paint."""
        words = describe_internal_error(error)
        if isinstance(error, Exception) and self._exception is None:
            # Textual's own note of what went wrong, by which a test that goes through it fails.
            self._exception = error
            self._exception_event.set()
        if words in self._reported_errors:
            return
        self._reported_errors.add(words)
        _log.error("a defect in the app: %s", words, exc_info=error)
        told = say("{defect}. The rest goes on. Please report it: ssmtui report-bug says how.", defect=words)
        self.notify(told, title=say("A defect in ssmtui"), severity="error", markup=False)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key is bound to; where that fails, the key is answered by saying so."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:  # noqa: BLE001 - the edge: a defect is told, and the app goes on
            self._require_first_screen(error)
            self.report_error(_without_own_frame(error))
            return True

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # noqa: BLE001 - the edge: a defect is told, and the app goes on
            self._require_first_screen(error)
            self.report_error(_without_own_frame(error))
        if isinstance(message, events.Ready):
            self._is_up = True

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        # The one door that every widget comes in by, Textual's too: one whose handler fails is taken out.
        members = vars(child)
        if "_dispatch_message" not in members:
            members["_dispatch_message"] = partial(self._guarded_dispatch, child._dispatch_message)
            members["render_lines"] = partial(self._guarded_render, child.render_lines)
        super()._register_child(parent, child, before, after)

    async def _guarded_dispatch(self, dispatch: Callable[[Message], Awaitable[None]], message: Message) -> None:
        try:
            await dispatch(message)
        except Exception as error:  # noqa: BLE001 - the edge: a defect is told, and the app goes on
            self._require_first_screen(error)
            self._contain_error(_without_own_frame(error))

    def _guarded_render(self, paint: Callable[[Region], list[Strip]], crop: Region) -> list[Strip]:
        try:
            return paint(crop)
        except Exception as error:  # noqa: BLE001 - the edge: a defect is told, and everything else is painted
            self._require_first_screen(error)
            self.report_error(_without_own_frame(error))
            return [Strip.blank(crop.width)] * crop.height

    def _contain_error(self, error: Exception) -> None:
        self.report_error(error)
        here = active_message_pump.get(None)
        if isinstance(here, Screen) and not here.is_mounted:
            self.call_later(self._remove_broken_screen, here)

    def _remove_broken_screen(self, screen: Screen[object]) -> None:
        """Leave a screen that could not be put up whole: its keys would act on what is not there."""
        if screen is self.screen and len(self.screen_stack) > 1:
            self.pop_screen()

    def _require_first_screen(self, error: Exception) -> None:
        """Without a first screen there is nothing to tell it on."""
        if not self._is_up:
            raise error

    def _handle_exception(self, error: Exception) -> None:
        if self._is_up and self._running:
            self._contain_error(error)
        else:
            self.fatal_error = error
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own prints what every variable held; whoever started the app says what has ended it.
        self._close_messages_no_wait()


def _without_own_frame(error: Exception) -> Exception:
    """The error as whoever was called raised it: the place of a defect is never here."""
    traceback = error.__traceback__
    return error if traceback is None else error.with_traceback(traceback.tb_next)
