"""Textual's private names are used in one module, Textual still has them, and it still has the faults worked around.

A test that fails with `App` and passes with `HardenedApp` says that Textual has mended the fault: remove that part.
"""

from __future__ import annotations

import ast
import gc
import inspect
import pkgutil
import signal
import sys
import textwrap
from asyncio import Event
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from itertools import count
from pathlib import Path
from threading import Event as ThreadEvent
from threading import Thread
from time import monotonic
from types import ModuleType
from weakref import ReferenceType, ref

import pytest
import textual
from rich.segment import Segment
from textual import events, keys, reactive, screen, strip
from textual._context import active_message_pump
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.cache import FIFOCache
from textual.color import Color
from textual.content import Content
from textual.dom import DOMNode
from textual.drivers.headless_driver import HeadlessDriver
from textual.message_pump import MessagePump
from textual.notifications import Notification
from textual.pilot import Pilot
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets._toast import Toast

import ssmtui.ui
from ssmtui.ui import textual_workarounds
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.fleet_screen import FleetScreen
from ssmtui.ui.textual_workarounds import PAINT_SECONDS, HardenedApp
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until

PACKAGE = Path(ssmtui.__file__).parent

BOTH = pytest.mark.parametrize(("kind", "has_fault"), [(App, True), (HardenedApp, False)])

PRIVATE: dict[type, set[str]] = {
    App: {
        *(
            "_background_screens",
            "_build_driver",
            "_close_messages_no_wait",
            "_dispatch_message",
            "_driver",
            "_exception",
            "_exception_event",
            "_exit",
        ),
        *("_fatal_error", "_handle_exception", "_loop", "_register_child", "_running"),
    },
    DOMNode: {"_bindings"},
    MessagePump: {"_closed", "_closing", "_message_queue", "_pending_message"},
    strip.Strip: {"_cell_count", "_cell_length", "_link_ids", "_render_cache", "_segments"},
    Timer: {"_skip"},
    XTermParser: {"_awaiting", "_sequence_to_key_events"},
}
if sys.platform != "win32":
    from textual.drivers.linux_driver import LinuxDriver

    PRIVATE[LinuxDriver] = {
        *("_app", "_auto_restart", "_file", "_get_terminal_size", "_loop", "_must_signal_resume"),
        *("_run_input_thread", "_sigcont_application", "_sigtstp_application", "_size", "_writer_thread"),
    }


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def private_names(tree: ast.AST, *, of: str = "") -> set[str]:
    """Return the private names that code defines, and those that it uses: of anything, or of `self` alone."""
    names = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Attribute) and (not of or ast.unparse(each.value) in (of, "super()")):
            names.add(each.attr)
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            names.add(each.target.id)
    return {name for name in names if is_private(name)}


@cache
def names_of_class(kind: type) -> frozenset[str]:
    """Return the private names that a class has, or sets on itself, without those that it inherits."""
    return frozenset(private_names(ast.parse(textwrap.dedent(inspect.getsource(kind))), of="self"))


def names_of_textual(kind: type) -> set[str]:
    bases = (each for each in kind.__mro__ if each.__module__.startswith("textual."))
    return {name for each in bases for name in names_of_class(each)}


def modules_of_the_ui() -> Iterator[ModuleType]:
    for each in pkgutil.walk_packages(ssmtui.ui.__path__, "ssmtui.ui."):
        if each.name != textual_workarounds.__name__:
            yield import_module(each.name)


