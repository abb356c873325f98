"""How a fact is come by: read from AWS, seen on this computer, or worked out from others. Wired by annotations."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache

import ssmtui.evidence
from ssmtui.evidence.wire.operations import DECLARED, declare
from ssmtui.model.need import Need, needs_of, produced_by

AwsRead = Callable[..., Awaitable[object]]
Derivation = Callable[..., object]
KeyOf = Callable[..., Hashable]


@dataclass(frozen=True, slots=True)
class Read:
    """A fact that is read. `actions` are the IAM actions it takes; the same key is read once.

    `call` is the operation that is asked first: the source of what is said where the read gives nothing.
    `along` are kinds that belong to the answer: where this one is read anew, so are they. One that is `of_all_nodes`
    tells of every node of the Region at once, and so is as old as their listing.
    """

    kind: type
    call: str
    actions: tuple[str, ...]
    needs: tuple[Need, ...]
    function: AwsRead
    key: KeyOf
    along: tuple[type, ...] = ()
    of_all_nodes: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact about the computer that sessions are opened from. It takes no permission; each is seen once a scope."""

    kind: type
    needs: tuple[Need, ...]
    function: AwsRead


@dataclass(frozen=True, slots=True)
class Derived:
    """A fact that follows from others, without asking anybody."""

    kind: type
    needs: tuple[Need, ...]
    function: Derivation


Source = Read | Seen | Derived

_SOURCES: dict[type, Source] = {}


class DuplicateSource(TypeError):
    """Two functions for one kind of fact."""


def reads(
    *operations: str, key: KeyOf, along: tuple[type, ...] = (), of_all_nodes: bool = False
) -> Callable[[AwsRead], AwsRead]:
    """Make `async def f(aws, needs…) -> Kind | Absent` the way a kind of fact is read.

    `key` is called with the needs and says which thing of the scope is read, so that it is read once; it must tell
    apart everything in the needs that the answer depends on, but for the kinds `along`. `operations` are all that may
    be asked, as `service:Operation`; the first one is named where the read gives nothing. `of_all_nodes`
    is what a node that registers, or comes back, must be found in.
    """
    actions = declare(*operations)

    def register(function: AwsRead) -> AwsRead:
        kind = produced_by(function)
        _add(
            Read(kind, operations[0], actions, needs_of(function, leaving=("aws",)), function, key, along, of_all_nodes)
        )
        return function

    return register


def sees(function: AwsRead) -> AwsRead:
    """Make `async def f(machine, needs…) -> Kind | Unreadable` the way a fact about this computer is come by."""
    _add(Seen(produced_by(function), needs_of(function, leaving=("machine",)), function))
    return function


def derives(function: Derivation) -> Derivation:
    """Make a pure `def f(needs…) -> Kind | Moot` the way a kind of fact is worked out."""
    _add(Derived(produced_by(function), needs_of(function), function))
    return function


def _add(source: Source) -> None:
    if source.kind in _SOURCES:
        raise DuplicateSource(f"{source.kind.__name__} has two sources")
    _SOURCES[source.kind] = source


@cache
def reads_beneath(kind: type) -> frozenset[type]:
    """The kinds that are read for a fact of this kind: itself, or what it is worked out from."""
    match sources().get(kind):
        case Derived() as source:
            return frozenset[type]().union(*(reads_beneath(need.kind) for need in source.needs))
        case Read() as source:
            return frozenset((kind,)).union(*(reads_beneath(each) for each in source.along))
        case Seen():
            return frozenset((kind,))
        case None:
            return frozenset()


@cache
def reads_of_all_nodes() -> frozenset[type]:
    """The kinds that tell of every node at once: where the nodes are listed anew, they are read anew."""
    return frozenset(each.kind for each in sources().values() if isinstance(each, Read) and each.of_all_nodes)


@cache
def actions_beneath(kind: type) -> frozenset[str]:
    """The IAM actions by which a fact of this kind is come by: those of its own read, and of all that leads to it."""
    source = sources().get(kind)
    if source is None:
        return frozenset()
    own = frozenset(source.actions) if isinstance(source, Read) else frozenset[str]()
    return own.union(*(actions_beneath(need.kind) for need in source.needs))


@cache
def sources() -> dict[type, Source]:
    """Every kind of fact with its source."""
    for module in pkgutil.walk_packages(ssmtui.evidence.__path__, f"{ssmtui.evidence.__name__}."):
        importlib.import_module(module.name)
    return dict(_SOURCES)


@cache
def all_reads() -> Mapping[tuple[str, str], str]:
    """Every read that ssmtui can make, by botocore's service and operation, sorted, with the IAM action it takes."""
    sources()
    return dict(sorted(DECLARED.items()))
