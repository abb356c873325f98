"""Why a node is as it is, in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.model.finding import Evidence, Status
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.path import Link
from ssmtui.model.subject import Subject, SubjectKind
from ssmtui.ui.state.board import Board
from ssmtui.ui.words.why import known_why, why
from tests.ui.builders import PARIS, finding, node, told, verdict

WEB = node("web", 1)
DEMANDED = Evidence("the preferences demand an encrypted bucket", "ssm:GetDocument")
MISSED = Evidence("s3:GetEncryptionConfiguration: no answer within 120 s", "s3:GetEncryptionConfiguration")


def said_of(*evidence: Evidence, needs: tuple[str, ...] = ()) -> str:
    held = finding(
        "s3-encryption-refused",
        Link.PREFERENCES,
        Subject(SubjectKind.BUCKET, "arn:aws:s3:::audit"),
        [WEB],
        status=Status.UNKNOWN,
        summary="Whether the bucket is encrypted could not be read.",
        evidence=evidence,
        needs=needs,
    )
    board = Board()
    for event in (
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(held),
        VerdictChanged(WEB.key, verdict(VerdictStatus.UNKNOWN, held)),
    ):
        board.apply(event)
    return "".join(text for text, _ in why(board, WEB.key))


@pytest.mark.parametrize(
    ("evidence", "needs", "said"),
    [
        ((DEMANDED, MISSED), (), "cannot tell: s3:GetEncryptionConfiguration: no answer within 120 s"),
        ((DEMANDED,), (), "cannot tell: Whether the bucket is encrypted could not be read."),
        ((MISSED,), ("s3:GetEncryptionConfiguration",), "cannot tell: needs s3:GetEncryptionConfiguration"),
    ],
)
def test_what_cannot_be_told_names_the_right_or_else_the_call_that_gave_no_answer(
    evidence: tuple[Evidence, ...], needs: tuple[str, ...], said: str
) -> None:
    assert said_of(*evidence, needs=needs) == said


def test_the_same_is_put_into_words_once_until_what_was_found_is_another() -> None:
    api, board = node("api", 2), Board()
    held = finding(
        "kms-node-denied", Link.PREFERENCES, Subject(SubjectKind.ROLE, "arn:aws:iam::1:role/web"), [WEB, api]
    )
    warned = verdict(VerdictStatus.FAIL, held)
    for event in (*told(PARIS, [WEB, api], verdicts=warned), FindingChanged(held)):
        board.apply(event)
    words = known_why(board, WEB.key)
    assert known_why(board, api.key) is words
    board.apply(FindingChanged(replace(held, nodes=frozenset({WEB.key}))))
    assert known_why(board, api.key) is words
    board.apply(FindingChanged(replace(held, finding=replace(held.finding, status=Status.WARN))))
    assert known_why(board, api.key) is not words
