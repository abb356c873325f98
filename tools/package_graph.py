"""Read the imports between the packages, and sort the packages into layers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from grimp import ImportGraph

Imports = Mapping[str, Collection[str]]
"""The packages that each package imports."""

STAGES_OF = "remediation"
"""This package is on several layers: each of its stages counts as a package."""


def package_names(graph: ImportGraph) -> list[str]:
    """Return the packages of ssmtui and its top-level modules, without `__main__`."""
    names = [each.removeprefix("ssmtui.") for each in graph.find_children("ssmtui") if not each.endswith("__main__")]
    stages = [each.removeprefix("ssmtui.") for each in graph.find_children(f"ssmtui.{STAGES_OF}")]
    return sorted([each for each in names if each != STAGES_OF] + stages)


def subpackage_names(graph: ImportGraph, package: str) -> list[str]:
    """Return the packages inside a package of ssmtui, by their last name."""
    children = sorted(graph.find_children(f"ssmtui.{package}"))
    return [each.rpartition(".")[2] for each in children if graph.find_children(each)]


def imports_between(graph: ImportGraph, parent: str, names: Collection[str]) -> Imports:
    """Return the imports among these packages of a parent."""
    package_of = {
        module: name for name in names for module in (f"{parent}.{name}", *graph.find_descendants(f"{parent}.{name}"))
    }
    imports: dict[str, set[str]] = {name: set() for name in names}
    for module, name in package_of.items():
        imported = (package_of.get(each) for each in graph.find_modules_directly_imported_by(module))
        imports[name].update(each for each in imported if each is not None and each != name)
    return imports


def direct_imports(imports: Imports) -> Imports:
    """Return the imports without those that others imply: `ui → model` follows from `ui → diagnosis → model`."""

    def below(name: str) -> set[str]:
        return {each for first in imports[name] for each in (first, *below(first))}

    return {name: {each for each in to if not any(each in below(o) for o in to)} for name, to in imports.items()}


def layers(imports: Imports) -> list[list[str]]:
    """Return the packages layer by layer: each directly below the lowest of those that import it.

    Raises:
        ValueError: they import each other in a circle.

    """
    left, found = set(imports), list[list[str]]()
    while left:
        layer = sorted(each for each in left if not any(each in imports[other] for other in left))
        if not layer:
            raise ValueError(f"a circle among {', '.join(sorted(left))}")
        found.append(layer)
        left -= set(layer)
    return found
