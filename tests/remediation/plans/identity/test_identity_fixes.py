"""Fixes of trust policies, instance profiles and default host management."""

from __future__ import annotations

import json
from dataclasses import replace

from ssmtui.iam_policy.document import policy_from_data
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.identity import (
    AccountProfiles,
    AccountRoles,
    AttachedPolicies,
    AttachedProfile,
    HostManagementRole,
    NodeRole,
    Role,
    RoleSource,
    UnreadableProfile,
    UnreadableRole,
)
from ssmtui.model.node import Instance, Node
from ssmtui.model.permissions import HostManagementPermissions
from ssmtui.model.plan import JSON, FixNotApplicable, Plan, Reach, pass_role_permission
from ssmtui.remediation.plans.identity.grants import grant_host_management_role
from ssmtui.remediation.plans.identity.instance_profiles import (
    add_role_to_profile,
    attach_instance_profile,
    enable_host_management,
    replace_instance_profile,
)
from ssmtui.remediation.plans.identity.roles import repair_role_trust
from tests.builders.fleet import ACCOUNT, a_node, a_scope, an_instance
from tests.builders.identity import (
    CORE,
    HOST_MANAGEMENT_ROLE,
    PROFILE_ARN,
    ROLE_ARN,
    SETTING_ARN,
    a_node_role,
    a_profile,
    a_role,
    answers,
    host_management,
    host_management_role,
)

SCOPE = a_scope()
NOTHING = NotApplicable("not asked")
REFUSED = Unreadable("iam:ListRoles", "denied", ReadFailure.REFUSED)
THE_ROLE = Subject(SubjectKind.ROLE, ROLE_ARN)
THE_SETTING = Subject(SubjectKind.SERVICE_SETTING, SETTING_ARN)
LAMBDA: JSON = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
ROLES = AccountRoles((a_role("ops", trusts="ssm.amazonaws.com"), a_role("web")))
FULL, EMPTY = AttachedProfile(a_profile(), a_role()), AttachedProfile(a_profile(None), None)


def trusted_as(*statements: JSON) -> Role:
    document: dict[str, JSON] = {"Version": "2012-10-17", "Statement": list(statements)}
    return replace(a_role(), trust=policy_from_data(document, json.dumps(document)))


def planned(plan: Plan | FixNotApplicable) -> Plan:
    assert isinstance(plan, Plan), plan
    return plan


def why(plan: Plan | FixNotApplicable) -> str:
    assert isinstance(plan, FixNotApplicable)
    return plan.why


def profile_named(name: str, role: Role | None) -> AttachedProfile:
    arn = f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}"
    return AttachedProfile(replace(a_profile(role.arn if role else None), arn=arn, name=name), role)


def without_profile() -> Node:
    return replace(a_node("i-1"), instance=replace(an_instance("i-1"), profile_arn=None))


def test_the_service_is_let_in_beside_whoever_takes_the_role_already() -> None:
    node_role = NodeRole(trusted_as(LAMBDA), RoleSource.INSTANCE_PROFILE)
    plan = planned(repair_role_trust(SCOPE, THE_ROLE, node_role, NOTHING))
    statements = json.loads(plan.after)["Statement"]
    assert statements == [
        LAMBDA,
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ]
    (back,) = plan.way_back.calls
    assert json.loads(str(back.parameters["PolicyDocument"]))["Statement"] == [LAMBDA]


def test_each_source_of_a_role_has_its_service_and_china_a_name_of_its_own() -> None:
    china = replace(SCOPE, partition="aws-cn", dns_suffix="amazonaws.com.cn")
    own = NodeRole(trusted_as(LAMBDA), RoleSource.INSTANCE_PROFILE)
    hybrid = NodeRole(trusted_as(LAMBDA), RoleSource.HYBRID_ACTIVATION)
    assert "ec2.amazonaws.com.cn" in planned(repair_role_trust(china, THE_ROLE, own, NOTHING)).after
    assert "ssm.amazonaws.com" in planned(repair_role_trust(SCOPE, THE_ROLE, hybrid, NOTHING)).after
    shared = host_management_role(trusts="ec2.amazonaws.com")
    shared = replace(shared, role=replace(shared.role, trust=trusted_as(LAMBDA).trust))
    assert "ssm.amazonaws.com" in planned(repair_role_trust(SCOPE, THE_SETTING, own, shared)).after


def test_trust_that_is_there_or_denied_or_out_of_sight_is_not_repaired() -> None:
    service: JSON = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    denial: JSON = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    trusted = NodeRole(trusted_as(service), RoleSource.INSTANCE_PROFILE)
    denied = NodeRole(trusted_as(denial), RoleSource.INSTANCE_PROFILE)
    assert "already allows ec2.amazonaws.com" in why(repair_role_trust(SCOPE, THE_ROLE, trusted, NOTHING))
    assert "cannot override" in why(repair_role_trust(SCOPE, THE_ROLE, denied, NOTHING))
    assert "was not found or could not be read" in why(repair_role_trust(SCOPE, THE_SETTING, trusted, NOTHING))


