"""Policies that are read because of condition keys of KMS alone: those of the node's role, and of the caller."""

from __future__ import annotations

from ssmtui.evidence.readers.node_permissions import OpenOnKey, keys_lacked_of_destinations
from ssmtui.evidence.readers.role_policies import destination_statements
from ssmtui.evidence.readers.roles import (
    DestinationStatements,
    KeysLackedOfDestinations,
    KeysLackedOnCallerKey,
    NodeRoleStatements,
    SimulatedKey,
)
from ssmtui.evidence.readers.session_permissions import SimulatedCallerKey, keys_lacked_on_caller_key
from ssmtui.model.fact import NotApplicable
from ssmtui.model.iam_questions import key_questions
from tests.builders.identity import a_node_role, answers, undecided
from tests.builders.policies import a_policy, allow
from tests.builders.storage import a_key
from tests.evidence.fake_aws import FakeAws

NONE = NotApplicable("nothing is open")
OF_VOLUMES = "kms:GrantIsForAWSResource"
QUESTIONS = key_questions(a_key())


def test_keys_that_only_requests_to_kms_have_are_lacked_at_the_session_key() -> None:
    asked = OpenOnKey(QUESTIONS, (OF_VOLUMES,))
    assert keys_lacked_of_destinations(asked, NONE, NONE) == KeysLackedOfDestinations((OF_VOLUMES,))
    assert isinstance(keys_lacked_of_destinations(OpenOnKey((), (), QUESTIONS), NONE, NONE), NotApplicable)


def test_keys_that_only_requests_to_kms_have_are_lacked_by_the_caller() -> None:
    open_ = undecided(SimulatedKey, QUESTIONS, "kms:Decrypt", keys=(OF_VOLUMES,))
    simulated = SimulatedCallerKey(open_.principal, open_.answers)
    assert keys_lacked_on_caller_key(simulated) == KeysLackedOnCallerKey((OF_VOLUMES,))
    assert isinstance(keys_lacked_on_caller_key(answers(SimulatedCallerKey, QUESTIONS)), NotApplicable)


async def test_policies_that_were_read_for_systems_manager_are_not_read_again() -> None:
    held = NodeRoleStatements((a_policy(allow("kms:Decrypt")),), None, (("team", "red"),))
    told = await destination_statements(FakeAws(), KeysLackedOfDestinations((OF_VOLUMES,)), a_node_role(), held)
    assert told == DestinationStatements(held.policies, None, held.tags)
