"""Create the mutants of a module (one change in one function each), and choose the sample."""

from __future__ import annotations

import ast
import random
import tomllib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import CodeType

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_REACHED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitAnd: ast.BitOr,
}
_NAMED = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list", "startswith": "endswith"}


def comparisons(node: ast.AST) -> Iterator[ast.AST]:
    """Yield each comparison as its opposite, and as its neighbour at the boundary."""
    if isinstance(node, ast.Compare):
        for place, compared in enumerate(node.ops):
            for other in _COMPARED[type(compared)]:
                changed = deepcopy(node)
                changed.ops[place] = other()
                yield changed


def booleans(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `and` as `or`, one operand less, and a condition as its opposite."""
    match node:
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            for place in range(len(node.values)):
                rest = [each for at, each in enumerate(node.values) if at != place]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call()):
            yield ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)


def constants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a number as the next, true as false, and a text that is compared or looked up as another."""
    match node:
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int()):
            yield ast.Constant(node.value + 1)  # type: ignore[operator] # an int, says the pattern
        case ast.Compare(ops=[ast.Eq() | ast.NotEq()], comparators=[ast.Constant(value=str())]):
            yield ast.Compare(node.left, node.ops, [ast.Constant("mutant")])
        case ast.Compare(left=ast.Constant(value=str())):
            yield ast.Compare(ast.Constant("mutant"), node.ops, node.comparators)
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Set() | ast.Tuple() as among]):
            for place in range(len(among.elts)):
                rest = [each for at, each in enumerate(among.elts) if at != place]
                less = ast.Set(rest) if isinstance(among, ast.Set) and rest else ast.Tuple(rest, ast.Load())
                yield ast.Compare(node.left, node.ops, [less])


def arithmetic(node: ast.AST) -> Iterator[ast.AST]:
    """Yield one operation as another."""
    if isinstance(node, ast.BinOp) and (other := _REACHED.get(type(node.op))):
        yield ast.BinOp(node.left, other(), node.right)


