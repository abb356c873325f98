from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.placeholders import (
    cause_with_names,
    names_of_finding,
    names_of_findings,
    names_of_requested,
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