def test_a_profile_is_chosen_from_those_whose_role_ec2_may_take() -> None:
    other = profile_named("ops", a_role("ops", trusts="ssm.amazonaws.com"))
    profiles = AccountProfiles((other, profile_named("hollow", None), FULL))
    asked = attach_instance_profile(SCOPE, without_profile(), profiles, NOTHING_CHOSEN)
    assert isinstance(asked, FixNotApplicable)
    (choice,) = asked.choices
    assert [(each.value, bool(each.why_not)) for each in choice.candidates] == [
        ("web", False),
        ("ops", True),
        ("hollow", True),
    ]
    plan = planned(attach_instance_profile(SCOPE, without_profile(), profiles, Choices((("profile", PROFILE_ARN),))))
    (call,) = plan.calls
    assert call.parameters == {"InstanceId": "i-1", "IamInstanceProfile": {"Name": "web"}}
    assert call.besides == (pass_role_permission(ROLE_ARN, "ec2.amazonaws.com"),)
    assert (plan.before, plan.after, plan.reach) == ("", PROFILE_ARN, Reach.NODE)
    refused = attach_instance_profile(SCOPE, without_profile(), profiles, Choices((("profile", "hollow"),)))
    assert "has no role" in why(refused)
    assert "already" in why(attach_instance_profile(SCOPE, a_node("i-1"), profiles, NOTHING_CHOSEN))


def test_an_instance_of_an_aws_service_gets_no_profile() -> None:
    own = without_profile()
    assert isinstance(own.instance, Instance)
    node = replace(own, instance=replace(own.instance, managed_by="eks.amazonaws.com"))
    profiles, chosen = AccountProfiles((FULL,)), Choices((("profile", PROFILE_ARN),))
    for answer in (
        attach_instance_profile(SCOPE, node, profiles, chosen),
        replace_instance_profile(SCOPE, node, FULL, profiles, chosen),
    ):
        assert why(answer).startswith("eks.amazonaws.com manages")


def test_a_profile_is_replaced_by_another_and_had_back() -> None:
    other = profile_named("batch", a_role("batch"))
    profiles, chosen = AccountProfiles((other, FULL)), Choices((("profile", "batch"),))
    plan = planned(replace_instance_profile(SCOPE, a_node("i-1"), FULL, profiles, chosen))
    (call,), (back,) = plan.calls, plan.way_back.calls
    assert (call.parameters["IamInstanceProfile"], back.parameters["IamInstanceProfile"]) == (
        {"Name": "batch"},
        {"Name": "web"},
    )
    assert "role web" in plan.loses
    same = Choices((("profile", "web"),))
    assert "already has this profile" in why(replace_instance_profile(SCOPE, a_node("i-1"), FULL, profiles, same))
    none = replace_instance_profile(SCOPE, without_profile(), Absent("a profile", ""), profiles, chosen)
    assert "no known instance profile" in why(none)


def test_an_empty_profile_is_given_a_role_that_ec2_may_take() -> None:
    plan = planned(add_role_to_profile(SCOPE, EMPTY, ROLES, Choices((("role", "web"),))))
    (call,), (back,) = plan.calls, plan.way_back.calls
    assert (call.operation, back.operation) == ("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile")
    assert plan.after == ROLE_ARN
    assert "is not a valid value" in why(add_role_to_profile(SCOPE, EMPTY, ROLES, Choices((("role", "ops"),))))
    assert "already" in why(add_role_to_profile(SCOPE, FULL, ROLES, NOTHING_CHOSEN))


def test_host_management_makes_the_usual_role_where_there_is_none_and_takes_it_away_again() -> None:
    plan = planned(enable_host_management(SCOPE, host_management(None), NOTHING, ROLES, NOTHING_CHOSEN))
    assert [call.operation for call in plan.calls] == ["CreateRole", "AttachRolePolicy", "UpdateServiceSetting"]
    assert [call.operation for call in plan.way_back.calls] == [
        "ResetServiceSetting",
        "DetachRolePolicy",
        "DeleteRole",
    ]
    assert (plan.before, plan.after) == ("$None", HOST_MANAGEMENT_ROLE)
    assert (plan.reach, plan.confirmation) == (Reach.REGION, SCOPE.region)


def test_host_management_takes_the_role_that_is_named_and_gives_the_setting_back() -> None:
    chosen = Choices((("role", "ops"),))
    plan = planned(enable_host_management(SCOPE, host_management("gone"), NOTHING, ROLES, chosen))
    (call,), (back,) = plan.calls, plan.way_back.calls
    assert (call.parameters["SettingValue"], back.parameters["SettingValue"]) == ("ops", "gone")
    assert "is not a valid value" in why(
        enable_host_management(SCOPE, host_management(None), NOTHING, ROLES, Choices((("role", "web"),)))
    )
    assert "was not found or could not be read" in why(
        enable_host_management(SCOPE, host_management(None), NOTHING, REFUSED, NOTHING_CHOSEN)
    )


