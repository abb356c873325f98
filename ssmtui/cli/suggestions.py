"""Messages about unknown names, with suggestions of similar names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.diagnosis.fleet_state import FleetState


def unknown_node_messages(state: FleetState, commands: Iterable[str] = ()) -> tuple[str, ...]:
    """A sentence for each word that was asked for and names no node, with the near nodes and `commands`."""
    others = {*state.others(), *(name for node in state.nodes.values() for name in (node.id, node.name))}
    known = tuple(commands)
    return tuple(" ".join(_unknown_node_messages(word, known, others)) for word in state.nowhere())


def suggest(word: str, names: Iterable[str]) -> str:
    """The names that are near a word, as a question with a space before it; empty where none is."""
    near = similar_names(word, names)
    return " " + say("Did you mean {names}?", names=_either(near)) if near else ""


def _unknown_node_messages(word: str, commands: Sequence[str], others: Iterable[str]) -> Iterator[str]:
    near_commands, near_nodes = similar_names(word, commands), similar_names(word, others)
    if commands:
        yield say("{word} is neither a command nor a node.", word=printable(word))
    else:
        yield say("There is no node {word}.", word=printable(word))
    if near_commands:
        yield say("Did you mean the command {names}?", names=_either(near_commands))
    if near_nodes:
        yield say("Near nodes: {names}.", names=", ".join(map(printable, near_nodes)))
    if not near_commands and not near_nodes:
        yield say("A NODE is an id or an exact Name tag.")


def _either(names: Sequence[str]) -> str:
    *first, last = map(printable, names)
    return say("{first} or {last}", first=", ".join(first), last=last) if first else last
