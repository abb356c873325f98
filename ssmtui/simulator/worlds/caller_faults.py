"""Worlds whose caller may not do everything; the nodes are those of other worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import (
    AccessDecision,
    Expectation,
    HybridNode,
    InlinePolicy,
    Organization,
    Platform,
    Role,
    Scenario,
    Verdict,
    fails,
    unseen,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    ADMINISTRATOR,
    BOUNDED,
    BY_ACCESS_REQUEST,
    BY_TAG,
    DESTINATIONS,
    ON_CONDITIONS,
    PERMISSION_SET,
    READER,
    UNENCRYPTED_GROUPS,
    WEB,
    WITHOUT_CHANNEL,
    WITHOUT_DESKTOP,
    WITHOUT_DOCUMENT,
    WITHOUT_KEY,
    WITHOUT_ONE_NODE,
    WITHOUT_PERMISSIONS,
    WITHOUT_RESUME,
    WITHOUT_SIMULATION,
    WITHOUT_START,
    WITHOUT_TERMINATE,
    node,
    node_role,
    preferences,
    small_world,
)

_ROLE_READS = ["iam:GetInstanceProfile", "iam:GetRole", "iam:GetRolePolicy", "iam:List*", "iam:SimulatePrincipalPolicy"]


def caller_read_only() -> Scenario:
    """A switch closes every node, and the caller may see that and not change it."""
    unencrypted = fails("log-group-unencrypted")
    return small_world(
        "caller-read-only",
        "The caller may read everything and change nothing.",
        (node("web-1", unencrypted), node("web-2", unencrypted)),
        preferences=preferences(DESTINATIONS),
        log_groups=UNENCRYPTED_GROUPS,
        caller=READER,
    )


def caller_denied() -> Scenario:
    """The caller may not list nodes: nothing can be said of any."""
    unheard = Expectation(Verdict.UNKNOWN)
    return small_world(
        "caller-denied",
        "The caller may not list nodes.",
        (node("web-1", unheard), node("web-2", unheard)),
        preferences=preferences(DESTINATIONS),
        caller=WITHOUT_PERMISSIONS,
    )


def caller_no_simulate() -> Scenario:
    """The caller may not ask IAM what a role may do; its policies can be read instead."""
    d = DESTINATIONS
    role = node_role("reporting", (*d.bucket_lookup(), *d.bucket_write(), *d.log_lookup(), *d.log_write()))
    return small_world(
        "caller-no-simulate",
        "The caller may not simulate policies.",
        (node("reporting-1", fails("kms-node-denied"), profile=role.name), node("web-1")),
        preferences=preferences(d),
        roles=(WEB, role),
        caller=WITHOUT_SIMULATION,
    )


def caller_denied_by_organization() -> Scenario:
    """The organization keeps the caller from reading roles, and says so by name: nothing is known of what they may."""
    unseen_role = unseen("role-core-denied")
    denied = {"Sid": "RolesStaySecret", "Effect": "Deny", "Action": _ROLE_READS, "Resource": "*"}
    only_people = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Engineer"}}
    return small_world(
        "caller-denied-by-organization",
        "A service control policy keeps the caller from reading roles.",
        (node("web-1", unseen_role), node("web-2", unseen_role)),
        preferences=preferences(DESTINATIONS),
        organization=Organization(account_policies=(InlinePolicy("roles", ({**denied, "Condition": only_people},)),)),
    )


def caller_start_denied() -> Scenario:
    """The caller may start no session."""
    return _world("caller-start-denied", "The caller may start no session.", fails, WITHOUT_START)


def caller_needs_access_request() -> Scenario:
    """The caller may ask for access, which just-in-time access grants for a while."""
    return _world("caller-needs-access-request", "The caller may only ask for access.", warns, BY_ACCESS_REQUEST)


def access_request_takes_its_time() -> Scenario:
    """The caller may ask for access, and somebody grants it after a while."""
    granted = AccessDecision(after=timedelta(seconds=20))
    return _upon_request("access-request-takes-its-time", "Access is asked for, and granted after a while.", granted)


def access_request_rejected() -> Scenario:
    """The caller may ask for access, and is not given it."""
    rejected = AccessDecision(approves=False)
    return _upon_request("access-request-rejected", "Access is asked for, and not granted.", rejected)


def caller_document_denied() -> Scenario:
    """The caller's policies have documents checked, and do not allow the preferences."""
    return _world("caller-document-denied", "The caller may not use the session document.", fails, WITHOUT_DOCUMENT)


