"""Timers that are set once: each of them comes, also one whose time is over already.

Textual skips times that have passed. Of a timer that is set for less than nothing it looks for one without an end, and
the app hangs: a notice does that which is shown in the very moment in which it expires. A timer that is set for less
than another thread holds Python may never come.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual._types import CallbackType
from textual.app import App
from textual.dom import DOMNode
from textual.timer import Timer
from textual.widget import Widget


class Timers(App[None]):
    """The part of the app that sees to its own timers and to every widget's."""

    def set_timer(
        self, delay: float, callback: CallbackType | None = None, *, name: str | None = None, pause: bool = False
    ) -> Timer:
        """Call a function once after so many seconds, at once where these are over."""
        return _comes(super().set_timer(delay, callback, name=name, pause=pause))

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        members = vars(child)
        if "set_timer" not in members:
            members["set_timer"] = partial(_set, child.set_timer)
        super()._register_child(parent, child, before, after)


def _set(set_timer: Callable[..., Timer], *when: object, **what: object) -> Timer:
    return _comes(set_timer(*when, **what))


def _comes(timer: Timer) -> Timer:
    """A timer whose task has yet to begin, which goes by the time that is left and not by whether it has passed."""
    timer._skip = False
    return timer
