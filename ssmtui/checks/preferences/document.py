"""Whether the Region has session preferences, and whether SSM Agent can read them."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_document
from ssmtui.language import say
from ssmtui.model.document_name import DOCUMENT_NAME
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope

_SOURCE = "ssm:GetDocument"


@check(link=Link.PREFERENCES, causes=("preferences-absent",), subject=the_document, after=("session-document-is-one",))
def preferences_are_saved(scope: Scope, preferences: SessionPreferences) -> Findings:
    """Whether session preferences are saved."""
    if preferences.document_exists:
        return ()
    return (
        Finding(
            cause="preferences-absent",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_document(scope),
            summary=say(
                "Nobody has saved session preferences in this Region: AWS's defaults hold, without logs or a key."
            ),
            evidence=(Evidence(say("there is no document {document}", document=DOCUMENT_NAME), _SOURCE),),
            fixes=("create-preferences",),
        ),
    )


@check(
    link=Link.PREFERENCES,
    causes=("preferences-malformed",),
    subject=the_document,
    after=("latest-preferences-are-the-default",),
)
def preferences_are_well_formed(scope: Scope, preferences: SessionPreferences) -> Findings:
    """Whether the session preferences are well-formed."""
    if not preferences.faults:
        return ()
    return (
        Finding(
            cause="preferences-malformed",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_document(scope),
            summary=say(
                "SSM Agent drops session requests in silence: the session preferences hold a value it cannot read."
            ),
            evidence=tuple(Evidence(fault, _SOURCE) for fault in preferences.faults),
            fixes=("repair-preferences",),
        ),
    )