def tree_of(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


@pytest.mark.heavy
def test_no_class_of_another_module_has_or_uses_a_private_name_of_the_textual_class_that_it_extends() -> None:
    found = [
        f"{kind.__module__}.{kind.__name__}.{name}"
        for module in modules_of_the_ui()
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
        for name in names_of_textual(kind) & names_of_class(kind)
    ]
    assert found == []


@pytest.mark.long
@pytest.mark.heavy
def test_no_other_module_imports_or_uses_a_private_name_of_textual() -> None:
    folder = Path(str(textual.__file__)).parent
    theirs = {name for each in folder.rglob("*.py") for name in private_names(ast.parse(each.read_text("utf-8")))}
    texts = {each: each.read_text("utf-8") for each in PACKAGE.rglob("*.py") if each.name != "textual_workarounds.py"}
    trees = {each: ast.parse(text) for each, text in texts.items() if "textual" in text}
    ours = {name for tree in trees.values() for name in private_names(tree, of="self")} | {"_replace"}
    found = [
        f"{file.relative_to(PACKAGE)}: {ast.unparse(each)}"
        for file, tree in trees.items()
        for each in ast.walk(tree)
        if (isinstance(each, ast.Attribute) and is_private(each.attr) and each.attr in theirs - ours)
        or (isinstance(each, ast.ImportFrom) and has_private_name_of_textual(each))
    ]
    assert found == []


def has_private_name_of_textual(each: ast.ImportFrom) -> bool:
    parts = (each.module or "").split(".")
    return parts[0] == "textual" and any(map(is_private, (*parts, *(alias.name for alias in each.names))))


def test_textual_has_every_private_name_that_is_used() -> None:
    lacking = [f"{kind.__name__}.{name}" for kind, names in PRIVATE.items() for name in names - names_of_textual(kind)]
    assert lacking == []
    assert '"__watchers"' in inspect.getsource(reactive)
    assert callable(keys._character_to_key)
    assert active_message_pump.get(None) is None
    assert callable(StylesCache.get_inner_outer)
    assert callable(strip.Strip.divide)


def test_the_table_above_has_every_private_name_that_is_used() -> None:
    used = private_names(tree_of(textual_workarounds))
    classes = (each for each in vars(textual_workarounds).values() if isinstance(each, type))
    theirs = {name for each in classes for name in names_of_textual(each)}
    assert used & theirs == {name for names in PRIVATE.values() for name in names}


def test_the_app_extends_one_class_of_ours() -> None:
    assert [each for each in SsmtuiApp.__mro__ if each.__module__.startswith("ssmtui.")] == [SsmtuiApp, HardenedApp]


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (keys, "character_to_key"),
        (DOMNode, "bind"),
        (App, "driver"),
        (App, "loop"),
        (App, "handle_exception"),
        (MessagePump, "has_messages"),
    ],
)
def test_textual_has_no_public_name_for_it_yet(where: object, name: str) -> None:
    assert not hasattr(where, name) or (where is DOMNode and not hasattr(Screen, name))


def broken(*_arguments: object) -> None:
    raise KeyError("a secret")


@BOTH
async def test_an_error_of_a_key_ends_the_app(kind: type[App[None]], *, has_fault: bool) -> None:
    app = kind()
    app.bind("x", "fail")
    setattr(app, "action_fail", broken)  # noqa: B010
    with suppress(KeyError):  # the pilot raises what the app has met
        async with app.run_test() as pilot:
            await pilot.press("x")
            await pilot.pause()
    assert (app.return_code == 1) is has_fault


@BOTH
def test_an_error_before_the_first_screen_prints_what_variables_hold(
    kind: type[App[None]], capsys: pytest.CaptureFixture[str], *, has_fault: bool
) -> None:
    def compose() -> None:
        password = "a " + "secret"
        raise ValueError(len(password))

    app = kind()
    setattr(app, "compose", compose)  # noqa: B010
    app.run(headless=True)
    assert ("'a secret'" in capsys.readouterr().err) is has_fault


class Lending(HeadlessDriver):
    """A driver that can lend its terminal, and notes that it takes it back."""

    is_back = False
    can_suspend = True

    def suspend_application_mode(self) -> None:
        self.is_back = False

    def resume_application_mode(self) -> None:
        self.is_back = True


async def test_the_terminal_is_taken_back_only_if_nothing_is_raised() -> None:
    async with HardenedApp().run_test() as pilot:
        assert isinstance(pilot.app, HardenedApp)
        pilot.app._driver = lending = Lending(pilot.app)
        with suppress(KeyError), pilot.app.suspend():
            broken()
        assert not lending.is_back, "App.suspend resumes: lend_terminal can go"
        assert isinstance(pilot.app.lend_terminal(broken), KeyError)
        assert lending.is_back


class Other(Screen[None]):
    """A screen that notes its key, and watches the app."""

    BINDINGS = [("b", "note", "")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, noted: list[str]) -> None:
        super().__init__()
        self.noted = noted

    def on_mount(self) -> None:
        self.watch(self.app, "sub_title", lambda: None)

    def action_note(self) -> None:
        self.noted.append("other")


@BOTH
async def test_the_second_key_of_a_burst_acts_on_the_screen_before_the_first(
    kind: type[App[None]], *, has_fault: bool
) -> None:
    app, noted = kind(), list[str]()
    setattr(app, "action_open", lambda: app.call_later(app.push_screen, Other(noted)))  # noqa: B010
    setattr(app, "action_note", lambda: noted.append("first"))  # noqa: B010
    app.bind("a", "open")
    app.bind("b", "note")
    async with app.run_test() as pilot:
        app.post_message(events.Key("a", "a"))
        app.post_message(events.Key("b", "b"))
        await until(pilot, lambda: bool(noted))
    assert noted == ["first" if has_fault else "other"]


