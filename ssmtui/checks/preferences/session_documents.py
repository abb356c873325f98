"""Check Session documents other than the preferences."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import join_words, the_document, unknown_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status, Subject, SubjectKind
from ssmtui.model.node_facts import RunningNode
from ssmtui.model.preferences import (
    PORT,
    PreferencesDocument,
    SessionDocuments,
    SessionPreferences,
    describe_parameter,
    parameter_name,
)
from ssmtui.model.scope import Scope

_ABSENT, _WRONG, _BYPASSES = "document-invalid", "document-wrong-type", "custom-document-bypasses"
_SOURCE = "ssm:GetDocument"


@check(link=Link.PREFERENCES, causes=(_ABSENT, _WRONG, _BYPASSES), subject=the_document)
def session_document_is_one(
    running: RunningNode,  # noqa: ARG001 - only a node that runs has sessions
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences | NotApplicable,
) -> Findings:
    """Whether the document that sessions go by is one for sessions, and says itself what holds in them."""
    if isinstance(preferences, SessionPreferences):
        return _left_open(scope, preferences)
    if isinstance(document, Absent):
        summary = say("There is no document {document} here: StartSession refuses its name.", document=scope.document)
        return (_fails(scope, _ABSENT, summary, Evidence(say("{what} does not exist", what=document.what), _SOURCE)),)
    summary = say(
        "{document} is a document of type {type}: StartSession takes those of type Session only.",
        document=scope.session_document,
        type=document.type,
    )
    fact = say("DocumentType is {type}", type=document.type)
    return (_fails(scope, _WRONG, summary, Evidence(fact, "ssm:DescribeDocument")),)


def _left_open(scope: Scope, preferences: SessionPreferences) -> Findings:
    document = the_document(scope)
    if preferences.taken:
        names = [name for name, _ in preferences.taken]
        summary = say(
            "What holds in sessions of {document} is up to whoever starts one: it takes {settings} from parameters.",
            document=scope.session_document,
            settings=join_words(names),
        )
        return (unknown_finding(_BYPASSES, document, summary, _sources_of(preferences)),)
    if preferences.session_type != PORT:
        return ()
    return (
        Finding(
            cause=_BYPASSES,
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=document,
            summary=say(
                "{document} forwards a port: such sessions use no session key, keep no logs and know no Run As.",
                document=scope.session_document,
            ),
            evidence=(Evidence(say("sessionType is {type}", type=PORT), _SOURCE),),
        ),
    )


def _sources_of(preferences: SessionPreferences) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            say(
                "{setting}: {source}",
                setting=setting,
                source=describe_parameter(parameter_name(value) or "", preferences.parameters),
            ),
            _SOURCE,
        )
        for setting, value in preferences.taken
    )


def _fails(scope: Scope, cause: str, summary: str, evidence: Evidence) -> Finding:
    return Finding(cause, Status.FAIL, Confidence.PROVED, the_document(scope), summary, (evidence,))


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
                        settings=join_words(lacking),
                    ),
                    evidence=(
                        Evidence(
                            say("{document} lacks {settings}", document=each.name, settings=join_words(lacking)),
                            "ssm:GetDocument",
                        ),
                    ),
                    fixes=("edit-preferences",),
                )
            )
    return tuple(findings)
