"""The least policy: what is called and nothing else, on the narrowest resources that IAM lets it be granted on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from ssmtui.cli.policy_actions import actions_for
from ssmtui.evidence.aws.allowed_reads import DRY_RUNS
from ssmtui.evidence.aws.scopes import ORGANIZATION_ACTIONS
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.scope_request import OtherAccounts
from ssmtui.model.sessions import INTERACTIVE, NON_INTERACTIVE
from ssmtui.remediation.operations.catalog import FURTHER_ACTIONS, READS, WRITES
from ssmtui.report.policy import (
    EVERYTHING,
    MANAGED_POLICY_HOLDS,
    PERMITTED_TO_ALL,
    PolicyTarget,
    Purpose,
    kinds_of,
    policy_document,
    size_of,
)
from ssmtui.report.ssh_configuration import DOCUMENT as SSH
from ssmtui.session import client
from ssmtui.session.probe.runner import PORT_DOCUMENT
from ssmtui.session.tunnels.forward import TO_HOST, TO_NODE

ACCOUNT = "123456789012"
PARIS = PolicyTarget(ACCOUNT, ("eu-west-3",), "aws")
THREE = PolicyTarget(ACCOUNT, ("eu-west-3", "us-east-1", "ap-southeast-2"), "aws")
PURPOSES = ([Purpose.READ], [Purpose.FIXES], [Purpose.SESSIONS], [Purpose.READ, Purpose.FIXES], list(Purpose))
PREFERENCES = f"arn:aws:ssm:eu-west-3:{ACCOUNT}:document/SSM-SessionManagerRunShell"
NARROWED_BY_THE_USER_GUIDE = {"ssmmessages:OpenDataChannel"}
"""AWS's own policies grant it on sessions, though its reference knows of no resource
(https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-restrict-access-quickstart.html)."""

Statement = dict[str, Any]


def statements(*purposes: Purpose, target: PolicyTarget = PARIS) -> list[Statement]:
    found: list[Statement] = json.loads(json.dumps(policy_document(actions_for(purposes), target)))["Statement"]
    return found


def resources(statement: Statement) -> list[str]:
    return [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]


def granted(*purposes: Purpose, target: PolicyTarget = PARIS) -> dict[str, list[str]]:
    """The resources that each action is granted on."""
    return {action: resources(each) for each in statements(*purposes, target=target) for action in each["Action"]}


def condition_of(action: str, target: PolicyTarget = PARIS) -> object:
    of = [each for each in statements(*Purpose, target=target) if action in each["Action"]]
    (statement,) = of
    return statement.get("Condition")


def test_reading_is_what_the_reader_may_call_but_for_what_needs_no_permission() -> None:
    # A dry run asks about a permission of sessions: reading does not need it.
    reads = {action for operation, action in all_reads().items() if operation not in DRY_RUNS}
    asked_for = reads - {*ORGANIZATION_ACTIONS}
    assert granted(Purpose.READ).keys() == asked_for - PERMITTED_TO_ALL


def test_other_accounts_are_in_it_where_they_are_asked_for() -> None:
    elsewhere = OtherAccounts(("arn:aws:iam::210987654321:role/Audit",), "ops/Audit")
    for purpose in Purpose:
        found = policy_document(actions_for([purpose], elsewhere), replace(PARIS, others=elsewhere))["Statement"]
        told = {action: each["Resource"] for each in json.loads(json.dumps(found)) for action in each["Action"]}
        assert told["sts:AssumeRole"] == [*elsewhere.roles, f"arn:aws:iam::*:role/{elsewhere.organization}"][::-1]
        assert told["organizations:ListAccounts"] == EVERYTHING
        named = replace(elsewhere, accounts=(ACCOUNT,))
        assert "organizations:ListAccounts" not in actions_for([purpose], named)[purpose]


def test_fixing_is_what_the_writer_may_send() -> None:
    sent = {f"{service}:{operation}" for service, operation in WRITES | READS}
    besides = set(chain(*FURTHER_ACTIONS.values()))
    assert FURTHER_ACTIONS.keys() <= WRITES
    assert granted(Purpose.FIXES).keys() == (sent | besides) - PERMITTED_TO_ALL


def test_opening_sessions_is_what_the_client_may_call_and_the_channel_that_it_opens() -> None:
    called = {f"{service}:{operation}" for service, operation in client.OPERATIONS | client.READS}
    assert granted(Purpose.SESSIONS).keys() == called | {"ssmmessages:OpenDataChannel"}


def test_a_session_is_opened_on_nodes_by_the_documents_that_ssmtui_uses_and_by_no_other() -> None:
    assert granted(Purpose.SESSIONS)["ssm:StartSession"] == [
        f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/*",
        f"arn:aws:ssm:eu-west-3:{ACCOUNT}:document/SSM-SessionManagerRunShell",
        f"arn:aws:ssm:eu-west-3:{ACCOUNT}:managed-instance/*",
        "arn:aws:ssm:eu-west-3::document/AWS-StartInteractiveCommand",
        "arn:aws:ssm:eu-west-3::document/AWS-StartNonInteractiveCommand",
        "arn:aws:ssm:eu-west-3::document/AWS-StartPortForwardingSession",
        "arn:aws:ssm:eu-west-3::document/AWS-StartPortForwardingSessionToRemoteHost",
        "arn:aws:ssm:eu-west-3::document/AWS-StartSSHSession",
    ]
    assert condition_of("ssm:StartSession") == {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}


def test_those_documents_are_what_commands_name_and_no_more() -> None:
    on = granted(Purpose.SESSIONS)["ssm:StartSession"]
    of_aws = {each.partition("document/")[2] for each in on if "document/AWS-" in each}
    assert of_aws == {INTERACTIVE, NON_INTERACTIVE, TO_NODE, TO_HOST, PORT_DOCUMENT, SSH}


def test_only_sessions_of_ones_own_are_carried_on_and_ended() -> None:
    on = granted(Purpose.SESSIONS)
    own = [f"arn:aws:ssm:eu-west-3:{ACCOUNT}:session/${{aws:userid}}-*"]
    for action in ("ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"):
        assert on[action] == own
    # Fixes end those of others.
    assert granted(*Purpose)["ssm:TerminateSession"] == [f"arn:aws:ssm:eu-west-3:{ACCOUNT}:session/*"]


def test_nothing_is_granted_on_everything_that_iam_lets_be_narrowed() -> None:
    on_everything = {action for action, on in granted(*Purpose).items() if on == [EVERYTHING]}
    whole = {action for action in chain(*actions_for(Purpose).values()) if not kinds_of(action)}
    assert on_everything == whole - NARROWED_BY_THE_USER_GUIDE


def _fits(arn: str, kinds: Iterable[str]) -> bool:
    """Whether an ARN is of one of the kinds, which AWS writes with variables: `…:role/${RoleNameWithPath}`."""
    return any(re.fullmatch(".*".join(map(re.escape, re.split(r"\$\{\w+\}", kind))), arn) for kind in kinds)


def test_every_resource_is_of_a_kind_that_iam_grants_the_action_on() -> None:
    for action, on in granted(*Purpose).items():
        for arn in on:
            known = action in NARROWED_BY_THE_USER_GUIDE or arn == EVERYTHING or _fits(arn, kinds_of(action))
            assert known, (action, arn)


def test_no_document_but_the_preferences_can_be_changed() -> None:
    of_documents = {action: on for action, on in granted(Purpose.FIXES).items() if "Document" in action}
    assert {"ssm:CreateDocument", "ssm:UpdateDocument", "ssm:DeleteDocument"} <= of_documents.keys()
    assert {tuple(on) for on in of_documents.values()} == {(PREFERENCES,)}


def test_a_command_is_sent_by_the_documents_that_fixes_use_and_to_nodes() -> None:
    assert granted(Purpose.FIXES)["ssm:SendCommand"] == [
        f"arn:aws:ec2:eu-west-3:{ACCOUNT}:instance/*",
        f"arn:aws:ssm:eu-west-3:{ACCOUNT}:managed-instance/*",
        "arn:aws:ssm:eu-west-3::document/AWS-RunPowerShellScript",
        "arn:aws:ssm:eu-west-3::document/AWS-RunShellScript",
        "arn:aws:ssm:eu-west-3::document/AWS-UpdateSSMAgent",
    ]
    assert granted(Purpose.FIXES)["ssm:TerminateSession"] == [f"arn:aws:ssm:eu-west-3:{ACCOUNT}:session/*"]


def test_roles_are_handed_to_the_two_services_only_and_get_two_policies_only() -> None:
    on = granted(Purpose.FIXES)
    for action in ("iam:PassRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"):
        assert on[action] == [f"arn:aws:iam::{ACCOUNT}:role/*"]
    assert condition_of("iam:PassRole") == {
        "StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}
    }
    of_aws = "arn:aws:iam::aws:policy/AmazonSSMManaged"
    attached = {"ArnEquals": {"iam:PolicyARN": [f"{of_aws}EC2InstanceDefaultPolicy", f"{of_aws}InstanceCore"]}}
    assert condition_of("iam:AttachRolePolicy") == condition_of("iam:DetachRolePolicy") == attached
    china = json.dumps(condition_of("iam:PassRole", PolicyTarget(ACCOUNT, ("cn-north-1",), "aws-cn")))
    assert "ec2.amazonaws.com.cn" in china


def test_only_endpoints_get_tags_and_only_as_they_are_created() -> None:
    assert granted(Purpose.FIXES)["ec2:CreateTags"] == [f"arn:aws:ec2:eu-west-3:{ACCOUNT}:vpc-endpoint/*"]
    as_created = {"ec2:CreateAction": "CreateVpcEndpoint"}
    assert condition_of("ec2:CreateTags") == {"StringEquals": as_created}
    both = {"aws:RequestedRegion": list(THREE.regions), **as_created}
    assert condition_of("ec2:CreateTags", THREE) == {"StringEquals": both}


def test_what_iam_cannot_narrow_is_held_to_the_regions_chosen() -> None:
    paris = {"StringEquals": {"aws:RequestedRegion": ["eu-west-3"]}}
    assert condition_of("ec2:DescribeInstances") == paris
    assert condition_of("ssm:GetDocument") is None  # its ARN says the Region
    assert condition_of("iam:GetRole") is None
    assert condition_of("ec2:DescribeRegions") is None
    assert condition_of("ec2:DescribeInstances", PolicyTarget(ACCOUNT)) is None
    several = {"StringEquals": {"aws:RequestedRegion": list(THREE.regions)}}
    assert condition_of("ssm:TerminateSession", THREE) == several
    assert granted(*Purpose, target=THREE)["ssm:TerminateSession"] == [f"arn:aws:ssm:*:{ACCOUNT}:session/*"]


def test_an_account_that_is_not_known_leaves_a_place_for_it() -> None:
    on = granted(*Purpose, target=PolicyTarget())
    assert on["iam:GetRole"] == ["arn:*:iam::ACCOUNT_ID:role/*"]
    assert on["ssm:UpdateDocument"] == ["arn:*:ssm:*:ACCOUNT_ID:document/SSM-SessionManagerRunShell"]


def test_all_purposes_together_grant_each_action_once_and_as_widely_as_either_needs() -> None:
    actions = [action for each in statements(*Purpose) for action in each["Action"]]
    assert len(actions) == len(set(actions))
    assert set(actions) == {action for purpose in Purpose for action in granted(purpose)}
    assert f"arn:aws:ssm:eu-west-3:{ACCOUNT}:document/*" in granted(*Purpose)["ssm:GetDocument"]


@pytest.mark.parametrize("purposes", PURPOSES)
def test_what_is_granted_alike_stands_together_sorted(purposes: list[Purpose]) -> None:
    policy = json.loads(json.dumps(policy_document(actions_for(purposes), PARIS)))
    alike = [json.dumps([each["Resource"], each.get("Condition")]) for each in policy["Statement"]]
    assert policy["Version"] == "2012-10-17"
    assert len(alike) == len(set(alike))
    assert all(each["Action"] == sorted(each["Action"]) for each in policy["Statement"])
    assert all(each["Effect"] == "Allow" for each in policy["Statement"])


@pytest.mark.parametrize("purpose", Purpose)
def test_each_purpose_alone_fits_a_managed_policy(purpose: Purpose) -> None:
    for target in (PARIS, THREE, PolicyTarget(), PolicyTarget(ACCOUNT)):
        assert size_of(policy_document(actions_for([purpose]), target)) <= MANAGED_POLICY_HOLDS
