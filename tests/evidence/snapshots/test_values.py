from __future__ import annotations

import dataclasses
import json
from random import Random

import pytest

from ssmtui.evidence.snapshots.values import (
    InvalidValue,
    ValueReader,
    canonical_json,
    known_types,
    recorded_kinds,
    value_to_json,
)
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.plan import JSON
from tests.builders.fleet import a_node
from tests.evidence.snapshots.made_up import made_up


def held_in_a_snapshot() -> list[type]:
    """What is read, and what is known of scopes: of what is only worked out, the keys of reads tell all there is."""
    return [known_types()[name] for name in sorted(known_types()) if name in recorded_kinds()] + [
        known_types()[name] for name in ("Node", "ScopeHead", "ScopeError", "Supposition", "Question", "RequestOrigin")
    ]


@pytest.mark.parametrize("kind", held_in_a_snapshot(), ids=lambda kind: kind.__name__)
def test_whatever_a_snapshot_may_hold_is_read_back_as_it_was(kind: type) -> None:
    for seed in range(5):
        value = made_up(kind, Random(f"{kind.__name__} {seed}"))  # noqa: S311 - no secret is made of it
        told = value_to_json(value)
        again = ValueReader().read(json.loads(canonical_json(told)))
        assert again == value
        assert canonical_json(value_to_json(again)) == canonical_json(told)


def test_every_kind_of_fact_can_be_recorded() -> None:
    assert {name for name in recorded_kinds() if name not in known_types()} == {
        "ListedInstances",
        "ListedRegistrations",
    }
    plain = [kind for name, kind in recorded_kinds().items() if name in known_types()]
    assert [kind.__name__ for kind in plain if not dataclasses.is_dataclass(kind)] == []


def test_what_does_not_count_for_equality_is_read_back_too() -> None:
    unread = Unreadable("kms:DescribeKey", "AccessDenied", source="kms:DescribeKey of another Region")
    again = ValueReader().read(value_to_json(unread))
    assert isinstance(again, Unreadable)
    assert again.source == unread.source


def test_sets_are_told_in_one_order() -> None:
    assert value_to_json(frozenset({"b", "a"})) == {"$": "set", "of": ["a", "b"]}


NODE = value_to_json(a_node("web-1"))
assert isinstance(NODE, dict)
DEEP: JSON = []
for _ in range(100):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "told",
    [
        {"no": "type"},
        {"$": 3},
        {"$": "Popen", "args": "id"},
        {"$": "os.system"},
        {"$": "datetime", "at": "tomorrow"},
        {"$": "datetime", "at": "2026-01-01T00:00:00"},
        {"$": "PingStatus", "name": "Online"},
        {"$": "PingStatus", "name": "__class__"},
        {"$": "NotApplicable", "why": 3},
        {"$": "NotApplicable"},
        {"$": "Unreadable", "action": "", "why": "", "obstacle": {"$": "ReadFailure", "name": "FAILED"}},
        {
            "$": "Unreadable",
            "action": "",
            "why": "",
            "obstacle": {"$": "ReadFailure", "name": "FAILED"},
            "source": "",
            "looked_up": None,
        },
        {"$": "set", "of": [{"$": "map", "of": []}]},
        {"$": "map", "of": [[1]]},
        {"$": "DocumentText", "text": "{}", "format": "XML"},
        {**NODE, "tags": [["Name", 1]]},
        {**NODE, "kind": "ec2"},
        DEEP,
    ],
)
def test_what_is_not_whole_or_of_another_type_is_no_value(told: JSON) -> None:
    with pytest.raises(InvalidValue):
        ValueReader().read(told)


def test_a_value_of_no_known_type_is_not_recorded() -> None:
    with pytest.raises(TypeError):
        value_to_json(object())
    assert ValueReader().read(value_to_json(NotApplicable("why"))) == NotApplicable("why")