@BOTH
async def test_an_app_without_a_terminal_has_no_size_before_its_first_event(
    kind: type[App[None]], *, has_fault: bool
) -> None:
    driver = kind()._build_driver(headless=True, inline=False, mouse=False, size=None)
    assert (driver._size is None) is has_fault


async def test_an_app_without_a_terminal_keeps_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = set[object]()

    class Watched(HardenedApp):
        async def handle_event(self, event: events.Event) -> None:
            if isinstance(event, events.Resize):
                sizes.add(event.size)
            await super().handle_event(event)

    async def look(pilot: Pilot[object]) -> None:
        for _ in range(10):
            await pilot.pause()
        pilot.app.exit()

    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    await Watched().run_async(headless=True, auto_pilot=look)
    assert len(sizes) == 1


@BOTH
async def test_watchers_of_the_app_outlive_their_screen(kind: type[App[None]], *, has_fault: bool) -> None:
    app, other = kind(), Other([])
    async with app.run_test() as pilot:
        await app.push_screen(other)
        await app.pop_screen()
        await app.mount(Widget())
        await pilot.pause()
        assert any(node is other for node, _ in getattr(app, "__watchers")["sub_title"]) is has_fault


class Opaque(Screen[None]):
    CSS = "Opaque { background: red; } Opaque.-translucent { background: red 50%; }"


@BOTH
async def test_a_screen_counts_as_visible_below_an_opaque_screen(kind: type[App[None]], *, has_fault: bool) -> None:
    app, above = kind(), Opaque()
    async with app.run_test() as pilot:
        below = app.screen
        await app.push_screen(above)
        await pilot.pause()
        assert below.is_current is has_fault
        above.add_class("-translucent")
        assert below.is_current
        await app.pop_screen()
        assert below.is_current


def unpatched(name: str) -> ModuleType:
    spec = find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_screen_paints_at_most_sixty_times_a_second() -> None:
    HardenedApp()
    theirs = unpatched("textual.screen")
    assert (theirs.UPDATE_PERIOD, screen.UPDATE_PERIOD) == (1 / 60, PAINT_SECONDS)
    assert "UPDATE_PERIOD, self._on_timer_update" in inspect.getsource(theirs.Screen)


def test_the_cache_of_styles_holds_what_was_painted() -> None:
    module = unpatched(StylesCache.__module__)
    styles = module.StylesCache()
    styles.get_inner_outer(Color(0, 0, 0), Color(1, 1, 1))
    held = ref(styles)
    del styles
    gc.collect()
    assert held() is not None


@pytest.mark.parametrize("cuts", [[4], [4, 9], [2, 4], [2], [9], []])
def test_a_strip_that_is_cut_only_at_its_end_does_not_refer_to_itself(cuts: list[int]) -> None:
    HardenedApp()
    theirs, ours = (module.Strip([Segment("ab"), Segment("cd")]) for module in (unpatched("textual.strip"), strip))
    assert [each.text for each in ours.divide(cuts)] == [each.text for each in theirs.divide(cuts)]
    assert (theirs in theirs._divide_cache.get((4,), ())) is (cuts[:1] == [4])
    assert ours not in ours._divide_cache.get((4,), ())


def test_a_strip_creates_its_caches_as_they_are_used() -> None:
    HardenedApp()
    theirs, ours = (module.Strip([Segment("ab")], 2) for module in (unpatched("textual.strip"), strip))
    caches = [each for each in theirs.__slots__ if isinstance(getattr(theirs, each), FIFOCache)]
    assert len(caches) == 7
    assert not any(isinstance(each, FIFOCache) for each in gc.get_referents(ours))
    for name in theirs.__slots__:
        if name in caches:
            assert getattr(ours, name)._maxsize == getattr(theirs, name)._maxsize
            assert getattr(ours, name) is getattr(ours, name)
        else:
            assert getattr(ours, name) == getattr(theirs, name)
    assert not hasattr(ours, "other")


def test_lines_break_at_spaces_and_not_at_non_breaking_spaces() -> None:
    HardenedApp()
    text = "le premier mot\u00a0: le second"
    assert list(unpatched("rich._wrap").words("a\u00a0: b")) == [(0, 2, "a\u00a0"), (2, 4, ": "), (4, 5, "b")]
    assert [line.plain.rstrip() for line in Content(text).wrap(14)] == ["le premier", "mot\u00a0: le", "second"]


