"""Whose the resource of a request is, as condition keys of policies tell it: its account, and that one's organization.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html: of actions without a resource,
and of S3's, whose ARNs name no account, the request has the keys as well.
"""

from __future__ import annotations

from ssmtui.model.policy_patterns import Context

ACCOUNT_KEY, ORGANIZATION_KEY, PATHS_KEY = "aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"


def owner_in(resource: str, account: str) -> str | None:
    """The account that owns a resource: its ARN's, else `account` where there is no other; None of S3's."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return account
    return parts[4] or (None if parts[2] == "s3" else account)


def known_of_owner(owner: str | None, account: str, organization: str | None) -> Context:
    """The keys as they are known; `organization` is the own account's, empty where it is in none, None where unread."""
    if owner is None:
        return {}
    told: Context = {ACCOUNT_KEY: (owner,)}
    if owner != account or organization is None:
        return told
    if not organization:
        return {**told, ORGANIZATION_KEY: (), PATHS_KEY: ()}
    return {**told, ORGANIZATION_KEY: (organization,)}
