"""The least IAM policy for actions: each on the narrowest resources that IAM lets it be granted on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase

from ssmtui.model.plan import JSON
from ssmtui.report.policy_resources import EVERYTHING, Granted, PolicyTarget, Purpose, granted

VERSION = "2012-10-17"
"""The current version of the policy language."""

PERMITTED_TO_ALL = frozenset({"sts:GetCallerIdentity"})
"""What needs no permission, and what none could refuse
(https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)."""

MANAGED_POLICY_HOLDS = 6144
"""Characters of a managed policy, white space not counted
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

ANYBODY = PolicyTarget()


def policy_document(actions: Mapping[Purpose, Collection[str]], target: PolicyTarget = ANYBODY) -> Mapping[str, JSON]:
    """The policy for these actions: one statement for what is granted alike, its actions sorted, the widest first.

    What a fix is previewed by belongs to reading; `FIXES` alone is what making and undoing a change takes on top, and
    `SESSIONS` what opening, carrying on and ending one takes.
    """
    grants: dict[str, Granted] = {}
    for purpose, needed in actions.items():
        for action in needed:
            more = granted(action, target, purpose)
            grants[action] = _widened(grants[action], more) if action in grants else more
    alike: defaultdict[tuple[tuple[str, ...], str], list[str]] = defaultdict(list)
    for action, grant in grants.items():
        alike[grant.resources, json.dumps(grant.condition)].append(action)
    in_order = sorted(alike.items(), key=lambda each: (each[0][0] != (EVERYTHING,), sorted(each[1])))
    statements: list[JSON] = [
        _statement(sorted(each), resources, json.loads(condition)) for (resources, condition), each in in_order
    ]
    return {"Version": VERSION, "Statement": statements}


def size_of(policy: Mapping[str, JSON]) -> int:
    """How long IAM takes a policy to be: it counts no white space."""
    return len(json.dumps(policy, separators=(",", ":")))


def _statement(actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, JSON]) -> Mapping[str, JSON]:
    statement: dict[str, JSON] = {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }
    return statement | ({"Condition": condition} if condition else {})


def _widened(one: Granted, other: Granted) -> Granted:
    """What either grants; a resource that a wider one holds is left out."""
    both = dict.fromkeys((*one.resources, *other.resources))
    kept = [each for each in both if not any(each != wider and fnmatchcase(each, wider) for wider in both)]
    return Granted(tuple(sorted(kept)), one.condition if one.condition == other.condition else {})
