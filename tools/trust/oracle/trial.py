"""The result of one case, and the smallest case that still differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ssmtui.iam_policy.truth import Truth
from tools.trust.oracle.policy_language import Reading

Case = dict[str, Any]
"""A case in JSON form: printed output can be pasted into a test."""


BUDGET = 3000


def shrunk(case: Case, differs: Callable[[Case], bool], budget: int = BUDGET) -> Case:
    """Return a case from which no part can be removed without losing its difference, as far as the budget allows."""
    tried = 0
    kept, before = case, None
    while kept != before and tried < budget:
        before = kept
        at = 0
        while tried < budget:
            smaller = next(_skipping(_smaller(kept), at), None)
            if smaller is None:
                break
            tried += 1
            if differs(smaller):
                kept = smaller
            else:
                at += 1
    return kept


def _skipping(found: Iterator[Case], count: int) -> Iterator[Case]:
    for number, each in enumerate(found):
        if number >= count:
            yield each


def _smaller(value: Any, name: str = "") -> Iterator[Any]:
    """Yield the value without one of its optional parts; whole branches first."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key in _MAY_BE_NONE and held is not None:
                yield {**value, key: None}
            if key in _MAY_BE_LEFT_OUT or name in _OPEN:
                yield {each: told for each, told in value.items() if each != key}
        for key, held in value.items():
            if key not in _WHOLE:
                yield from ({**value, key: each} for each in _smaller(held, key if name not in _OPEN else name))
    elif isinstance(value, list):
        for at in range(len(value)):
            yield [*value[:at], *value[at + 1 :]]
        for at, held in enumerate(value):
            yield from ([*value[:at], each, *value[at + 1 :]] for each in _smaller(held))


_WHOLE = frozenset({"ports", "node"})
"""Members that are pairs, or have no optional part."""


_MAY_BE_NONE = frozenset({"boundary", "endpoint", "on_resource", "organization_id"})


_MAY_BE_LEFT_OUT = frozenset({"Condition"})


_OPEN = frozenset({"keys", "Condition", "tags", "key_tags", "group_tags", "bucket_tags", "bucket_key_tags"})
"""Members with entries of any name, each of which is optional."""


@dataclass(frozen=True)
class Trial:
    """One question. `says` is None if AWS documents nothing; `simulated` is None if the simulator was not asked."""

    says: Reading
    product: Truth
    simulated: bool | None = None

    @property
    def difference(self) -> str | None:
        """Who contradicts the oracle, in words."""
        if self.says is None:
            return None
        word = "allows" if self.says else "denies"
        if self.product is (Truth.NO if self.says else Truth.YES):
            return f"the product says {self.product.value} where the oracle {word}"
        if self.simulated is not None and self.simulated is not self.says:
            return f"the simulator {'allows' if self.simulated else 'denies'} where the oracle {word}"
        return None
