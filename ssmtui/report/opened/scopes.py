"""The scopes of a report, each under a name of its own: ten accounts that were looked at as themselves have none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ssmtui.diagnosis.events import Event, ScopeFailed, ScopeOpened
from ssmtui.language import say
from ssmtui.model.scope import Scope, ScopeError, ScopeName, ScopeProblem
from ssmtui.report.merging.spool import Place
from ssmtui.report.merging.told import Row, place_of


@dataclass(slots=True)
class ReportScopes:
    """The scopes as they were told. `at` is which of them an account's Region is."""

    events: list[Event] = field(default_factory=list)
    at: dict[Place, Scope] = field(default_factory=dict)
    _named: set[ScopeName] = field(default_factory=set)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> ReportScopes:
        """Those of the rows, in their order."""
        scopes = cls()
        for row in rows:
            scopes.add(row)
        return scopes

    def add(self, row: Row) -> None:
        """Take in one: opened where its account is known, and in error where it says so."""
        name, place = self._name(row), place_of(row)
        if place is not None:
            scope = _scope(name, place, str(row["caller"] or ""))
            self.at.setdefault(place, scope)
            self.events.append(ScopeOpened(scope))
        if row["error"] is not None:
            advice = say("To look at it again: ssmtui check --region {region}", region=name.region) if place else ""
            self.events.append(ScopeFailed(ScopeError(name, ScopeProblem.REPORTED, str(row["error"]), advice)))

    def of_place(self, place: Place) -> Scope:
        """The scope of an account's Region; one more, where the report names none."""
        if place not in self.at:
            self.add({"profile": None, "account": place.account, "region": place.region, "caller": None, "error": None})
        return self.at[place]

    def _name(self, row: Row) -> ScopeName:
        """What it was asked for as; where several were asked for so, by who asked, and then by number."""
        for name in _names(row):
            if name not in self._named:
                self._named.add(name)
                return name
        raise AssertionError("numbers do not end")


def _names(row: Row) -> Iterator[ScopeName]:
    profile, region = row["profile"], str(row["region"] or "")
    told = None if profile is None else str(profile)
    role = row.get("role")
    yield ScopeName(told, region, None if role is None else str(role))
    if row["caller"]:
        yield ScopeName(told, region, str(row["caller"]))
    if row["account"]:
        yield ScopeName(f"{told or ''} {row['account']}".strip(), region)
    number = 2
    while True:
        yield ScopeName(f"{told or ''} {number}".strip(), region)
        number += 1


def _scope(name: ScopeName, place: Place, caller: str) -> Scope:
    partition = caller.split(":")[1] if caller.startswith("arn:") else "aws"
    return Scope(name, place.account, place.region, partition, "", caller, None)


def api_calls(summary: Mapping[str, object]) -> tuple[tuple[str, int], ...]:
    """The calls that a summary counts."""
    calls = summary["api_calls"]
    return tuple(sorted(calls.items())) if isinstance(calls, Mapping) else ()
