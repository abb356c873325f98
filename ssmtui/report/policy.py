"""The least IAM policy that ssmtui needs, worked out from the lists that keep it from calling anything else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from ssmtui.changes import operations as changes
from ssmtui.evidence.operations import READ_OPERATIONS
from ssmtui.model.plan import JSON
from ssmtui.model.preferences import DOCUMENT_NAME

VERSION = "2012-10-17"
"""The current version of the policy language."""

PERMITTED_TO_ALL = frozenset({"sts:GetCallerIdentity"})
"""What needs no permission, and what none could refuse
(https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)."""

EVERYTHING = "*"
EVERY_DOCUMENT = "arn:*:ssm:*:*:document/*"
PREFERENCES = f"arn:*:ssm:*:*:document/{DOCUMENT_NAME}"
_WIDEST_FIRST = (EVERYTHING, EVERY_DOCUMENT, PREFERENCES)

# Session documents besides the preferences are read too; all that is changed are the preferences.
_READ_ON = {"ssm:DescribeDocument": EVERY_DOCUMENT, "ssm:GetDocument": EVERY_DOCUMENT}
_ON_A_DOCUMENT = re.compile(r"ssm:[A-Z][a-z]+Document(DefaultVersion)?")


class Purpose(Enum):
    """What a policy is for."""

    READ = "read"
    FIXES = "fixes"


def policy_document(purposes: Iterable[Purpose]) -> Mapping[str, JSON]:
    """The policy for these purposes: one statement a resource, its actions sorted.

    What a fix is previewed by belongs to reading; `FIXES` alone is what making and undoing a change takes on top.
    """
    resources: dict[str, str] = {}
    for purpose in purposes:
        for action, resource in _GRANTS[purpose]().items():
            resources[action] = min(resources.get(action, resource), resource, key=_WIDEST_FIRST.index)
    statements = [
        _statement([action for action, granted in resources.items() if granted == resource], resource)
        for resource in _WIDEST_FIRST
        if resource in resources.values()
    ]
    return {"Version": VERSION, "Statement": statements}


def _statement(actions: Sequence[str], resource: str) -> Mapping[str, JSON]:
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}


def _reading() -> Mapping[str, str]:
    actions = {action for each in READ_OPERATIONS.values() for action in each} - PERMITTED_TO_ALL
    return {action: _READ_ON.get(action, EVERYTHING) for action in actions}


def _fixing() -> Mapping[str, str]:
    # Each operation that the writer may send is named as the IAM action that it needs.
    named = {f"{service}:{operation}" for service, operation in changes.WRITES | changes.READS} - PERMITTED_TO_ALL
    actions = named.union(*changes.FURTHER_ACTIONS.values())
    return {action: PREFERENCES if _ON_A_DOCUMENT.fullmatch(action) else EVERYTHING for action in actions}


_GRANTS = {Purpose.READ: _reading, Purpose.FIXES: _fixing}
