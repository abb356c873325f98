from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import extract_fields
from ssmtui.causes.placeholders import (
    cause_with_names,
    names_of_finding,
    names_of_findings,
    names_of_requested,
    names_of_text,
    with_names,
)
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.plan import shell_word
from ssmtui.model.scope import ScopeName
from tests.builders.fleet import ACCOUNT, a_finding, a_node, a_scope, held

KEY = f"arn:aws:kms:eu-west-3:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LOG_GROUP = f"arn:aws:logs:eu-west-3:{ACCOUNT}:log-group:/ssm/sessions"
WEB, QUEUE = a_node("i-0000000000000001a"), a_node("i-0000000000000002b", "queue-1")


@pytest.mark.parametrize(
    ("kind", "id_", "command", "told"),
    [
        (SubjectKind.ROLE, f"arn:aws:iam::{ACCOUNT}:role/app/web_1", "--role-name ROLE_NAME", "--role-name web_1"),
        (SubjectKind.KEY, KEY, '"Resource": "KEY_ARN"', f'"Resource": "{KEY}"'),
        (SubjectKind.KEY, KEY.replace("key/", "alias/"), "--key-id KEY_ARN", "--key-id KEY_ARN"),
        (SubjectKind.KEY, "{{ssm:key}}", "--key-id KEY_ARN", "--key-id KEY_ARN"),
        (SubjectKind.BUCKET, "arn:aws:s3:::logs", "BUCKET_ARN/PREFIX/*", "arn:aws:s3:::logs/PREFIX/*"),
        (SubjectKind.LOG_GROUP, LOG_GROUP, "LOG_GROUP_NAME LOG_GROUP_ARN:*", f"/ssm/sessions {LOG_GROUP}:*"),
        (SubjectKind.DOCUMENT, f"arn:aws:ssm:eu-west-3:{ACCOUNT}:document/Mine", "DOCUMENT_NAME", "Mine"),
        (SubjectKind.INSTANCE_PROFILE, f"arn:aws:iam::{ACCOUNT}:instance-profile/web", "Name=PROFILE_NAME", "Name=web"),
        (SubjectKind.SUBNET, "subnet-1a", "--subnet-ids SUBNET_ID", "--subnet-ids subnet-1a"),
        (SubjectKind.ROUTE_TABLE, "rtb-1a", "ROUTE_TABLE_ID \\", "rtb-1a \\"),
        (SubjectKind.ENDPOINT, "vpce-1a", "ENDPOINT_ID", "vpce-1a"),
    ],
)
def test_what_the_finding_is_about_stands_in_its_commands(kind: SubjectKind, id_: str, command: str, told: str) -> None:
    found = held(a_finding(subject=Subject(kind, id_)), WEB)
    assert with_names(command, names_of_finding(found, [WEB.key])) == told


def test_one_node_is_named_and_of_several_none() -> None:
    found = held(a_finding(), WEB, QUEUE)
    command = "--instance-ids NODE_ID --region REGION --target INSTANCE_ID"
    assert with_names(command, names_of_finding(found, [WEB.key])) == (
        "--instance-ids i-0000000000000001a --region eu-west-3 --target i-0000000000000001a"
    )
    assert with_names(command, names_of_finding(found, [WEB.key, QUEUE.key])) == (
        "--instance-ids NODE_ID --region eu-west-3 --target INSTANCE_ID"
    )


def test_a_policy_names_the_node_by_its_arn_in_ec2_or_in_systems_manager() -> None:
    hybrid = a_node("mi-0123456789abcdef0")
    names = [names_of_finding(held(a_finding(), node), [node.key]) for node in (WEB, hybrid)]
    assert [with_names('["NODE_ARN", "DOCUMENT_ARN"]', each) for each in names] == [
        f'["arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/i-0000000000000001a", "DOCUMENT_ARN"]',
        f'["arn:aws:ssm:eu-west-3:{ACCOUNT}:managed-instance/mi-0123456789abcdef0", "DOCUMENT_ARN"]',
    ]


def test_of_several_findings_what_is_the_same_of_all_is_named() -> None:
    first, second = (
        held(a_finding(subject=Subject(SubjectKind.ROLE, f"arn:aws:iam::{ACCOUNT}:role/{name}")), WEB, QUEUE)
        for name in ("web", "queue")
    )
    command = "ROLE_NAME REGION NODE_ID"
    assert with_names(command, names_of_findings([first, second], [WEB.key])) == (
        "ROLE_NAME eu-west-3 i-0000000000000001a"
    )
    assert with_names(command, names_of_findings([], [WEB.key])) == command


def test_the_names_of_aws_end_as_they_do_in_the_partition() -> None:
    china = replace(a_scope("cn-north-1"), partition="aws-cn", dns_suffix="amazonaws.com.cn")
    names = names_of_finding(held(a_finding(), WEB, scope=china), [WEB.key])
    assert with_names("https://ssmmessages.REGION.amazonaws.com/ arn:PARTITION:iam::aws:policy/X", names) == (
        "https://ssmmessages.cn-north-1.amazonaws.com.cn/ arn:aws-cn:iam::aws:policy/X"
    )
    assert with_names("com.amazonaws.REGION.ssm", names) == "com.amazonaws.cn-north-1.ssm"


def test_a_scope_that_is_not_open_names_its_profile_and_several_what_they_share() -> None:
    command = "aws sso login --profile PROFILE --region REGION"
    asked = [ScopeName("prod", "eu-west-3"), ScopeName("stage", "eu-west-3")]
    assert with_names(command, names_of_requested(asked[:1])) == "aws sso login --profile prod --region eu-west-3"
    assert with_names(command, names_of_requested(asked)) == "aws sso login --profile PROFILE --region eu-west-3"
    assert with_names(command, names_of_requested([ScopeName(None, "eu-west-3")])).startswith(
        "aws sso login --profile PROF"
    )


