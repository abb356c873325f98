from __future__ import annotations

import json

import pytest

from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.permissions import CallerPreferencesPermissions, Denier
from ssmtui.model.plan import AnswerReference, FactChange, FixNotApplicable, GuardReference, Plan, Reach
from ssmtui.model.preferences import EncryptedOnly, PreferencesDocument, SessionPreferences, parse_preferences
from ssmtui.remediation.plans.preferences.encryption import toggle_cloudwatch_encryption, toggle_s3_encryption
from ssmtui.remediation.plans.registry import all_fixes
from tests.remediation.plans.facts import ARN, REGION, SCOPE, caller, stored, text_of

UPDATE, SET_DEFAULT = "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion"
ABSENT = Absent("the document SSM-SessionManagerRunShell", "ssm:GetDocument")
CallerFact = CallerPreferencesPermissions | Absent | NotApplicable | Unreadable


def s3(document: PreferencesDocument | Absent, who: CallerFact | None = None) -> Plan | FixNotApplicable:
    return toggle_s3_encryption(SCOPE, document, _said_by(document), who or caller())


def logs(document: PreferencesDocument | Absent, who: CallerFact | None = None) -> Plan | FixNotApplicable:
    return toggle_cloudwatch_encryption(SCOPE, document, _said_by(document), who or caller())


def _said_by(document: PreferencesDocument | Absent) -> SessionPreferences:
    if isinstance(document, Absent):
        return SessionPreferences(ARN, document_exists=False)
    return parse_preferences(document)


def plan(outcome: Plan | FixNotApplicable) -> Plan:
    assert isinstance(outcome, Plan)
    return outcome


def test_the_catalogue_holds_both_toggles_and_what_they_make_stale() -> None:
    assert {slug: fix.stale for slug, fix in all_fixes().items() if slug.startswith("toggle-")} == {
        "toggle-s3-encryption": (PreferencesDocument, SessionPreferences),
        "toggle-cloudwatch-encryption": (PreferencesDocument, SessionPreferences),
    }


def test_a_switch_that_is_on_is_turned_off_in_the_newest_version_which_becomes_the_default() -> None:
    before, after = text_of(), text_of(s3EncryptionEnabled=False)
    made = plan(s3(stored(before)))
    assert (made.before, made.after) == (before, after)
    assert [(call.operation, dict(call.parameters)) for call in made.calls] == [
        (
            "UpdateDocument",
            {
                "Name": "SSM-SessionManagerRunShell",
                "DocumentVersion": "3",
                "DocumentFormat": "JSON",
                "Content": after,
            },
        ),
        (
            "UpdateDocumentDefaultVersion",
            {
                "Name": "SSM-SessionManagerRunShell",
                "DocumentVersion": AnswerReference(0, "DocumentDescription.DocumentVersion"),
            },
        ),
    ]
    assert [(call.operation, call.parameters["DocumentVersion"]) for call in made.way_back.calls] == [
        ("UpdateDocument", GuardReference(0, "DocumentVersion")),
        ("UpdateDocumentDefaultVersion", AnswerReference(0, "DocumentDescription.DocumentVersion")),
    ]
    assert made.way_back.calls[0].parameters["Content"] == before
    assert [(guard.path, guard.expected) for guard in made.guards] == [
        ("Document.LatestVersion", "3"),
        ("Content", before),
    ]
    document = PreferencesDocument(
        ARN, DocumentFormat.JSON, "4", "4", parse_document_text(after, DocumentFormat.JSON), after
    )
    assert made.facts_after == (
        FactChange(PreferencesDocument, document),
        FactChange(SessionPreferences, parse_preferences(document)),
    )
    assert made.title == "Turn off “only encrypted S3 buckets”"
    assert made.subject == Subject(SubjectKind.DOCUMENT, ARN)
    assert (made.reach, made.confirmation) == (Reach.REGION, REGION)
    assert "s3:PutObject" in made.loses
    assert made.notes == ()


def test_a_switch_that_is_off_is_turned_on_and_the_plan_says_whom_that_stops() -> None:
    made = plan(logs(stored(text_of(cloudWatchEncryptionEnabled="false"))))
    assert json.loads(made.after)["inputs"]["cloudWatchEncryptionEnabled"] == "true"
    assert made.title == "Turn on “only encrypted CloudWatch log groups”"
    assert made.loses == ""
    assert made.notes[0].startswith("Turning this on stops the sessions of every node, unless")


def test_a_switch_that_is_not_in_the_document_is_off_and_is_added() -> None:
    made = plan(s3(stored('{"schemaVersion": "1.0", "inputs": {"s3BucketName": "audit"}}')))
    assert made.after == '{"schemaVersion": "1.0", "inputs": {"s3BucketName": "audit","s3EncryptionEnabled": true}}'


