"""Print the part of requirements.lock that ssmtui needs to run, with hashes: `python -m tools.locked`.

Packages named as arguments are printed too, with their requirements (`… locked hatchling babel`).

The lock also covers the simulator and the development tools. The requirements are found from the lock's own comments
(who requires what), so that no index is queried and no version is chosen again.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[1]
_ENTRY = re.compile(r"^(?P<name>[a-z0-9-]+)(?:\[[^]]*\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)
_VIA = re.compile(r"^ +#(?: via)? +(?P<name>[a-z0-9-]+)(?:\[[^]]*\])?(?: \(pyproject\.toml\))?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock: its lines, and the packages that require it."""

    name: str
    version: str
    text: str
    via: frozenset[str]


def locked(text: str) -> Iterator[Locked]:
    """Yield the packages of a lock by `uv pip compile`; a package can occur more than once, with markers."""
    starts = [match.start() for match in _ENTRY.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        entry = text[start:end]
        head = _ENTRY.match(entry)
        assert head is not None
        via = frozenset(match["name"] for match in _VIA.finditer(entry))
        yield Locked(head["name"], head["version"], re.sub(r"^ +#.*\n", "", entry, flags=re.MULTILINE), via)


def needed(lock: str, asked: Iterable[str]) -> list[Locked]:
    """Return the requested packages and their requirements, in the lock's order."""
    wanted = set(asked)
    entries = list(locked(lock))
    while more := {each.name for each in entries if each.via & wanted} - wanted:
        wanted |= more
    return [each for each in entries if each.name in wanted]


def asked_for() -> frozenset[str]:
    """Return the direct requirements of the package."""
    project = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return frozenset(_name(each) for each in project["dependencies"])


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


def main(besides: Sequence[str]) -> None:
    """Print the packages."""
    lock = (TREE / "requirements.lock").read_text(encoding="utf-8")
    sys.stdout.write("".join(each.text for each in needed(lock, {*asked_for(), *besides})))


if __name__ == "__main__":
    main(sys.argv[1:])
