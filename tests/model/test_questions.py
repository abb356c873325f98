"""What is asked of IAM, and on what."""

from __future__ import annotations

import pytest

from ssmtui.model.iam_questions import core_questions, document_question
from ssmtui.model.permissions import CorePermissions, Question
from tests.builders.fleet import a_scope
from tests.builders.identity import CORE, answers


def test_a_session_is_started_by_its_document_and_judged_on_that_alone() -> None:
    scope = a_scope()
    assert document_question(scope) == Question(
        "ssm:StartSession", scope.session_document_arn, (("ssm:SessionDocumentAccessCheck", "true"),)
    )


@pytest.mark.parametrize("action", sorted({each.action for each in CORE}))
def test_an_answer_is_found_by_the_action_that_was_asked_about(action: str) -> None:
    found = answers(CorePermissions, core_questions(), action)
    assert found.answer_to(action).question.action == action
    assert not found.answer_to(action).allowed


def test_what_was_not_asked_about_has_no_answer() -> None:
    with pytest.raises(LookupError, match="s3:PutObject was not asked about"):
        answers(CorePermissions, core_questions()).answer_to("s3:PutObject")
