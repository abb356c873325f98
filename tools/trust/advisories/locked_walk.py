"""What a machine takes of the lock, walked by what each package says that it needs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import requires

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools.locked import TREE, Locked, locked
from tools.trust.advisories.environments import Environment, environments

_MARKER = re.compile(r"^[^ ]+==[^ ]+ ; (?P<marker>.*) \\$", re.MULTILINE)
LOCK = TREE / "requirements.lock"


@dataclass(frozen=True, slots=True)
class Pinned:
    """An entry of the lock with its marker."""

    entry: Locked
    marker: str

    def counts(self, environment: Environment) -> bool:
        """Whether a machine takes it."""
        return _met(f"it; {self.marker}" if self.marker else "it", environment)


def pinned(text: str) -> list[Pinned]:
    """The entries of a lock."""
    return [Pinned(each, marker["marker"] if (marker := _MARKER.search(each.text)) else "") for each in locked(text)]


def asked(*extras: str) -> list[str]:
    """What the package asks for, with some of its extras."""
    project = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = (each for extra in extras for each in project["optional-dependencies"][extra])
    return [*project["dependencies"], *more]


def wrong(lock: Iterable[Pinned], environment: Environment, wanted: Iterable[str]) -> Iterator[str]:
    """What a machine would miss, have twice, or have in a version that was not asked for: a sentence each."""
    there: dict[str, Locked] = {}
    for each in lock:
        if each.counts(environment):
            if each.entry.name in there:
                yield f"{environment}: {each.entry.name} is there twice"
            there[each.entry.name] = each.entry
    for name, asking, versions in walked(environment, wanted):
        if name not in there:
            yield f"{environment}: {name} is missing, {asking} asks for it"
        elif not versions.contains(there[name].version, prereleases=True):
            yield f"{environment}: {name} is {there[name].version}, {asking} asks for {versions}"


def walked(environment: Environment, wanted: Iterable[str]) -> Iterator[tuple[str, str, SpecifierSet]]:
    """Every package that a machine needs, by whom, and in which versions."""
    waiting = [("ssmtui", each, "") for each in wanted]
    seen = set(waiting)
    for asking, text, extra in waiting:  # grows as it is walked
        requirement = _parsed(text)
        if not _met(text, environment, extra):
            continue
        name = canonicalize_name(requirement.name)
        yield name, asking, requirement.specifier
        for of_extra in ("", *requirement.extras):
            for more in _asks(name):
                step = (name, more, of_extra)
                if step not in seen:
                    seen.add(step)
                    waiting.append(step)


@cache
def _asks(name: str) -> tuple[str, ...]:
    return tuple(requires(name) or ())


@cache
def _parsed(text: str) -> Requirement:
    return Requirement(text)


def _met(text: str, environment: Environment, extra: str = "") -> bool:
    marker = _parsed(text).marker
    return marker is None or marker.evaluate(environment.markers(extra))


def run_time() -> list[Pinned]:
    """What people install, of the whole lock: the package's own needs and those of the demonstration."""
    names = {name for each in environments() for name, _, _ in walked(each, asked("demo"))}
    return [each for each in pinned(LOCK.read_text(encoding="utf-8")) if each.entry.name in names]
