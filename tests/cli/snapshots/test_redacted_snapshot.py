"""Snapshots with every name replaced: nothing of anybody's own is left, and they are judged as the originals are."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace

import pytest

from ssmtui.cli.snapshot_redaction import RedactedWords, own_literals, redacted
from ssmtui.evidence.snapshots.record import RecordedFact
from ssmtui.evidence.snapshots.snapshot_file import read_snapshot
from ssmtui.iam_policy.document import parse_policy
from ssmtui.model.document_text import DocumentFormat, DocumentText, parse_document_text
from ssmtui.model.storage import BucketPolicy
from tests.builders.fleet import a_node
from tests.evidence.snapshots.snapshots import a_record, a_snapshot, packed

KEY = b"k" * 32


def words(*texts: str) -> RedactedWords:
    known = RedactedWords(KEY)
    known.learn(texts)
    return known


def test_a_text_is_replaced_by_the_same_wherever_it_stands() -> None:
    redact = words().text
    role = redact("billing")
    assert role != "billing"
    assert redact("arn:aws:iam::210987654321:role/billing").endswith(f":role/{role}")
    assert redact("arn:aws:sts::210987654321:assumed-role/billing/alex").split("/")[1] == role
    assert redact("210987654321") in redact("arn:aws:iam::210987654321:role/billing")


def test_patterns_match_the_names_that_they_matched() -> None:
    pattern, inner, name, other = "arn:aws:s3:::acme-*", "*-audit-*", "acme-audit-logs", "acmeology"
    redact = words(pattern, inner, name, other).text
    beginning = redact(pattern).removeprefix("arn:aws:s3:::").removesuffix("*")
    assert "acme" not in beginning
    assert redact(name).startswith(beginning)
    assert redact(inner).strip("*") in redact(name)
    assert not redact(other).startswith(beginning)
    own = redact("arn:aws:ssm:*:*:session/${aws:username}-*")
    assert own == "arn:aws:ssm:*:*:session/${aws:username}-*"


@pytest.mark.heavy
@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "Enabled", "tcp", "eu-west-3", "eu-west-3a", "443", "3.3.4624.0", "SSM-SessionManagerRunShell"),
        *("ssm.amazonaws.com", "com.amazonaws.eu-west-3.ssmmessages", "aws:SourceVpc", "0.0.0.0/0", "::/0"),
        *("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", "kms:GenerateDataKey", "Name", "blackhole"),
    ],
)
def test_what_is_nobodys_own_stays(text: str) -> None:
    assert words().text(text) == text


def test_what_names_somebody_in_a_condition_a_document_or_a_reference_is_replaced() -> None:
    redact = words().text
    assert redact("ssm:resourceTag/Team").startswith("ssm:resourceTag/")
    assert redact("ssm:resourceTag/Team").partition("/")[2] == redact("Team") != "Team"
    reference = redact("{{ssm:acme-user}}")
    assert reference.startswith("{{ssm:")
    assert reference.endswith("}}")
    assert "acme" not in reference
    policy = redact('{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Sid": "AcmeOnly", "Resource": "*"}]}')
    assert '"Action": "s3:*"' in policy
    assert "Acme" not in policy


def test_a_whole_snapshot_is_redacted_and_read_back() -> None:
    policy = parse_policy(
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject",'
        ' "Resource": "arn:aws:s3:::acme-logs/*"}}'
    )
    node = replace(a_node("i-0123456789abcdef0", "acme-web"), tags=(("Team", "acme billing"),))
    record = a_record(node, profile="acme-prod")
    record = replace(
        record, facts=(*record.facts, RecordedFact(BucketPolicy, "acme-logs", BucketPolicy("acme-logs", policy)))
    )
    original = a_snapshot(record)
    shown, told = redacted(original, KEY)
    assert shown.redacted
    file = packed(shown)
    assert packed(read_snapshot(io.BytesIO(file)).snapshot) == file
    text = gzip.decompress(file).decode()
    for name in ("acme", "billing", "alex", "Engineer", "123456789012", "0123456789abcdef0", "10.0.0.10"):
        assert name not in text, name
    assert sum(told.values()) > 8
    again, _ = redacted(original, KEY)
    assert packed(again) == file


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{"schemaVersion": "1.0", "inputs": {"s3BucketName": "acme-logs"}}', DocumentFormat.JSON),
        ("schemaVersion: '1.0'\ninputs:\n  s3BucketName: acme-logs\n", DocumentFormat.YAML),
    ],
)
def test_a_document_stays_a_document(text: str, form: DocumentFormat) -> None:
    value, redact = parse_document_text(text, form), words()
    assert isinstance(value, DocumentText)
    again = parse_document_text(redact.document(value), form)
    assert isinstance(again, DocumentText)
    assert again.said == {"schemaVersion": "1.0", "inputs": {"s3BucketName": redact.text("acme-logs")}}
    assert redact.text(text) == again.text
    assert "acme" not in again.text


def test_a_computer_is_called_by_its_first_label_and_by_its_address() -> None:
    redact = words().text
    assert redact("billing.acme.example").split(".")[0] == redact("billing")
    address = redact("10.1.2.3")
    assert address != "10.1.2.3"
    assert redact("ip-10-1-2-3.eu-west-3.compute.internal").split(".")[0] == f"ip-{address.replace('.', '-')}"


def test_what_the_code_compares_with_is_known() -> None:
    assert {"Enabled", "available", "ssmmessages", "s3BucketName"} <= own_literals()
    assert not [word for word in own_literals() if " " in word]


@pytest.mark.parametrize(
    "text",
    [
        "l0: &l0 [x]\n" + "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)),
        "{[a]: b, 2: acme, true: acme, 2001-01-01: acme}",
    ],
)
def test_documents_that_yaml_alone_can_say_are_replaced_too(text: str) -> None:
    document = parse_document_text(text, DocumentFormat.YAML)
    assert isinstance(document, DocumentText)
    told = words().document(document)
    assert "acme" not in told
    assert isinstance(parse_document_text(told, DocumentFormat.YAML), DocumentText)
