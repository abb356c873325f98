"""Code put into the program that runs: every function of that code has another from now on."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from tools.trust.mutants.mutation import TREE, Mutant, changed_code, functions_of, modules

_CALLED = "__called_by_a_test__"


class Held:
    """The functions of the rooms as they are held now, looked up once: looking through all objects takes a while."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[str, str, int], list[FunctionType]] = {}
        self.modules = [_imported(path) for path in modules()]
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(str(TREE / "ssmtui")):
                self._by_place.setdefault(_place(each.__code__), []).append(each)

    def swap(self, mutant: Mutant) -> int:
        """Give its function the changed code, wherever it is held; in how many places it was."""
        return self.put(changed_code(mutant))

    def put(self, code: CodeType) -> int:
        """Give it to the function of its place, wherever that is held; in how many places it was."""
        found = self._by_place.get(_place(code), [])
        for each in found:
            each.__code__ = code
        return len(found)


def let_all_tell(held: Held) -> set[str]:
    """Have every function of the rooms enter itself where it is called, as `file:function`; gives the place for it.

    A profiler would be told of every call, those within the SDK as well: that takes thrice the time.
    """
    called: set[str] = set()
    for module in held.modules:
        vars(module)[_CALLED] = called
    for path in modules():
        for code in _telling(path):
            held.put(code)
    return called


def _telling(path: Path) -> Iterator[CodeType]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for name, body in functions_of(tree):
        told = ast.parse(f"{_CALLED}.add({f'{path.relative_to(TREE).as_posix()}:{name}'!r})").body[0]
        body.insert(0, ast.copy_location(told, body[0]))
        names.add(name)
    within = [compile(ast.fix_missing_locations(tree), str(path), "exec")]
    for code in within:
        nested = [each for each in code.co_consts if isinstance(each, CodeType)]
        yield from (each for each in nested if each.co_qualname in names)
        within.extend(nested)


def _imported(path: Path) -> ModuleType:
    return import_module(".".join(path.relative_to(TREE).with_suffix("").parts))


def _place(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno
