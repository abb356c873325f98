"""One export of each format for which somebody else has a tool; test_every_fix.py holds all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.model.identity import HOST_MANAGEMENT_OFF, HOST_MANAGEMENT_SETTING
from ssmtui.model.plan import Call, Plan
from ssmtui.remediation.export.formats.terraform import ignored_arguments, provider_arguments
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS
from ssmtui.remediation.operations.resource_forms import CloudFormationForm, NoForm, TerraformForm
from ssmtui.remediation.operations.write_operation import IncompleteForm, WriteOperation
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle, creation
from tests.remediation.export.other_tools import SHELLCHECK, complaints
from tests.remediation.export.test_formats import (
    GROUP,
    PERMISSIONS,
    POLICY,
    call,
    plan_of,
    setting_of_host_management,
    written,
)

pytestmark = pytest.mark.heavy

CARRIED = pytest.mark.skipif(SHELLCHECK is None, reason="no package carries ShellCheck for this machine")
VPC = call("ec2", "ModifyVpcAttribute", VpcId="vpc-0123456789abcdef0", EnableDnsHostnames={"Value": True})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    },
    indent=2,
)
ROLE = call("iam", "CreateRole", RoleName="Nodes", Path="/service-role/", AssumeRolePolicyDocument=TRUST)
ATTACHED = call("iam", "AttachRolePolicy", RoleName="Nodes", PolicyArn="arn:aws:iam::aws:policy/P")
TURNED_ON = setting_of_host_management("service-role/Nodes")
SETTING = call("ssm", "UpdateServiceSetting", SettingId="/ssm/managed-instance/x", SettingValue="Nodes")


def whole(*calls: Call) -> Plan:
    """Return a plan with something in each part that a script prints."""
    toggle = bucket_toggle(FakeAws([ON]))
    return replace(toggle, calls=calls) if calls else toggle


@pytest.mark.parametrize(
    ("format_", "plan"),
    [
        pytest.param("cli", whole(), id="cli", marks=CARRIED),
        pytest.param("terraform", whole(), id="terraform"),
        pytest.param("terraform", whole(VPC), id="terraform-imported"),
        pytest.param("terraform", whole(ROLE, ATTACHED, SETTING), id="terraform-made"),
    ],
)
def test_the_tools_of_others_have_no_complaint(format_: str, plan: Plan) -> None:
    assert complaints(format_, written(plan, format_)) == []


@pytest.mark.long
def test_cfn_lint_has_no_complaint_and_would_have_one() -> None:
    """One test, since cfn-lint takes seconds to import."""
    for plan in (
        creation(ON),
        plan_of(TURNED_ON, before=HOST_MANAGEMENT_OFF),
        plan_of(ROLE, ATTACHED, TURNED_ON, before=HOST_MANAGEMENT_OFF),
    ):
        assert complaints("cloudformation", written(plan, "cloudformation")) == []
    assert complaints("cloudformation", '{"Resources": {"A": {"Type": "AWS::Nothing::Here"}}}')


DOCUMENT = {"Name": "x", "DocumentFormat": "JSON", "Content": ON}
TAGS = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Made", "Value": "by-this"}]}]
RULE: dict[str, object] = {"GroupId": GROUP, "IpPermissions": PERMISSIONS}
ENDPOINT = {
    "VpcId": "vpc-1",
    "ServiceName": "com.amazonaws.eu-west-3.ssm",
    "VpcEndpointType": "Interface",
    "SubnetIds": ["subnet-1"],
    "SecurityGroupIds": [GROUP],
    "RouteTableIds": ["rtb-1"],
    "PrivateDnsEnabled": True,
    "TagSpecifications": TAGS,
}
_PARAMETERS: dict[tuple[str, str], dict[str, object]] = {
    ("ssm", "CreateDocument"): {**DOCUMENT, "DocumentType": "Session"},
    ("ssm", "UpdateDocument"): {**DOCUMENT, "DocumentVersion": "3"},
    ("ssm", "UpdateServiceSetting"): {"SettingId": HOST_MANAGEMENT_SETTING, "SettingValue": "Nodes"},
    ("iam", "PutRolePolicy"): {"RoleName": "web", "PolicyName": "p", "PolicyDocument": POLICY},
    ("iam", "AttachRolePolicy"): {"RoleName": "web", "PolicyArn": "arn:aws:iam::aws:policy/P"},
    ("iam", "CreateRole"): {"RoleName": "web", "Path": "/", "AssumeRolePolicyDocument": POLICY},
    ("iam", "UpdateAssumeRolePolicy"): {"RoleName": "web", "PolicyDocument": POLICY},
    ("iam", "AddRoleToInstanceProfile"): {"InstanceProfileName": "web", "RoleName": "nodes"},
    ("ec2", "AuthorizeSecurityGroupIngress"): RULE,
    ("ec2", "AuthorizeSecurityGroupEgress"): RULE,
    ("ec2", "ModifyVpcAttribute"): {
        "VpcId": "vpc-1",
        "EnableDnsSupport": {"Value": True},
        "EnableDnsHostnames": {"Value": True},
    },
    ("ec2", "CreateVpcEndpoint"): ENDPOINT,
    ("ec2", "StartInstances"): {"InstanceIds": ["i-1"]},
    ("ec2", "StopInstances"): {"InstanceIds": ["i-1"]},
    ("kms", "EnableKey"): {"KeyId": "arn:aws:kms:eu-west-3:123456789012:key/k"},
    ("logs", "CreateLogGroup"): {"logGroupName": "/g"},
    ("logs", "AssociateKmsKey"): {"logGroupName": "/g", "kmsKeyId": "arn:aws:kms:eu-west-3:123456789012:key/k"},
}
"""Every parameter of each operation that Terraform or CloudFormation can express."""

_ONLY_FROM = {("ssm", "UpdateServiceSetting"): HOST_MANAGEMENT_OFF}
"""The state that CloudFormation can change, for resources that it cannot create in every state."""

EXPRESSED = [each for each in WRITE_OPERATIONS.values() if isinstance(each.terraform, TerraformForm)]
of_each = pytest.mark.parametrize("operation", EXPRESSED, ids=lambda each: f"{each.service}:{each.name}")


def values_in(value: object) -> Iterator[str]:
    """Yield each single value of a parameter; of a text that is JSON, its single values."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from values_in(each)
    else:
        yield re.sub(r"^arn:aws:(kms:eu-west-3:123456789012:key|iam::123456789012:role)/", "", str(value))