async def opened_and_closed(shown: Opened, key: str) -> list[ReferenceType[StylesCache]]:
    """What was painted of a screen that was up."""
    await shown.press(key)
    await until(shown.pilot, lambda: not isinstance(shown.app.screen, FleetScreen))
    painted = [ref(each._styles_cache) for each in shown.app.screen.walk_children(Widget, with_self=True)]
    await shown.press("escape")
    await until(shown.pilot, lambda: isinstance(shown.app.screen, FleetScreen))
    return painted


@pytest.mark.long
@pytest.mark.heavy
@pytest.mark.parametrize("key", ["question_mark", "x"])
async def test_nothing_that_was_painted_is_held_of_a_screen_that_is_closed(key: str) -> None:
    async with opened(demo_inquiry()) as shown:
        painted = await opened_and_closed(shown, key)
        await opened_and_closed(shown, key)  # of the last one, what had the keys may be remembered

        def is_released() -> bool:
            gc.collect()
            return all(each() is None for each in painted)

        # The event loop keeps a cancelled timer, and with it the widget that set the timer, until its time.
        await until(shown.pilot, is_released)


_LOOKS = 20_000
"""At the clock, of all timers of a test: what looks for a time without an end fails by it instead of hanging."""


@pytest.fixture
def slow_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks at the timers' clock, other threads have had their turn."""
    looks = count()

    def now() -> float:
        look = next(looks)
        assert look < _LOOKS, "a timer looks for its time without an end"
        return monotonic() + look / 1_000

    monkeypatch.setattr("textual._time.get_time", now)


@BOTH
async def test_a_timer_skips_times_that_have_passed(kind: type[App[None]], *, has_fault: bool) -> None:
    async with kind().run_test() as pilot:
        assert pilot.app.set_timer(60, lambda: None)._skip is has_fault


@pytest.mark.usefixtures("slow_computer")
async def test_a_timer_that_skips_looks_for_a_time_that_is_over_without_an_end() -> None:
    with pytest.raises(AssertionError, match="without an end"):
        await Timer(App(), -0.005, repeat=0)._run()


@pytest.mark.usefixtures("slow_computer")
@pytest.mark.parametrize("seconds", [-0.005, 0, 0.000_001, 0.02])
async def test_a_timer_whose_time_is_over_comes_at_once(seconds: float) -> None:
    async with opened(demo_inquiry()) as shown:
        for widget in (shown.app, shown.fleet, shown.nodes):
            came = Event()
            widget.set_timer(seconds, came.set)
            await until(shown.pilot, came.is_set)


@pytest.mark.usefixtures("slow_computer")
async def test_a_notice_that_expires_as_it_is_shown_goes_and_hangs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(demo_inquiry(), notifications=True) as shown:
        monkeypatch.setattr(Notification, "time_left", -0.005)
        monkeypatch.setattr(Notification, "has_expired", False)
        shown.app.notify("Saved")
        await until(shown.pilot, lambda: not shown.app.screen.query(Toast) and not shown.app._notifications)


def test_the_parser_raises_for_a_number_that_no_character_has() -> None:
    with pytest.raises((ValueError, OverflowError)):
        list(XTermParser().feed("\x1b[9999999999u"))


def test_the_parser_divides_by_the_size_of_a_window_without_pixels() -> None:
    parser = XTermParser()
    parser.mouse_pixels, parser.terminal_size, parser.terminal_pixel_size = True, (80, 24), (0, 0)
    with pytest.raises(ZeroDivisionError):
        list(parser.feed("\x1b[<0;1;1M"))


def test_the_parser_takes_the_text_of_a_control_string_for_keys() -> None:
    found = XTermParser().feed("\x1b]11;rgb:0000/0000/0000\x1b\\")
    assert any(isinstance(each, events.Key) and each.character == "r" for each in found)


if sys.platform != "win32":

    async def test_the_driver_gives_back_a_terminal_that_it_does_not_have() -> None:
        before = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
        try:
            driver = LinuxDriver(App())
            assert driver._file is sys.__stderr__
            with pytest.raises(AssertionError, match="application mode"):
                driver.stop_application_mode()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Keyboard:
    """A driver's side of it: what reads keys goes on until it is told that the app has ended."""

    def __init__(self) -> None:
        self.exit_event = ThreadEvent()

    def close(self) -> None:
        raise OSError


def test_a_thread_that_was_left_over_ends_with_the_app() -> None:
    app = HardenedApp()
    app._driver = keyboard = Keyboard()  # type: ignore[assignment]
    left_over = Thread(target=keyboard.exit_event.wait, daemon=True)
    left_over.start()
    with suppress(OSError):
        app.release_terminal()
    left_over.join(10)
    assert not left_over.is_alive()


def test_an_app_that_never_had_a_terminal_has_nothing_to_end() -> None:
    HardenedApp().release_terminal()
