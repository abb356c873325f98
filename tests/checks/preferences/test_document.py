from __future__ import annotations

from dataclasses import replace

from ssmtui.checks.preferences.document import preferences_are_saved, preferences_are_well_formed
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.preferences import SessionPreferences
from tests.builders.fleet import a_scope
from tests.builders.storage import DOCUMENT_ARN, ENCRYPTED_ONLY

DOCUMENT = Subject(SubjectKind.DOCUMENT, DOCUMENT_ARN)


def test_preferences_that_nobody_saved_are_worth_knowing_and_no_fault() -> None:
    assert preferences_are_saved(a_scope(), ENCRYPTED_ONLY) == ()
    assert preferences_are_saved(a_scope(), SessionPreferences(DOCUMENT_ARN, document_exists=False)) == (
        Finding(
            cause="preferences-absent",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=DOCUMENT,
            summary="Nobody has saved session preferences in this Region: AWS's defaults hold, without logs or a key.",
            evidence=(Evidence("there is no document SSM-SessionManagerRunShell", "ssm:GetDocument"),),
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
            summary="SSM Agent drops session requests in silence: the session preferences hold a value it cannot read.",
            evidence=tuple(Evidence(fault, "ssm:GetDocument") for fault in faults),
            fixes=("repair-preferences",),
        ),
    )