def test_every_parameter_of_every_form_is_tried() -> None:
    assert _PARAMETERS.keys() == {each.key for each in EXPRESSED}
    assert {key: set(each) for key, each in _PARAMETERS.items()} == {
        each.key: set(each.parameters) for each in EXPRESSED
    }


@of_each
@pytest.mark.parametrize("before", ["", "{}"])
def test_terraform_sets_what_the_change_sets_and_ignores_the_rest(operation: WriteOperation, before: str) -> None:
    """An argument of an imported resource that is neither set nor ignored is changed to the provider's default.

    An argument that is ignored is not changed at all: none is ignored that a parameter sets.
    """
    parameters = _PARAMETERS[operation.key]
    one = call(operation.service, operation.name, **parameters)
    plan = plan_of(one, before=before)
    assert complaints("terraform", written(plan, "terraform")) == []
    form = operation.terraform
    assert isinstance(form, TerraformForm)
    resources = form.resources(one, plan)
    for resource in resources:
        known, ignored = provider_arguments()[resource.type], set(ignored_arguments(resource))
        assert not ignored & {*resource.arguments, *form.arguments.values()}
        if resource.import_id:
            assert {*ignored, *resource.arguments} >= {*known.optional, *known.required}
    told = set(values_in([[{**each.arguments}, each.import_id] for each in resources]))
    is_set = {name: value for name, value in parameters.items() if name not in NOT_OF_THE_RESOURCE}
    assert set(values_in(is_set)) <= told | KNOWN_OTHERWISE


NOT_OF_THE_RESOURCE = {"DocumentVersion"}
"""The version that the new content replaces."""
KNOWN_OTHERWISE = {HOST_MANAGEMENT_SETTING, "vpc-endpoint", "Made"}
"""An ID that becomes an ARN, the type of the resource itself, and the name of a tag."""


@of_each
def test_cloudformation_sets_what_the_change_sets(operation: WriteOperation) -> None:
    form, parameters = operation.cloudformation, _PARAMETERS[operation.key]
    one = call(operation.service, operation.name, **parameters)
    if isinstance(form, CloudFormationForm) and form.properties:
        plan = plan_of(one, before=_ONLY_FROM.get(operation.key, ""))
        told = set(values_in([*form.resources(one, plan)]))
        assert set(values_in(parameters)) <= told | KNOWN_OTHERWISE


@pytest.mark.parametrize("form", ["terraform", "cloudformation"])
def test_a_form_that_leaves_a_parameter_out_is_refused(form: str) -> None:
    """A retention that is set, and that the form does not know, would be exported as a change of nothing."""
    created = WRITE_OPERATIONS["logs", "CreateLogGroup"]
    others: dict[str, Any] = {"terraform": NoForm.UNKNOWN, "cloudformation": NoForm.UNKNOWN}
    others[form] = getattr(created, form)
    with pytest.raises(IncompleteForm, match="logs:CreateLogGroup"):
        replace(created, parameters=("logGroupName", "retentionInDays"), **others)


def test_a_vpc_whose_dns_is_turned_on_keeps_all_else() -> None:
    text = written(plan_of(VPC), "terraform")
    for argument in ("assign_generated_ipv6_cidr_block", "instance_tenancy", "enable_dns_support", "tags_all"):
        assert argument in text.partition("ignore_changes")[2], argument
    assert "require Terraform 1.5 or later" in text


def test_a_rule_warns_of_rules_that_are_written_in_the_group() -> None:
    rules = call("ec2", "AuthorizeSecurityGroupIngress", GroupId=GROUP, IpPermissions=[*PERMISSIONS, *PERMISSIONS])
    text = written(plan_of(rules), "terraform")
    assert text.count("with inline rules") == 1
    assert "need Terraform 1.5" not in text


def test_a_document_is_updated_in_its_place() -> None:
    """The provider calls UpdateDocument for documents of every schema (internal/service/ssm/document.go)."""
    assert "replaces" not in written(whole(), "terraform")


@CARRIED
def test_shellcheck_would_complain() -> None:
    assert complaints("cli", "#!/usr/bin/env bash\nrm $HOME/x y\n")


def test_a_complaint_is_told() -> None:
    assert "would be changed" in "\n".join(
        complaints("terraform", written(plan_of(VPC), "terraform").replace("instance_tenancy, ", ""))
    )
    assert complaints("terraform", 'resource "aws_vpc" "nodes" {\n  cidr_block = 1\n  tags = 2\n}\n')
