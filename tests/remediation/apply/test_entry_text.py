from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ssmtui.model.plan import AnswerReference, Call, Guard, GuardReference, RequiredPermission, UndoPlan
from ssmtui.model.scope import OtherPrincipal, Scope, ScopeName
from ssmtui.remediation.apply.change import Change, ChangeEnding, ChangeState
from ssmtui.remediation.apply.journal_entries import MalformedEntryError, ending_line, planned_line, read_line
from tests.examples import examples

WRITTEN_BEFORE = (Path(__file__).parents[2] / "released" / "0.1.0" / "changes.jsonl").read_text().splitlines()
"""Entries as version 0.1 wrote them, of every sort of parameter."""


def whole(kind: type, **known: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Values of a class with all their fields, those that have a default too, and those that nobody has thought of."""
    return st.builds(kind, **{field.name: known.get(field.name, ...) for field in fields(kind) if field.init})


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
TAKEN = st.builds(AnswerReference) | st.builds(GuardReference)
PARAMETERS = st.dictionaries(st.text(), JSON_VALUES | TAKEN | st.lists(TAKEN, min_size=1, max_size=3), max_size=3)
CALLS = st.lists(
    whole(Call, parameters=PARAMETERS, besides=st.lists(whole(RequiredPermission), max_size=2).map(tuple)), max_size=3
).map(tuple)
GUARDS = st.lists(whole(Guard, parameters=st.dictionaries(st.text(), JSON_VALUES, max_size=3)), max_size=3).map(tuple)
SCOPES = st.builds(
    lambda profile, role, scope: Scope(**{**scope, "name": ScopeName(profile, scope["region"], role)}),
    st.none() | st.text(),
    st.none() | st.text(),
    st.fixed_dictionaries(
        dict.fromkeys(("account", "region", "partition", "dns_suffix", "caller"), st.text())
        | {
            "principal": st.none() | st.text(),
            "judged": st.none() | whole(OtherPrincipal),
            "document": st.none() | st.text(),
        }
    ),
)
TIMES = st.datetimes(timezones=st.just(UTC))
CHANGES = whole(
    Change,
    at=TIMES,
    scope=SCOPES,
    guards=GUARDS,
    calls=CALLS,
    way_back=st.builds(UndoPlan, GUARDS, CALLS),
    # An entry of a change that is planned knows not yet what became of it: that is an entry of its own.
    state=st.just(ChangeState.PLANNED),
    results=st.none(),
    notes=st.just(()),
    why=st.just(""),
    settles_within=st.none() | st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
)
ENDINGS = whole(
    ChangeEnding, state=st.sampled_from([state for state in ChangeState if state is not ChangeState.PLANNED])
)


@pytest.mark.long
@given(CHANGES)
@settings(max_examples=examples(60), deadline=None)
def test_any_change_comes_back_whole(change: Change) -> None:
    assert read_line(planned_line(change)) == change


@given(ENDINGS, TIMES)
@settings(max_examples=examples(60), deadline=None)
def test_what_became_of_any_change_comes_back_whole(ending: ChangeEnding, at: datetime) -> None:
    assert read_line(ending_line(ending, at)) == ending


@pytest.mark.parametrize("line", WRITTEN_BEFORE)
def test_what_an_older_version_wrote_is_read_and_would_be_written_byte_for_byte_again(line: str) -> None:
    entry = read_line(line)
    at = datetime.fromisoformat(json.loads(line)["at"])
    assert (planned_line(entry) if isinstance(entry, Change) else ending_line(entry, at)) == line


def test_an_entry_of_a_version_that_knew_of_no_delay_is_read() -> None:
    data = json.loads(WRITTEN_BEFORE[0])
    del data["settles_within"], data["awaited_by"]
    entry = read_line(json.dumps(data))
    assert isinstance(entry, Change)
    assert (entry.settles_within, entry.awaited_by) == (None, ())


def test_a_member_that_only_a_later_version_knows_is_passed_over() -> None:
    line = WRITTEN_BEFORE[0]
    assert read_line(json.dumps(json.loads(line) | {"approved_by": "alex"})) == read_line(line)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("schema", "ssmtui.journal/2"),
        ("state", "rolled back"),
        ("at", "yesterday"),
        ("title", 5),
        ("title", None),
        ("subject", {"kind": "planet", "id": "x"}),
        ("scope", "default"),
        ("guards", "none"),
        ("calls", {}),
        ("calls", [{"service": "ssm"}]),
        ("awaited_by", "i-1"),
        ("awaited_by", [1]),
        ("settles_within", "soon"),
        ("settles_within", 1e300),
        ("way_back", []),
    ],
)
def test_an_entry_with_something_else_in_a_members_place_is_malformed(member: str, value: object) -> None:
    with pytest.raises(MalformedEntryError):
        read_line(json.dumps(json.loads(WRITTEN_BEFORE[0]) | {member: value}))


@pytest.mark.parametrize(("member", "value"), [("results", ["2"]), ("results", {"x": 2}), ("notes", "a"), ("why", 0)])
def test_an_ending_with_something_else_in_a_members_place_is_malformed(member: str, value: object) -> None:
    with pytest.raises(MalformedEntryError):
        read_line(json.dumps(json.loads(WRITTEN_BEFORE[-1]) | {member: value}))


@pytest.mark.parametrize("lacking", sorted(json.loads(WRITTEN_BEFORE[0]).keys() - {"settles_within", "awaited_by"}))
def test_an_entry_that_lacks_a_member_is_malformed(lacking: str) -> None:
    with pytest.raises(MalformedEntryError):
        read_line(json.dumps({name: value for name, value in json.loads(WRITTEN_BEFORE[0]).items() if name != lacking}))
