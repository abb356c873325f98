"""One export of each format for which somebody else has a tool; test_every_fix.py holds all of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ssmtui.model.plan import Call, Plan
from ssmtui.remediation.export.terraform_resources import RESOURCES_BY_OPERATION, provider_arguments
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle, creation
from tests.remediation.export.other_tools import SHELLCHECK, complaints
from tests.remediation.export.test_formats import GROUP, PERMISSIONS, POLICY, call, plan_of, written

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


def test_cfn_lint_has_no_complaint_and_would_have_one() -> None:
    """One test, since cfn-lint takes seconds to import."""
    assert complaints("cloudformation", written(creation(ON), "cloudformation")) == []
    assert complaints("cloudformation", '{"Resources": {"A": {"Type": "AWS::Nothing::Here"}}}')


_PARAMETERS: dict[tuple[str, str], dict[str, object]] = {
    ("ssm", "CreateDocument"): {"Name": "x", "Content": ON},
    ("ssm", "UpdateDocument"): {"Name": "x", "Content": ON},
    ("ssm", "UpdateServiceSetting"): {"SettingId": "/ssm/managed-instance/x", "SettingValue": "Nodes"},
    ("iam", "PutRolePolicy"): {"RoleName": "web", "PolicyName": "p", "PolicyDocument": POLICY},
    ("iam", "AttachRolePolicy"): {"RoleName": "web", "PolicyArn": "arn:aws:iam::aws:policy/P"},
    ("iam", "CreateRole"): {"RoleName": "web", "Path": "/", "AssumeRolePolicyDocument": POLICY},
    ("iam", "UpdateAssumeRolePolicy"): {"RoleName": "web", "PolicyDocument": POLICY},
    ("iam", "CreateInstanceProfile"): {"InstanceProfileName": "web"},
    ("iam", "AddRoleToInstanceProfile"): {"InstanceProfileName": "web", "RoleName": "web"},
    ("ec2", "AuthorizeSecurityGroupIngress"): {"GroupId": GROUP, "IpPermissions": PERMISSIONS},
    ("ec2", "AuthorizeSecurityGroupEgress"): {"GroupId": GROUP, "IpPermissions": PERMISSIONS},
    ("ec2", "ModifyVpcAttribute"): {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": True}},
    ("ec2", "CreateVpcEndpoint"): {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-west-3.ssm"},
    ("ec2", "StartInstances"): {"InstanceIds": ["i-1"]},
    ("ec2", "StopInstances"): {"InstanceIds": ["i-1"]},
    ("kms", "EnableKey"): {"KeyId": "arn:aws:kms:eu-west-3:123456789012:key/k"},
    ("logs", "CreateLogGroup"): {"logGroupName": "/g"},
    ("logs", "AssociateKmsKey"): {"logGroupName": "/g", "kmsKeyId": "arn:aws:kms:eu-west-3:123456789012:key/k"},
}


def test_every_resource_sets_what_the_provider_demands_and_ignores_what_it_does_not_set() -> None:
    """An argument of an imported resource that is neither set nor ignored is changed to the provider's default."""
    silent = {("ssm", "UpdateDocumentDefaultVersion")}
    assert _PARAMETERS.keys() == RESOURCES_BY_OPERATION.keys() - silent
    imported: set[str] = set()
    for operation, parameters in _PARAMETERS.items():
        for before in ("", "{}"):
            service, name = operation
            one = call(service, name, **parameters)
            plan = plan_of(one, before=before)
            text = written(plan, "terraform")
            assert complaints("terraform", text) == [], operation
            for resource in RESOURCES_BY_OPERATION[operation](one, plan):
                known = provider_arguments()[resource.type]
                if resource.import_id:
                    imported.add(resource.type)
                    assert {*resource.left_alone, *resource.arguments} >= {*known.optional, *known.required}
    assert imported >= {"aws_vpc", "aws_iam_role", "aws_kms_key", "aws_ssm_document", "aws_cloudwatch_log_group"}


def test_a_vpc_whose_dns_is_turned_on_keeps_all_else() -> None:
    text = written(plan_of(VPC), "terraform")
    for argument in ("assign_generated_ipv6_cidr_block", "instance_tenancy", "enable_dns_support", "tags_all"):
        assert argument in text.partition("ignore_changes")[2], argument
    assert "need Terraform 1.5 or later" in text


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
