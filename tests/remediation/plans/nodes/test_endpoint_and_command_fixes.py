"""Fixes that create VPC endpoints, name them, and send commands to nodes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import NotApplicable, Now, ReadFailure, Unreadable
from ssmtui.model.finding import Confidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.network import Endpoints, SecurityGroups, VpcDns
from ssmtui.model.node import (
    ConnectionStatus,
    InstanceState,
    MetadataOptions,
    MetadataTokens,
    Node,
    PingStatus,
    PlatformFamily,
    Registration,
)
from ssmtui.model.node_facts import (
    ActivationTier,
    ImpairedInstances,
    ManagedFleet,
    ManagedNode,
    MetadataDefaults,
    Observation,
)
from ssmtui.model.plan import FixNotApplicable, Plan
from ssmtui.model.preferences import SessionServices
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import ActiveSession, StaleSessions
from ssmtui.remediation.plans.network import create_endpoint, enable_private_dns
from ssmtui.remediation.plans.nodes import (
    enable_advanced_tier,
    raise_inotify_limit,
    reboot_instance,
    require_imdsv2,
    restart_agent,
    terminate_stale_session,
    update_agent,
)
from tests.builders.fleet import NOON, a_node, a_registration, a_scope, an_instance
from tests.builders.network import ENDPOINT_GROUP, NODE_SUBNET, VPC, a_placement, group, interface, surroundings
from tests.checks.outcome import node_of

SCOPE = a_scope()
NOW = Now(NOON)
NOTHING = NotApplicable("not asked")
DNS = VpcDns(VPC, support=True, hostnames=True)
SESSIONS = SessionServices(("kms", "s3"))
NOT_CONNECTED = Observation(PingStatus.ONLINE, ConnectionStatus.NOT_CONNECTED)


def planned(plan: Plan | FixNotApplicable) -> Plan:
    assert isinstance(plan, Plan), plan
    return plan


def why(plan: Plan | FixNotApplicable) -> str:
    assert isinstance(plan, FixNotApplicable)
    return plan.why


def lacking(
    *there: str,
    cause: str = "endpoint-missing",
    dns: VpcDns = DNS,
    scope: Scope = SCOPE,
    chosen: Choices = NOTHING_CHOSEN,
    groups: SecurityGroups | None = None,
) -> Plan | FixNotApplicable:
    """The fix in a VPC that has endpoints for these services."""
    around = surroundings(*(interface(each) for each in there))
    finding = Finding(cause, Status.FAIL, Confidence.PROVED, Subject(SubjectKind.SUBNET, NODE_SUBNET), "", ())
    known = groups or around.groups
    return create_endpoint(
        scope,
        finding,
        a_placement(),
        around.subnets,
        around.routes,
        known,
        around.endpoints,
        dns,
        SESSIONS,
        NOW,
        chosen,
    )


def test_what_the_vpc_lacks_is_created_behind_the_group_of_the_others_and_a_gateway_for_s3_costs_nothing() -> None:
    plan = planned(lacking("ssm"))
    assert [(call.parameters["ServiceName"], call.parameters["VpcEndpointType"]) for call in plan.calls] == [
        ("com.amazonaws.eu-west-3.ssmmessages", "Interface"),
        ("com.amazonaws.eu-west-3.kms", "Interface"),
        ("com.amazonaws.eu-west-3.s3", "Gateway"),
    ]
    assert plan.calls[0].parameters["SecurityGroupIds"] == [ENDPOINT_GROUP]
    assert plan.calls[2].parameters["RouteTableIds"] == ["rtb-1"]
    assert plan.confirmation == VPC
    assert "ssmmessages, kms" in plan.costs
    assert "s3" not in plan.costs
    free = planned(lacking("ssm", "ssmmessages", "kms"))
    assert (free.costs, free.confirmation, len(free.calls)) == ("", "", 1)


def test_each_endpoint_is_tagged_and_taken_back_by_its_tag_alone() -> None:
    plan = planned(lacking("ssm"))
    value = f"{NOON:%Y%m%dT%H%M%S.%f}Z"
    tagged = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "ssmtui:change", "Value": value}]}]
    assert [call.parameters["TagSpecifications"] for call in plan.calls] == [tagged] * 3
    assert "ec2:CreateTags" in plan.actions
    services = ("ssmmessages", "kms", "s3")
    assert [guard.parameters for guard in plan.way_back.guards[:3]] == [
        {
            "Filters": [
                {"Name": "vpc-id", "Values": [VPC]},
                {"Name": "service-name", "Values": [f"com.amazonaws.eu-west-3.{service}"]},
                {"Name": "vpc-endpoint-state", "Values": ["pending", "available"]},
                {"Name": "tag:ssmtui:change", "Values": [value]},
            ]
        }
        for service in services
    ]


def test_only_what_sessions_need_is_created_where_the_node_reaches_systems_manager() -> None:
    plan = planned(lacking("ssm", cause="log-endpoint-missing"))
    assert [str(call.parameters["ServiceName"]).rpartition(".")[2] for call in plan.calls] == ["kms", "s3"]


def test_a_group_that_lets_nobody_in_must_be_chosen_and_is_opened_first() -> None:
    asked = lacking()
    assert isinstance(asked, FixNotApplicable)
    assert [each.name for each in asked.choices] == ["group"]
    plan = planned(lacking(chosen=Choices((("group", "sg-nodes"),))))
    assert plan.calls[0].operation == "AuthorizeSecurityGroupIngress"
    assert plan.way_back.calls[-1].operation == "RevokeSecurityGroupIngress"
    assert "allows HTTPS" in plan.notes[-1]


def test_endpoints_that_are_there_or_without_dns_or_of_unknown_name_are_not_created() -> None:
    assert "already" in why(lacking("ssm", "ssmmessages", "kms", "s3"))
    assert "enable-vpc-dns" in why(lacking("ssm", dns=VpcDns(VPC, support=True, hostnames=False)))
    assert "China" in why(lacking("ssm", scope=replace(SCOPE, partition="aws-cn")))


def test_private_dns_needs_the_vpcs_dns_and_a_name_that_no_other_endpoint_has() -> None:
    unnamed = interface("ssm", private_dns=False)
    subject = Subject(SubjectKind.ENDPOINT, unnamed.id)
    plan = planned(enable_private_dns(SCOPE, subject, Endpoints((unnamed,)), DNS))
    assert [call.parameters["PrivateDnsEnabled"] for call in (*plan.calls, *plan.way_back.calls)] == [True, False]
    named = replace(interface("ssm"), id="vpce-other")
    assert "vpce-other already has" in why(enable_private_dns(SCOPE, subject, Endpoints((unnamed, named)), DNS))
    off = VpcDns(VPC, support=True, hostnames=False)
    assert "enable-vpc-dns" in why(enable_private_dns(SCOPE, subject, Endpoints((unnamed,)), off))
    assert "is not a known VPC endpoint" in why(enable_private_dns(SCOPE, subject, Endpoints(()), DNS))
    assert "is already on" in why(enable_private_dns(SCOPE, subject, Endpoints((interface("ssm"),)), DNS))


def test_the_advanced_tier_costs_money_and_is_confirmed_by_the_region() -> None:
    plan = planned(enable_advanced_tier(SCOPE, ActivationTier("arn:x:servicesetting/tier", advanced=False)))
    assert plan.costs
    assert plan.confirmation == SCOPE.region
    assert [call.operation for call in plan.way_back.calls] == ["ResetServiceSetting"]
    assert "advanced tier" in why(enable_advanced_tier(SCOPE, ActivationTier("arn:x", advanced=True)))


def managed(
    family: PlatformFamily = PlatformFamily.LINUX, version: str = "3.3.4624.0", id_: str = "i-1"
) -> ManagedNode:
    registration = replace(a_registration(id_), platform_family=family, agent_version=version)
    return ManagedNode(replace(a_node(id_), registration=registration), registration)


@pytest.mark.parametrize(
    ("family", "document", "words"),
    [
        (PlatformFamily.LINUX, "AWS-RunShellScript", "systemctl restart"),
        (PlatformFamily.MACOS, "AWS-RunShellScript", "launchctl kickstart"),
        (PlatformFamily.WINDOWS, "AWS-RunPowerShellScript", "Restart-Service AmazonSSMAgent"),
    ],
)
def test_the_agent_is_restarted_as_the_system_does_it(family: PlatformFamily, document: str, words: str) -> None:
    plan = planned(restart_agent(SCOPE, node := managed(family), NOT_CONNECTED, NOW, node_of(node)))
    (call,) = plan.calls
    assert call.parameters["DocumentName"] == document
    assert words in str(call.parameters["Parameters"])
    assert plan.way_back.calls == ()
    assert "An undo is not needed" in plan.undo


def test_a_command_needs_the_document_and_the_node_each_by_its_arn() -> None:
    (call,) = planned(restart_agent(SCOPE, node := managed(id_="mi-1"), NOT_CONNECTED, NOW, node_of(node))).calls
    assert [each.resource for each in call.needed] == [
        "arn:aws:ssm:eu-west-3::document/AWS-RunShellScript",
        SCOPE.arn("ssm", "managed-instance/mi-1"),
    ]


def test_an_update_is_forecast_as_the_newest_version_that_is_known_to_be_out() -> None:
    fleet = ManagedFleet(("i-1",), "3.3.9999.0", {})
    plan = planned(update_agent(SCOPE, node := managed(version="3.2.0.0"), fleet, NOW, node_of(node)))
    (change,) = plan.facts_after
    assert isinstance(change.value, Node)
    assert change.value.agent_version == "3.3.9999.0"
    assert any("ec2messages only" in note for note in plan.notes)
    refused = Unreadable("ssm:DescribeInstanceProperties", "no", ReadFailure.REFUSED)
    plan = planned(update_agent(SCOPE, node := managed(version="3.3.3185.0"), refused, NOW, node_of(node)))
    assert "3.3.5828.0" in plan.after
    assert not any("ec2messages only" in note for note in plan.notes)


def test_the_inotify_limit_is_linuxs_alone() -> None:
    plan = planned(raise_inotify_limit(SCOPE, node := managed(), NOW, node_of(node)))
    assert plan.calls[0].parameters["Parameters"] == {"commands": ["sysctl fs.inotify.max_user_instances=8192"]}
    windows = managed(PlatformFamily.WINDOWS)
    assert "only Linux" in why(raise_inotify_limit(SCOPE, windows, NOW, node_of(windows)))


def test_stale_sessions_are_ended_one_call_each_and_twenty_at_once() -> None:
    sessions = tuple(
        ActiveSession(f"alex-{number:02}", "i-1", "arn:aws:iam::1:user/alex", NOON - timedelta(days=2))
        for number in range(25)
    )
    plan = planned(terminate_stale_session(SCOPE, StaleSessions(sessions), a_node("i-1")))
    assert [call.parameters["SessionId"] for call in plan.calls] == [f"alex-{number:02}" for number in range(20)]
    (change,) = plan.facts_after
    assert change.value == StaleSessions(sessions[20:])


def test_a_reboot_says_what_it_interrupts_and_that_nothing_takes_it_back() -> None:
    plan = planned(reboot_instance(SCOPE, a_node("i-1"), NOTHING, NOTHING, NOTHING))
    assert plan.loses
    assert "cannot be undone" in plan.undo
    assert (plan.way_back.calls, plan.confirmation) == ((), "i-1")
    stopped = replace(a_node("i-1"), instance=an_instance("i-1", InstanceState.STOPPED))
    assert "not running" in why(reboot_instance(SCOPE, stopped, NOTHING, NOTHING, NOTHING))
    assert "is not a known EC2 instance" in why(reboot_instance(SCOPE, a_hybrid(), NOTHING, NOTHING, NOTHING))


def test_a_reboot_promises_nothing_where_nothing_says_why_the_agent_is_away() -> None:
    promise = "it is not known whether a reboot helps"
    impaired = ImpairedInstances({"i-1": ("instance",)})
    untold = planned(reboot_instance(SCOPE, a_node("i-1"), NOTHING, NOTHING, NOTHING))
    told = planned(reboot_instance(SCOPE, a_node("i-1"), impaired, NOTHING, NOTHING))
    assert [any(promise in note for note in each.notes) for each in (untold, told)] == [True, False]


def test_tokens_are_required_of_an_instance_that_does_not_ask_for_them() -> None:
    assert isinstance(a_node("i-1").registration, Registration)
    assert "already requires IMDSv2" in why(require_imdsv2(SCOPE, a_node("i-1"), NOTHING))
    assert "is not a known EC2 instance" in why(require_imdsv2(SCOPE, a_hybrid(), NOTHING))


@pytest.mark.parametrize(
    ("defaults", "undo", "notes"),
    [
        (MetadataDefaults(tokens_enforced=False), "Both versions", False),
        (MetadataDefaults(tokens_enforced=True), "cannot be undone. The account enforces IMDSv2", False),
        (MetadataDefaults(tokens_enforced=True, by_policy=True), "A declarative policy of the organization", False),
        (Unreadable("ec2:GetInstanceMetadataDefaults", "no", ReadFailure.REFUSED), "Both versions", True),
    ],
    ids=["not enforced", "enforced", "by a policy", "not read"],
)
def test_required_tokens_cannot_be_taken_back_if_the_account_enforces_them(
    defaults: MetadataDefaults | Unreadable, undo: str, *, notes: bool
) -> None:
    lenient = replace(
        an_instance("i-1"), metadata=MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.OPTIONAL)
    )
    plan = planned(require_imdsv2(SCOPE, replace(a_node("i-1"), instance=lenient), defaults))
    enforced = isinstance(defaults, MetadataDefaults) and defaults.tokens_enforced
    assert undo in plan.undo
    assert (plan.way_back.calls == ()) is enforced
    assert plan.confirmation == ("i-1" if enforced else "")
    assert any("ec2:GetInstanceMetadataDefaults" in each for each in plan.notes) is notes


def a_hybrid() -> Node:
    """A node that EC2 does not know."""
    return replace(a_node("mi-1"), instance=Unreadable("", "it is hybrid", ReadFailure.FAILED, "ec2:DescribeInstances"))


def test_a_group_of_the_vpc_is_no_candidate_of_another() -> None:
    stranger = replace(group("sg-elsewhere"), vpc_id="vpc-2")
    groups = SecurityGroups({"sg-elsewhere": stranger, "sg-nodes": group()})
    asked = lacking(groups=groups)
    assert isinstance(asked, FixNotApplicable)
    assert [each.value for each in asked.choices[0].candidates] == ["sg-nodes"]
