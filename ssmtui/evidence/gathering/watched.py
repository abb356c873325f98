"""A node that stands for others like it, and tells whether what is its own was looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

from ssmtui.model.likeness import OWN_FIELDS
from ssmtui.model.node import Instance, Node, Registration

Value = TypeVar("Value")
Part = TypeVar("Part", Node, Instance, Registration)


class Watch:
    """Whether something of a node's own was looked at."""

    __slots__ = ("_looked",)

    def __init__(self) -> None:
        self._looked = False

    def look(self) -> None:
        """Take note of a look at something that is the node's own."""
        self._looked = True

    def saw(self, work: Callable[[], Value]) -> tuple[Value, bool]:
        """What a work that does not wait gives, and whether it looked at something of the node's own."""
        self._looked = False
        value = work()
        return value, self._looked


class _Watched:
    """What the watched parts of a node have in common. Compared, hashed or printed, a part is looked at as a whole."""

    __slots__ = ()


def watched(node: Node, watch: Watch) -> Node:
    """The node, under watch: equal to it, and of its type."""
    stand_in = _stand_in(node, watch)
    if isinstance(node.instance, Instance):
        _set(stand_in, Node, "instance", _stand_in(node.instance, watch))
    if isinstance(node.registration, Registration):
        _set(stand_in, Node, "registration", _stand_in(node.registration, watch))
    return stand_in


def _stand_in(part: Part, watch: Watch) -> Part:
    of = type(part)
    stand_in: Part = object.__new__(_CLASSES[of])
    for each in fields(part):
        _set(stand_in, of, each.name, getattr(part, each.name))
    object.__setattr__(stand_in, "_watch", watch)
    object.__setattr__(stand_in, "_plain", part)
    return stand_in


def _set(stand_in: object, of: type, name: str, value: object) -> None:
    of.__dict__[name].__set__(stand_in, value)


def _watched_class(of: type, own: frozenset[str]) -> type:
    def looked_at(name: str) -> property:
        slot = of.__dict__[name]

        def get(self: object) -> object:
            self._watch.look()  # type: ignore[attr-defined]
            return slot.__get__(self)

        return property(get)

    def equal(self: object, other: object) -> bool:
        self._watch.look()  # type: ignore[attr-defined]
        plain: object = self._plain  # type: ignore[attr-defined]
        return plain == (other._plain if isinstance(other, _Watched) else other)  # type: ignore[attr-defined]

    def hashed(self: object) -> int:
        self._watch.look()  # type: ignore[attr-defined]
        return hash(self._plain)  # type: ignore[attr-defined]

    def printed(self: object) -> str:
        self._watch.look()  # type: ignore[attr-defined]
        return repr(self._plain)  # type: ignore[attr-defined]

    members: dict[str, object] = {name: looked_at(name) for name in own}
    members |= {"__slots__": ("_watch", "_plain"), "__eq__": equal, "__hash__": hashed, "__repr__": printed}
    if of is Instance:
        public_ip = of.__dict__["public_ip"]
        members["has_public_ip"] = property(lambda self: public_ip.__get__(self) is not None)
    return type(f"Watched{of.__name__}", (of, _Watched), members)


_CLASSES = {of: _watched_class(of, own) for of, own in OWN_FIELDS.items()}