def caller_open_channel_denied() -> Scenario:
    """The caller may not open the channel that carries a session."""
    return _world("caller-open-channel-denied", "The caller may not open data channels.", fails, WITHOUT_CHANNEL)


def caller_terminate_denied() -> Scenario:
    """The caller may not end sessions."""
    return _world("caller-terminate-denied", "The caller may not end sessions.", warns, WITHOUT_TERMINATE)


def caller_resume_denied() -> Scenario:
    """The caller may not take up sessions again."""
    return _world("caller-resume-denied", "The caller may not resume sessions.", warns, WITHOUT_RESUME)


def caller_desktop_denied() -> Scenario:
    """The caller may open shells and no remote desktop, which only Windows has."""
    noted = Expectation(also=("caller-desktop-denied",))
    return small_world(
        "caller-desktop-denied",
        "The caller may not open remote desktops.",
        (node("iis-1", noted, platform=Platform.WINDOWS), node("web-1")),
        preferences=preferences(DESTINATIONS),
        caller=WITHOUT_DESKTOP,
    )


def kms_caller_denied() -> Scenario:
    """The caller may not make data keys with the session key."""
    return _world("kms-caller-denied", "The caller may not use the session key.", fails, WITHOUT_KEY)


def caller_by_tag() -> Scenario:
    """The caller may start sessions to nodes of one environment."""
    prod = replace(node("web-prod-1", fails("caller-start-denied")), tags={"Env": "prod"})
    untagged = replace(node("web-prod-2", fails("caller-start-denied")), tags={})
    role = _stores()
    tills = (
        HybridNode("pos-1", role.name, "172.16.9.11", tags={"Env": "test"}),
        HybridNode("pos-2", role.name, "172.16.9.12", tags={"Env": "prod"}, expected=fails("caller-start-denied")),
    )
    return small_world(
        "caller-by-tag",
        "The caller may start sessions by tag.",
        (node("web-1"), node("web-2"), prod, untagged, *tills),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, role),
        advanced_tier=True,
        caller=BY_TAG,
    )


def caller_on_conditions() -> Scenario:
    """The caller's policies have conditions that every request of its own from this Region fulfils."""
    return small_world(
        "caller-on-conditions",
        "The caller's policies have conditions that its requests fulfil.",
        (node("web-1"), node("iis-1", platform=Platform.WINDOWS)),
        preferences=preferences(DESTINATIONS),
        caller=ON_CONDITIONS,
    )


def caller_by_kind() -> Scenario:
    """The caller may start sessions to instances and is denied those to hybrid nodes."""
    role = _stores()
    return small_world(
        "caller-by-kind",
        "The caller may start sessions to instances only.",
        (node("web-1"), HybridNode("pos-1", role.name, "172.16.9.11", expected=fails("caller-start-denied"))),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, role),
        advanced_tier=True,
        caller=WITHOUT_ONE_NODE,
    )


def caller_administrator() -> Scenario:
    """The caller may do everything, by a policy that names nothing of Session Manager."""
    return small_world(
        "caller-administrator",
        "The caller is an administrator.",
        (node("web-1"), node("iis-1", platform=Platform.WINDOWS)),
        preferences=preferences(DESTINATIONS),
        caller=ADMINISTRATOR,
    )


def caller_bounded() -> Scenario:
    """The caller's boundary does not let it start sessions, which its policies allow."""
    denied = fails("caller-start-denied")
    return small_world(
        "caller-bounded",
        "The permissions boundary of the caller allows no sessions.",
        (node("web-1", denied), node("web-2", denied)),
        preferences=preferences(DESTINATIONS),
        caller=BOUNDED,
    )


def caller_permission_set() -> Scenario:
    """The caller works by a permission set that lacks the start of sessions."""
    denied = fails("caller-start-denied")
    return small_world(
        "caller-permission-set",
        "The permission set by which the caller works allows no sessions.",
        (node("web-1", denied), node("web-2", denied)),
        preferences=preferences(DESTINATIONS),
        caller=PERMISSION_SET,
    )


def _upon_request(name: str, summary: str, decision: AccessDecision) -> Scenario:
    world = replace(caller_needs_access_request(), name=name, summary=summary)
    return replace(world, regions=(replace(world.regions[0], access_decision=decision),))


def _stores() -> Role:
    return node_role("stores", DESTINATIONS.everything(), trusted="ssm.amazonaws.com", path="/service-role/")


def _world(name: str, summary: str, told: Callable[[str], Expectation], caller: Role) -> Scenario:
    return small_world(
        name,
        summary,
        (node("web-1", told(name)), node("web-2", told(name))),
        preferences=preferences(DESTINATIONS),
        caller=caller,
    )