def returns(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a return of nothing instead of the value."""
    match node:
        case ast.Return(value=ast.Constant() | None):
            return
        case ast.Return(value=ast.Tuple(elts=[])):
            yield ast.Return(ast.Constant(None))
        case ast.Return(value=ast.Tuple()):
            yield ast.Return(ast.Tuple([], ast.Load()))
        case ast.Return():
            yield ast.Return(ast.Constant(None))


def arguments(node: ast.AST) -> Iterator[ast.AST]:
    """Yield two neighbouring arguments swapped, a keyword left out, a function as its opposite."""
    if not isinstance(node, ast.Call):
        return
    match node.func:
        case ast.Name(id=name) if name in _NAMED:
            yield ast.Call(ast.Name(_NAMED[name], ast.Load()), node.args, _kept(name, node.keywords))
        case ast.Attribute(attr=name) if name in _NAMED:
            yield ast.Call(ast.Attribute(node.func.value, _NAMED[name], ast.Load()), node.args, node.keywords)
    if isinstance(node.func, ast.Name) and node.func.id in {"isinstance", "say", "cast"}:
        return
    for place in range(len(node.args) - 1):
        first, second = node.args[place : place + 2]
        if ast.dump(first) != ast.dump(second):
            yield ast.Call(node.func, [*node.args[:place], second, first, *node.args[place + 2 :]], node.keywords)
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            rest = [*node.keywords[:place], *node.keywords[place + 1 :]]
            yield ast.Call(node.func, node.args, rest)


def _kept(name: str, keywords: list[ast.keyword]) -> list[ast.keyword]:
    return [] if name == "sorted" else keywords


def steps(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `continue` as `break`, and a filter or a guard left out."""
    match node:
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.comprehension(ifs=[_, *_]):
            yield ast.comprehension(node.target, node.iter, node.ifs[1:], node.is_async)
        case ast.match_case(guard=ast.expr()):
            yield ast.match_case(node.pattern, None, node.body)


OPERATORS: dict[str, Callable[[ast.AST], Iterator[ast.AST]]] = {
    each.__name__: each for each in (comparisons, booleans, constants, arithmetic, returns, arguments, steps)
}
"""The operators by the kind of change, as it is reported."""


ROOMS = ("checks", "model", "diagnosis")
TREE = Path(__file__).parents[3]
_LONG, _AROUND = 100, 25
"""The length from which the shared ends of two texts are left out, and how much of them stays."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. Its name does not change with the lines above it."""

    module: str
    """The file, from the project's root."""
    function: str
    """The outermost function or method around it, by its qualified name."""
    operator: str
    was: str
    becomes: str
    ordinal: int
    """The number of the change among equal ones in the function."""
    line: int
    place: tuple[int, int]
    """The node in the module's walk, and the number of the operator's result."""

    @property
    def name(self) -> str:
        """The name in the list of explained mutants."""
        which = f" (no. {self.ordinal + 1})" if self.ordinal else ""
        return f"{self.module}:{self.function}: {self.was} → {self.becomes}{which}"


def modules(rooms: tuple[str, ...] = ROOMS) -> list[Path]:
    """Return the files of the packages, in a fixed order."""
    return sorted(each for room in rooms for each in (TREE / "ssmtui" / room).rglob("*.py") if each.stem != "__init__")


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every change inside the functions of the file."""
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
    """Return the function's code with the change, compiled like that of the file."""
    path = TREE / mutant.module
    tree = ast.parse(path.read_text(encoding="utf-8"))
    number, answer = mutant.place
    target = next(node for at, node in enumerate(ast.walk(tree)) if at == number)
    changed = deepcopy(list(OPERATORS[mutant.operator](target))[answer])
    _Put(target, ast.copy_location(changed, target)).visit(tree)
    return code_of(compile(ast.fix_missing_locations(tree), str(path), "exec"), mutant.function)


def code_of(whole: CodeType, function: str) -> CodeType:
    """Return the code of a function within its module's code."""
    within = [whole]
    for code in within:
        if code.co_qualname == function:
            return code
        within.extend(each for each in code.co_consts if isinstance(each, CodeType))
    raise LookupError(function)


class _Put(ast.NodeTransformer):
    """Replaces one node with another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self._new if node is self._old else super().visit(node)


def functions_of(tree: ast.AST, within: str = "") -> Iterator[tuple[str, list[ast.stmt]]]:
    """Yield the outermost functions and methods of a module, by qualified name, with their bodies."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield f"{within}{node.name}", node.body
            case ast.ClassDef():
                yield from functions_of(node, f"{within}{node.name}.")


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the executed nodes: no annotations, no texts for people, no types in checks."""
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
    """Return both texts without their shared ends, except for a little context."""
    before = _shared(was, becomes) - _AROUND
    behind = _shared(was[::-1], becomes[::-1]) - _AROUND
    if max(len(was), len(becomes)) <= _LONG:
        return was, becomes
    return _cut(was, before, behind), _cut(becomes, before, behind)


def _shared(one: str, other: str) -> int:
    """Return the length of the common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _cut(text: str, before: int, behind: int) -> str:
    end = max(len(text) - max(behind, 0), before)
    return f"{'…' if before > 0 else ''}{text[max(before, 0) : end]}{'…' if behind > 0 else ''}"


def _told(node: ast.AST) -> str:
    """Return a node in one line: only the head of a compound statement."""
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


@dataclass(frozen=True, slots=True)
class Sample:
    """This many mutants of a file or folder; all of them without a number."""

    seed: int
    count: int
    only: str = "ssmtui"

    def mutants(self) -> list[Mutant]:
        """Return the chosen mutants."""
        found = [each for path in modules() for each in mutants_of(path) if each.module.startswith(self.only)]
        if not self.count:
            return found
        kinds: dict[str, list[Mutant]] = {}
        for mutant in found:
            kinds.setdefault(mutant.operator, []).append(mutant)
        for of_kind in kinds.values():
            random.Random(self.seed).shuffle(of_kind)  # noqa: S311 # a sample, and no secret
        return list(_in_turn(kinds, self.count))


SAMPLES = (Sample(13, 350), Sample(14, 250, "ssmtui/checks"))
"""Of all three packages, and of the checks separately: a wrong verdict is the worst error."""


def each_once(samples: Iterable[Sample]) -> list[Mutant]:
    """Return all chosen mutants without duplicates, ordered by place."""
    found = {mutant.name: mutant for sample in samples for mutant in sample.mutants()}
    return sorted(found.values(), key=lambda each: (each.module, each.line, each.name))


def named(names: Container[str]) -> list[Mutant]:
    """Return the mutants of these names, as far as the code still matches."""
    return [each for path in modules() for each in mutants_of(path) if each.name in names]


def _in_turn(kinds: dict[str, list[Mutant]], count: int) -> Iterator[Mutant]:
    while count and kinds:
        for kind in list(kinds)[:count]:
            yield kinds[kind].pop()
            count -= 1
            if not kinds[kind]:
                del kinds[kind]


FILE = Path(__file__).with_name("explained.toml")


def explained() -> dict[str, str]:
    """Return the explanations by mutant name."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: why for why, names in told.items() for name in names}
