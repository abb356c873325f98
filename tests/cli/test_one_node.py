"""The one node that a command is about, found among what a diagnosis tells."""

from __future__ import annotations

import sys
from dataclasses import replace
from queue import SimpleQueue
from typing import cast

import pytest

from ssmtui.cli.errors import UndeterminedError
from ssmtui.cli.node_selection import DiagnosisWatcher, find_node
from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
from ssmtui.diagnosis.events import AllSettled, Event, NodeListed, NodesNotFound, ScopeFailed, ScopeOpened
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError, ScopeProblem
from tests.builders.fleet import a_node, a_scope

SCOPE = a_scope()
ONE, TWO = "i-0123456789abcdef0", "i-0123456789abcdef1"


class Told:
    """A diagnosis that has told all that it will tell."""

    def __init__(self, *events: Event) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        for event in (*events, AllSettled()):
            self.events.put(event)


def watcher(*events: Event) -> DiagnosisWatcher:
    return DiagnosisWatcher(cast("DiagnosisHandle", Told(*events)))


def listed(*nodes: Node, missing: tuple[str, ...] = (), others: tuple[str, ...] = ()) -> DiagnosisWatcher:
    told = (NodeListed(SCOPE, node) for node in nodes)
    return watcher(ScopeOpened(SCOPE), *told, NodesNotFound(SCOPE.name, missing, others))


def named(id_: str, name: str) -> Node:
    return replace(a_node(id_), name=name)


def test_an_id_of_the_only_scope_needs_no_list() -> None:
    found = find_node(watcher(ScopeOpened(SCOPE)), ONE, one_scope=True, opened=lambda: True)
    assert (found.scope, found.id, found.node) == (SCOPE, ONE, None)


def test_a_name_is_found_in_the_list() -> None:
    node = named(ONE, "web-1")
    found = find_node(listed(node), "web-1", one_scope=True, opened=lambda: True)
    assert (found.id, found.node, found.words) == (ONE, node, f"web-1 ({ONE})")


def test_where_nobody_can_be_asked_several_of_a_name_are_told_by_their_ids() -> None:
    both = listed(named(ONE, "web"), named(TWO, "web"))
    with pytest.raises(UndeterminedError) as refused:
        find_node(both, "web", one_scope=True, opened=lambda: True)
    assert refused.value.message.splitlines()[0] == "web is the name of several nodes: specify the node ID."
    assert [line.split()[0] for line in refused.value.message.splitlines()[1:]] == [ONE, TWO]


def test_of_several_of_a_name_one_is_picked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("click.prompt", lambda *_, **__: 2)
    found = find_node(listed(named(ONE, "web"), named(TWO, "web")), "web", one_scope=True, opened=lambda: True)
    assert found.id == TWO


def test_a_word_that_names_none_is_told_with_what_is_near() -> None:
    with pytest.raises(
        UndeterminedError, match=r"Unknown node: web1\. Region searched: eu-west-3\. Similar nodes: web-1\."
    ):
        find_node(listed(missing=("web1",), others=("web-1",)), "web1", one_scope=True, opened=lambda: True)


def test_an_account_that_cannot_be_looked_at_says_why() -> None:
    error = ScopeError(SCOPE.name, ScopeProblem.EXPIRED_CREDENTIALS, "The credentials have expired.", "Log in again.")
    with pytest.raises(UndeterminedError, match=r"The credentials have expired\. Log in again\."):
        find_node(watcher(ScopeFailed(error)), ONE, one_scope=True, opened=lambda: True)
