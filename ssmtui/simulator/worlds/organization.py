"""Organizations: several accounts with nodes, and service control policies about the session key."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from ssmtui.simulator.scenario import (
    HEALTHY,
    Agent,
    Expectation,
    InlinePolicy,
    Key,
    MemberAccount,
    Node,
    Organization,
    RegionScenario,
    Role,
    Scenario,
    StatementJSON,
    fails,
    unseen,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    ENGINEER,
    KEYS,
    REGION,
    WEB,
    WEB_WITHOUT_DESTINATIONS,
    allow,
    nat_network,
    node,
    node_role,
    profile_of,
    small_world,
)

SHOP: Final = "222233334444"
LABS: Final = "333344445555"
VAULT: Final = "444455556666"
CLOSED: Final = "555566667777"

AUDIT: Final = "Audit"
"""The role with which the caller accesses the other accounts."""

LABS_EXTERNAL_ID: Final = "acme-audit-7"
"""The external ID that the trust policy of the role in the labs requires."""

_CALLER: Final = f"arn:aws:iam::{ACCOUNT}:role/{ENGINEER.name}"


def organization() -> Scenario:
    """An organization of five accounts: one is closed, one lets nobody in, one wants an external id."""
    own = small_world(
        (node("web-1"), node("web-2", fails("not-registered"), agent=Agent(running=False, registered_before=False))),
        caller=replace(ENGINEER, inline=(*ENGINEER.inline, _OTHER_ACCOUNTS)),
        organization=Organization(),
    )
    shop = (
        node("till-1"),
        node("till-2", fails("not-registered"), agent=Agent(running=False, registered_before=False)),
    )
    members = (
        _member(SHOP, "acme-shop", shop, _audit_in(SHOP)),
        _member(LABS, "acme-labs", (node("bench-1"),), replace(_audit_in(LABS), external_id=LABS_EXTERNAL_ID)),
        _member(VAULT, "acme-vault", (node("safe-1"),), replace(_audit_in(VAULT), trusted=(_root_of(VAULT),))),
        MemberAccount(CLOSED, "acme-old-shop", state="SUSPENDED"),
    )
    return replace(own, members=members, role_in_members=AUDIT)


def key_denied_by_organization_for_its_tag() -> Scenario:
    """The organization denies the use of keys with a tag or an alias, which the session key has."""
    return _restricting_keys("restricted", "alias/acme/sessions", fails("kms-node-denied"))


def key_without_the_tag_that_the_organization_denies() -> Scenario:
    """The organization denies the use of keys with a tag or an alias, which the session key does not have."""
    return _restricting_keys("public", "alias/acme/backup", HEALTHY)


def key_denied_to_caller_by_organization_for_its_tag() -> Scenario:
    """The organization denies the caller the use of keys with a tag, which the session key has.

    The network of the caller, on which such a policy can depend, is unknown: only a dry run shows the denial.
    """
    denied = node("web-1", fails("kms-caller-denied"))
    of_tag: StatementJSON = {"StringEquals": {"aws:ResourceTag/Data": "restricted"}}
    denial = _no_use_of_keys("kms:GenerateDataKey", ENGINEER, of_tag)
    return small_world(
        (replace(denied, expected_in_fleet=unseen("kms-caller-denied")),),
        keys=(Key("sessions", tags={"Data": "restricted"}), *KEYS[1:]),
        organization=Organization(account_policies=(InlinePolicy("no-data-keys", (denial,)),)),
    )


def _restricting_keys(tag: str, alias: str, expected: Expectation) -> Scenario:
    """Return a world whose organization denies one role a key with a tag, and another role a key with an alias."""
    tagged, named = (node_role(name, DESTINATIONS.everything()) for name in ("tagged", "named"))
    denials = (
        _no_use_of_keys("kms:Decrypt", tagged, {"StringEquals": {"aws:ResourceTag/Data": "restricted"}}),
        _no_use_of_keys("kms:Decrypt", named, {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}),
    )
    return small_world(
        (node("tagged-1", expected, profile=tagged.name), node("named-1", expected, profile=named.name), node("web-1")),
        roles=(WEB, tagged, named),
        keys=(Key("sessions", tags={"Data": tag}), *KEYS[1:]),
        organization=Organization(account_policies=(InlinePolicy("no-decryption", denials),)),
    )


def _no_use_of_keys(action: str, role: Role, condition: StatementJSON) -> StatementJSON:
    of_role = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{role.name}"}}
    return {"Effect": "Deny", "Action": action, "Resource": "*", "Condition": {**of_role, **condition}}


_OTHER_ACCOUNTS: Final = InlinePolicy(
    "other-accounts", (allow("sts:AssumeRole", f"arn:aws:iam::*:role/{AUDIT}"), allow("organizations:ListAccounts"))
)


def _audit_in(account: str) -> Role:
    """Return the permissions of the engineer in the first account, as a role of another account."""
    inline = tuple(
        replace(policy, statements=tuple(json.loads(json.dumps(policy.statements).replace(ACCOUNT, account))))
        for policy in ENGINEER.inline
    )
    return replace(ENGINEER, name=AUDIT, trusted=(_CALLER,), inline=inline)


def _root_of(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


def _member(account: str, name: str, nodes: tuple[Node, ...], audit: Role) -> MemberAccount:
    region = RegionScenario(REGION, networks=(nat_network("main", "10.40"),), nodes=nodes)
    web = replace(WEB_WITHOUT_DESTINATIONS, name="web")
    return MemberAccount(account, name, (region,), (web, audit), (profile_of(web),))
