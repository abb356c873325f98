"""Checks of single settings: versions, timeouts, Run As, streaming, other documents."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.checks.preferences.document import (
    latest_preferences_are_the_default,
    other_documents_keep_to_the_preferences,
    preferences_are_saved,
    preferences_are_well_formed,
    run_as_names_a_user,
    run_as_user_is_known,
    timeouts_are_in_range,
)
from ssmtui.checks.preferences.log_group import windows_can_stream_logs
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.identity import RunAsSetting, RunAsTag
from ssmtui.model.node import PlatformFamily
from ssmtui.model.node_facts import RunningNode
from ssmtui.model.preferences import PreferencesDocument, SessionDocument, SessionDocuments, SessionPreferences
from tests.builders.fleet import a_node, a_scope
from tests.builders.storage import ANY_DESTINATION, DOCUMENT_ARN, ENCRYPTED_ONLY
from tests.checks.agent.nodes import managed
from tests.checks.outcome import Said, said

DOCUMENT = Subject(SubjectKind.DOCUMENT, DOCUMENT_ARN)


def test_preferences_that_nobody_saved_are_worth_knowing_and_no_fault() -> None:
    assert preferences_are_saved(a_scope(), ENCRYPTED_ONLY) == ()
    assert preferences_are_saved(a_scope(), SessionPreferences(DOCUMENT_ARN, document_exists=False)) == (
        Finding(
            cause="preferences-absent",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=DOCUMENT,
            summary="No session preferences are saved in this Region: the AWS defaults apply, without logs or a key.",
            evidence=(Evidence("the document SSM-SessionManagerRunShell does not exist", "ssm:GetDocument"),),
            fixes=("create-preferences",),
        ),
    )


def test_every_fault_of_the_document_is_evidence() -> None:
    faults = ("runAsEnabled is an empty text.", "schemaVersion is 2.0.")
    assert preferences_are_well_formed(a_scope(), ENCRYPTED_ONLY) == ()
    assert preferences_are_well_formed(a_scope(), replace(ENCRYPTED_ONLY, faults=faults)) == (
        Finding(
            cause="preferences-malformed",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=DOCUMENT,
            summary="SSM Agent drops session requests silently: it cannot read a value in the session preferences.",
            evidence=tuple(Evidence(fault, "ssm:GetDocument") for fault in faults),
            fixes=("repair-preferences",),
        ),
    )


SCOPE = a_scope()
EDIT = ("edit-preferences",)
PLAIN = SessionPreferences(DOCUMENT_ARN, document_exists=True)
TAG = RunAsTag("alex", "iam:ListRoleTags")
NO_TAG = Absent("a tag SSMSessionRunAs on the role Engineer", "iam:ListRoleTags")
TAG_NOT_READ = Unreadable("iam:ListRoleTags", "not authorized")
LINUX, WINDOWS = managed(), managed(family=PlatformFamily.WINDOWS, platform="Microsoft Windows Server 2022 Datacenter")
OLD_WINDOWS = managed(family=PlatformFamily.WINDOWS, platform="Microsoft Windows Server 2012 R2 Standard 6.3.9600")


@pytest.mark.parametrize(
    ("latest", "default", "content", "drifts"),
    [
        pytest.param("3", "3", "{}", False, id="the latest is the default"),
        pytest.param("3", "2", "{}", True, id="another is the default"),
        pytest.param("3", "2", "{} ", False, id="another version of the same text"),
    ],
)
def test_the_latest_preferences_are_the_default(latest: str, default: str, content: str, drifts: object) -> None:
    document = PreferencesDocument(
        DOCUMENT_ARN, DocumentFormat.JSON, latest, default, parse_document_text(content, DocumentFormat.JSON), "{} "
    )
    expected = Said("preferences-drift", Status.WARN, Confidence.PROVED, DOCUMENT_ARN, ("align-preferences-versions",))
    assert said(latest_preferences_are_the_default(SCOPE, document)) == ([expected] if drifts else [])


@pytest.mark.parametrize(
    ("idle", "duration", "status"),
    [
        ("", "", None),
        ("1", "1", None),
        ("60", "1440", None),
        ("61", "", Status.WARN),
        ("0", "", Status.WARN),
        ("", "1441", Status.WARN),
        ("twenty", "", Status.WARN),
        ("-5", "", Status.WARN),
        ("{{ssm:idle}}", "", Status.UNKNOWN),
        ("{{ssm:idle}}", "9999", Status.WARN),
    ],
)
def test_timeouts_are_numbers_of_minutes_in_range(idle: str, duration: str, status: Status | None) -> None:
    found = timeouts_are_in_range(SCOPE, replace(PLAIN, idle_timeout=idle, max_duration=duration))
    assert [(each.cause, each.status) for each in found] == ([("timeout-out-of-range", status)] if status else [])
    assert all(each.needs == ("ssm:GetParameter",) for each in found if each.status is Status.UNKNOWN)


@given(st.integers(), st.integers())
def test_a_timeout_is_told_where_and_only_where_it_is_out_of_range(idle: int, duration: int) -> None:
    found = timeouts_are_in_range(SCOPE, replace(PLAIN, idle_timeout=str(idle), max_duration=str(duration)))
    assert bool(found) == (not (1 <= idle <= 60 and 1 <= duration <= 1440))


@pytest.mark.parametrize(
    ("node", "user", "tag", "expected"),
    [
        pytest.param(LINUX, "", NO_TAG, (Status.FAIL, Confidence.LIKELY, EDIT, ()), id="nobody is named"),
        pytest.param(LINUX, "ec2-user", NO_TAG, None, id="a default user"),
        pytest.param(LINUX, "", TAG, None, id="a tag on the caller"),
        pytest.param(WINDOWS, "", NO_TAG, None, id="Windows takes no notice"),
        pytest.param(
            LINUX,
            "",
            TAG_NOT_READ,
            (Status.UNKNOWN, Confidence.POSSIBLE, (), ("iam:ListRoleTags",)),
            id="the tag is not to be read",
        ),
        pytest.param(LINUX, "ec2-user", TAG_NOT_READ, None, id="a default user, whatever the tag"),
        pytest.param(
            LINUX,
            "{{ssm:user}}",
            NO_TAG,
            (Status.UNKNOWN, Confidence.POSSIBLE, (), ("ssm:GetParameter",)),
            id="a parameter holds the name",
        ),
    ],
)
def test_run_as_names_a_user(
    node: object,
    user: str,
    tag: RunAsTag | Absent | Unreadable,
    expected: tuple[Status, Confidence, tuple[str, ...], tuple[str, ...]] | None,
) -> None:
    assert node in (LINUX, WINDOWS)
    found = said(run_as_names_a_user(SCOPE, LINUX if node is LINUX else WINDOWS, RunAsSetting(user), tag))
    assert found == (
        [] if expected is None else [Said("run-as-user-unset", *expected[:2], DOCUMENT_ARN, *expected[2:])]
    )


@pytest.mark.parametrize(
    ("user", "tag", "named"), [("ec2-user", NO_TAG, "ec2-user"), ("ec2-user", TAG, "alex"), ("", NO_TAG, None)]
)
def test_a_run_as_user_that_may_be_absent_is_a_note_and_never_a_verdict(
    user: str, tag: RunAsTag | Absent, named: str | None
) -> None:
    found = run_as_user_is_known(SCOPE, LINUX, RunAsSetting(user), tag)
    expected = Said("run-as-user-absent", Status.INFO, Confidence.POSSIBLE, DOCUMENT_ARN, EDIT)
    assert said(found) == ([] if named is None else [expected])
    assert named is None or named in found[0].summary


@pytest.mark.parametrize(
    ("user", "tag", "status"),
    [
        ("root", NO_TAG, Status.FAIL),
        ("ec2-user", RunAsTag("root", TAG.source), Status.FAIL),
        ("root", TAG, Status.INFO),
        ("root", TAG_NOT_READ, Status.INFO),
    ],
)
def test_root_is_refused_unless_the_callers_tag_names_or_could_name_another_user(
    user: str, tag: RunAsTag | Absent | Unreadable, status: Status
) -> None:
    (found,) = said(run_as_user_is_known(SCOPE, LINUX, RunAsSetting(user), tag))
    assert (found.cause, found.status) == ("run-as-user-absent", status)


def test_windows_before_2016_streams_no_logs_and_later_windows_is_only_noted() -> None:
    streamed = replace(ANY_DESTINATION, log_streaming=True)
    assert said(windows_can_stream_logs(SCOPE, OLD_WINDOWS, streamed)) == [
        Said("streaming-unsupported", Status.WARN, Confidence.LIKELY, DOCUMENT_ARN, EDIT)
    ]
    assert said(windows_can_stream_logs(SCOPE, WINDOWS, streamed)) == [
        Said("streaming-unsupported", Status.INFO, Confidence.POSSIBLE, DOCUMENT_ARN, EDIT)
    ]
    not_streamed = NotApplicable("no session logs are streamed from Windows")
    assert windows_can_stream_logs(SCOPE, LINUX, streamed) == not_streamed
    assert windows_can_stream_logs(SCOPE, OLD_WINDOWS, ANY_DESTINATION) == not_streamed


def test_a_document_that_lacks_what_the_preferences_name_bypasses_them() -> None:
    arn = SCOPE.arn("ssm", "document/Acme-QuickShell")
    bare = SessionDocument("Acme-QuickShell", arn, replace(PLAIN, document_arn=arn))
    alike = SessionDocument("Acme-Alike", arn, replace(ANY_DESTINATION, document_arn=arn))
    running = RunningNode(a_node())
    found = other_documents_keep_to_the_preferences(running, ANY_DESTINATION, SessionDocuments((alike, bare)))
    assert said(found) == [Said("custom-document-bypasses", Status.WARN, Confidence.PROVED, arn, EDIT)]
    assert found[0].summary == (
        "A session with the document Acme-QuickShell does not use the session key, the log bucket and the log group."
    )
    assert other_documents_keep_to_the_preferences(running, PLAIN, SessionDocuments((bare,))) == ()
