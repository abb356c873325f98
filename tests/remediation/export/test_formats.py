from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ssmtui import __version__
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.identity import HOST_MANAGEMENT_OFF, HOST_MANAGEMENT_SETTING
from ssmtui.model.plan import AnswerReference, Call, Forecast, Guard, Plan, Reach, UndoPlan
from ssmtui.remediation.export.format import ChangeRequest, NotExpressible, all_formats, export_plan, is_visible
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle, creation
from tests.remediation.plans.facts import SCOPE

GROUP = "sg-0123456789abcdef0"
PERMISSIONS = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.1.0/24"}]}]
POLICY = '{\n  "Version": "2012-10-17",\n  "Statement": []\n}'


def toggle() -> Plan:
    return bucket_toggle(FakeAws([ON]))


def plan_of(*calls: Call, guards: tuple[Guard, ...] = (), before: str = "") -> Plan:
    return Plan(
        fix="a-fix",
        title="Change it",
        scope=SCOPE,
        subject=Subject(SubjectKind.ROLE, "arn:aws:iam::123456789012:role/service-role/web"),
        calls=calls,
        before=before,
        after="after",
        guards=guards,
        way_back=UndoPlan((), ()),
        reach=Reach.SUBJECT,
        undo="It is taken away again.",
        facts_after=(),
        stale=(),
    )


def call(service: str, operation: str, **parameters: object) -> Call:
    return Call(service, operation, parameters, f"{service}:{operation}", "*")  # type: ignore[arg-type]


def written(plan: Plan, as_: str) -> str:
    text = export_plan(ChangeRequest(plan), as_)
    assert isinstance(text, str), text
    return text


def refusal(plan: Plan, as_: str) -> str:
    told = export_plan(ChangeRequest(plan), as_)
    assert isinstance(told, NotExpressible), told
    return told.why


@pytest.mark.parametrize("as_", list(all_formats()))
def test_every_format_is_lines_that_can_be_shown(as_: str) -> None:
    hostile = replace(toggle(), title="Turn \x1b[31m\u202e\nrm -rf ~; $(reboot) `id` | <b>")
    told = export_plan(ChangeRequest(hostile), as_)
    text = told.why if isinstance(told, NotExpressible) else told
    assert is_visible(text)
    assert all_formats()[as_].label


def test_a_format_is_offered_after_the_one_that_it_names() -> None:
    offered = list(all_formats())
    assert all(offered.index(each.after) < offered.index(each.name) for each in all_formats().values() if each.after)


def test_the_cli_names_the_account_the_region_and_the_profile_before_anything_is_sent() -> None:
    lines = written(toggle(), "cli").splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert "export AWS_REGION=eu-west-3 AWS_DEFAULT_REGION=eu-west-3" in lines
    assert "export AWS_PROFILE=prod" in lines
    sent = next(number for number, line in enumerate(lines) if "update-document" in line)
    assert any(line.startswith('[ "$account" = 123456789012 ] || {') for line in lines[:sent])


@pytest.mark.parametrize("named", [{"profile": "prod\n$(reboot)"}, {"role": "arn:aws:iam::1:role/a\u202e"}])
def test_a_profile_or_role_that_cannot_be_shown_stands_in_no_script(named: dict[str, str]) -> None:
    plan = toggle()
    hidden = replace(plan, scope=replace(plan.scope, name=replace(plan.scope.name, **named)))
    for as_ in ("cli", "powershell"):
        assert refusal(hidden, as_).endswith(": it has invisible characters.")
    assert is_visible(written(hidden, "terraform"))


def test_a_value_of_an_answer_goes_by_a_variable_of_the_shell() -> None:
    bash, powershell = written(toggle(), "cli"), written(toggle(), "powershell")
    assert "--query '[DocumentDescription.DocumentVersion]' --output text) && read -r answer_1_document_version" in bash
    assert '--document-version "$answer_1_document_version"' in bash
    assert "$answer_1_document_version = (Send-Call @'" in powershell
    assert "'--document-version', $answer_1_document_version)" in powershell


def test_an_optional_call_may_be_refused_and_its_sentence_is_said() -> None:
    assert "|| echo 'The default version is not changed." in written(toggle(), "cli")
    assert "} catch { Write-Warning 'The default version is not changed." in written(toggle(), "powershell")


def test_a_value_that_the_cli_would_take_for_a_file_stays_in_the_json() -> None:
    for text in ("file:///etc/passwd\n", "https://example.com/x\n", "---\nschemaVersion: 1\n"):
        script = written(plan_of(call("ssm", "CreateDocument", Name="x", Content=text)), "cli")
        assert "--content" not in script
        assert json.dumps(text)[1:-1] in script


def test_a_value_deep_within_a_parameter_cannot_be_expressed() -> None:
    deep = plan_of(call("ec2", "CreateTags", Tags=[{"Value": AnswerReference(0, "Id")}]))
    for as_ in ("cli", "powershell"):
        assert refusal(deep, as_) == "The value of the parameter Tags is known only while the change is applied."


