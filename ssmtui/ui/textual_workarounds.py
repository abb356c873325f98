"""Hold every use of Textual's private names, each with its reason and with what to report upstream.

`tests/ui/test_textual_workarounds.py` checks that no other module uses a private name of Textual, that Textual still
has each name that is used here, and that a plain Textual app still has the fault. If a test fails because the fault is
gone, the workaround is removed.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from shutil import get_terminal_size
from threading import Event
from typing import Any, TypeVar, cast

import rich._wrap
import textual.screen
from rich.segment import Segment
from textual import events
from textual._context import active_message_pump
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.actions import ActionParseResult
from textual.app import App, SuspendNotSupported
from textual.binding import Binding
from textual.cache import FIFOCache
from textual.color import Color
from textual.dom import DOMNode
from textual.driver import Driver
from textual.geometry import Region
from textual.keys import Keys, _character_to_key
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.language import say
from ssmtui.model.fact import describe_internal_error

if sys.platform != "win32":
    from textual.drivers.linux_driver import LinuxDriver

_log = logging.getLogger(__name__)

T = TypeVar("T")


def key_of_character(character: str) -> str:
    """Return Textual's name of the key that writes a character.

    Upstream: report that `textual.keys` has no public function for it, which a configurable keymap needs.
    """
    return _character_to_key(character)


def bind_key(node: DOMNode, key: str, action: str, description: str, key_display: str) -> None:
    """Bind a key of one widget or screen, beside those of its class.

    Upstream: report that `App.bind` has no counterpart for screens and widgets.
    """
    add_binding(node, Binding(key, action, description, key_display=key_display))


def add_binding(node: DOMNode, binding: Binding) -> None:
    """Add a binding of one key to a widget, a screen or the app, beside those of its class. Reason: as above."""
    node._bindings.key_to_bindings.setdefault(binding.key, []).append(binding)


# Timers.
# Reason: a timer skips times that have passed. If its interval is negative (`Toast` sets one for a notice that has just
# expired), it looks for the next time forever and the loop hangs; a short interval may be skipped completely.
# Upstream: report that `MessagePump.set_timer` should create its timer with `skip=False`.


def _set_timer(set_timer: Callable[..., Timer], *args: object, **kwargs: object) -> Timer:
    timer = set_timer(*args, **kwargs)
    timer._skip = False  # its task has not begun yet
    return timer


def _mend_timers(pump: MessagePump) -> None:
    members = vars(pump)
    if "set_timer" not in members:
        members["set_timer"] = partial(_set_timer, pump.set_timer)


# Styles of closed screens.
# Reason: `StylesCache.get_inner_outer` is cached by a method's `lru_cache`, which holds the cache of each widget that
# was painted. The app's list of watchers holds each widget that has watched the app.
# Upstream: report that `StylesCache.get_inner_outer` should be a cached function without `self`, and that a widget's
# watchers of the app should be removed with the widget.


@lru_cache(1024)
def _cached_styles(base_background: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base_background + background), Style(background=base_background)


def _inner_outer_styles(_cache: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
    return _cached_styles(base_background, background)


# Paints.
# Reason: a screen paints at most 60 times a second. While rows change, the effect of a key waits for up to 17 ms.
# Upstream: report that the effect of a key should be painted at once.

PAINT_SECONDS = 1 / 120
"""Seconds between two paints of a screen at least."""


# Uncut lines.
# Reason: a `Strip` that is cut only at its end is its own part, and `Strip.divide` keeps the parts in a cache of the
# strip. So every painted line refers to itself, and only the garbage collector frees it (docs/facts/libraries.md §14).
# Upstream: report that `Strip.divide` should not keep a result that is the strip itself.

_divide = Strip.divide


def _divided(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """Return the parts between cuts in ascending order; cuts behind the end of the strip do not count."""
    cuts = list(cuts)
    return [strip] if cuts[:1] == [strip.cell_length] else _divide(strip, cuts)


# Caches of lines.
# Reason: a `Strip` creates seven caches, most of which stay empty: half of the objects of a paint, which take time to
# create, and have the garbage collector run sooner (docs/facts/libraries.md §14).
# Upstream: report that `Strip` should create each cache when it is first used.

_CACHE_SIZES = {
    "_divide_cache": 4,
    "_crop_cache": 16,
    "_style_cache": 16,
    "_filter_cache": 4,
    "_line_length_cache": 4,
    "_crop_extend_cache": 4,
    "_offsets_cache": 4,
}


def _create_strip(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    strip._segments = list(segments)
    strip._cell_length = cell_length
    strip._render_cache = strip._link_ids = strip._cell_count = None


def _create_cache(strip: Strip, name: str) -> FIFOCache[Any, Any]:
    """Create a cache of a strip as it is first used: Python calls this for an attribute without a value."""
    if name not in _CACHE_SIZES:
        raise AttributeError(name, name=name, obj=strip)
    cache: FIFOCache[Any, Any] = FIFOCache(_CACHE_SIZES[name])
    setattr(strip, name, cache)
    return cache


# Non-breaking spaces.
# Reason: rich, with which Textual breaks lines, breaks them at non-breaking spaces too. In French, a sign such as `:`
# would begin a line.
# Upstream: report to rich that `rich._wrap.re_word` should not match U+00A0 as a space.

_WORD = re.compile(r"[^\S\u00a0]*[\S\u00a0]+[^\S\u00a0]*")


# Keys in turn.
# Reason: Textual sends keys that arrive together to the widget that has the focus at that moment. The second key of a
# burst acts on the row, the line or the screen as it was before the first key.
# Upstream: report that a key should wait until the messages that the key before it has caused are handled.

_MAX_WAIT = 1.0
"""The longest time, in seconds, that a key waits for the messages of the key before it."""

LONGEST_LINE = 4_000
"""The most characters on one input line: twice the longest ARN."""

_MAX_QUEUED = 20_000
"""The most keys that wait for their turn; further keys are dropped."""

_QUICK_POLLS = 100
"""The number of idle checks, one per turn of the loop, before the checks become less frequent."""


class KeyQueue:
    """The keys of an app, each handled after the messages that the key before it has caused."""

    def __init__(self, app: App[None], handle: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._queued: deque[events.Key | events.Paste] = deque()
        self._delivery: asyncio.Task[None] | None = None
        self._delivered_at = -_MAX_WAIT

    @property
    def is_empty(self) -> bool:
        """Whether no key waits for its turn."""
        return not self._queued and self._delivery is None

    async def add(self, event: events.Key | events.Paste) -> None:
        """Handle a key now if the app is idle, else in its turn."""
        if isinstance(event, events.Key) and event.key == "ctrl+c":
            self._queued.clear()  # a user who leaves does not wait for the keys typed before
        elif len(self._queued) >= _MAX_QUEUED:
            return
        if not self._is_delivering:
            await self._deliver(event)
            return
        self._queued.append(event)
        if self._delivery is None:
            self._delivery = asyncio.create_task(self._deliver_in_order())

    @property
    def _is_delivering(self) -> bool:
        if self._delivery is not None:
            return True
        return _now() - self._delivered_at < _MAX_WAIT and any(map(_has_messages, self._receivers()))

    async def _deliver_in_order(self) -> None:
        try:
            while self._queued and not _is_closed(self._app):
                await self._wait_until_handled()
                self._app.call_later(self._deliver_next)
        finally:
            self._delivery = None

    async def _deliver_next(self) -> None:
        if self._queued:
            await self._deliver(self._queued.popleft())

    async def _deliver(self, event: events.Key | events.Paste) -> None:
        self._delivered_at = _now()
        if _fits(self._app.focused, event):
            await self._handle(event)

    def _receivers(self) -> Sequence[MessagePump]:
        """Return the objects that a key passes through, from the widget with the focus up to the app."""
        if not self._app.screen_stack:
            return (self._app,)
        return tuple((self._app.focused or self._app.screen).ancestors_with_self)

    async def _wait_until_handled(self) -> None:
        """Wait until all receivers of a key have handled their messages."""
        until = _now() + _MAX_WAIT
        while True:
            concerned = self._receivers()
            for each in concerned:
                await _wait_until_idle(each, until)
            settled = concerned == self._receivers() and not any(map(_has_messages, concerned))
            if settled or _now() > until:
                return


def _fits(focused: Widget | None, event: events.Key | events.Paste) -> bool:
    """Return whether the focused line has room for the input; cut a paste to its first line, as far as that fits.

    A line is painted and parsed as a whole after each key: a longer line would block the screen.
    """
    if not isinstance(focused, Input):
        return True
    room = LONGEST_LINE - len(focused.value)
    if isinstance(event, events.Paste):
        event.text = next(iter(event.text[:LONGEST_LINE].splitlines()), "")[: max(room, 0)]
        return bool(event.text)
    return room > 0 or not event.is_printable


async def _wait_until_idle(pump: MessagePump, until: float) -> None:
    """Wait until a pump has handled the messages that are in its queue now."""
    passed = asyncio.Event()
    if not pump.call_later(passed.set):
        return
    polls = 0
    while not passed.is_set() and not _is_closed(pump) and _now() <= until:  # noqa: ASYNC110
        # A pump that closes before it is idle does not set the event.
        await asyncio.sleep(0 if (polls := polls + 1) < _QUICK_POLLS else 0.001)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _has_messages(pump: MessagePump) -> bool:
    return pump._pending_message is not None or not pump._message_queue.empty()


def _is_closed(pump: MessagePump) -> bool:
    return pump._closing or pump._closed


class HardenedApp(App[None]):
    """A Textual app that survives errors of its handlers and the loss of its terminal, and handles keys in turn.

    Reason for the error boundary: Textual ends the app at the first exception of a key, message, timer or paint, and
    prints the values of all local variables, which can hold secrets.
    Upstream: report that `App._handle_exception` should be a public hook that may let the app go on, for exceptions of
    message handlers, of `compose` and of `render_lines`.
    """

    def __init__(self) -> None:
        # The method of the class: screens and scroll bars do not pass `_register_child`.
        StylesCache.get_inner_outer = _inner_outer_styles  # type: ignore[method-assign, assignment]
        textual.screen.UPDATE_PERIOD = PAINT_SECONDS  # type: ignore[misc]
        Strip.divide = _divided  # type: ignore[method-assign, assignment]
        Strip.__init__ = _create_strip  # type: ignore[method-assign, assignment]
        Strip.__getattr__ = _create_cache  # type: ignore[attr-defined]
        rich._wrap.re_word = _WORD
        super().__init__()
        self.fatal_error: BaseException | None = None
        """The error that ended the app."""
        self.key_queue = KeyQueue(self, self.handle_event)
        self._is_up = False
        self._reported_errors: set[str] = set()
        _mend_timers(self)

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:  # noqa: FBT001 - Textual's own
        # Without a terminal, the driver and the console assume different heights: the app would alternate between both
        # forever. `UnixDriver` gives its own size.
        if headless and size is None:
            columns, lines = get_terminal_size()
            size = (columns, lines)
        return super()._build_driver(headless, inline, mouse, size)

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        # Reason: a screen below an opaque screen is laid out as its widgets change, and each change paints the same
        # part of the opaque screen again.
        # Upstream: report that no screen below an opaque screen is visible.
        return [] if not self.screen_stack or self.screen.styles.background.a == 1 else super()._background_screens

    async def on_event(self, event: events.Event) -> None:
        """Queue keys and pastes, and handle all other events; ignore input after the last screen is closed."""
        if isinstance(event, events.InputEvent | events.Paste) and not self.screen_stack:
            return
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self.key_queue.add(event)
        else:
            await self.handle_event(event)

    async def handle_event(self, event: events.Event) -> None:
        """Handle an event, or a key whose turn has come, as Textual does."""
        await super().on_event(event)

    def report_error(self, error: BaseException) -> None:
        """Report an error and where to file it; once, because the same error can recur at every paint."""
        words = describe_internal_error(error)
        if isinstance(error, Exception) and self._exception is None:
            # Textual's own record of an error: it makes a test fail that uses Textual's pilot.
            self._exception = error
            self._exception_event.set()
        if words in self._reported_errors:
            return
        self._reported_errors.add(words)
        _log.error("a defect in the app: %s", words, exc_info=error)
        told = say("{defect}. ssmtui continues. To report the error, run ssmtui report-bug.", defect=words)
        self.notify(told, title=say("Error in ssmtui"), severity="error", markup=False)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run the action of a key; report it if it fails."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except Exception as error:  # noqa: BLE001 - the edge: an error is reported, and the app goes on
            self._require_first_screen(error)
            self.report_error(_without_own_frame(error))
            return True

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:  # noqa: BLE001 - the edge: an error is reported, and the app goes on
            self._require_first_screen(error)
            self.report_error(_without_own_frame(error))
        if isinstance(message, events.Ready):
            self._is_up = True

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        # Every widget passes through here, including Textual's own. A widget is guarded once, though it can be mounted
        # again.
        members = vars(child)
        if "_dispatch_message" not in members:
            members["_dispatch_message"] = partial(self._guarded_dispatch, child._dispatch_message)
            members["render_lines"] = partial(self._guarded_render, child.render_lines)
        _mend_timers(child)
        super()._register_child(parent, child, before, after)
        for watchers in getattr(self, "__watchers", {}).values():
            watchers[:] = [each for each in watchers if not each[0]._closing]

    async def _guarded_dispatch(self, dispatch: Callable[[Message], Awaitable[None]], message: Message) -> None:
        try:
            await dispatch(message)
        except Exception as error:  # noqa: BLE001 - the edge: an error is reported, and the app goes on
            self._require_first_screen(error)
            self._contain_error(_without_own_frame(error))

    def _guarded_render(self, paint: Callable[[Region], list[Strip]], crop: Region) -> list[Strip]:
        try:
            return paint(crop)
        except Exception as error:  # noqa: BLE001 - the edge: an error is reported, and everything else is painted
            self._require_first_screen(error)
            self.report_error(_without_own_frame(error))
            return [Strip.blank(crop.width)] * crop.height

    def _contain_error(self, error: Exception) -> None:
        self.report_error(error)
        here = active_message_pump.get(None)
        if isinstance(here, Screen) and not here.is_mounted:
            self.call_later(self._remove_broken_screen, here)

    def _remove_broken_screen(self, screen: Screen[object]) -> None:
        """Leave a screen that could not be composed: its keys would act on widgets that do not exist."""
        if screen is self.screen and len(self.screen_stack) > 1:
            self.pop_screen()

    def _require_first_screen(self, error: Exception) -> None:
        """Raise the error again if there is no first screen yet to report it on."""
        if not self._is_up:
            raise error

    def _handle_exception(self, error: Exception) -> None:
        if self._is_up and self._running:
            self._contain_error(error)
        else:
            self.fatal_error = error
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual's own method prints the values of all variables. The code that started the app reports the error.
        self._close_messages_no_wait()

    def lend_terminal(self, run: Callable[[], T]) -> T | BaseException:
        """Lend the terminal while a function runs; return its result, or the exception it raised. The loop is blocked.

        Reason: Textual takes the terminal back only if nothing is raised (docs/facts/libraries.md §7).
        Upstream: report that `App.suspend` should resume the driver in a `finally`.
        """
        result: T | BaseException
        try:
            with self.suspend():
                try:
                    result = run()
                except BaseException as error:  # noqa: BLE001 - it is handled when the screen is back
                    result = error
        except SuspendNotSupported as unsupported:
            return unsupported
        return result

    # The end of the app, from other threads and from signal handlers.
    # Upstream: report that `App` has no public access to its driver, its loop, and whether it is about to exit.

    @property
    def can_suspend(self) -> bool:
        """Whether there is a shell to return to: not on Windows, and not in a browser."""
        return self._driver is not None and self._driver.can_suspend and sys.platform != "win32"

    def request_exit(self, code: int) -> bool:
        """Exit soon with this exit code, also from a signal handler; return whether there is a screen that can exit."""
        if getattr(self._driver, "is_lent", False):
            return False
        return self._exit or self._on_the_loop(lambda: self.exit(return_code=code))

    def has_begun_to_end(self) -> bool:
        """Return whether the app has received a request to exit."""
        return self._exit

    def let_terminal_go(self) -> None:
        """Give the terminal back from another thread while this app hangs: nothing here may block on the app."""
        let_go = getattr(self._driver, "let_go", None)
        if let_go is not None:
            let_go()

    def release_terminal(self) -> None:
        """Give the terminal back after the app has run, if an interruption has kept Textual from doing so.

        Also end every thread that reads keys. Textual ends only the newest as it leaves the terminal. If the window was
        closed while another program had the terminal, an older thread keeps running without input and keeps the process
        alive.
        """
        if self._driver is None:
            return
        try:
            self._driver.close()
        finally:
            ended = getattr(self._driver, "exit_event", None)
            if isinstance(ended, Event):
                ended.set()

    def exit_on_hang_up(self) -> None:
        """Exit because the terminal was closed; from any thread."""
        self._on_the_loop(lambda: self.exit(return_code=HUNG_UP))

    def exit_on_error(self, error: BaseException) -> None:
        """Exit because of an error that the app cannot survive, from any thread; the app's starter reports it."""
        self.fatal_error = self.fatal_error or error
        self._on_the_loop(lambda: self.exit(return_code=1))

    def _on_the_loop(self, do: Callable[[], None]) -> bool:
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        loop.call_soon_threadsafe(do)
        return True


