"""The writer, apply and undo on the simulated AWS, whose documents behave as AWS's are documented to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.plan import Plan
from ssmtui.model.preferences import PreferencesDocument, parse_preferences
from ssmtui.model.scope import DOCUMENT_NAME, Scope, ScopeName
from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import AppliedOutcome, ChangeOutcome, ChangeState, FailedOutcome, RefusedOutcome
from ssmtui.remediation.apply.change_service import open_change_service
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import last_undoable, undo
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    ConcurrentChangeError,
    OperationNotAllowed,
    OutcomeUnknownError,
    value_at,
)
from ssmtui.remediation.plans.preferences.encryption import toggle_cloudwatch_encryption, toggle_s3_encryption
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import InlinePolicy, Role
from ssmtui.simulator.worlds import world
from ssmtui.simulator.worlds.building_blocks import ENGINEER, allow
from tests.remediation.apply.plans import creation
from tests.remediation.plans.facts import ARN, SCOPE, caller

HERE = Scope(
    ScopeName(None, SCOPE.region),
    SCOPE.account,
    SCOPE.region,
    SCOPE.partition,
    SCOPE.dns_suffix,
    SCOPE.caller,
    SCOPE.principal,
)
NAMED = {"Name": DOCUMENT_NAME}
CANNOT_PASS = Role(
    ENGINEER.name,
    trusted=ENGINEER.trusted,
    inline=(InlinePolicy("settings", (allow("ssm:UpdateServiceSetting"),)),),
)


@pytest.fixture
def writer(simulated: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> Writer:
    simulated.load("preferences-strings-red")
    for name, value in simulated.environment.items():
        monkeypatch.setenv(name, value)
    return Writer(ClientAccess(None, HERE.region), sleep=lambda _: None, answer_seconds=2)


def document(writer: Writer, format_: DocumentFormat = DocumentFormat.JSON) -> PreferencesDocument:
    described = writer.read("ssm", "DescribeDocument", NAMED) or {}
    newest = writer.read("ssm", "GetDocument", {**NAMED, "DocumentVersion": "$LATEST", "DocumentFormat": format_.value})
    content = value_at(newest, "Content") or ""
    latest, default = (value_at(described, f"Document.{name}") or "" for name in ("LatestVersion", "DefaultVersion"))
    return PreferencesDocument(ARN, format_, latest, default, parse_document_text(content, format_), content)


def toggle(writer: Writer, format_: DocumentFormat = DocumentFormat.JSON) -> Plan:
    found = document(writer, format_)
    plan = toggle_cloudwatch_encryption(HERE, found, parse_preferences(found), caller())
    assert isinstance(plan, Plan)
    return plan


def edit_by_somebody_else(writer: Writer, format_: DocumentFormat = DocumentFormat.JSON) -> None:
    found = document(writer, format_)
    plan = toggle_s3_encryption(HERE, found, parse_preferences(found), caller())
    assert isinstance(plan, Plan)
    parameters = {**NAMED, "DocumentVersion": found.latest_version, "DocumentFormat": format_.value}
    writer.write("ssm", "UpdateDocument", {**parameters, "Content": plan.after})


def undo_last(writer: Writer, journal: Journal) -> ChangeOutcome:
    change = last_undoable(journal, HERE)
    assert change is not None
    return undo(change, writer, journal)


def test_strings_stay_strings_there_and_back(writer: Writer, journal: Journal, simulated: SimulatedAws) -> None:
    before = document(writer)
    assert isinstance(apply(toggle(writer), writer, journal), AppliedOutcome)
    changed = document(writer)
    assert changed.content.text == before.content.text.replace(
        '"cloudWatchEncryptionEnabled": "true"', '"cloudWatchEncryptionEnabled": "false"'
    )
    assert (changed.latest_version, changed.default_version) == ("2", "2")
    assert isinstance(undo_last(writer, journal), AppliedOutcome)
    assert document(writer).content.text == f"{before.content.text}\n"
    assert document(writer).default_version == "3"
    assert [entry.operation for entry in simulated.journal.writes] == [
        "UpdateDocument",
        "UpdateDocumentDefaultVersion",
        "UpdateDocument",  # refused: AWS had this content before
        "UpdateDocument",
        "UpdateDocumentDefaultVersion",
    ]


def test_yaml_keeps_its_comments_there_and_back(writer: Writer, journal: Journal, simulated: SimulatedAws) -> None:
    simulated.load("preferences-yaml")
    before = document(writer, DocumentFormat.YAML)
    apply(toggle(writer, DocumentFormat.YAML), writer, journal)
    changed = document(writer, DocumentFormat.YAML).content.text
    assert changed == before.content.text.replace(
        "cloudWatchEncryptionEnabled: true", "cloudWatchEncryptionEnabled: false"
    )
    assert "# Audit: ticket SEC-211" in changed
    assert isinstance(undo_last(writer, journal), AppliedOutcome)
    assert document(writer, DocumentFormat.YAML).content.text.rstrip() == before.content.text.rstrip()


def test_an_edit_between_preview_and_apply_is_refused_and_nothing_is_lost(writer: Writer, journal: Journal) -> None:
    plan = toggle(writer)
    edit_by_somebody_else(writer)
    theirs = document(writer)
    outcome = apply(plan, writer, journal)
    assert isinstance(outcome, RefusedOutcome)
    assert outcome.edit_conflict is not None
    assert outcome.edit_conflict.found == theirs.content.text
    assert document(writer) == theirs


def test_an_edit_between_apply_and_undo_is_refused_and_nothing_is_lost(writer: Writer, journal: Journal) -> None:
    plan = toggle(writer)
    apply(plan, writer, journal)
    edit_by_somebody_else(writer)
    theirs = document(writer)
    outcome = undo_last(writer, journal)
    assert isinstance(outcome, RefusedOutcome)
    assert outcome.edit_conflict is not None
    assert (outcome.edit_conflict.expected, outcome.edit_conflict.wanted) == (plan.after, plan.before)
    assert document(writer) == theirs


def test_aws_itself_refuses_a_version_that_is_not_the_newest(writer: Writer) -> None:
    edit_by_somebody_else(writer)
    with pytest.raises(ConcurrentChangeError):
        writer.write("ssm", "UpdateDocument", {**NAMED, "DocumentVersion": "1", "Content": "{}"})


def test_a_caller_who_may_not_write_is_refused(writer: Writer, journal: Journal, simulated: SimulatedAws) -> None:
    simulated.load("caller-read-only")
    before = document(writer)
    outcome = apply(toggle(writer), writer, journal)
    assert isinstance(outcome, RefusedOutcome)
    assert outcome.action == "ssm:UpdateDocument"
    assert "is not authorized to perform: ssm:UpdateDocument" in outcome.why
    assert document(writer) == before


def test_an_absent_document_is_created_and_deleted_again(
    writer: Writer, journal: Journal, simulated: SimulatedAws
) -> None:
    simulated.load("preferences-absent")
    text = '{"schemaVersion": "1.0", "sessionType": "Standard_Stream"}'
    assert isinstance(apply(creation(text), writer, journal), AppliedOutcome)
    assert document(writer).content.text == text
    assert isinstance(undo_last(writer, journal), AppliedOutcome)
    assert writer.read("ssm", "DescribeDocument", NAMED) is None


def test_a_write_is_sent_once_whatever_the_error(writer: Writer, journal: Journal, simulated: SimulatedAws) -> None:
    for fault in ("throttling", "internal", "garbage", "refused", "expired"):
        plan = toggle(writer)
        simulated.journal.clear()
        simulated.fault(fault, "ssm", "UpdateDocument")
        outcome = apply(plan, writer, journal)
        simulated.clear_faults()
        assert isinstance(outcome, FailedOutcome | RefusedOutcome), fault
        assert [entry.operation for entry in simulated.journal.writes] == ["UpdateDocument"], fault
    assert {change.state for change in journal.changes()} == {ChangeState.FAILED}


@pytest.mark.parametrize("operation", ["GetCallerIdentity", "GetDocument", "UpdateDocument"])
def test_credentials_that_have_expired_are_no_want_of_permission(
    writer: Writer, journal: Journal, simulated: SimulatedAws, operation: str
) -> None:
    plan = toggle(writer)
    simulated.fault("expired", operation=operation)
    outcome = apply(plan, writer, journal)
    assert isinstance(outcome, FailedOutcome)
    assert outcome.why.startswith("ExpiredToken")


def test_a_refusal_names_the_action_that_aws_names(writer: Writer, simulated: SimulatedAws) -> None:
    simulated.load(replace(world("host-management-off"), caller=CANNOT_PASS))
    role = {"SettingId": "/ssm/managed-instance/default-ec2-instance-management-role", "SettingValue": "web"}
    with pytest.raises(ChangeRefusedError) as refused:
        writer.write("ssm", "UpdateServiceSetting", role)
    assert refused.value.action == "iam:PassRole"


def test_a_write_without_an_answer_is_unknown_and_not_sent_again(writer: Writer, simulated: SimulatedAws) -> None:
    writer = Writer(ClientAccess(None, HERE.region), sleep=lambda _: None, answer_seconds=0.2)
    found = document(writer)
    simulated.fault("timeout", "ssm", "UpdateDocument")
    with pytest.raises(OutcomeUnknownError):
        writer.write(
            "ssm", "UpdateDocument", {**NAMED, "DocumentVersion": found.latest_version, "Content": found.content.text}
        )


def test_an_answer_that_cannot_be_read_is_not_taken_for_somebody_elses_edit(
    writer: Writer, journal: Journal, simulated: SimulatedAws
) -> None:
    plan = toggle(writer)
    simulated.fault("garbage", "ssm", "GetDocument")
    assert apply(plan, writer, journal) == FailedOutcome("the response to ssm:GetDocument has no Content")


def test_a_read_is_tried_again(writer: Writer, simulated: SimulatedAws) -> None:
    simulated.fault("internal", "ssm", "DescribeDocument", times=1)
    assert writer.read("ssm", "DescribeDocument", NAMED) is not None


def test_nobody_at_the_other_end_is_a_failure_that_says_so() -> None:
    writer = Writer(ClientAccess(None, HERE.region, "http://127.0.0.1:9"), sleep=lambda _: None)
    with pytest.raises(ChangeFailedError, match="ssm:DeleteDocument could not be sent"):
        writer.write("ssm", "DeleteDocument", NAMED)


def test_what_is_not_on_the_list_is_not_sent(writer: Writer, simulated: SimulatedAws) -> None:
    simulated.journal.clear()
    with pytest.raises(OperationNotAllowed):
        writer.write("ec2", "TerminateInstances", {"InstanceIds": ["i-0"]})
    with pytest.raises(OperationNotAllowed):
        writer.read("ssm", "UpdateDocument", NAMED)
    assert simulated.journal.entries == ()


def test_a_profile_that_is_nowhere_is_a_failure(writer: Writer) -> None:
    with pytest.raises(ChangeFailedError, match="could not be found"):
        Writer(ClientAccess("no-such-profile", HERE.region)).account()


def test_a_desk_that_is_opened_on_aws_changes_it(writer: Writer, journal: Journal) -> None:
    plan = toggle(writer)
    desk = open_change_service(journal.file.parent)
    assert isinstance(desk.apply(plan).result(), AppliedOutcome)
    assert document(writer).content.text == plan.after
    assert isinstance(desk.undo().result(), AppliedOutcome)
    desk.close()
    assert document(writer).content.text == f"{plan.before}\n"
