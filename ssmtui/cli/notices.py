"""Messages on standard error: unknown names with suggestions, and changes that an earlier run left unfinished."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ssmtui.cli.printing import print_lines, print_message
from ssmtui.language import say
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.scope import ScopeName
    from ssmtui.remediation.apply.change import Change
    from ssmtui.remediation.apply.change_service import CredentialProvider


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


_NAMED = 3
_PATIENCE = 10.0
"""Seconds within which AWS is to have shown what became of one."""


def print_interrupted_changes(
    run: Run, open_scopes: Collection[ScopeName] | None = None, *, lend: CredentialProvider | None = None
) -> None:
    """Name them, with what AWS shows of each now, and the commands that settle it.

    `lend` hands out the credentials of a diagnosis, in the scopes that it has opened; without it the profile of each
    change is gone through.
    """
    if run.replay is not None or not (run.journal / "changes.jsonl").exists():
        return
    from ssmtui.remediation.apply.follow_up import interrupted_changes
    from ssmtui.remediation.apply.journal import Journal, JournalUnusable
    from ssmtui.report.change_text import unfinished_lines

    try:
        left = interrupted_changes(Journal(run.journal))
    except JournalUnusable:
        return  # who makes or takes back a change is told why
    for change, shown in zip(left[:_NAMED], _shown(run, left[:_NAMED], open_scopes, lend), strict=True):
        first, *others = unfinished_lines(change, shown)
        print_message(first)
        print_lines(others, err=True)
    if len(left) > _NAMED:
        print_message(say("and {more} more: ssmtui undo --list", more=len(left) - _NAMED))


def _shown(
    run: Run, changes: Sequence[Change], open_scopes: Collection[ScopeName] | None, lend: CredentialProvider | None
) -> list[str]:
    """What AWS shows of each; empty where it is not asked."""
    service = run.service(lend=lend) if changes else None
    if service is None:
        return [""] * len(changes)
    try:
        asked = [service.aws_shows(each) if _can_be_asked(each.scope.name, open_scopes) else None for each in changes]
        return ["" if each is None else _answer(each) for each in asked]
    finally:
        service.close(0)


def _can_be_asked(scope: ScopeName, open_scopes: Collection[ScopeName] | None) -> bool:
    return scope in open_scopes if open_scopes is not None else scope.role is None


def _answer(asked: Future[str]) -> str:
    try:
        return asked.result(timeout=_PATIENCE)
    except TimeoutError:
        return ""
