"""Find the nodes that a command names: list them, and ask the person if a name is ambiguous."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty
from typing import TYPE_CHECKING

import click

from ssmtui.cli.check import print_scope_errors, scope_error_text
from ssmtui.cli.errors import UndeterminedError
from ssmtui.cli.notices import searched_regions, unknown_node_messages
from ssmtui.cli.printing import print_lines
from ssmtui.cli.progress import show_progress
from ssmtui.cli.run import Run
from ssmtui.config.declared_settings import ENDPOINT_URL, PROFILE, REGION, TIMEOUT
from ssmtui.diagnosis.events import AllSettled
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.node import NODE_ID, Node, NodeKey
from ssmtui.model.scope import Scope
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.diagnosis.fleet_listing import FleetListing


@contextmanager
def node_listing(run: Run) -> Iterator[FleetListing]:
    """Yield a listing of the run's scopes, closed at the end. It also lends its credentials."""
    from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
    from ssmtui.diagnosis.fleet_listing import FleetListing

    settings = run.settings
    listing = FleetListing(
        DiagnosisRequest(
            settings[PROFILE],
            settings.in_force(REGION).value,
            settings[ENDPOINT_URL],
            run.nodes,
            timeout=settings[TIMEOUT],
            others=settings.others,
            regions_of=settings.regions_of,
        )
    )
    try:
        yield listing
    finally:
        listing.close()


def wait_for_listing(run: Run, listing: FleetListing) -> FleetState:
    """Return the state after all scopes are listed. Show progress, unless a code may be asked for meanwhile."""
    from ssmtui.evidence.aws.profiles import can_prompt

    asks = any(can_prompt(profile, os.environ) for profile in run.settings[PROFILE] or (None,))
    with show_progress(say("looking for nodes"), lambda: not asks):
        state = listing.state()
    run.remember(state)
    return state


_LOOK_UP = 0.1
"""Seconds between two looks of a waiting reader, so that Ctrl-C works on every platform."""


@dataclass(frozen=True, slots=True)
class SelectedNode:
    """A node by its ID, in its scope. `node` is None if it is not listed yet, or listing is not allowed."""

    scope: Scope
    id: str
    node: Node | None = None

    @property
    def key(self) -> NodeKey:
        """Return the node's key."""
        return NodeKey(self.scope.account, self.scope.region, self.id)

    @property
    def words(self) -> str:
        """Return its name and ID for printing."""
        name = self.node.name if self.node is not None else ""
        return printable(f"{name} ({self.id})" if name and name != self.id else self.id)


def check_command(found: SelectedNode) -> str:
    """Return the command that checks a node."""
    return shlex.join(("ssmtui", "check", found.id, *found.scope.name.options))


class DiagnosisWatcher:
    """The state of a diagnosis, updated from its events while the caller waits."""

    def __init__(self, handle: DiagnosisHandle) -> None:
        self.state = FleetState()
        self._inquiry = handle
        self._settled = False

    def until(self, enough: Callable[[FleetState], bool], seconds: float | None = None) -> bool:
        """Apply events until `enough` is true, no more events will come, or the time is over.

        Events that are already queued are always applied. Return whether `enough` is true.
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


def find_node(watcher: DiagnosisWatcher, word: str, *, one_scope: bool, opened: Callable[[], bool]) -> SelectedNode:
    """Return the node that a word names.

    If there is only one scope, an ID needs no listing, so this returns at once. `opened` returns whether every scope is
    open or has an error.

    Raises:
        UndeterminedError: no account could be read, there is no such node, or several and no terminal to ask.

    """
    with show_progress(say("looking for {node}", node=word), opened):
        if one_scope and NODE_ID.fullmatch(word):
            watcher.until(lambda state: bool(state.scopes or state.errors))
            for scope in watcher.state.scopes.values():
                return SelectedNode(scope, word)
        watcher.until(lambda state: opened() and is_listed(state))
    return node_named(watcher.state, word)


def node_named(state: FleetState, word: str) -> SelectedNode:
    """Return the listed node that a word names. If there are several, ask the person.

    Raises:
        UndeterminedError: there is no such node, or several and no terminal to ask.

    """
    keys = [key for key, node in state.nodes.items() if node.is_called({word})]
    if not keys:
        raise UndeterminedError(_why_none(state, word))
    print_scope_errors(state)
    key = keys[0] if len(keys) == 1 else _picked(state, word, keys)
    return SelectedNode(state.scope_of[key], key.id, state.nodes[key])


def is_listed(state: FleetState) -> bool:
    """Return whether every scope is listed, or cannot be listed."""
    return bool(state.scopes) and not (state.scopes.keys() - state.errors.keys() - state.sought.keys())


def _why_none(state: FleetState, word: str) -> str:
    told = [scope_error_text(error) for error in state.errors.values()]
    missing = unknown_node_messages(state) if state.sought else ()
    unknown = (say("Unknown node: {word}.", word=printable(word)), searched_regions(state))
    return "\n".join((*told, *missing)) or " ".join(filter(None, unknown))


def _picked(state: FleetState, word: str, keys: Sequence[NodeKey]) -> NodeKey:
    keys = sorted(keys, key=lambda key: (key.account, key.region, key.id))
    lines = [_line(state, key) for key in keys]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        sentence = say("{word} is the name of several nodes: specify the node ID.", word=printable(word))
        raise UndeterminedError("\n".join((sentence, *(f"  {line}" for line in lines))))
    print_lines([say("{word} is the name of several nodes:", word=printable(word))], err=True)
    for number, line in enumerate(lines, 1):
        print_lines([f"  {number:>2}  {line}"], err=True)
    numbers = click.IntRange(1, len(keys))
    return keys[click.prompt(say("Which node"), type=numbers, err=True) - 1]


def _line(state: FleetState, key: NodeKey) -> str:
    running = state.nodes[key].state
    return printable(
        "  ".join((key.id, key.region, key.account, running.value if running is not None else "")).rstrip()
    )