def test_a_word_that_only_begins_like_one_is_left() -> None:
    names = names_of_finding(held(a_finding(), WEB), [WEB.key])
    assert with_names("AWS_REGION=x MY_NODE_ID REGIONS", names) == "AWS_REGION=x MY_NODE_ID REGIONS"


@given(st.text())
def test_what_is_no_plain_word_of_a_shell_never_stands_in_a_command(hostile: str) -> None:
    asked = ScopeName(hostile, "eu-west-3")
    told = with_names("aws sso login --profile PROFILE", names_of_requested([asked]))
    assert told.removeprefix("aws sso login --profile ") == shell_word(hostile, "PROFILE")


@pytest.mark.parametrize("slug", catalogue())
def test_a_resolution_leaves_no_name_open_that_is_known_where_its_cause_was_found(slug: str) -> None:
    cause = catalogue()[slug]
    found = held(a_finding(slug, subject=Subject(SubjectKind.NODE, WEB.id)), WEB, scope=a_scope(profile="prod"))
    told = cause_with_names(cause, names_of_finding(found, [WEB.key]))
    open_ = {"REGION", "INSTANCE_ID", "NODE_ID", "PARTITION", "PROFILE"}
    assert not open_.intersection(told.how_to_resolve.replace(".", " ").replace("=", " ").replace("`", " ").split())
    assert replace(told, how_to_resolve=cause.how_to_resolve) == cause


NODE = "i-0123456789abcdef0"
OF_NODE = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/web/{NODE} is not authorized to perform:"
NO_GROUP = f"arn:aws:logs:eu-west-3:{ACCOUNT}:log-group:"
OF_JANE = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Dev/jane is not authorized to perform:"


@pytest.mark.parametrize(
    ("text", "cause", "step"),
    [
        (
            f"{OF_NODE} ssm:UpdateInstanceInformation on resource: arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/{NODE}",
            "role-core-denied",
            "--role-name web \\\n     --policy-arn arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        ),
        (
            f"{OF_NODE} ec2messages:GetMessages on resource: arn:aws-us-gov:ssm:us-gov-west-1:{ACCOUNT}:*",
            "role-core-denied",
            '"Action": [\n           "ec2messages:GetMessages",\n           "ssm:UpdateInstanceInformation",',
        ),
        (f"{OF_JANE} kms:GenerateDataKey on resource: {KEY}", "kms-caller-denied", f'"Resource": "{KEY}"'),
        (
            f"{OF_JANE} ssm:StartSession on resource: arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/{NODE}",
            "caller-start-denied",
            f'"Resource": ["arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/{NODE}", "DOCUMENT_ARN"]',
        ),
        (
            f"{OF_NODE} s3:GetEncryptionConfiguration on resource: arn:aws:s3:::audit",
            "s3-encryption-unreadable",
            '"Resource": "arn:aws:s3:::audit"',
        ),
        (
            f"{OF_NODE} s3:PutObject on resource: arn:aws:s3:::audit/ssm/jane.log",
            "s3-logs-lost",
            '"Resource": "arn:aws:s3:::audit/PREFIX/*"',
        ),
        (
            f"{OF_NODE} logs:PutLogEvents on resource: {LOG_GROUP}:log-stream:jane-0a1b",
            "cloudwatch-logs-lost",
            f'"Resource": ["{LOG_GROUP}", "{LOG_GROUP}:*"]',
        ),
        ("when calling the StartSession operation: Document with name Mine does not exist", "document-invalid", "Mine"),
        (
            "Failed to upload x/session/orchestration/x to s3://audit/ssm/jane.log err:AccessDenied",
            "s3-logs-lost",
            '"Resource": "arn:PARTITION:s3:::audit/PREFIX/*"',
        ),
        (
            'Log group "/ssm/sessions" or log stream "jane" not found.',
            "log-group-missing",
            "--log-group-name /ssm/sessions",
        ),
    ],
)
def test_what_a_text_names_is_in_the_steps_of_its_cause(text: str, cause: str, step: str) -> None:
    assert step in cause_with_names(catalogue()[cause], names_of_text(extract_fields(text))).how_to_resolve


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (f"{OF_JANE} ssm:StartSession on resource: *", "--role-name ROLE_NAME --target INSTANCE_ID"),
        (f"{OF_JANE} kms:Decrypt on resource: arn:aws:kms:eu-west-3:{ACCOUNT}:alias/ssm", "--key-id KEY_ARN"),
        (f"{OF_NODE} logs:DescribeLogGroups on resource: {NO_GROUP}:log-stream:*", "LOG_GROUP_ARN"),
        ("Document with name Mine;reboot does not exist", "--name DOCUMENT_NAME"),
        ("Document with name --help does not exist", "--name DOCUMENT_NAME"),
    ],
)
def test_a_value_that_is_not_the_one_of_the_command_is_not_in_it(text: str, command: str) -> None:
    assert with_names(command, names_of_text(extract_fields(text))) == command


def test_a_refused_action_is_not_in_the_policy_of_another_cause() -> None:
    names = names_of_text(extract_fields(f"{OF_JANE} ec2:RunInstances on resource: *"))
    assert "ec2:RunInstances" not in cause_with_names(catalogue()["role-core-denied"], names).how_to_resolve


def test_in_china_the_domain_of_an_endpoint_is_another() -> None:
    names = names_of_text({"region": "cn-north-1"})
    assert with_names("https://ssm.REGION.amazonaws.com", names) == "https://ssm.cn-north-1.amazonaws.com.cn"
