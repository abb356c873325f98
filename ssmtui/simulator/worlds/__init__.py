"""The worlds that can be simulated, by name: a world is a public function of a module here, without parameters.

The name is that of the function, with hyphens; the summary is the first line of its docstring.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType, ModuleType
from typing import get_type_hints

from ssmtui.simulator.scenario import Scenario

Factory = Callable[[], Scenario]

FIRST = "demo"
"""The world that `ssmtui demo` shows by default."""


class DuplicateWorld(TypeError):
    """Two worlds have the same name."""


class UnknownWorldError(LookupError):
    """No world has that name."""


def worlds_in(module: ModuleType) -> Iterator[tuple[str, Factory]]:
    """Yield the worlds of a module, each with its name."""
    for name, made in vars(module).items():
        own = inspect.isfunction(made) and made.__module__ == module.__name__ and not name.startswith("_")
        if own and get_type_hints(made) == {"return": Scenario}:
            yield name.replace("_", "-"), made


def _found() -> Mapping[str, Factory]:
    found: dict[str, Factory] = {}
    for module in pkgutil.iter_modules(__path__):
        for name, factory in worlds_in(importlib.import_module(f"{__name__}.{module.name}")):
            if name in found:
                raise DuplicateWorld(f"two worlds are called {name}")
            found[name] = factory
    return MappingProxyType(dict(sorted(found.items(), key=lambda each: (each[0] != FIRST, each[0]))))


WORLDS: Mapping[str, Factory] = _found()


def names() -> tuple[str, ...]:
    """Return the names of all worlds, the demo first."""
    return tuple(WORLDS)


def world(name: str) -> Scenario:
    """Return the world of a name, or raise UnknownWorldError."""
    try:
        factory = WORLDS[name]
    except KeyError:
        raise UnknownWorldError(name) from None
    return replace(factory(), name=name, summary=str(factory.__doc__).partition("\n")[0])
