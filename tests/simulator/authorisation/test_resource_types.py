"""Whether the simulated IAM knows what ssmtui asks about, and on resources that IAM would not deny by their type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssmtui.evidence.readers.simulation import simulated_resource
from ssmtui.evidence.readers.simulation_queue import unknown_spelling
from ssmtui.model.fact import NotApplicable
from ssmtui.model.iam_questions import (
    ACTIONS_WITHOUT_RESOURCE_TYPE,
    OWN_SESSION_ACTIONS,
    START_ACCESS_REQUEST,
    START_SESSION,
    bucket_questions,
    caller_preferences_questions,
    core_questions,
    desktop_questions,
    document_question,
    key_questions,
    log_group_questions,
    node_arn,
    own_session_arns,
)
from ssmtui.model.permissions import Question
from ssmtui.remediation.operations.catalog import FURTHER_ACTIONS, WRITES
from ssmtui.simulator.authorisation.resource_types import is_known, is_resource_of
from tests.builders.fleet import a_scope
from tests.builders.storage import a_key
from tests.evidence.fact_builders import preferences

SCOPE = a_scope()
PREFERENCES = preferences(s3_bucket="session-logs", log_group="/sessions")
NOTHING = NotApplicable("")


def questions() -> Iterator[Question]:
    """Everything that IAM is asked about a session."""
    yield from core_questions()
    yield from key_questions(a_key())
    yield from bucket_questions(SCOPE, PREFERENCES, NOTHING, NOTHING)
    yield from log_group_questions(SCOPE, PREFERENCES)
    yield from caller_preferences_questions(SCOPE)
    yield from desktop_questions()
    yield document_question(SCOPE)
    for node in ("i-0a", "mi-0a"):
        yield from (Question(action, node_arn(SCOPE, node)) for action in (START_SESSION, START_ACCESS_REQUEST))
    for arn in own_session_arns(SCOPE, "AROAEXAMPLE:alex", "alex"):
        yield from (Question(action, arn) for action in OWN_SESSION_ACTIONS)


@pytest.mark.parametrize("question", tuple(questions()), ids=lambda each: f"{each.action} on {each.resource}")
def test_a_question_is_about_a_resource_of_the_action(question: Question) -> None:
    assert is_known(question.action)
    has_type = question.action not in ACTIONS_WITHOUT_RESOURCE_TYPE or question.resource == "*"
    assert is_resource_of(question.action, simulated_resource(question)) is has_type
    assert not is_known(unknown_spelling(question.action))


def test_the_actions_of_changes_are_known() -> None:
    operations = {f"{service}:{operation}" for service, operation in WRITES}
    further = {action for actions in FURTHER_ACTIONS.values() for action in actions}
    assert {each for each in operations | further if not is_known(each)} == set()
