"""What is changed in the code, one thing at a time: each operator says what stands in a node's place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy

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
    """Each comparison by its opposite, and by its neighbour at the border."""
    if isinstance(node, ast.Compare):
        for place, compared in enumerate(node.ops):
            for other in _COMPARED[type(compared)]:
                changed = deepcopy(node)
                changed.ops[place] = other()
                yield changed


def booleans(node: ast.AST) -> Iterator[ast.AST]:
    """And by or, one operand less, a condition by its opposite."""
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
    """A number by the next, true by false, a text that is compared or looked up by another."""
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
    """One operation by another."""
    if isinstance(node, ast.BinOp) and (other := _REACHED.get(type(node.op))):
        yield ast.BinOp(node.left, other(), node.right)


def returns(node: ast.AST) -> Iterator[ast.AST]:
    """Nothing instead of what a function answers."""
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
    """Two neighbours by each other's place, a named one left out, a function by its opposite."""
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
    """A loop's next round by its end, a filter or a guard left out."""
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
"""By the kind of change, as it is told."""
