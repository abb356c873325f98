from __future__ import annotations

import pytest

from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    ChangeState,
    EditConflict,
    FailedOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    OutcomeUnknownError,
)
from tests.remediation.apply.fake_aws import NAME, FakeAws
from tests.remediation.apply.plans import OFF, ON, THEIRS, bucket_toggle, creation, log_group_toggle
from tests.remediation.plans.facts import text_of

LOST = OutcomeUnknownError("no answer came")
DENIED = ChangeRefusedError("ssm:UpdateDocument", "not authorized")
SET_DEFAULT_DENIED = ChangeRefusedError("ssm:UpdateDocumentDefaultVersion", "not authorized")


def states(journal: Journal) -> list[ChangeState]:
    return [change.state for change in journal.changes()]


def test_the_previewed_version_is_replaced_and_the_new_one_becomes_the_default(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)
    outcome = apply(plan, aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    assert outcome.notes == ()
    assert aws.written == [
        ("UpdateDocument", {"Name": NAME, "DocumentVersion": "1", "DocumentFormat": "JSON", "Content": OFF}),
        ("UpdateDocumentDefaultVersion", {"Name": NAME, "DocumentVersion": "2"}),
    ]
    assert (aws.versions, aws.default) == ([ON, OFF], 2)
    assert journal.changes() == (outcome.change,)
    assert outcome.change.state is ChangeState.APPLIED
    assert outcome.change.results == {"DocumentDescription.DocumentVersion": "2"}


def test_the_journal_knows_of_the_change_before_anything_is_sent(aws: FakeAws, journal: Journal) -> None:
    known: list[list[ChangeState]] = []
    aws.at_write = lambda: known.append(states(journal))
    apply(bucket_toggle(aws), aws, journal)
    assert known == [[ChangeState.PLANNED], [ChangeState.PLANNED]]


def test_an_edit_since_the_preview_is_refused_with_the_three_texts(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)
    aws.versions.append(THEIRS)
    assert apply(plan, aws, journal) == RefusedOutcome(
        "the newest version is now 2, not 1: the value was changed in the meantime", EditConflict(ON, OFF, THEIRS)
    )
    assert (aws.written, journal.changes()) == ([], ())


def test_an_edit_between_the_guards_and_the_write_loses_nothing(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)
    aws.at_write = lambda: aws.versions.append(THEIRS)
    assert apply(plan, aws, journal) == RefusedOutcome(
        "the newest version is now 2, not 1: the value was changed in the meantime", EditConflict(ON, OFF, THEIRS)
    )
    assert aws.versions == [ON, THEIRS]
    assert states(journal) == [ChangeState.FAILED]


def test_a_document_removed_since_the_preview_is_refused(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)
    aws.versions.clear()
    assert apply(plan, aws, journal) == RefusedOutcome(
        "the newest version was removed in the meantime", EditConflict(ON, OFF, "")
    )


def test_credentials_of_another_account_change_nothing(aws: FakeAws, journal: Journal) -> None:
    aws.owner = "999999999999"
    assert apply(bucket_toggle(aws), aws, journal) == RefusedOutcome(
        "the credentials now belong to the account 999999999999, not to 123456789012"
    )
    assert aws.written == []


def test_a_denied_write_is_refused_and_names_the_action(aws: FakeAws, journal: Journal) -> None:
    aws.before["UpdateDocument"] = DENIED
    assert apply(bucket_toggle(aws), aws, journal) == RefusedOutcome("not authorized", action="ssm:UpdateDocument")
    assert states(journal) == [ChangeState.FAILED]


def test_a_default_version_that_may_not_be_moved_stays_behind_and_the_change_stands(
    aws: FakeAws, journal: Journal
) -> None:
    aws.before["UpdateDocumentDefaultVersion"] = SET_DEFAULT_DENIED
    outcome = apply(bucket_toggle(aws), aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    assert outcome.notes == (
        "ssm:UpdateDocumentDefaultVersion failed (not authorized). "
        "The default version is not changed. The Preferences page of the console shows the default version.",
    )
    assert (aws.text, aws.default) == (OFF, 1)


def test_content_that_aws_had_before_is_written_with_a_newline_more(aws: FakeAws, journal: Journal) -> None:
    aws.versions, aws.repeats_refused = [OFF, f"{OFF}\n", ON], True
    assert isinstance(apply(bucket_toggle(aws), aws, journal), AppliedOutcome)
    assert (aws.text, aws.default) == (f"{OFF}\n\n", 4)


def test_yaml_that_ends_in_kept_newlines_is_not_made_longer(journal: Journal) -> None:
    text = "schemaVersion: '1.0'\ninputs:\n  s3BucketName: b\n  s3EncryptionEnabled: {}\n  last: |+\n    x\n"
    aws = FakeAws([text.format("false"), text.format("true")], format="YAML", repeats_refused=True)
    outcome = apply(bucket_toggle(aws), aws, journal)
    assert outcome == FailedOutcome(
        "DuplicateDocumentContent: an earlier version has the same content, and another final newline cannot be added"
    )
    assert aws.newest == 2


def test_a_write_whose_answer_was_lost_is_read_back_and_found_made(aws: FakeAws, journal: Journal) -> None:
    aws.after["UpdateDocument"] = LOST
    outcome = apply(bucket_toggle(aws), aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    assert [operation for operation, _ in aws.written] == ["UpdateDocument", "UpdateDocumentDefaultVersion"]
    assert (aws.versions, aws.default) == ([ON, OFF], 2)


def test_answers_that_say_nothing_are_read_back_too(aws: FakeAws, journal: Journal) -> None:
    aws.answers_garbled = True
    outcome = apply(bucket_toggle(aws), aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    assert outcome.change.results == {"DocumentDescription.DocumentVersion": "2"}
    assert (aws.versions, aws.default) == ([ON, OFF], 2)


def test_a_write_that_never_arrived_is_read_back_and_found_not_made(aws: FakeAws, journal: Journal) -> None:
    aws.before["UpdateDocument"] = LOST
    assert apply(bucket_toggle(aws), aws, journal) == FailedOutcome("no answer came; the call had no effect")
    assert (aws.versions, states(journal)) == ([ON], [ChangeState.FAILED])


def test_a_write_that_arrives_late_is_waited_for(aws: FakeAws, journal: Journal) -> None:
    aws.before["UpdateDocument"] = LOST

    def arrive() -> None:
        if aws.newest == 1:
            aws.versions.append(OFF)

    aws.at_pause = arrive
    assert isinstance(apply(bucket_toggle(aws), aws, journal), AppliedOutcome)
    assert aws.versions == [ON, OFF]


def test_a_lost_answer_and_somebody_elses_text_cannot_be_told(aws: FakeAws, journal: Journal) -> None:
    aws.before["UpdateDocument"] = LOST
    aws.at_pause = lambda: aws.versions.append(THEIRS)
    outcome = apply(bucket_toggle(aws), aws, journal)
    assert isinstance(outcome, UnsureOutcome)
    assert (outcome.why, outcome.change.state) == ("no answer came", ChangeState.UNSURE)
    assert journal.changes() == (outcome.change,)


def test_a_lost_answer_that_cannot_be_read_back_is_unsure(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)

    def fail_from_now_on() -> None:
        aws.unreadable = ChangeFailedError("", "unreachable")

    aws.at_write, aws.after["UpdateDocument"] = fail_from_now_on, LOST
    outcome = apply(plan, aws, journal)
    assert isinstance(outcome, UnsureOutcome)
    assert outcome.why == "no answer came; reading back the state failed: unreachable"


def test_the_default_is_moved_when_aws_has_processed_the_new_version(aws: FakeAws, journal: Journal) -> None:
    aws.status = "Updating"
    pauses: list[int] = []

    def pause() -> None:
        pauses.append(aws.default)
        aws.status = "Active" if len(pauses) == 3 else "Updating"

    aws.at_pause = pause
    assert isinstance(apply(bucket_toggle(aws), aws, journal), AppliedOutcome)
    assert (pauses, aws.default) == ([1, 1, 1], 2)


def test_a_version_that_aws_fails_to_process_is_never_called_applied(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)
    aws.status = "Failed"
    outcome = apply(plan, aws, journal)
    assert isinstance(outcome, UnsureOutcome)
    assert outcome.why.startswith("AWS accepted the document but failed to process it")


def test_what_cannot_be_written_down_is_not_done(aws: FakeAws, journal: Journal) -> None:
    journal.file.parent.parent.joinpath("journal").write_text("a file where the folder belongs")
    outcome = apply(bucket_toggle(aws), aws, journal)
    assert isinstance(outcome, FailedOutcome)
    assert outcome.why.startswith("the change cannot be recorded in the journal, so ssmtui does not apply it:")
    assert aws.written == []


def test_two_toggles_one_after_the_other_both_stand(aws: FakeAws, journal: Journal) -> None:
    apply(bucket_toggle(aws), aws, journal)
    apply(log_group_toggle(aws), aws, journal)
    assert aws.text == text_of(s3EncryptionEnabled=False, cloudWatchEncryptionEnabled=False)


def test_a_document_is_created_where_there_is_none_and_not_where_somebody_was_quicker(journal: Journal) -> None:
    aws = FakeAws()
    assert isinstance(apply(creation(ON), aws, journal), AppliedOutcome)
    assert aws.versions == [ON]
    assert apply(creation(ON), aws, journal) == RefusedOutcome(
        "the document was created in the meantime", EditConflict("", ON, NAME)
    )


@pytest.mark.parametrize(
    "problem", [ChangeFailedError("MaxDocumentSizeExceeded", "too big"), ChangeFailedError("", "no way")]
)
def test_an_error_of_aws_fails_in_its_words(aws: FakeAws, journal: Journal, problem: ChangeFailedError) -> None:
    aws.before["UpdateDocument"] = problem
    assert apply(bucket_toggle(aws), aws, journal) == FailedOutcome(str(problem))