def test_host_management_with_a_role_of_aws_says_how_to_register_that_role_again() -> None:
    kept = HostManagementRole(a_role("aws-reserved/ssm.amazonaws.com/Kept", trusts="ssm.amazonaws.com"))
    setting, chosen = host_management("aws-reserved/ssm.amazonaws.com/Kept"), Choices((("role", "ops"),))
    told = [
        any("PermissionModel SERVICE_MANAGED" in note for note in planned(plan).notes)
        for plan in (
            enable_host_management(SCOPE, setting, kept, ROLES, chosen),
            enable_host_management(SCOPE, setting, host_management_role(), ROLES, chosen),
        )
    ]
    assert told == [True, False]


def test_host_management_with_a_broken_role_offers_other_roles_or_says_that_there_is_none() -> None:
    shared = host_management_role().role
    alone = enable_host_management(
        SCOPE, host_management(), NOTHING, AccountRoles((shared, a_role("web"))), NOTHING_CHOSEN
    )
    assert why(alone) == (
        f"default host management is on with the role {shared.name}, and this account has no other role that Systems "
        "Manager can assume"
    )
    assert isinstance(alone, FixNotApplicable)
    assert alone.choices == ()
    asked = enable_host_management(
        SCOPE, host_management(), NOTHING, AccountRoles((shared, *ROLES.roles)), NOTHING_CHOSEN
    )
    assert why(asked) == f"default host management is on with the role {shared.name}: choose another role"
    assert isinstance(asked, FixNotApplicable)
    (choice,) = asked.choices
    assert [(each.value, each.why_not) for each in choice.candidates] == [
        ("ops", ""),
        (shared.name, "the setting already names this role"),
    ]


def test_a_role_that_is_unreadable_exists_and_cannot_be_chosen() -> None:
    usual = "AWSSystemsManagerDefaultEC2InstanceManagementRole"
    roles = AccountRoles((a_role("web"),), (UnreadableRole("odd", REFUSED), UnreadableRole(usual, REFUSED)))
    asked = enable_host_management(SCOPE, host_management(None), NOTHING, roles, NOTHING_CHOSEN)
    assert isinstance(asked, FixNotApplicable)
    assert "was not found or could not be read" in asked.why
    (choice,) = asked.choices
    assert [(each.value, each.why_not) for each in choice.candidates] == [("odd", "denied"), (usual, "denied")]


def test_a_profile_that_is_unreadable_exists_and_cannot_be_chosen() -> None:
    profiles = AccountProfiles((FULL,), (UnreadableProfile("a-odd", REFUSED),))
    asked = attach_instance_profile(SCOPE, without_profile(), profiles, NOTHING_CHOSEN)
    assert isinstance(asked, FixNotApplicable)
    (choice,) = asked.choices
    assert [(each.value, each.why_not) for each in choice.candidates] == [(FULL.profile.name, ""), ("a-odd", "denied")]


def test_a_fix_says_that_there_is_nothing_to_choose_and_does_not_ask_for_it() -> None:
    hollow = AccountProfiles((profile_named("hollow", None),))
    told = [
        (answer.why, len(answer.choices))
        for answer in (
            attach_instance_profile(SCOPE, without_profile(), AccountProfiles(()), NOTHING_CHOSEN),
            attach_instance_profile(SCOPE, without_profile(), hollow, NOTHING_CHOSEN),
            attach_instance_profile(SCOPE, without_profile(), REFUSED, NOTHING_CHOSEN),
            add_role_to_profile(SCOPE, EMPTY, AccountRoles(()), NOTHING_CHOSEN),
        )
        if isinstance(answer, FixNotApplicable)
    ]
    assert told == [
        ("no instance profile in this account", 0),
        ("no suitable instance profile in this account", 1),
        ("the choices could not be listed: denied", 0),
        ("no role in this account", 0),
    ]


def test_the_role_of_host_management_gets_awss_policy_for_it() -> None:
    shared = host_management_role()
    denied = answers(HostManagementPermissions, CORE, "ssm:UpdateInstanceInformation")
    nobody = AttachedPolicies(shared.role.arn, ())
    node_role = NodeRole(shared.role, RoleSource.HOST_MANAGEMENT)
    plan = planned(grant_host_management_role(SCOPE, shared, node_role, denied, nobody))
    (call,) = plan.calls
    assert call.parameters["PolicyArn"] == "arn:aws:iam::aws:policy/AmazonSSMManagedEC2InstanceDefaultPolicy"
    assert "not the role" in why(grant_host_management_role(SCOPE, shared, a_node_role(), denied, nobody))
