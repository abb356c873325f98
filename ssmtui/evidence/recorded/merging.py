"""Snapshots folded into one: of an account's Region that several tell of, the newest one counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import count

from ssmtui.evidence.recorded.scope_record import ScopeRecord
from ssmtui.evidence.recorded.writing import Snapshot
from ssmtui.model.name_patterns import named_by
from ssmtui.model.scope import Scope, ScopeName


def merged(snapshots: Sequence[Snapshot]) -> Snapshot:
    """All of them as one; one alone is as it was. The order in which they are given does not matter."""
    if len(snapshots) == 1:
        return snapshots[0]
    newest: dict[tuple[str, str], ScopeRecord] = {}
    for record in sorted((each for one in snapshots for each in one.scopes), key=lambda each: each.head.at):
        scope = record.head.scope
        newest[scope.account, scope.region] = record
    names: set[ScopeName] = set()
    scopes = tuple(_named_apart(newest[place], names) for place in sorted(newest))
    errors = {error.name: error for one in snapshots for error in one.errors if error.name not in names}
    last = max(snapshots, key=lambda each: each.made)
    told = tuple(error for _, error in sorted(errors.items(), key=lambda each: each[0].order))
    return replace(last, scopes=scopes, errors=told, redacted=any(each.redacted for each in snapshots))


def only(snapshot: Snapshot, profiles: Collection[str], regions: Collection[str]) -> Snapshot:
    """What a snapshot holds of these profiles and Regions, by name or pattern; of all, where none is named."""

    def is_meant(name: ScopeName) -> bool:
        return _is_one_of(name.profile or "", profiles) and _is_one_of(name.region, regions)

    return replace(
        snapshot,
        scopes=tuple(each for each in snapshot.scopes if is_meant(each.head.scope.name)),
        errors=tuple(each for each in snapshot.errors if is_meant(each.name)),
    )


def _is_one_of(name: str, words: Collection[str]) -> bool:
    return not words or "all" in words or any(name in found for found in named_by(tuple(words), (name,)).values())


def _named_apart(record: ScopeRecord, taken: set[ScopeName]) -> ScopeRecord:
    """The record under a name of its own: whoever looked at ten accounts as the default profile named none of them."""
    head = record.head
    name = next(each for each in _names(head.scope) if each not in taken)
    taken.add(name)
    errors = tuple(replace(error, name=name) for error in head.errors)
    return replace(record, head=replace(head, scope=replace(head.scope, name=name), errors=errors))


def _names(scope: Scope) -> Iterator[ScopeName]:
    yield scope.name
    with_account = f"{scope.name.profile or ''} {scope.account}".strip()
    yield replace(scope.name, profile=with_account)
    for number in count(2):
        yield replace(scope.name, profile=f"{with_account} {number}")
