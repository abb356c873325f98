"""The facts after a plan, where AWS can be asked about them: what a role may do once it has been given a policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ssmtui.evidence.readers.permissions.supposed_permissions import Ask, permissions_with
from ssmtui.model.permissions import Permissions
from ssmtui.model.plan import Call, FactChange


@dataclass(slots=True)
class _Given:
    """What a role is given: documents of inline policies, and ARNs of managed ones."""

    documents: list[str] = field(default_factory=list)
    arns: list[str] = field(default_factory=list)


async def as_iam_would_answer(ask: Ask, calls: Iterable[Call], changes: Sequence[FactChange]) -> tuple[FactChange, ...]:
    """The changes of fact, those of a role's permissions as IAM simulates them with the policies that it is given."""
    given = _given(calls)
    return tuple([await _asked(ask, given, change) for change in changes])


async def _asked(ask: Ask, given: Mapping[str, _Given], change: FactChange) -> FactChange:
    now, supposed = change.replaces, change.value
    if not isinstance(now, Permissions) or not isinstance(supposed, Permissions):
        return change
    role = given.get(now.principal.rpartition("/")[2])
    if role is None:
        return change
    return replace(change, value=await permissions_with(ask, now, supposed, role.documents, role.arns))


def _given(calls: Iterable[Call]) -> Mapping[str, _Given]:
    given: defaultdict[str, _Given] = defaultdict(_Given)
    for call in calls:
        role, document, arn = (call.parameters.get(name) for name in ("RoleName", "PolicyDocument", "PolicyArn"))
        if call.operation == "PutRolePolicy" and isinstance(role, str) and isinstance(document, str):
            given[role].documents.append(document)
        elif call.operation == "AttachRolePolicy" and isinstance(role, str) and isinstance(arn, str):
            given[role].arns.append(arn)
    return given
