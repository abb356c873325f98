"""Values for condition keys that every request of a node has, whatever they are: so that IAM is told that they exist.

IAM names no key that service control policies alone ask for, and judges as if the request had it not
(docs/facts/permissions.md §4). Which requests have which keys:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable

from ssmtui.model.policy_patterns import Context

_AGENT = "aws-sdk-go/1.55.5 (go1.22.7; linux; amd64) amazon-ssm-agent/3.3.0.0"
_ANY_ORGANIZATION = "o-0000000000"
_LATER_THAN_ANY_REVOCATION = "2100-01-01T00:00:00Z"

_OF_A_MEMBER = ("aws:PrincipalOrgPaths", "aws:ResourceOrgPaths")
_OF_A_ROLE = {
    "aws:MultiFactorAuthPresent": "false",
    "aws:TokenIssueTime": _LATER_THAN_ANY_REVOCATION,
    "aws:UserAgent": _AGENT,
}
_BY_METADATA = {"ec2:RoleDelivery": "1.0"}
"""The version of the metadata service that gave the credentials, where both are open."""
_OTHER_VALUES = {"ec2:RoleDelivery": "2.0"}
"""Of keys that have one of two values."""


def stand_ins(known: Context, lacking: Iterable[str], organization: str | None, *, by_metadata: bool) -> Context:
    """Of the keys that are not `known`, and that the account's own policies are not `lacking`.

    `organization` is the account's, where it could be read. `by_metadata` is true of a node that has its credentials
    from its instance profile.
    """
    told = {key.lower() for key in (*known, *lacking)}
    path = f"{organization or _ANY_ORGANIZATION}/r-0000/ou-0000-00000000/"
    every = {**dict.fromkeys(_OF_A_MEMBER, path), **_OF_A_ROLE, **(_BY_METADATA if by_metadata else {})}
    return {key: (value,) for key, value in every.items() if key.lower() not in told}


def other_values(present: Context) -> Context:
    """The other value of the keys that have one of two; of the rest none is told instead, so that they are missing."""
    return {key: (value,) for key, value in _OTHER_VALUES.items() if key in present}
