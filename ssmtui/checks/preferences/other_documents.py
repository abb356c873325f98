"""Whether other Session documents of the account keep to the preferences' logs and key."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.denials import in_words
from ssmtui.checks.subjects import the_document
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.session_documents import SessionDocuments
from ssmtui.model.standing import RunningNode
from ssmtui.model.subject import Subject, SubjectKind


@check(
    link=Link.PREFERENCES, causes=("custom-document-bypasses",), subject=the_document, after=("run-as-user-is-known",)
)
def other_documents_keep_to_the_preferences(
    running: RunningNode,  # noqa: ARG001 - only a node that runs has sessions
    preferences: SessionPreferences,
    documents: SessionDocuments,
) -> Findings:
    """Whether other Session documents keep to the preferences' logs and key."""
    findings = []
    for each in documents.shells:
        own = each.settings
        lacking = [
            name
            for name, wanted, has in (
                (say("the session key"), preferences.kms_key, own.kms_key),
                (say("the log bucket"), preferences.s3_bucket, own.s3_bucket),
                (say("the log group"), preferences.log_group, own.log_group),
            )
            if wanted and not has
        ]
        if lacking:
            findings.append(
                Finding(
                    cause="custom-document-bypasses",
                    status=Status.WARN,
                    confidence=Confidence.PROVED,
                    subject=Subject(SubjectKind.DOCUMENT, each.arn),
                    summary=say(
                        "A session that names the document {document} goes without {settings}.",
                        document=each.name,
                        settings=in_words(lacking),
                    ),
                    evidence=(
                        Evidence(
                            say("{document} lacks {settings}", document=each.name, settings=in_words(lacking)),
                            "ssm:GetDocument",
                        ),
                    ),
                    fixes=("edit-preferences",),
                )
            )
    return tuple(findings)
