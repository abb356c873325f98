from __future__ import annotations

import json
from itertools import chain

import pytest

from ssmtui.changes.operations import FURTHER_ACTIONS, READS, WRITES
from ssmtui.evidence.operations import READ_OPERATIONS
from ssmtui.report.policy import (
    EVERY_DOCUMENT,
    EVERYTHING,
    PERMITTED_TO_ALL,
    PREFERENCES,
    Purpose,
    policy_document,
)

Granted = dict[str, list[str]]
PURPOSES = ([Purpose.READ], [Purpose.FIXES], [Purpose.READ, Purpose.FIXES])


def granted(*purposes: Purpose) -> Granted:
    """The actions by the resource that they are granted on."""
    policy = json.loads(json.dumps(policy_document(purposes)))
    return {statement["Resource"]: statement["Action"] for statement in policy["Statement"]}


def test_reading_is_what_the_reader_may_call_but_for_what_needs_no_permission() -> None:
    called = {action for actions in READ_OPERATIONS.values() for action in actions}
    assert set(chain(*granted(Purpose.READ).values())) == called - PERMITTED_TO_ALL


def test_fixing_is_what_the_writer_may_send() -> None:
    sent = {f"{service}:{operation}" for service, operation in WRITES | READS}
    besides = set(chain(*FURTHER_ACTIONS.values()))
    assert FURTHER_ACTIONS.keys() <= WRITES
    assert set(chain(*granted(Purpose.FIXES).values())) == (sent | besides) - PERMITTED_TO_ALL


def test_no_document_but_the_preferences_can_be_changed() -> None:
    grants = granted(Purpose.FIXES)
    assert grants.keys() == {EVERYTHING, PREFERENCES}
    assert {"ssm:CreateDocument", "ssm:UpdateDocument", "ssm:DeleteDocument"} <= set(grants[PREFERENCES])
    assert [action for action in grants[EVERYTHING] if "Document" in action] == []


def test_reading_is_scoped_where_only_documents_are_read() -> None:
    grants = granted(Purpose.READ)
    assert grants[EVERY_DOCUMENT] == ["ssm:DescribeDocument", "ssm:GetDocument"]
    assert PREFERENCES not in grants


def test_both_purposes_together_grant_each_action_once_and_as_widely_as_either_needs() -> None:
    both = granted(Purpose.READ, Purpose.FIXES)
    actions = list(chain(*both.values()))
    assert len(actions) == len(set(actions))
    alone = [*chain(*granted(Purpose.READ).values()), *chain(*granted(Purpose.FIXES).values())]
    assert set(actions) == set(alone)
    assert "ssm:GetDocument" in both[EVERY_DOCUMENT]


@pytest.mark.parametrize("purposes", PURPOSES)
def test_a_policy_is_sorted_has_one_statement_a_resource_and_fits_a_managed_policy(purposes: list[Purpose]) -> None:
    policy = json.loads(json.dumps(policy_document(purposes)))
    resources = [statement["Resource"] for statement in policy["Statement"]]
    assert policy["Version"] == "2012-10-17"
    assert len(resources) == len(set(resources))
    assert all(statement["Action"] == sorted(statement["Action"]) for statement in policy["Statement"])
    assert all(statement["Effect"] == "Allow" for statement in policy["Statement"])
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html counts no white space.
    assert len("".join(json.dumps(policy).split())) <= 6144
