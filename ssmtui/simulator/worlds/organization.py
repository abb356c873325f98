"""An organization: several accounts with nodes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from ssmtui.simulator.scenario import (
    Agent,
    InlinePolicy,
    MemberAccount,
    Node,
    Organization,
    RegionScenario,
    Role,
    Scenario,
    fails,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    ENGINEER,
    REGION,
    WEB_WITHOUT_DESTINATIONS,
    allow,
    nat_network,
    node,
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
    """An organization of five accounts: one is closed, one trusts nobody, one requires an external ID."""
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
