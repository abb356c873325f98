"""Fixes of security groups, of a VPC's DNS and of single instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from ssmtui.model.fact import NotApplicable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.network import GroupRule, SecurityGroup, SecurityGroups, Subnet, Subnets, VpcDns
from ssmtui.model.node import Instance, InstanceState, MetadataOptions, MetadataTokens, Node
from ssmtui.model.plan import FixNotApplicable, Plan, Reach
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.network import enable_vpc_dns, open_endpoint_ingress, open_node_egress
from ssmtui.remediation.plans.nodes import enable_instance_metadata, require_imdsv2, start_instance
from tests.builders.fleet import a_node, a_scope, an_instance
from tests.builders.network import a_placement

SCOPE = a_scope()
PLACEMENT = a_placement()
SUBNET = Subnet(PLACEMENT.subnet_id, PLACEMENT.vpc_id, SCOPE.account, "10.0.1.0/24", ipv6_native=False)
SUBNETS = Subnets({SUBNET.id: SUBNET})
GROUP = SecurityGroup("sg-9", "shut", PLACEMENT.vpc_id, ingress=(), egress=())
OTHER = replace(GROUP, id="sg-8")
GROUPS = SecurityGroups({"sg-9": GROUP, "sg-8": OTHER})
THE_GROUP = Subject(SubjectKind.SECURITY_GROUP, "sg-9")


def why(plan: Plan | FixNotApplicable) -> str:
    assert isinstance(plan, FixNotApplicable)
    return plan.why


def test_the_endpoints_group_lets_in_the_nodes_subnet_and_nothing_else() -> None:
    plan = open_endpoint_ingress(SCOPE, THE_GROUP, PLACEMENT, SUBNETS, GROUPS)
    assert isinstance(plan, Plan)
    assert plan.after == "IsEgress=false IpProtocol=tcp FromPort=443 ToPort=443 CidrIpv4=10.0.1.0/24"
    (call,) = plan.calls
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.1.0/24"}]}
    assert (call.operation, call.parameters) == (
        "AuthorizeSecurityGroupIngress",
        {"GroupId": "sg-9", "IpPermissions": [permission]},
    )
    (back,) = plan.way_back.calls
    assert (back.operation, back.parameters) == ("RevokeSecurityGroupIngress", call.parameters)
    (change,) = plan.facts_after
    opened = replace(GROUP, ingress=(GroupRule("tcp", 443, 443, ("10.0.1.0/24",)),))
    assert (change.replaces, change.value) == (GROUPS, SecurityGroups({"sg-9": opened, "sg-8": OTHER}))
    assert plan.reach is Reach.SUBJECT


def test_a_nodes_group_lets_https_out_and_warns_of_a_quarantine() -> None:
    plan = open_node_egress(SCOPE, THE_GROUP, GROUPS)
    assert isinstance(plan, Plan)
    assert plan.after == "IsEgress=true IpProtocol=tcp FromPort=443 ToPort=443 CidrIpv4=0.0.0.0/0"
    assert [each.operation for each in (*plan.calls, *plan.way_back.calls)] == [
        "AuthorizeSecurityGroupEgress",
        "RevokeSecurityGroupEgress",
    ]
    assert "closed on purpose" in plan.notes[0]


def test_a_rule_that_is_there_or_a_group_out_of_sight_is_not_opened() -> None:
    open_already = replace(GROUP, egress=(GroupRule("tcp", 443, 443, ("0.0.0.0/0",)),))
    assert "already has that rule" in why(open_node_egress(SCOPE, THE_GROUP, SecurityGroups({"sg-9": open_already})))
    assert "is not a known security group" in why(open_node_egress(SCOPE, THE_GROUP, SecurityGroups({})))
    assert "could not be read" in why(open_endpoint_ingress(SCOPE, THE_GROUP, PLACEMENT, Subnets({}), GROUPS))


def test_what_is_off_of_a_vpcs_dns_is_turned_on_support_first() -> None:
    plan = enable_vpc_dns(SCOPE, VpcDns("vpc-1", support=False, hostnames=False))
    assert isinstance(plan, Plan)
    assert [call.parameters for call in plan.calls] == [
        {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": True}},
        {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": True}},
    ]
    assert [call.parameters for call in plan.way_back.calls] == [
        {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": False}},
        {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": False}},
    ]
    one = enable_vpc_dns(SCOPE, VpcDns("vpc-1", support=True, hostnames=False))
    assert isinstance(one, Plan)
    assert len(one.calls) == len(one.guards) == len(one.way_back.calls) == 1
    assert "are already on" in why(enable_vpc_dns(SCOPE, VpcDns("vpc-1", support=True, hostnames=True)))


def stopped(state: InstanceState = InstanceState.STOPPED) -> Node:
    return replace(a_node("i-1"), instance=an_instance("i-1", state))


def test_a_stopped_instance_is_started_for_a_charge_that_is_confirmed() -> None:
    node = stopped()
    plan = start_instance(SCOPE, node)
    assert isinstance(plan, Plan)
    assert [each.operation for each in (*plan.calls, *plan.way_back.calls)] == ["StartInstances", "StopInstances"]
    assert (plan.reach, plan.confirmation) == (Reach.NODE, "i-1")
    assert plan.costs
    (change,) = plan.facts_after
    assert change.replaces == node
    assert isinstance(change.value, Node)
    assert change.value.state is InstanceState.RUNNING
    assert "stopping, not stopped" in why(start_instance(SCOPE, stopped(InstanceState.STOPPING)))


@pytest.mark.parametrize(
    ("state", "fix"),
    [
        (InstanceState.STOPPED, start_instance),
        (InstanceState.RUNNING, enable_instance_metadata),
        (InstanceState.RUNNING, partial(require_imdsv2, defaults=NotApplicable("not asked"))),
    ],
)
def test_an_instance_of_an_aws_service_is_not_changed(
    state: InstanceState, fix: Callable[[Scope, Node], Plan | FixNotApplicable]
) -> None:
    node = a_node("i-1")
    instance = replace(an_instance("i-1", state), managed_by="eks.amazonaws.com")
    told = fix(a_scope(), replace(node, instance=instance))
    assert why(told) == "eks.amazonaws.com manages web-1: AWS does not allow you to change its settings"


def test_the_metadata_service_is_turned_on_and_its_tokens_stay_as_they_are() -> None:
    instance = an_instance("i-1")
    off = replace(instance, metadata=MetadataOptions(endpoint_enabled=False, tokens=MetadataTokens.OPTIONAL))
    plan = enable_instance_metadata(SCOPE, replace(a_node("i-1"), instance=off))
    assert isinstance(plan, Plan)
    assert [call.parameters["HttpEndpoint"] for call in (*plan.calls, *plan.way_back.calls)] == ["enabled", "disabled"]
    (change,) = plan.facts_after
    assert isinstance(change.value, Node)
    assert isinstance(change.value.instance, Instance)
    assert change.value.instance.metadata == MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.OPTIONAL)
    on = replace(instance, metadata=MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.REQUIRED))
    assert "is already on" in why(enable_instance_metadata(SCOPE, replace(a_node("i-1"), instance=on)))
