"""The mutants of a module: one change in one function, named by what stood there and what stands there now."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import CodeType

from tools.trust.mutants.operators import OPERATORS

ROOMS = ("checks", "model", "diagnosis")
TREE = Path(__file__).parents[3]
_LONG, _AROUND = 100, 25
"""From how many characters on the ends that two texts share are left out, and how many of them stay."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. Its name stays the same when lines above it come and go."""

    module: str
    """The file, from the project's root."""
    function: str
    """The outermost function or method around it, as Python qualifies it."""
    operator: str
    was: str
    becomes: str
    ordinal: int
    """Which of the same changes of the function."""
    line: int
    place: tuple[int, int]
    """Which node of the module as it is walked, and which answer of the operator."""

    @property
    def name(self) -> str:
        """What it is known by in what is explained."""
        which = f" (no. {self.ordinal + 1})" if self.ordinal else ""
        return f"{self.module}:{self.function}: {self.was} → {self.becomes}{which}"


def modules(rooms: tuple[str, ...] = ROOMS) -> list[Path]:
    """The files of the rooms, in an order of their own."""
    return sorted(each for room in rooms for each in (TREE / "ssmtui" / room).rglob("*.py") if each.stem != "__init__")


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every change that can be made inside of a function of the file."""
    module = path.relative_to(TREE).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    seen: Counter[tuple[str, str, str]] = Counter()
    for function, body in functions_of(tree):
        for node in (each for statement in body for each in _code(statement)):
            for kind, operator in OPERATORS.items():
                for answer, changed in enumerate(operator(node)):
                    was, becomes = _shortened(_told(node), _told(changed))
                    ordinal = seen[function, was, becomes]
                    seen[function, was, becomes] += 1
                    line = getattr(node, "lineno", 0)
                    yield Mutant(module, function, kind, was, becomes, ordinal, line, (numbers[id(node)], answer))


def changed_code(mutant: Mutant) -> CodeType:
    """The code of its function with the change made, compiled as that of the file itself."""
    path = TREE / mutant.module
    tree = ast.parse(path.read_text(encoding="utf-8"))
    number, answer = mutant.place
    target = next(node for at, node in enumerate(ast.walk(tree)) if at == number)
    changed = deepcopy(list(OPERATORS[mutant.operator](target))[answer])
    _Put(target, ast.copy_location(changed, target)).visit(tree)
    return code_of(compile(ast.fix_missing_locations(tree), str(path), "exec"), mutant.function)


def code_of(whole: CodeType, function: str) -> CodeType:
    """The code of a function within that of its module."""
    within = [whole]
    for code in within:
        if code.co_qualname == function:
            return code
        within.extend(each for each in code.co_consts if isinstance(each, CodeType))
    raise LookupError(function)


class _Put(ast.NodeTransformer):
    """One node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else super().visit(node)


def functions_of(tree: ast.AST, within: str = "") -> Iterator[tuple[str, list[ast.stmt]]]:
    """The outermost functions and the methods of a module, by their qualified names, with their bodies."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield f"{within}{node.name}", node.body
            case ast.ClassDef():
                yield from functions_of(node, f"{within}{node.name}.")


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """What is run: no annotation, no sentence that people read, no type that a value is held against."""
    yield node
    match node:
        case ast.Call(func=ast.Name(id="say")):
            return
        case ast.Call(func=ast.Name(id="isinstance"), args=[held, *_]):
            yield from _code(held)
        case ast.AnnAssign(value=ast.expr() as value):
            yield from _code(value)
        case ast.Raise():
            return
        case _:
            for child in ast.iter_child_nodes(node):
                if not isinstance(child, ast.pattern | ast.arguments | ast.JoinedStr):
                    yield from _code(child)


def _shortened(was: str, becomes: str) -> tuple[str, str]:
    """Both without what they share at either end, but for a little around what is changed."""
    before = _shared(was, becomes) - _AROUND
    behind = _shared(was[::-1], becomes[::-1]) - _AROUND
    if max(len(was), len(becomes)) <= _LONG:
        return was, becomes
    return _cut(was, before, behind), _cut(becomes, before, behind)


def _shared(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _cut(text: str, before: int, behind: int) -> str:
    end = max(len(text) - max(behind, 0), before)
    return f"{'…' if before > 0 else ''}{text[max(before, 0) : end]}{'…' if behind > 0 else ''}"


def _told(node: ast.AST) -> str:
    """A node in a line: the head alone of what has a body."""
    match node:
        case ast.If():
            return f"if {ast.unparse(node.test)}"
        case ast.comprehension():
            return " ".join(ast.unparse(node).split())
        case ast.match_case():
            guard = f" if {ast.unparse(node.guard)}" if node.guard else ""
            return f"case {ast.unparse(node.pattern)}{guard}"
        case _:
            return " ".join(ast.unparse(ast.fix_missing_locations(deepcopy(node))).split())
