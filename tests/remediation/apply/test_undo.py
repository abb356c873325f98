from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ssmtui.model.plan import JSON, AnswerReference, Call, Guard, GuardReference, Parameter, Plan, UndoPlan
from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeOutcome,
    ChangeState,
    EditConflict,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import last_undoable, settle_open_changes, undo
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    OutcomeUnknownError,
    Response,
)
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import OFF, ON, THEIRS, bucket_toggle, creation, log_group_toggle
from tests.remediation.plans.facts import SCOPE


def applied(plan: Plan, aws: FakeAws, journal: Journal) -> Change:
    outcome = apply(plan, aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    return outcome.change


def undo_last(aws: FakeAws, journal: Journal) -> ChangeOutcome:
    change = last_undoable(journal, SCOPE)
    assert change is not None
    return undo(change, aws, journal)


def states(journal: Journal) -> list[tuple[str, ChangeState]]:
    return [(change.title, change.state) for change in journal.changes()]


def test_undo_writes_the_text_of_before_and_makes_it_the_default(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)
    change = applied(plan, aws, journal)
    outcome = undo_last(aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    assert outcome.change.undoes == change.id
    assert (aws.versions, aws.default) == ([ON, OFF, ON], 3)
    assert states(journal) == [
        (f"Undo: {plan.title}", ChangeState.APPLIED),
        (plan.title, ChangeState.UNDONE),
    ]
    assert last_undoable(journal, None) is None


def test_where_aws_refuses_repeated_text_undo_ends_it_in_a_newline(aws: FakeAws, journal: Journal) -> None:
    aws.repeats_refused = True
    for newlines in range(1, 4):
        applied(bucket_toggle(aws), aws, journal)
        assert isinstance(undo_last(aws, journal), AppliedOutcome)
        assert aws.text == ON + "\n" * newlines


def test_the_default_version_goes_back_to_where_it_was(journal: Journal) -> None:
    aws = FakeAws([THEIRS, ON], default=1)
    applied(bucket_toggle(aws), aws, journal)
    assert aws.default == 3
    undo_last(aws, journal)
    assert (aws.text, aws.default) == (ON, 1)


def test_an_edit_since_the_change_is_refused_with_the_three_texts(aws: FakeAws, journal: Journal) -> None:
    applied(bucket_toggle(aws), aws, journal)
    aws.versions.append(THEIRS)
    assert undo_last(aws, journal) == RefusedOutcome(
        "the text of the newest version was changed in the meantime", EditConflict(OFF, ON, THEIRS)
    )
    assert aws.versions == [ON, OFF, THEIRS]


def test_an_edit_between_the_look_and_the_undo_loses_nothing(aws: FakeAws, journal: Journal) -> None:
    applied(bucket_toggle(aws), aws, journal)
    aws.at_write = lambda: aws.versions.append(THEIRS)
    assert undo_last(aws, journal) == RefusedOutcome(
        "the text of the newest version was changed in the meantime", EditConflict(OFF, ON, THEIRS)
    )
    assert aws.text == THEIRS


def test_changes_are_taken_back_one_after_the_other(aws: FakeAws, journal: Journal) -> None:
    applied(bucket_toggle(aws), aws, journal)
    applied(log_group_toggle(aws), aws, journal)
    undo_last(aws, journal)
    assert aws.text == OFF
    undo_last(aws, journal)
    assert aws.text == ON


def test_what_was_undone_failed_or_is_an_undo_cannot_be_undone(aws: FakeAws, journal: Journal) -> None:
    change = applied(bucket_toggle(aws), aws, journal)
    undo_last(aws, journal)
    aws.before["UpdateDocument"] = ChangeFailedError("", "no way")
    apply(bucket_toggle(aws), aws, journal)
    failed, undoing, undone = journal.changes()
    assert undone.id == change.id
    assert undo(undone, aws, journal) == RefusedOutcome("the change is already undone")
    assert undo(failed, aws, journal) == RefusedOutcome("the change was never applied, so there is nothing to undo")
    assert undo(undoing, aws, journal) == RefusedOutcome("an undo cannot be undone: apply the original change again")


def test_a_created_document_is_deleted_while_it_is_untouched(journal: Journal) -> None:
    aws = FakeAws()
    applied(creation(ON), aws, journal)
    assert isinstance(undo_last(aws, journal), AppliedOutcome)
    assert aws.versions == []


def test_a_created_document_that_somebody_has_edited_stays(journal: Journal) -> None:
    aws = FakeAws()
    applied(creation(ON), aws, journal)
    aws.versions.append(THEIRS)
    assert undo_last(aws, journal) == RefusedOutcome(
        "the text of the newest version was changed in the meantime", EditConflict(ON, "", THEIRS)
    )


def test_a_change_that_was_killed_before_it_was_sent_is_settled_as_not_made(aws: FakeAws, journal: Journal) -> None:
    journal.plan(bucket_toggle(aws))
    assert settle_open_changes(SCOPE, aws, journal) is None
    assert [change.state for change in journal.changes()] == [ChangeState.FAILED]


def test_a_change_that_was_killed_after_it_was_sent_is_settled_as_made_and_can_be_undone(
    aws: FakeAws, journal: Journal
) -> None:
    journal.plan(bucket_toggle(aws))
    aws.versions.append(OFF)
    aws.default = 2
    assert settle_open_changes(SCOPE, aws, journal) is None
    assert [change.state for change in journal.changes()] == [ChangeState.APPLIED]
    assert isinstance(undo_last(aws, journal), AppliedOutcome)
    assert aws.text == ON


class Killed(BaseException):
    """The process ends here: nothing catches it, nothing is written down after it."""


def test_an_undo_killed_between_its_calls_is_half_made_and_the_next_finishes_it(aws: FakeAws, journal: Journal) -> None:
    change = applied(bucket_toggle(aws), aws, journal)
    aws.before["UpdateDocumentDefaultVersion"] = Killed()
    with pytest.raises(Killed):
        undo(change, aws, journal)
    aws.before.clear()
    assert (aws.versions, aws.default) == ([ON, OFF, ON], 2)
    for _ in range(2):
        assert settle_open_changes(SCOPE, aws, journal) is None
        undoing, undone = journal.changes()
        assert (undoing.state, undone.state) == (ChangeState.UNSURE, ChangeState.APPLIED)
        assert undoing.why == "1 of 2 calls were made; missing: ssm:UpdateDocumentDefaultVersion"
    aws.written.clear()
    assert isinstance(undo_last(aws, journal), AppliedOutcome)
    assert [operation for operation, _ in aws.written] == ["UpdateDocumentDefaultVersion"]
    assert (aws.text, aws.default) == (ON, 3)
    settle_open_changes(SCOPE, aws, journal)
    assert [each.state for each in journal.changes()] == [ChangeState.APPLIED, ChangeState.APPLIED, ChangeState.UNDONE]


def test_an_undo_that_may_not_move_the_default_version_is_not_called_done(aws: FakeAws, journal: Journal) -> None:
    change = applied(bucket_toggle(aws), aws, journal)
    aws.before["UpdateDocumentDefaultVersion"] = ChangeRefusedError("ssm:UpdateDocumentDefaultVersion", "no")
    assert isinstance(undo(change, aws, journal), UnsureOutcome)
    assert isinstance(undo_last(aws, journal), RefusedOutcome)
    aws.before.clear()
    assert isinstance(undo_last(aws, journal), AppliedOutcome)
    assert (aws.versions, aws.default) == ([ON, OFF, ON], 3)
    assert journal.changes()[-1].state is ChangeState.UNDONE


def test_a_half_made_undo_that_somebody_has_edited_is_not_finished(aws: FakeAws, journal: Journal) -> None:
    change = applied(bucket_toggle(aws), aws, journal)
    aws.before["UpdateDocumentDefaultVersion"] = Killed()
    with pytest.raises(Killed):
        undo(change, aws, journal)
    aws.before.clear()
    aws.versions.append(THEIRS)
    assert isinstance(undo_last(aws, journal), RefusedOutcome)
    assert (aws.text, aws.default) == (THEIRS, 2)


def test_an_undo_that_was_killed_is_settled_too(aws: FakeAws, journal: Journal) -> None:
    change = applied(bucket_toggle(aws), aws, journal)
    aws.before["UpdateDocument"] = OutcomeUnknownError("no answer came")
    aws.at_pause = lambda: setattr(aws, "unreadable", ChangeFailedError("", "unreachable"))
    undo(change, aws, journal)
    aws.unreadable = None
    aws.versions.append(ON)
    aws.default = 3
    assert settle_open_changes(SCOPE, aws, journal) is None
    assert [each.state for each in journal.changes()] == [ChangeState.APPLIED, ChangeState.UNDONE]


def test_what_cannot_be_told_stays_open(aws: FakeAws, journal: Journal) -> None:
    change = journal.plan(bucket_toggle(aws))
    aws.versions.append(THEIRS)
    assert settle_open_changes(SCOPE, aws, journal) is None
    assert journal.changes() == (change,)


def test_the_undo_of_what_may_be_made_in_part_does_not_blame_somebody_alone(aws: FakeAws, journal: Journal) -> None:
    journal.plan(bucket_toggle(aws))
    aws.versions.append(THEIRS)
    assert undo_last(aws, journal) == RefusedOutcome(
        "it is not known whether the change was fully applied, and the text of the newest version was changed in the "
        "meantime",
        EditConflict(OFF, ON, THEIRS),
    )


class EndpointOfSomebodyElse(FakeAws):
    """A VPC with an endpoint that does not have the tag of the change."""

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        assert operation == "DescribeVpcEndpoints"
        is_of_change = "tag:ssmtui:change" in str(parameters["Filters"])
        endpoint: JSON = {"VpcEndpointId": "vpce-theirs", "ServiceName": "ssm", "State": "available"}
        return {"VpcEndpoints": [] if is_of_change else [endpoint]}


def test_a_change_that_was_never_made_is_not_taken_back_where_somebody_else_made_the_like(journal: Journal) -> None:
    tags: list[JSON] = [{"Key": "ssmtui:change", "Value": "mine"}]
    parameters: dict[str, Parameter] = {"VpcId": "vpc-1", "ServiceName": "ssm", "TagSpecifications": [{"Tags": tags}]}
    made: list[AnswerReference | GuardReference] = [GuardReference(0, "VpcEndpoints.0.VpcEndpointId")]

    def guard(expected: str, *tag: JSON) -> Guard:
        filters = {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}, *tag]}
        return Guard("the endpoint", "ec2", "DescribeVpcEndpoints", filters, "VpcEndpoints.*.ServiceName", expected)

    plan = replace(
        bucket_toggle(FakeAws([ON])),
        calls=(Call("ec2", "CreateVpcEndpoint", parameters, "ec2:CreateVpcEndpoint", "*"),),
        before="",
        guards=(guard(""),),
        way_back=UndoPlan(
            (guard("ssm", {"Name": "tag:ssmtui:change", "Values": ["mine"]}),),
            (Call("ec2", "DeleteVpcEndpoints", {"VpcEndpointIds": made}, "ec2:DeleteVpcEndpoints", "*"),),
        ),
    )
    aws = EndpointOfSomebodyElse()
    journal.plan(plan)
    aws.owner = "999999999999"
    assert isinstance(undo_last(aws, journal), RefusedOutcome)
    assert [change.state for change in journal.changes()] == [ChangeState.PLANNED]
    aws.owner = SCOPE.account
    assert settle_open_changes(SCOPE, aws, journal) is None
    assert undo_last(aws, journal) == RefusedOutcome("the change was never applied, so there is nothing to undo")
    assert [change.state for change in journal.changes()] == [ChangeState.FAILED]
    assert aws.written == []


def test_an_open_change_is_not_taken_for_a_later_one_to_the_same_text(aws: FakeAws, journal: Journal) -> None:
    killed = journal.plan(bucket_toggle(aws))
    applied(bucket_toggle(aws), aws, journal)
    settle_open_changes(SCOPE, aws, journal)
    assert journal.changes()[1] == killed


def test_credentials_of_another_account_settle_nothing(aws: FakeAws, journal: Journal) -> None:
    change = journal.plan(bucket_toggle(aws))
    aws.owner = "999999999999"
    assert settle_open_changes(SCOPE, aws, journal) is None
    assert journal.changes() == (change,)
