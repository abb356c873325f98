from __future__ import annotations

from contextlib import suppress
from threading import Event, Thread

from ssmtui.ui.textual_workarounds import HardenedApp


class Keyboard:
    """A driver's side of it: what reads keys goes on until it is told that the app has ended."""

    def __init__(self) -> None:
        self.exit_event = Event()

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
