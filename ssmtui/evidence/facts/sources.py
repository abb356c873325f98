"""Register the source of each kind of fact: read from AWS, read from the workstation, or derived."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache

import ssmtui.evidence
from ssmtui.evidence.aws.allowed_reads import DECLARED_READS, declare_reads
from ssmtui.model.fact import Need, needs_of, produced_kind
from ssmtui.model.scope import Scope

ReadFunction = Callable[..., Awaitable[object]]
DeriveFunction = Callable[..., object]
KeyFunction = Callable[..., Hashable]


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
    function: ReadFunction
    key: KeyFunction
    along: tuple[type, ...] = ()
    of_all_nodes: bool = False


@dataclass(frozen=True, slots=True)
class WorkstationRead:
    """A fact about the computer that sessions are opened from. It takes no permission; each is seen once a scope."""

    kind: type
    needs: tuple[Need, ...]
    function: ReadFunction


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A fact that follows from others, without asking anybody."""

    kind: type
    needs: tuple[Need, ...]
    function: DeriveFunction


Source = Read | WorkstationRead | DerivedFact

_SOURCES: dict[type, Source] = {}


class DuplicateSource(TypeError):
    """Two functions for one kind of fact."""


def reads(
    *operations: str, key: KeyFunction, along: tuple[type, ...] = (), of_all_nodes: bool = False
) -> Callable[[ReadFunction], ReadFunction]:
    """Make `async def f(aws, needs…) -> Kind | Absent` the way a kind of fact is read.

    `key` is called with the needs and says which thing of the scope is read, so that it is read once; it must tell
    apart everything in the needs that the answer depends on, but for the kinds `along`. `operations` are all that may
    be asked, as `service:Operation`; the first one is named where the read gives nothing. `of_all_nodes`
    is what a node that registers, or comes back, must be found in.
    """
    actions = declare_reads(*operations)

    def register(function: ReadFunction) -> ReadFunction:
        kind = produced_kind(function)
        _add(
            Read(kind, operations[0], actions, needs_of(function, leaving=("aws",)), function, key, along, of_all_nodes)
        )
        return function

    return register


def by_region(scope: Scope, **_needs: object) -> Hashable:
    """Return the key of what is read once for each Region."""
    return scope.region


def by_account(scope: Scope, **_needs: object) -> Hashable:
    """Return the key of what is read once for each account."""
    return scope.account


def reads_workstation(function: ReadFunction) -> ReadFunction:
    """Make `async def f(machine, needs…) -> Kind | Unreadable` the way a fact about this computer is come by."""
    _add(WorkstationRead(produced_kind(function), needs_of(function, leaving=("workstation",)), function))
    return function


def derives(function: DeriveFunction) -> DeriveFunction:
    """Make a pure `def f(needs…) -> Kind | NotApplicable` the way a kind of fact is worked out."""
    _add(DerivedFact(produced_kind(function), needs_of(function), function))
    return function


def _add(source: Source) -> None:
    if source.kind in _SOURCES:
        raise DuplicateSource(f"{source.kind.__name__} has two sources")
    _SOURCES[source.kind] = source


@cache
def underlying_reads(kind: type) -> frozenset[type]:
    """The kinds that are read for a fact of this kind: itself, or what it is worked out from."""
    match sources().get(kind):
        case DerivedFact() as source:
            return frozenset[type]().union(*(underlying_reads(need.kind) for need in source.needs))
        case Read() as source:
            return frozenset((kind,)).union(*(underlying_reads(each) for each in source.along))
        case WorkstationRead():
            return frozenset((kind,))
        case None:
            return frozenset()


@cache
def reads_of_all_nodes() -> frozenset[type]:
    """The kinds that tell of every node at once: where the nodes are listed anew, they are read anew."""
    return frozenset(each.kind for each in sources().values() if isinstance(each, Read) and each.of_all_nodes)


@cache
def underlying_actions(kind: type) -> frozenset[str]:
    """The IAM actions by which a fact of this kind is come by: those of its own read, and of all that leads to it."""
    source = sources().get(kind)
    if source is None:
        return frozenset()
    own = frozenset(source.actions) if isinstance(source, Read) else frozenset[str]()
    return own.union(*(underlying_actions(need.kind) for need in source.needs))


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
    return dict(sorted(DECLARED_READS.items()))
