"""Messages on standard error: unknown names with suggestions, and interrupted changes of earlier runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ssmtui.cli.printing import print_lines, print_message
from ssmtui.config.private_files import draft_beside, folders, make_private_folder, read_private
from ssmtui.language import say, say_many
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ssmtui.cli.run import Run
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.scope import ScopeName
    from ssmtui.remediation.apply.change import Change
    from ssmtui.remediation.apply.change_service import CredentialProvider


_LAST_WARNING = "plugin-warning"


def is_new_warning(sentence: str) -> bool:
    """Return whether a warning about the plugin is another one than the last, and keep it. Each is printed once."""
    file = folders().cache / _LAST_WARNING
    try:
        if read_private(file) == sentence.encode():
            return False
    except OSError:
        pass  # there was no warning yet
    with suppress(OSError):
        make_private_folder(file.parent)
        with draft_beside(file) as draft:
            draft.write_bytes(sentence.encode())
            draft.replace(file)
    return True


def unknown_node_messages(state: FleetState, commands: Iterable[str] = ()) -> tuple[str, ...]:
    """Return a sentence for each requested node name that is unknown, with similar nodes and `commands`."""
    others = {*state.others(), *(name for node in state.nodes.values() for name in (node.id, node.name))}
    known, searched = tuple(commands), searched_regions(state)
    return tuple(" ".join(_unknown_node_messages(word, known, others, searched)) for word in state.nowhere())


_MAX_REGIONS = 4
"""Up to this many Regions are all named."""


def searched_regions(state: FleetState) -> str:
    """Return a sentence that names the Regions in which nodes were looked for; empty if no Region is open."""
    regions = sorted({scope.region for name, scope in state.scopes.items() if name not in state.errors})
    if not regions:
        return ""
    shown = regions if len(regions) <= _MAX_REGIONS else regions[: _MAX_REGIONS - 1]
    named = ", ".join(map(printable, shown))
    if len(shown) < len(regions):
        return say("Regions searched: {regions} and {count} more.", regions=named, count=len(regions) - len(shown))
    return say_many("Region searched: {regions}.", "Regions searched: {regions}.", count=len(regions), regions=named)


def suggest(word: str, names: Iterable[str]) -> str:
    """Return names that are similar to a word, as a question after a space; empty if there are none."""
    near = similar_names(word, names)
    return " " + say("Did you mean {names}?", names=_either(near)) if near else ""


def _unknown_node_messages(word: str, commands: Sequence[str], others: Iterable[str], searched: str) -> Iterator[str]:
    near_commands, near_nodes = similar_names(word, commands), similar_names(word, others)
    if commands:
        yield say("{word} is neither a command nor a node.", word=printable(word))
    else:
        yield say("Unknown node: {word}.", word=printable(word))
    if searched and not near_commands:
        yield searched
    if near_commands:
        yield say("Did you mean the command {names}?", names=_either(near_commands))
    if near_nodes:
        yield say("Similar nodes: {names}.", names=", ".join(map(printable, near_nodes)))
    if not near_commands and not near_nodes:
        yield say("A NODE is an ID or an exact Name tag.")


def _either(names: Sequence[str]) -> str:
    *first, last = map(printable, names)
    return say("{first} or {last}", first=", ".join(first), last=last) if first else last


_NAMED = 3
_PATIENCE = 10.0
"""Seconds to wait until AWS shows the state of a change."""


def print_interrupted_changes(
    run: Run, open_scopes: Collection[ScopeName] | None = None, *, lend: CredentialProvider | None = None
) -> None:
    """Print the interrupted changes with their current state in AWS, and the commands that settle them.

    `lend` returns credentials of a diagnosis, for the scopes that it has opened. Without it, each change's profile is
    used.
    """
    if run.replay is not None or not (run.journal / "changes.jsonl").exists():
        return
    from ssmtui.remediation.apply.follow_up import interrupted_changes
    from ssmtui.remediation.apply.journal import Journal, JournalUnusable
    from ssmtui.report.change_text import unfinished_lines

    try:
        left = interrupted_changes(Journal(run.journal))
    except JournalUnusable:
        return  # the command that makes or undoes a change reports why
    for change, shown in zip(left[:_NAMED], _shown(run, left[:_NAMED], open_scopes, lend), strict=True):
        first, *others = unfinished_lines(change, shown)
        print_message(first)
        print_lines(others, err=True)
    if len(left) > _NAMED:
        print_message(say("and {more} more: ssmtui undo --list", more=len(left) - _NAMED))


def _shown(
    run: Run, changes: Sequence[Change], open_scopes: Collection[ScopeName] | None, lend: CredentialProvider | None
) -> list[str]:
    """Return the state of each change in AWS; empty if it is not read."""
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
