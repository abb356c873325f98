"""How screens are put up: each says in its own module what asks for it, and the app finds it there.

    @put_up_by(OpenCause)
    def cause(bench: Bench, wish: OpenCause) -> CauseScreen: …

A screen that needs no more than what the one before it is about has a name instead:

    @put_up_as("changes")
    def changes(bench: Bench, wish: PutUp) -> ChangesScreen: …

and any screen opens it by a key: `Binding("Z", "put_up('changes')", …)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from textual.screen import Screen

import ssmtui.ui.screens
from ssmtui.ui.screens.wishes import PutUp, Wish
from ssmtui.ui.state.bench import Bench

W = TypeVar("W", bound=Wish)
Making = Callable[[Bench, W], Screen[None]]

_REGISTERED: dict[type[Wish] | str, Making[Any]] = {}


class DuplicateScreen(TypeError):
    """Two screens that are put up by one wish."""


def put_up_by(wish: type[W]) -> Callable[[Making[W]], Making[W]]:
    """Make a function the way in which a wish is granted."""
    return _registered(wish)


def put_up_as(name: str) -> Callable[[Making[PutUp]], Making[PutUp]]:
    """Make a function the way in which a screen is put up by its name."""
    return _registered(name)


def screen_for(bench: Bench, wish: Wish) -> Screen[None]:
    """The screen that is wished for."""
    return all_screens()[wish.name if isinstance(wish, PutUp) else type(wish)](bench, wish)


@cache
def all_screens() -> Mapping[type[Wish] | str, Making[Any]]:
    """How each screen is made, by what asks for it. The first call loads them all."""
    for module in pkgutil.iter_modules(ssmtui.ui.screens.__path__, f"{ssmtui.ui.screens.__name__}."):
        importlib.import_module(module.name)
    return _REGISTERED


def _registered(by: type[W] | str) -> Callable[[Making[W]], Making[W]]:
    def register(making: Making[W]) -> Making[W]:
        if by in _REGISTERED:
            raise DuplicateScreen(f"two screens are put up by {by}")
        _REGISTERED[by] = making
        return making

    return register
