"""Group resources that the statements of policies cannot tell apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.evaluation import action_fits
from ssmtui.iam_policy.patterns import VariableValues, resource_matches
from ssmtui.iam_policy.truth import Truth

MAX_COMPARISONS = 20_000
"""Maximum number of patterns times resources: comparing them takes a third of a second."""

_COLONS = 5
_NOT_LITERAL = re.compile(r"\$\{[^}]*\}|[*?]")

_Pattern = tuple[str, bool]
"""A pattern of resources, and whether it can have variables."""


def group_resources(
    policies: Iterable[Policy], actions: Sequence[str], resources: Sequence[str]
) -> tuple[tuple[str, ...], ...] | None:
    """Return the ARNs in groups: a statement about one of the actions names all of a group, or none.

    Conditions do not count: they are about the rest of the request, which is the same for all. The result is None if a
    policy variable decides, or if there are too many patterns to compare.
    """
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for resource in resources:
        if resource.count(":") != _COLONS or "/" not in resource:
            return None
        by_kind[resource.rpartition("/")[0]].append(resource)
    patterns = frozenset(
        (pattern, policy.has_variables)
        for policy in policies
        for statement in policy.statements
        if any(action_fits(statement, action) for action in actions)
        for pattern in (*statement.resources, *statement.not_resources)
    )
    groups: list[tuple[str, ...]] = []
    for alike in by_kind.values():
        together = _grouped(patterns, alike)
        if together is None:
            return None
        groups.extend(together)
    return tuple(groups)


def _grouped(patterns: frozenset[_Pattern], resources: Sequence[str]) -> list[tuple[str, ...]] | None:
    common = _common_start(min(resources), max(resources))
    deciding = [each for each in patterns if len(resources) > 1 and not _is_the_same_for_all(each, common)]
    exact = {
        pattern for pattern, _ in deciding if _NOT_LITERAL.search(pattern) is None and pattern.count(":") >= _COLONS
    }
    wild = [each for each in deciding if each[0] not in exact]
    if len(wild) * len(resources) > MAX_COMPARISONS:
        return None
    groups: defaultdict[tuple[str, tuple[Truth, ...]], list[str]] = defaultdict(list)
    for resource in resources:
        fits = tuple(resource_matches(pattern, resource, VariableValues({}, variables)) for pattern, variables in wild)
        if Truth.PERHAPS in fits:
            return None
        groups[resource if resource in exact else "", fits].append(resource)
    return [tuple(each) for each in groups.values()]


def _common_start(one: str, other: str) -> str:
    return one[: next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))]


def _is_the_same_for_all(pattern: _Pattern, common: str) -> bool:
    """Return whether a pattern matches all resources that begin with `common`, or none. They have no further colons."""
    text, has_variables = pattern
    if text.endswith("*") and resource_matches(text, common, VariableValues({}, has_variables)) is Truth.YES:
        return True
    first, *others = _NOT_LITERAL.split(text)
    if not common.startswith(first) and not first.startswith(common):
        return True
    return any(each[: each.rindex(":") + 1] not in common for each in others if ":" in each)
