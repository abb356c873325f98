"""Worlds whose caller lacks permissions; the nodes are those of other worlds."""

from __future__ import annotations

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
    service_role,
    small_world,
    two_nodes,
)

_ROLE_READS = ["iam:GetInstanceProfile", "iam:GetRole", "iam:GetRolePolicy", "iam:List*", "iam:SimulatePrincipalPolicy"]


def caller_read_only() -> Scenario:
    """The caller is allowed to read everything, and to change nothing."""
    unencrypted = fails("log-group-unencrypted")
    return small_world(two_nodes(unencrypted), log_groups=UNENCRYPTED_GROUPS, caller=READER)


def caller_denied() -> Scenario:
    """The caller is not allowed to list nodes."""
    return small_world(two_nodes(Expectation(Verdict.UNKNOWN)), caller=WITHOUT_PERMISSIONS)


def caller_no_simulate() -> Scenario:
    """The caller is not allowed to simulate policies."""
    d = DESTINATIONS
    role = node_role("reporting", d.everything_but("key use"))
    return small_world(
        (node("reporting-1", fails("kms-node-denied"), profile=role.name), node("web-1")),
        roles=(WEB, role),
        caller=WITHOUT_SIMULATION,
    )


def caller_denied_by_organization() -> Scenario:
    """A service control policy keeps the caller from reading roles."""
    denied = {"Sid": "RolesStaySecret", "Effect": "Deny", "Action": _ROLE_READS, "Resource": "*"}
    only_people = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Engineer"}}
    return small_world(
        two_nodes(unseen("role-core-denied")),
        organization=Organization(account_policies=(InlinePolicy("roles", ({**denied, "Condition": only_people},)),)),
    )


def caller_start_denied() -> Scenario:
    """The caller is not allowed to start sessions."""
    return _world(fails("caller-start-denied"), WITHOUT_START)


def caller_needs_access_request() -> Scenario:
    """The caller is only allowed to request access."""
    return _world(warns("caller-needs-access-request"), BY_ACCESS_REQUEST)


def access_request_takes_its_time() -> Scenario:
    """An access request is approved after some time."""
    granted = AccessDecision(after=timedelta(seconds=20))
    return _upon_request(granted)


def access_request_rejected() -> Scenario:
    """An access request was rejected."""
    rejected = AccessDecision(approves=False)
    return _upon_request(rejected)


def caller_document_denied() -> Scenario:
    """The caller is not allowed to use the session document."""
    return _world(fails("caller-document-denied"), WITHOUT_DOCUMENT)


def caller_open_channel_denied() -> Scenario:
    """The caller is not allowed to open data channels."""
    return _world(fails("caller-open-channel-denied"), WITHOUT_CHANNEL)


def caller_terminate_denied() -> Scenario:
    """The caller is not allowed to end sessions."""
    return _world(warns("caller-terminate-denied"), WITHOUT_TERMINATE)


def caller_resume_denied() -> Scenario:
    """The caller is not allowed to resume sessions."""
    return _world(warns("caller-resume-denied"), WITHOUT_RESUME)


def caller_desktop_denied() -> Scenario:
    """The caller is not allowed to open remote desktops."""
    noted = Expectation(also=("caller-desktop-denied",))
    return small_world((node("iis-1", noted, platform=Platform.WINDOWS), node("web-1")), caller=WITHOUT_DESKTOP)


def kms_caller_denied() -> Scenario:
    """The caller is not allowed to use the session key."""
    return _world(fails("kms-caller-denied"), WITHOUT_KEY)


def caller_by_tag() -> Scenario:
    """The caller is allowed to start sessions on nodes with a tag."""
    prod = replace(node("web-prod-1", fails("caller-start-denied")), tags={"Env": "prod"})
    untagged = replace(node("web-prod-2", fails("caller-start-denied")), tags={})
    role = _stores()
    tills = (
        HybridNode("pos-1", role.name, "172.16.9.11", tags={"Env": "test"}),
        HybridNode("pos-2", role.name, "172.16.9.12", tags={"Env": "prod"}, expected=fails("caller-start-denied")),
    )
    return small_world(
        (node("web-1"), node("web-2"), prod, untagged, *tills), roles=(WEB, role), advanced_tier=True, caller=BY_TAG
    )


def caller_on_conditions() -> Scenario:
    """The caller's policies have conditions that the caller's requests meet."""
    return small_world((node("web-1"), node("iis-1", platform=Platform.WINDOWS)), caller=ON_CONDITIONS)


def caller_by_kind() -> Scenario:
    """The caller is allowed to start sessions only on instances."""
    role = _stores()
    return small_world(
        (node("web-1"), HybridNode("pos-1", role.name, "172.16.9.11", expected=fails("caller-start-denied"))),
        roles=(WEB, role),
        advanced_tier=True,
        caller=WITHOUT_ONE_NODE,
    )


def caller_administrator() -> Scenario:
    """The caller is an administrator."""
    return small_world((node("web-1"), node("iis-1", platform=Platform.WINDOWS)), caller=ADMINISTRATOR)


def caller_bounded() -> Scenario:
    """The permissions boundary of the caller allows no sessions."""
    denied = fails("caller-start-denied")
    return small_world(two_nodes(denied), caller=BOUNDED)


def caller_permission_set() -> Scenario:
    """The permission set of the caller allows no sessions."""
    denied = fails("caller-start-denied")
    return small_world(two_nodes(denied), caller=PERMISSION_SET)


def _upon_request(decision: AccessDecision) -> Scenario:
    world = caller_needs_access_request()
    return replace(world, regions=(replace(world.regions[0], access_decision=decision),))


def _stores() -> Role:
    return service_role("stores", DESTINATIONS.everything())


def _world(expected: Expectation, caller: Role) -> Scenario:
    return small_world(two_nodes(expected), caller=caller)
