from __future__ import annotations

import json

from ssmtui.diagnosis.scope_queries import list_raw_facts, to_plain_data
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.workstation_protocol import Invocation
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.iam_policy.document import parse_policy
from ssmtui.model.fact import Absent, Now, Unreadable
from ssmtui.model.storage import Key, KeyPolicy
from ssmtui.model.workstation import NodeQuery, TemporaryFolder
from tests.builders.fleet import NOON, a_node, a_scope
from tests.evidence.fake_aws import FakeAws


def test_values_are_shown_field_by_field_with_times_as_text() -> None:
    assert to_plain_data(
        Key("arn:aws:kms:eu-west-3:123456789012:key/1", "PendingDeletion", "ENCRYPT_DECRYPT", "X", NOON)
    ) == {
        "arn": "arn:aws:kms:eu-west-3:123456789012:key/1",
        "state": "PendingDeletion",
        "usage": "ENCRYPT_DECRYPT",
        "spec": "X",
        "deletion": "2026-11-25T12:00:00+00:00",
    }


def test_a_policy_is_shown_as_the_document_that_aws_holds() -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    assert to_plain_data(KeyPolicy("arn:key", parse_policy(json.dumps(document)))) == {
        "key_arn": "arn:key",
        "policy": document,
    }


def test_what_was_refused_or_is_not_there_says_so() -> None:
    assert to_plain_data(Unreadable("kms:DescribeKey", "AccessDenied")) == {
        "unreadable": {
            "action": "kms:DescribeKey",
            "why": "AccessDenied",
            "obstacle": "refused",
            "source": "kms:DescribeKey",
        }
    }
    assert to_plain_data(Absent("the key", "kms:DescribeKey")) == {
        "absent": {"what": "the key", "source": "kms:DescribeKey"}
    }


async def test_a_fact_about_this_computer_says_so_and_one_that_nobody_looked_at_is_left_out() -> None:
    facts = FactStore(FakeAws(), a_scope(), Now(NOON), WorkstationDescription().workstation(Clients(), Invocation()))
    resolver = facts.resolver(a_node())
    for kind in (TemporaryFolder, NodeQuery):
        await resolver.fact(kind)
    assert [(each.name, each.source) for each in list_raw_facts(resolver)] == [
        ("Scope", ""),
        ("TemporaryFolder", "this computer"),
    ]