HUNG_UP = 129
"""The exit code after the terminal was closed (128 + SIGHUP)."""


def _without_own_frame(error: Exception) -> Exception:
    """Return the error without the frame of the boundary: that frame never causes an error."""
    traceback = error.__traceback__
    return error if traceback is None else error.with_traceback(traceback.tb_next)


# Bytes of a terminal.
# Reason: Textual's parser raises an error for numbers that are no character, and for a mouse on a terminal of size
# zero.
# It takes the text of a control string (a reply of the terminal, or a pasted one) for keys.
# Upstream: report the three inputs of `test_the_parser_*`.

ESC = "\x1b"
_STRINGS = tuple(ESC + each for each in "]P_^X")
"""The sequences that begin a control string."""


class KeyParser(XTermParser):
    """Textual's parser of a terminal's bytes, which accepts every input."""

    is_string = False
    """Whether the next characters belong to a control string, which contains no keys."""

    _ends_string = False

    def end_string(self, by: str) -> None:
        """End a control string. Most end with ESC and a backslash: that backslash is not a key either."""
        self.is_string, self._ends_string = False, by == ESC

    @property
    def is_amid_sequence(self) -> bool:
        """Whether the next characters may belong to an escape sequence."""
        return self._awaiting.timeout is not None

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:  # noqa: FBT001, FBT002 - Textual's own
        if len(sequence) > 1 and self._ends_string:
            self._ends_string = False
            if sequence == ESC + "\\":
                return [events.Key(Keys.Ignore, None)]
        if len(sequence) > len(_STRINGS[0]) and sequence.startswith(_STRINGS):
            self.is_string = True
            return [events.Key(Keys.Ignore, None)]
        try:
            keys = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):  # a number that is no character
            keys, known = [], True
        else:
            known = bool(keys)
        possible = [each for each in keys if not _is_half_a_character(each.character)]
        # Ignore the whole sequence: no part of it is passed on as keys.
        return possible if possible or not known else [events.Key(Keys.Ignore, None)]

    def parse_mouse_code(self, code: str) -> Message | None:
        """Return the event; None if its position is impossible."""
        sizes = [size for size in (self.terminal_pixel_size, self.terminal_size) if size is not None]
        if not all(each for size in sizes for each in size):
            self.mouse_pixels = False  # a window that reports no pixels counts in cells
        try:
            return super().parse_mouse_code(code)
        except ArithmeticError:
            return None