def test_what_must_not_be_there_is_asked_for_and_only_its_absence_goes_on() -> None:
    guard = Guard("the log group", "logs", "DescribeLogStreams", {"logGroupName": "/g"}, "logStreams", None)
    script = written(plan_of(call("logs", "CreateLogGroup", logGroupName="/g"), guards=(guard,)), "cli")
    assert "then echo 'Created in the meantime: the log group.' >&2; exit 1; fi" in script
    assert r"*\(ResourceNotFoundException\)*" in script


def test_terraform_imports_what_is_there_and_never_replaces_it() -> None:
    text = written(toggle(), "terraform")
    assert 'import {\n  to = aws_ssm_document.session_preferences\n  id = "SSM-SessionManagerRunShell"\n}' in text
    assert "prevent_destroy = true" in text
    assert '"s3EncryptionEnabled": false' in text
    assert "import {" not in written(creation(ON), "terraform")


def test_terraform_of_a_role_of_a_group_and_of_a_setting() -> None:
    put = call("iam", "PutRolePolicy", RoleName="web", PolicyName="p", PolicyDocument=POLICY)
    assert "import {" not in written(plan_of(put), "terraform")
    assert 'id = "web:p"' in written(plan_of(put, before="{}"), "terraform")
    trust = written(plan_of(call("iam", "UpdateAssumeRolePolicy", RoleName="web", PolicyDocument=POLICY)), "terraform")
    assert 'path = "/service-role/"' in trust
    rule = written(
        plan_of(call("ec2", "AuthorizeSecurityGroupIngress", GroupId=GROUP, IpPermissions=PERMISSIONS)),
        "terraform",
    )
    assert 'resource "aws_vpc_security_group_ingress_rule" "https"' in rule
    assert 'cidr_ipv4         = "10.0.1.0/24"' in rule
    setting = call("ssm", "UpdateServiceSetting", SettingId="/ssm/managed-instance/x", SettingValue="advanced")
    assert 'setting_id    = "arn:aws:ssm:eu-west-3:123456789012:servicesetting/ssm/managed-instance/x"' in written(
        plan_of(setting), "terraform"
    )


def setting_of_host_management(role: str) -> Call:
    return call("ssm", "UpdateServiceSetting", SettingId=HOST_MANAGEMENT_SETTING, SettingValue=role)


def test_cloudformation_turns_host_management_on_and_sets_no_other_setting() -> None:
    other = call("ssm", "UpdateServiceSetting", SettingId="/ssm/managed-instance/x", SettingValue="advanced")
    assert refusal(plan_of(other), "cloudformation") == "CloudFormation has no resource for this service setting."
    turned_on = call(
        "ssm", "UpdateServiceSetting", SettingId=HOST_MANAGEMENT_SETTING, SettingValue="service-role/Nodes"
    )
    template = json.loads(written(plan_of(turned_on, before=HOST_MANAGEMENT_OFF), "cloudformation"))
    assert template["Resources"] == {
        "DefaultHostManagement": {
            "Type": "AWS::SSM::DefaultHostManagementConfiguration",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "PermissionModel": "SELF_MANAGED",
                "CustomerManagedRoleArn": "arn:aws:iam::123456789012:role/service-role/Nodes",
            },
        }
    }
    assert "already on" in refusal(plan_of(turned_on, before="Old"), "cloudformation")


def test_cloudformation_creates_the_role_of_host_management_before_it_turns_host_management_on() -> None:
    role = call("iam", "CreateRole", RoleName="Nodes", Path="/service-role/", AssumeRolePolicyDocument=POLICY)
    turned_on = call(
        "ssm", "UpdateServiceSetting", SettingId=HOST_MANAGEMENT_SETTING, SettingValue="service-role/Nodes"
    )
    resources = json.loads(written(plan_of(role, turned_on, before=HOST_MANAGEMENT_OFF), "cloudformation"))["Resources"]
    named = resources["DefaultHostManagement"]["Properties"]["CustomerManagedRoleArn"]
    assert named == {"Fn::GetAtt": ["NodeRole", "Arn"]}
    assert resources["NodeRole"]["Type"] == "AWS::IAM::Role"


def test_two_changes_of_one_vpc_are_one_resource() -> None:
    calls = (
        call("ec2", "ModifyVpcAttribute", VpcId="vpc-1", EnableDnsSupport={"Value": True}),
        call("ec2", "ModifyVpcAttribute", VpcId="vpc-1", EnableDnsHostnames={"Value": True}),
    )
    text = written(plan_of(*calls), "terraform")
    assert text.count("resource ") == 1
    assert "enable_dns_support   = true\n  enable_dns_hostnames = true" in text


