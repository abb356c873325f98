"""The nodes that were listed last, kept for whoever presses Tab."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.cli import completion
from ssmtui.cli.completion import CachedNode, cached_nodes, remember
from ssmtui.diagnosis.events import NodeListed, NodesNotFound, ScopeOpened, ScopeSettled
from ssmtui.diagnosis.fleet_state import FleetState
from tests.builders.fleet import a_node, a_scope


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    kept = tmp_path / "cache" / "nodes.json"
    monkeypatch.setattr(completion, "cache_file", lambda: kept)
    return kept


def listed(
    *ids: str, region: str = "eu-west-3", profile: str | None = None, others: tuple[str, ...] = ()
) -> FleetState:
    state, where = FleetState(), a_scope(region, profile)
    state.apply(ScopeOpened(where))
    for id_ in ids:
        node = a_node(id_, f"web-{id_}")
        state.apply(NodeListed(where, replace(node, key=replace(node.key, region=region))))
    if others:
        state.apply(NodesNotFound(where.name, (), others))
    state.apply(ScopeSettled(where.name))
    return state


def found(*, profiles: tuple[str, ...] = (), regions: tuple[str, ...] = (), endpoint: str | None = None) -> list[str]:
    return [node.id for node in cached_nodes(profiles, regions, endpoint, {})]


def test_what_was_listed_last_of_a_scope_takes_the_place_of_what_was_before() -> None:
    remember(listed("i-1", "i-2"), None, {})
    remember(listed("i-9", region="us-east-1"), None, {})
    remember(listed("i-3"), None, {})
    assert cached_nodes((), ("eu-west-3",), None, {}) == (CachedNode("i-3", "web-i-3"),)
    assert found() == ["i-3", "i-9"]
    assert found(regions=("us-*",)) == ["i-9"]
    assert found(regions=("all",)) == ["i-3", "i-9"]


def test_profiles_and_what_stands_for_aws_are_kept_apart() -> None:
    remember(listed("i-1"), None, {})
    remember(listed("i-2", profile="prod"), None, {})
    remember(listed("i-3"), None, {"AWS_PROFILE": "prod-2"})
    remember(listed("i-4"), "http://127.0.0.1:4566", {})
    assert (found(), found(profiles=("prod",)), found(profiles=("prod*",))) == (["i-1"], ["i-2"], ["i-3", "i-2"])
    assert found(endpoint="http://127.0.0.1:4566") == ["i-4"]
    assert [node.id for node in cached_nodes((), (), None, {"AWS_PROFILE": "prod-2"})] == ["i-3"]


def test_the_others_of_a_scope_are_kept_as_they_were_told_where_some_were_asked_for() -> None:
    remember(listed("i-1", others=("i-2", "web-2")), None, {})
    assert cached_nodes((), (), None, {}) == (
        CachedNode("i-2", ""),
        CachedNode("web-2", ""),
        CachedNode("i-1", "web-i-1"),
    )


def test_nodes_that_were_listed_alone_are_added_to_those_that_were_kept() -> None:
    remember(listed("i-1", "i-2"), None, {})
    alone = listed("i-2")
    alone.apply(NodesNotFound(a_scope().name, ("i-7",), ("web-8",), listed_all=False))
    remember(alone, None, {})
    assert [node.id for node in cached_nodes((), (), None, {})] == ["web-8", "i-2", "i-1"]


def test_a_scope_that_was_not_listed_leaves_what_was_kept() -> None:
    remember(listed("i-1"), None, {})
    before = FleetState()
    before.apply(ScopeOpened(a_scope()))
    remember(before, None, {})
    assert found() == ["i-1"]


def test_the_file_is_its_owners_alone(file: Path) -> None:
    remember(listed("i-1"), None, {})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [each.name for each in file.parent.iterdir()] == ["nodes.json"]


def test_no_more_are_kept_than_are_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "_MOST_OF_A_SCOPE", 2)
    monkeypatch.setattr(completion, "_MOST", 3)
    remember(listed("i-1", "i-2", "i-3", region="us-east-1"), None, {})
    remember(listed("i-4", "i-5", "i-6"), None, {})
    assert found() == ["i-4", "i-5", "i-1"]


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"format": 2, "scopes": []}', '{"format": 1, "scopes": [{}]}', "[" * 200_000]
)
def test_a_file_that_is_none_is_done_without_and_written_anew(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    assert found() == []
    remember(listed("i-1"), None, {})
    assert found() == ["i-1"]


def test_a_folder_that_cannot_be_written_to_fails_nobody(file: Path) -> None:
    file.parent.write_text("a file where the folder would be")
    remember(listed("i-1"), None, {})
    assert found() == []
