"""Nothing that names somebody's own is left in a text, and what is left still fits together."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmtui.language.translation import all_sentences
from ssmtui.report.public_words import is_of_aws
from ssmtui.report.redactor import NameKind, Redactor

# Letters of which no word of ssmtui's is made, so that a piece of one in the output came from it.
SECRETS = st.text("qxzjkw", min_size=5, max_size=12).map(lambda text: f"zq{text}")
LOOKS = (
    "{}",
    "{}-1",
    "/{}/logs",
    "{}.corp.internal",
    "{}@example.org",
    "arn:aws:iam::444455556666:role/team/{}",
    "arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_{}_0123456789abcdef/{}@example.org",
    "arn:aws:s3:::{}/logs/*",
    "arn:aws:logs:eu-west-3:444455556666:log-group:/{}/x:*",
    "arn:aws-cn:kms:cn-north-1:444455556666:alias/{}",
    "arn:{}:{}",
    "https://{}.awsapps.com/start#{}",
    "s3://{}/a/{}",
    "/home/{}/.aws/config",
    "C:\\Users\\{}\\bin",
    "{}:8443",
    "user={}",
    "({})",
    "«{}»",
    "{}'s",
    "{}/{}",
)


def a_redactor() -> Redactor:
    return Redactor(b"a key")


@settings(max_examples=30)
@given(st.lists(st.tuples(SECRETS, st.sampled_from(LOOKS)), min_size=1, max_size=6))
def test_no_name_that_nobody_told_of_is_left_in_a_sentence(names: list[tuple[str, str]]) -> None:
    text = " and ".join(look.replace("{}", name) for name, look in names)
    redacted = a_redactor().sentence(f"The role {text} may not decrypt.")
    assert not [name for name, _ in names if name in redacted]
    assert redacted.startswith("The role ")
    assert redacted.endswith(" may not decrypt.")


@settings(max_examples=30)
@given(
    st.from_regex(r"[1-9][0-9]{11}", fullmatch=True),
    st.from_regex(r"(i|mi|sg|subnet|vpce|eni)-[1-9a-f]{17}", fullmatch=True),
    st.from_regex(r"(AKIA|ASIA|AROA)[A-Z2-7]{16}", fullmatch=True),
    st.uuids().map(str),
    st.ip_addresses(v=4, network="10.0.0.0/9").map(str),
)
def test_what_has_a_form_keeps_it_and_is_another(account: str, id_: str, key: str, uuid: str, address: str) -> None:
    redactor = a_redactor()
    originals = (account, id_, key, uuid, address)
    redacted = redactor.sentence(", ".join(originals)).split(", ")
    assert not set(redacted) & set(originals)
    assert [re.sub("[0-9a-zA-Z]", "_", each) for each in redacted[:4]] == [
        re.sub("[0-9a-zA-Z]", "_", each) for each in originals[:4]
    ]
    assert redacted[1].partition("-")[0] == id_.partition("-")[0]
    assert json.loads(redactor.document(json.dumps(originals))) == redacted


@pytest.mark.parametrize(
    "public",
    [
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        "arn:aws:ssm:eu-west-3::document/AWS-StartPortForwardingSession",
        "arn:aws:s3:::aws-ssm-eu-west-3",
        "AmazonSSMManagedInstanceCore",
        "SSM-SessionManagerRunShell",
        "AWS-UpdateSSMAgent",
        "AWSServiceRoleForAmazonSSM",
        "alias/aws/ssm",
        "ssm:StartSession",
        "kms:Decrypt",
        "log-group-unreadable",
        "grant-node-log-lookup",
        "eu-west-3",
        "us-gov-west-1",
        "eu-central-1a",
        "ssm.eu-west-3.amazonaws.com",
        "ec2.amazonaws.com",
        "169.254.169.254",
        "0.0.0.0/0",
        "3.3.4624.0",
        "2026-11-27T06:48:36Z",
        "CVE-2026-89049",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html",
        "AccessDeniedException",
    ],
)
def test_what_is_of_aws_and_of_ssmtui_is_never_touched(public: str) -> None:
    redactor = a_redactor()
    if is_of_aws(public):
        redactor.learn(NameKind.NODE, public)
    assert redactor.sentence(f"It is {public}.") == f"It is {public}."
    assert redactor.document(f'{{"it": "{public}"}}') == f'{{"it": "{public}"}}'
    if is_of_aws(public):
        assert redactor.identifier(public) == public


def test_the_same_is_called_the_same_wherever_it_stands() -> None:
    redactor = a_redactor()
    role = "arn:aws:iam::123456789012:role/team/reporting"
    redactor.learn_identifier(role)
    redactor.learn(NameKind.NODE, "my web (blue)")
    shown = redactor.identifier(role)
    assert shown == "arn:aws:iam::000000000001:role/role-1/role-2"
    assert redactor.sentence(
        "The role reporting of 123456789012, not reporting-2, is on my web (blue): reporting."
    ) == ("The role role-2 of 000000000001, not name-1, is on node-1): role-2.")


def test_a_pseudonym_is_nobodys_name() -> None:
    redactor = a_redactor()
    for name in ("node-1", "web-1", "node-2"):
        redactor.learn(NameKind.NODE, name)
    assert [redactor.name(NameKind.NODE, name) for name in ("node-1", "web-1", "node-2")] == [
        "node-3",
        "node-4",
        "node-5",
    ]


def test_a_role_called_like_an_operation_is_a_role_still() -> None:
    redactor = a_redactor()
    redactor.learn_identifier("arn:aws:iam::123456789012:role/UpdateAgentRole")
    assert redactor.sentence("UpdateAgentRole may not do ssm:UpdateInstanceInformation.") == (
        "role-1 may not do ssm:UpdateInstanceInformation."
    )


def test_a_refusal_of_awss_still_reads() -> None:
    told = (
        "User: arn:aws:sts::123456789012:assumed-role/Engineer/alex is not authorized to perform: ssm:StartSession on "
        "resource: arn:aws:ec2:eu-west-3:123456789012:instance/i-0123456789abcdef0 because no identity-based policy "
        "allows the ssm:StartSession action"
    )
    assert a_redactor().sentence(told) == (
        "User: arn:aws:sts::000000000001:assumed-role/role-1/user-1 is not authorized to perform: ssm:StartSession on "
        "resource: arn:aws:ec2:eu-west-3:000000000001:instance/i-00000000000000001 because no identity-based policy "
        "allows the ssm:StartSession action"
    )


def test_a_document_keeps_its_words() -> None:
    redactor = a_redactor()
    redactor.learn(NameKind.BUCKET, "acme-logs")
    text = (
        '{"inputs": {"s3BucketName": "acme-logs", "note": "acme", "kmsKeyId": "alias/aws/ssm", "cidr": "10.1.0.0/16"}}'
    )
    shown = redactor.document(text)
    assert re.sub(r"10\.\d+\.0\.0/16", "CIDR", shown) == (
        '{"inputs": {"s3BucketName": "bucket-1", "note": "acme", "kmsKeyId": "alias/aws/ssm", "cidr": "CIDR"}}'
    )


def test_it_counts_what_it_replaced() -> None:
    redactor = a_redactor()
    redactor.sentence("123456789012 and 123456789012, i-0123456789abcdef0, 10.1.2.3, 127.0.0.1, zqxw")
    assert redactor.told == {NameKind.ACCOUNT: 1, NameKind.ID: 1, NameKind.ADDRESS: 1, NameKind.NAME: 1}


def test_every_sentence_of_ssmtuis_reads_as_before_but_for_what_fills_its_holes() -> None:
    """Filled with words that nobody knows, as if nothing had been learned."""
    redactor = a_redactor()
    sentences = [
        each for each in set(all_sentences()) if re.search(r"\{\w+\}", each) and "\n" not in each and "arn:" not in each
    ]
    assert len(sentences) > 1000
    for sentence in sentences:
        # Words that stand apart: a hole within a word (`{count}s`, `{scheme}://{host}`) makes it somebody's.
        if re.search(r"[^\s(“\"«'’]\{|\}[^\s).,:;”\"»'’!?]", sentence):
            continue
        filled = re.sub(r"\{[^{}]*\}", "zqxkj-7", sentence)
        shown = redactor.sentence(filled)
        assert "zqxkj" not in shown, sentence
        assert re.sub(r"name-\d+", "zqxkj-7", shown) == filled
