"""The rooms of the house, who imports whom among them, and on which floor each is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from grimp import ImportGraph

Arrows = Mapping[str, Collection[str]]
"""Who imports whom."""


def arrows_between(graph: ImportGraph, house: str) -> Arrows:
    """The arrows between the packages of a package, and modules that stand alone in it but for `__main__`."""
    arrows: dict[str, set[str]] = {
        each.rpartition(".")[2]: set() for each in graph.find_children(house) if not each.endswith("__main__")
    }
    if house != "ssmtui":
        arrows = {name: found for name, found in arrows.items() if graph.find_children(f"{house}.{name}")}
    for name, found in arrows.items():
        for module in {f"{house}.{name}", *graph.find_descendants(f"{house}.{name}")}:
            for imported in graph.find_modules_directly_imported_by(module):
                other = imported.removeprefix(f"{house}.").partition(".")[0]
                if imported.startswith(f"{house}.") and other in arrows and other != name:
                    found.add(other)
    return arrows


def without_detours(arrows: Arrows) -> Arrows:
    """The arrows without those that others lead to as well: `ui → model` runs along `ui → diagnosis → model`."""

    def beneath(name: str) -> set[str]:
        return {each for first in arrows[name] for each in (first, *beneath(first))}

    return {name: {each for each in to if not any(each in beneath(o) for o in to)} for name, to in arrows.items()}


def floors(arrows: Arrows) -> list[list[str]]:
    """The rooms floor by floor: each right under the lowest of those that import it.

    Raises:
        ValueError: they import each other in a circle.

    """
    left, found = set(arrows), list[list[str]]()
    while left:
        floor = sorted(each for each in left if not any(each in arrows[other] for other in left))
        if not floor:
            raise ValueError(f"a circle among {', '.join(sorted(left))}")
        found.append(floor)
        left -= set(floor)
    return found
