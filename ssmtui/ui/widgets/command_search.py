"""Looking for a command by what is typed: in its name, its other names, what is told of it, and then by its letters."""

from __future__ import annotations

from collections.abc import Iterable

from textual.fuzzy import FuzzySearch

from ssmtui.ui.state.commands import Command


def found(commands: Iterable[Command], typed: str) -> list[Command]:
    """The commands that are meant, the likeliest first; without a word, all as they come.

    What is called so comes before what begins so, what holds all words before what only has the letters in their order.
    """
    wanted = " ".join(typed.casefold().split())
    if not wanted:
        return list(commands)
    search = FuzzySearch()
    placed = [(place, each) for each in commands if (place := _place(each, wanted, search)) is not None]
    return [each for _, each in sorted(placed, key=lambda pair: pair[0])]


def _place(command: Command, wanted: str, search: FuzzySearch) -> tuple[int, float] | None:
    name, also = command.name.casefold(), command.also.casefold().split()
    words = wanted.split()
    if wanted == name or wanted in also:
        return 0, 0
    if name.startswith(wanted):
        return 1, len(name)
    if any(each.startswith(wanted) for each in also):
        return 2, len(name)
    if all(word in name for word in words):
        return 3, name.find(words[0])
    everything = " ".join((name, *also, command.told.casefold()))
    if all(word in everything for word in words):
        return 4, everything.find(words[0])
    score, _ = search.match(wanted, name)
    return (5, -score) if score > 0 else None
