"""The one node that a command is about: found among those that a diagnosis lists, picked where several are meant."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty
from typing import TYPE_CHECKING

import click

from ssmtui.cli.checking import error_sentence, say_errors
from ssmtui.cli.printing import print_lines
from ssmtui.cli.progress import working
from ssmtui.cli.refusals import CouldNotTell
from ssmtui.cli.unknown_words import no_such_nodes
from ssmtui.diagnosis.events import AllSettled
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.plain_text import printable
from ssmtui.model.scope import Scope

if TYPE_CHECKING:
    from ssmtui.diagnosis.inquiry import Inquiry

_ID = re.compile(r"m?i-[0-9a-f]{8}(?:[0-9a-f]{9})?")
_LOOK_UP = 0.1
"""Seconds after which a waiting reader looks up, so that Ctrl-C is heard on every platform."""


@dataclass(frozen=True, slots=True)
class FoundNode:
    """A node by its id, in its scope. `node` is None where it is not listed yet, or nobody may list it."""

    scope: Scope
    id: str
    node: Node | None = None

    @property
    def key(self) -> NodeKey:
        """What tells it from every other."""
        return NodeKey(self.scope.account, self.scope.region, self.id)

    @property
    def words(self) -> str:
        """Its name and id, fit to print."""
        name = self.node.name if self.node is not None else ""
        return printable(f"{name} ({self.id})" if name and name != self.id else self.id)


class Watch:
    """What a diagnosis tells, taken in for as long as somebody wants to wait for it."""

    def __init__(self, inquiry: Inquiry) -> None:
        self.state = FleetState()
        self._inquiry = inquiry
        self._settled = False

    def until(self, enough: Callable[[FleetState], bool], seconds: float | None = None) -> bool:
        """Take in what is told until it is enough, or nothing more will be told, or the time is over.

        What has been told already is taken in whatever the time. Tells whether it was enough.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while not enough(self.state):
            left = _LOOK_UP if deadline is None else min(deadline - time.monotonic(), _LOOK_UP)
            try:
                event = self._inquiry.events.get(timeout=max(left, 0))
            except Empty:
                if self._settled or left <= 0:
                    return False
                continue
            self.state.apply(event)
            self._settled = self._settled or isinstance(event, AllSettled)
        return True


def find_node(watch: Watch, word: str, *, one_scope: bool, opened: Callable[[], bool]) -> FoundNode:
    """The node that a word names.

    An id of the only scope there is needs no list: what it is asked for is asked at once. `opened` tells whether every
    scope is open or in error.

    Raises:
        CouldNotTell: no account could be looked at, there is no such node, or several and nobody to ask.

    """
    with working(say("looking for {node}", node=word), opened):
        if one_scope and _ID.fullmatch(word):
            watch.until(lambda state: bool(state.scopes or state.errors))
            for scope in watch.state.scopes.values():
                return FoundNode(scope, word)
        watch.until(lambda state: opened() and _is_listed(state))
    return node_called(watch.state, word)


def node_called(state: FleetState, word: str) -> FoundNode:
    """The node that a word names, of those that are listed: asked for where there are several, and somebody is there.

    Raises:
        CouldNotTell: there is no such node, or several and nobody to ask.

    """
    keys = [key for key, node in state.nodes.items() if node.is_called({word})]
    if not keys:
        raise CouldNotTell(_why_none(state, word))
    say_errors(state)
    key = keys[0] if len(keys) == 1 else _picked(state, word, keys)
    return FoundNode(state.scope_of[key], key.id, state.nodes[key])


def _is_listed(state: FleetState) -> bool:
    return bool(state.scopes) and not (state.scopes.keys() - state.errors.keys() - state.sought.keys())


def _why_none(state: FleetState, word: str) -> str:
    told = [error_sentence(error) for error in state.errors.values()]
    missing = no_such_nodes(state) if state.sought else ()
    return "\n".join((*told, *missing)) or say("There is no node {word}.", word=printable(word))


def _picked(state: FleetState, word: str, keys: Sequence[NodeKey]) -> NodeKey:
    keys = sorted(keys, key=lambda key: (key.account, key.region, key.id))
    lines = [_line(state, key) for key in keys]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        sentence = say("{word} is the name of several nodes: name one by its id.", word=printable(word))
        raise CouldNotTell("\n".join((sentence, *(f"  {line}" for line in lines))))
    print_lines([say("{word} is the name of several nodes:", word=printable(word))], err=True)
    for number, line in enumerate(lines, 1):
        print_lines([f"  {number:>2}  {line}"], err=True)
    numbers = click.IntRange(1, len(keys))
    return keys[click.prompt(say("Which one"), type=numbers, err=True) - 1]


def _line(state: FleetState, key: NodeKey) -> str:
    running = state.nodes[key].state
    return printable(
        "  ".join((key.id, key.region, key.account, running.value if running is not None else "")).rstrip()
    )
