from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.model.document_text import DocumentFormat, DocumentText, parse_document_text
from ssmtui.model.preferences import DocumentParameter, parse_preferences_text
from ssmtui.model.sessions import SessionPurpose, SessionRequest
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.opener import Opener, invalid_parameters_reason, missing_parameters, requires_reason
from ssmtui.session.session_registry import SessionRegistry
from tests.builders.fleet import a_scope
from tests.session.opened import NODE, ScriptedCalls

DOCUMENT = """
schemaVersion: "1.0"
sessionType: InteractiveCommands
parameters:
  file:
    type: String
    description: The log to follow
  lines:
    type: String
    default: "100"
  level:
    type: String
    allowedValues: [info, debug]
properties:
  linux:
    commands: tail -n {{ lines }} {{ file }}
"""


def declared() -> tuple[DocumentParameter, ...]:
    text = parse_document_text(DOCUMENT, DocumentFormat.YAML)
    assert isinstance(text, DocumentText)
    return parse_preferences_text(text, "arn:aws:ssm:eu-west-3:123456789012:document/Acme-Tail").parameters


def test_what_has_no_default_is_asked_for_with_the_documents_own_word() -> None:
    assert missing_parameters(declared(), {}) == (
        DocumentParameter("file", None, "The log to follow"),
        DocumentParameter("level", None, allowed=("info", "debug")),
    )


def test_what_was_given_is_not_asked_for() -> None:
    assert [each.name for each in missing_parameters(declared(), {"level": ("info",)})] == ["file"]
    assert missing_parameters(declared(), {"level": ("info",), "file": ("/var/log/messages",)}) == ()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"file": ("x",), "level": ("debug",)}, ""),
        ({"flie": ("x",)}, "the document has no parameter flie; it has: file, lines, level"),
        ({"level": ("loud",)}, "loud is not valid for the document's parameter level. Valid: info, debug"),
    ],
)
def test_values_that_the_document_does_not_take_are_told_before_aws_is_asked(
    given: dict[str, tuple[str, ...]], why: str
) -> None:
    assert invalid_parameters_reason(declared(), given) == why


@pytest.mark.parametrize(
    ("target", "reason"), [("web-1", ""), ("ecs:web_0123_0123", ""), (NODE, "x" * 257), (NODE, "two\nlines")]
)
def test_what_aws_would_not_take_is_not_sent(tmp_path: Path, target: str, reason: str) -> None:
    calls = ScriptedCalls()
    opener = Opener(SessionRegistry(tmp_path), lambda _: calls, None)
    with pytest.raises(SessionProblem):
        opener.open(SessionRequest(a_scope(), target, reason=reason), SessionPurpose.SHELL)
    assert calls.done == []


@pytest.mark.parametrize(
    ("problem", "asks"),
    [
        (
            SessionProblem(
                "An error occurred (ValidationException) when calling the StartSession operation: 1 validation error "
                "detected: Value at 'reason' failed to satisfy constraint: Member must not be null",
                "ValidationException",
                "ssm:StartSession",
            ),
            True,
        ),
        (SessionProblem("the target is not connected", "TargetNotConnected", "ssm:StartSession"), False),
        (SessionRefused("you may not, for no reason", "AccessDenied", "kms:GenerateDataKey"), False),
    ],
)
def test_a_refusal_for_want_of_a_reason_is_known_by_its_text(problem: SessionProblem, *, asks: bool) -> None:
    assert requires_reason(problem) is asks
