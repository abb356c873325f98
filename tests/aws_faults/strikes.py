"""Answers of AWS made strange in one member: taken away, of another type, or within another structure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Step = str | int
Path = tuple[Step, ...]

NOTHING = object()
"""In the place of a member that is left out."""


def left_out(_value: object) -> object:
    return NOTHING


def null(_value: object) -> object:
    return None


def of_another_type(value: object) -> object:
    return 7 if isinstance(value, str | list | dict) else "garbage"


def within_a_list(value: object) -> object:
    return [value]


def within_a_structure(value: object) -> object:
    """A structure is taken for itself: it may have members that are not known."""
    return [value] if isinstance(value, dict) else {"Value": value}


EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
FAR_MOMENTS = (
    datetime.min.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=EAST),
    datetime.max.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=WEST),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2500, 1, 1, tzinfo=UTC),
)
"""Points in time of which the one before, the one after or the one in UTC may not exist."""


def with_moments(answer: Mapping[str, Any], at: datetime) -> Any:
    """An answer in which every point in time is this one."""
    for path in _all_paths(answer, ()):
        held: Any = answer
        for step in path:
            held = _opened(held)[step]
        if isinstance(held, datetime) and path[0] != "ResponseMetadata":
            answer = _struck(answer, path, lambda _: at)
    return answer


ABSENT = (left_out, null)
OF_ANOTHER_FORM = (of_another_type, within_a_list, within_a_structure)


def another_text(value: object) -> object:
    """A text is still a text; anything else stays."""
    return "gar\u202ebage" if isinstance(value, str) else value


def with_other_texts(answer: Mapping[str, Any], text: str) -> Any:
    """An answer in which every text is this one."""
    for path in _all_paths(answer, ()):
        held: Any = answer
        for step in path:
            held = _opened(held)[step]
        if isinstance(held, str) and _opened(held) is held and path[0] != "ResponseMetadata":
            answer = _struck(answer, path, lambda _: text)
    return answer


@dataclass(frozen=True, slots=True)
class Strike:
    """One member of an operation's answers, made strange. List places are those of the first answer that has it."""

    path: Path
    made: Callable[[object], object]

    def __call__(self, answer: Mapping[str, Any]) -> Any:
        return _struck(answer, self.path, self.made) if self.path in set(_all_paths(answer, ())) else answer

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))} {self.made.__name__}"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the members on the way."""
        return tuple(step for step in self.path if isinstance(step, str))


def paths(answer: object) -> Iterator[Path]:
    """The way to every member, JSON in texts included; of the items of a list, the first that has a member counts."""
    found: dict[Path, Path] = {}
    for path in _all_paths(answer, ()):
        if path[0] != "ResponseMetadata":
            found.setdefault(in_any_place(path), path)
    yield from found.values()


def in_any_place(path: Path) -> Path:
    """The way to a member, whichever items of lists it leads through."""
    return tuple(0 if isinstance(step, int) else step for step in path)


def _all_paths(value: object, way: Path) -> Iterator[Path]:
    if way:
        yield way
    held = _opened(value)
    if isinstance(held, Mapping):
        for name, each in held.items():
            yield from _all_paths(each, (*way, name))
    elif isinstance(held, list):
        for place, each in enumerate(held):
            yield from _all_paths(each, (*way, place))


def _opened(value: Any) -> Any:
    """What a text holds as JSON."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _struck(value: Any, path: Path, made: Callable[[object], object]) -> Any:
    if not path:
        return made(value)
    held = _opened(value)
    step, rest = path[0], path[1:]
    struck = _struck(held[step], rest, made)
    changed: Any
    if isinstance(held, list):
        others = dict(enumerate(held)) | {int(step): struck}
        changed = [each for each in others.values() if each is not NOTHING]
    else:
        changed = {name: each for name, each in {**held, step: struck}.items() if each is not NOTHING}
    return json.dumps(changed) if isinstance(value, str) else changed
