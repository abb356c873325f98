"""Names say what a thing is: a name such as `told` or `found` needs the code around it to be understood."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

TREE = Path(__file__).parents[1]

VAGUE_NAMES = {"told", "said", "asked", "held", "made", "whom", "found", "of"}
VAGUE_WORDS = {"told", "asked", "held", "whom", "tell", "tells", "telling", "hear", "hears", "heard"}
"""Words that make a name of several words vague, too: `_tell_one`, `told_meanwhile`."""

# How many vague names each package still has. A number can only go down: write the new one, and remove the row at 0.
REMAINING = {
    "analysis": 41,
    "causes": 39,
    "checks": 27,
    "cli": 148,
    "config": 33,
    "diagnosis": 1,
    "evidence": 296,
    "model": 51,
    "remediation": 100,
    "report": 110,
    "session": 105,
    "simulator": 78,
    "tools": 449,
    "ui": 168,
}


def test_no_package_gets_a_new_vague_name() -> None:
    modules = [*TREE.glob("ssmtui/**/*.py"), *TREE.glob("tools/**/*.py")]
    counts = Counter(package_of(module) for module in modules for _ in vague_names(module.read_text(encoding="utf-8")))
    assert dict(sorted(counts.items())) == REMAINING


def test_a_vague_name_is_a_variable_a_parameter_a_function_or_a_field() -> None:
    code = """
class Answer:
    told: str
    def _tell_one(self, whom, answer):
        found = [each for each in answer]
        self.held = found
"""
    assert vague_names(code) == ["told", "_tell_one", "whom", "found", "held"]


def package_of(module: Path) -> str:
    """Return the package of ssmtui that a module is in, or `tools`."""
    place = module.relative_to(TREE)
    return place.parts[0] if place.parts[0] == "tools" else place.parts[1]


def vague_names(code: str) -> list[str]:
    """Return each vague name that the code gives, once for each function or class that gives it."""
    tree = ast.parse(code)
    blocks = (tree, *(node for node in ast.walk(tree) if isinstance(node, BLOCKS)))
    return [name for block in blocks for name in dict.fromkeys(given_names(block)) if is_vague(name)]


def is_vague(name: str) -> bool:
    """Return whether a name does not say what it names."""
    return name.strip("_") in VAGUE_NAMES or not VAGUE_WORDS.isdisjoint(name.split("_"))


BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def given_names(block: ast.AST) -> list[str]:
    """Return the names that a block gives itself: of its variables, parameters, attributes, functions and classes."""
    names: list[str] = []
    if isinstance(block, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = block.args
        every = (*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg)
        names += [each.arg for each in every if each]
    inside = [*ast.iter_child_nodes(block)]
    while inside:
        node = inside.pop(0)
        if isinstance(node, BLOCKS):
            names.append(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.append(node.attr)
        inside = [*ast.iter_child_nodes(node), *inside]
    return names