def test_each_toggle_turns_its_own_switch_only() -> None:
    document = stored(text_of())
    forecasts = [parse_preferences(stored(plan(toggle(document)).after)) for toggle in (s3, logs)]
    assert [(each.s3_encrypted_only, each.log_group_encrypted_only) for each in forecasts] == [
        (EncryptedOnly.OFF, EncryptedOnly.ON),
        (EncryptedOnly.ON, EncryptedOnly.OFF),
    ]


def test_yaml_stays_yaml() -> None:
    text = "schemaVersion: '1.0'\ninputs:\n  s3BucketName: audit # SEC-211\n  s3EncryptionEnabled: true\n"
    made = plan(s3(stored(text, format_=DocumentFormat.YAML)))
    assert made.after == text.replace("true", "false")
    assert made.calls[0].parameters["DocumentFormat"] == "YAML"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (text_of(s3BucketName=""), "no S3 bucket is configured in the session preferences: the setting has no effect"),
        (
            text_of(s3EncryptionEnabled="{{ssm:only}}"),
            "the value of s3EncryptionEnabled comes from a parameter that is not in the document: "
            "change the parameter instead",
        ),
        (
            text_of(s3EncryptionEnabled="on"),
            "s3EncryptionEnabled is neither true nor false: correct the preferences document first",
        ),
        (
            text_of(s3EncryptionEnabled="true\n"),
            "s3EncryptionEnabled is neither true nor false: correct the preferences document first",
        ),
        ("[]", "the preferences document is JSON, but not a mapping of settings: correct the document first"),
    ],
)
def test_what_cannot_be_turned_says_why(text: str, why: str) -> None:
    assert s3(stored(text)) == FixNotApplicable("toggle-s3-encryption", why)


def test_a_document_that_cannot_be_read_is_not_said_to_have_no_bucket() -> None:
    refusal = s3(stored('{"inputs": '))
    assert isinstance(refusal, FixNotApplicable)
    assert refusal.why.startswith("the preferences document cannot be read as JSON:")


def test_without_a_document_nothing_is_configured_and_nothing_can_be_turned() -> None:
    assert logs(ABSENT) == FixNotApplicable(
        "toggle-cloudwatch-encryption",
        "this Region has no preferences document, so no CloudWatch log group is configured: the setting has no effect",
    )


def test_a_caller_who_may_not_write_is_told_which_action_is_missing() -> None:
    assert s3(stored(text_of()), caller(UPDATE)) == FixNotApplicable(
        "toggle-s3-encryption",
        "you are not allowed to use ssm:UpdateDocument on the preferences document: "
        "not allowed by the identity-based policies",
    )


def test_a_denial_that_is_only_likely_is_a_note_and_no_obstacle() -> None:
    made = plan(s3(stored(text_of()), caller(UPDATE, denier=Denier.ORGANIZATION)))
    assert made.notes == ("AWS may refuse ssm:UpdateDocument: a service control policy seems to deny it.",)


def test_rights_that_could_not_be_checked_are_said_to_be_unknown() -> None:
    made = plan(s3(stored(text_of()), Unreadable("iam:SimulatePrincipalPolicy", "refused")))
    assert made.notes == (
        "Whether you are allowed to make this change could not be checked (needs iam:SimulatePrincipalPolicy).",
    )


def test_a_caller_who_may_not_move_the_default_is_told_that_it_stays_behind() -> None:
    made = plan(s3(stored(text_of()), caller(SET_DEFAULT)))
    assert [call.operation for call in made.calls] == ["UpdateDocument"]
    assert [call.operation for call in made.way_back.calls] == ["UpdateDocument"]
    assert made.notes == (
        "You are not allowed to use ssm:UpdateDocumentDefaultVersion. "
        "The default version is not changed. The Preferences page of the console shows the default version.",
    )
    after = made.facts_after[0].value
    assert isinstance(after, PreferencesDocument)
    assert (after.latest_version, after.default_version) == ("4", "3")


def test_where_the_default_was_another_version_undo_makes_it_the_default_again() -> None:
    made = plan(s3(stored(text_of(), latest="7", default="2")))
    assert made.calls[0].parameters["DocumentVersion"] == "7"
    assert made.way_back.calls[1].parameters["DocumentVersion"] == "2"
    assert made.notes == ("The default version (2) is not the newest (7). This change is based on the newest version.",)


def test_other_faults_of_the_document_are_told_and_left() -> None:
    made = plan(s3(stored(text_of(runAsEnabled="on"))))
    assert made.notes == ('The document has other errors, which stay: runAsEnabled is "on" instead of true or false.',)
