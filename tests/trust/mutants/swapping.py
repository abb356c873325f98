"""A mutant put into the program that runs: every function of that code has another from now on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import FunctionType

from tests.trust.mutants.mutation import TREE, Mutant, changed_code


def swap(mutant: Mutant) -> int:
    """Give its function the changed code, wherever it is held; in how many places it was."""
    code = changed_code(mutant)
    found = list(_holding(str(TREE / mutant.module), mutant.function, code.co_firstlineno))
    for each in found:
        each.__code__ = code
    return len(found)


def _holding(file: str, function: str, line: int) -> Iterator[FunctionType]:
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            code = each.__code__
            if (code.co_qualname, code.co_firstlineno, code.co_filename) == (function, line, file):
                yield each
