"""Why a node is as it is, in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.model.finding import Evidence, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.node_rows import cached_reason, status_reason
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
    fleet_view = FleetView()
    for event in (
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(held),
        VerdictChanged(WEB.key, verdict(VerdictStatus.UNKNOWN, held)),
    ):
        fleet_view.apply(event)
    return "".join(text for text, _ in status_reason(fleet_view, WEB.key))


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
    api, fleet_view = node("api", 2), FleetView()
    held = finding(
        "kms-node-denied", Link.PREFERENCES, Subject(SubjectKind.ROLE, "arn:aws:iam::1:role/web"), [WEB, api]
    )
    warned = verdict(VerdictStatus.FAIL, held)
    for event in (*told(PARIS, [WEB, api], verdicts=warned), FindingChanged(held)):
        fleet_view.apply(event)
    words = cached_reason(fleet_view, WEB.key)
    assert cached_reason(fleet_view, api.key) is words
    fleet_view.apply(FindingChanged(replace(held, nodes=frozenset({WEB.key}))))
    assert cached_reason(fleet_view, api.key) is words
    fleet_view.apply(FindingChanged(replace(held, finding=replace(held.finding, status=Status.WARN))))
    assert cached_reason(fleet_view, api.key) is not words