def _is_half_a_character(character: str | None) -> bool:
    return character is not None and any("\ud800" <= each <= "\udfff" for each in character)


if sys.platform != "win32":

    class UnixDriver(LinuxDriver):
        """Textual's driver of a Unix terminal, with public names for the parts that `ui/app/terminal.py` changes.

        Reason: docs/facts/libraries.md §13. Textual's driver takes and gives back a terminal that another process owns
        by then, stops itself in the background, and hangs or prints when the terminal is lost. Upstream: report the
        five cases of that section, and ask for public hooks: size, output, and the two signals.
        """

        def __init__(
            self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
        ) -> None:
            super().__init__(app, debug=debug, mouse=mouse, size=size)
            # Before the first event the app would ask its console, which assumes its own height if the height is
            # unknown:
            # the app would then alternate between two sizes forever.
            self._size = size or self._get_terminal_size()

        def use_output(self, output: object) -> None:
            """Write the output to this file instead of standard error."""
            self._file = cast("Any", output)

        def terminal_size(self, last: tuple[int, int] | None) -> tuple[int, int]:
            """Return columns and rows; `last` is the previous result."""
            raise NotImplementedError

        def on_stop_signal(self) -> None:
            """Stop the process, as SIGTSTP asks."""
            raise NotImplementedError

        def on_continue_signal(self) -> None:
            """Continue, as SIGCONT asks."""
            raise NotImplementedError

        @property
        def app(self) -> HardenedApp:
            """The app that is painted."""
            return cast("HardenedApp", self._app)

        @property
        def loop(self) -> asyncio.AbstractEventLoop:
            """The event loop of the app."""
            return self._loop

        @property
        def is_taken(self) -> bool:
            """Whether the app's screen is on the terminal."""
            return self._writer_thread is not None and self._writer_thread.is_alive()

        @property
        def is_lent(self) -> bool:
            """Whether another program has the terminal, and the loop is blocked."""
            return not self._auto_restart

        def pause(self) -> None:
            """Give the terminal back until the process is continued."""
            self.suspend_application_mode()
            self._must_signal_resume = True

        def between_steps(self, do: Callable[[], None]) -> None:
            """Call a function between two steps of the loop; from any thread or signal handler."""
            with suppress(RuntimeError):  # the loop and the app have ended
                self._loop.call_soon_threadsafe(do)

        def _get_terminal_size(self) -> tuple[int, int]:
            self._size = self.terminal_size(self._size)
            return self._size

        def _run_input_thread(self) -> None:
            try:
                self.run_input_thread()
            except BaseException as error:  # noqa: BLE001 - without keys nobody could even leave
                self.app.exit_on_error(error)

        def _sigtstp_application(self, *_: object) -> None:
            self.on_stop_signal()

        def _sigcont_application(self, *_: object) -> None:
            self.on_continue_signal()
