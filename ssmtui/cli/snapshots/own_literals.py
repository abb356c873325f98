"""The words that ssmtui's own code compares with: states, protocols, settings. They name nothing of anybody."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from types import CodeType

import ssmtui.checks
import ssmtui.diagnosis
import ssmtui.evidence
import ssmtui.fixes
import ssmtui.model

_WORD = re.compile(r"[\w.:/+-]{1,60}")


@cache
def own_literals() -> frozenset[str]:
    """Every word that stands in the code of values, evidence, checks and fixes."""
    return frozenset(word for code in _codes() for word in _words(code) if _WORD.fullmatch(word))


def _codes() -> Iterator[CodeType]:
    for package in (ssmtui.model, ssmtui.evidence, ssmtui.checks, ssmtui.fixes, ssmtui.diagnosis):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            spec = importlib.util.find_spec(module.name)
            loader = spec.loader if spec is not None else None
            code = getattr(loader, "get_code", lambda _name: None)(module.name)
            if code is not None:
                yield code


def _words(constant: object) -> Iterator[str]:
    if isinstance(constant, str):
        yield constant
    elif isinstance(constant, CodeType):
        for each in constant.co_consts:
            yield from _words(each)
    elif isinstance(constant, tuple | frozenset):
        for each in constant:
            yield from _words(each)