def test_what_is_made_first_is_named_by_its_address() -> None:
    role = call("iam", "CreateRole", RoleName="Nodes", Path="/service-role/", AssumeRolePolicyDocument=POLICY)
    attached = call("iam", "AttachRolePolicy", RoleName="Nodes", PolicyArn="arn:aws:iam::aws:policy/P")
    setting = call("ssm", "UpdateServiceSetting", SettingId="/ssm/managed-instance/x", SettingValue="Nodes")
    text = written(plan_of(role, attached, setting), "terraform")
    assert "role       = aws_iam_role.node.name" in text
    assert "depends_on    = [aws_iam_role_policy_attachment.session_manager]" in text


def test_what_a_format_has_no_words_for_is_said_with_the_reason() -> None:
    reboot = plan_of(call("ec2", "RebootInstances", InstanceIds=["i-1"]))
    assert refusal(reboot, "terraform") == "Terraform cannot express a reboot."
    assert refusal(reboot, "cloudformation") == "CloudFormation cannot express this change as a resource state."
    assert refusal(reboot, "iam") == "This change does not write exactly one IAM policy."
    new = plan_of(call("ec2", "CreateKeyPair", KeyName="k"))
    assert refusal(new, "terraform") == "ssmtui knows no Terraform resource for ec2:CreateKeyPair."
    assert "ec2:CreateKeyPair" in refusal(new, "cloudformation")


def test_cloudformation_of_a_document_and_of_a_rule() -> None:
    template = json.loads(written(creation(ON), "cloudformation"))
    document = template["Resources"]["SessionPreferences"]
    assert document["Type"] == "AWS::SSM::Document"
    assert document["Properties"]["Content"] == json.loads(ON)
    assert (document["DeletionPolicy"], document["Properties"]["UpdateMethod"]) == ("Retain", "NewVersion")
    rule = json.loads(
        written(
            plan_of(call("ec2", "AuthorizeSecurityGroupEgress", GroupId=GROUP, IpPermissions=PERMISSIONS)),
            "cloudformation",
        )
    )
    assert rule["Resources"] == {
        "HttpsEgress": {
            "Type": "AWS::EC2::SecurityGroupEgress",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "GroupId": GROUP,
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "CidrIp": "10.0.1.0/24",
            },
        }
    }


def test_a_default_version_alone_is_no_resource_and_an_empty_template_is_never_handed_over() -> None:
    move = plan_of(call("ssm", "UpdateDocumentDefaultVersion", Name="x", DocumentVersion="2"))
    assert refusal(move, "cloudformation") == "CloudFormation cannot express this change."
    assert refusal(move, "terraform") == "Terraform cannot express this change."


def test_the_policy_alone() -> None:
    put = call("iam", "PutRolePolicy", RoleName="web", PolicyName="p", PolicyDocument=POLICY)
    assert json.loads(written(plan_of(put), "iam")) == json.loads(POLICY)


def test_a_change_request_says_what_why_for_whom_at_what_risk_and_how_it_is_taken_back() -> None:
    plan = replace(toggle(), notes=("CloudFormation owns it.",))
    finding = Finding(
        "s3-encryption-refused",
        Status.FAIL,
        Confidence.PROVED,
        plan.subject,
        "The bucket audit is not encrypted.",
        (Evidence("it has no default encryption", "s3:GetBucketEncryption"),),
    )
    forecast = Forecast(("i-1", "i-3"), (), ("i-2",), (), ("s3-logs-lost@arn",))
    names, at = {"i-1": "web-1", "i-3": "api-1"}, datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
    command = "ssmtui fix s3-encryption-refused --subject audit"
    text = export_plan(ChangeRequest(plan, finding, forecast, names, at, command), "markdown")
    assert isinstance(text, str)
    fences = [line for line in text.splitlines() if line.startswith("```")]
    assert fences == ["```sh", "```", "```diff", "```", "```text", "```", "```text", "```"]
    for words in (
        "# Turn off “only encrypted S3 buckets”",
        "| Date | 2026-11-29 08:30 UTC |",
        f"| Version | ssmtui {__version__} |",
        f"Show this change again, or apply it with --yes:\n\n```sh\n{command}\n```",
        "| Account | 123456789012 |",
        "The bucket audit is not encrypted. (`s3-encryption-refused`, proved)",
        "- it has no default encryption (s3:GetBucketEncryption)",
        '-    "s3EncryptionEnabled": true',
        '+    "s3EncryptionEnabled": false',
        "- `ssm:UpdateDocument`: arn:aws:ssm:eu-west-3:123456789012:document/SSM-SessionManagerRunShell",
        "- 2 nodes change to ok: api-1, web-1",
        "- 1 node gets worse: i-2",
        "- new finding: s3-logs-lost@arn",
        "- What is lost: Sessions start without a check that the bucket is encrypted",
        "- Cost: nothing",
        "- CloudFormation owns it.",
        "The previous text is saved as a new version, which becomes the default version.",
        "ssm UpdateDocument  Name=SSM-SessionManagerRunShell  DocumentVersion=(as read before the change)",
    ):
        assert words in text
