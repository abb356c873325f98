"""The Session document that a session names instead of going by the preferences: is it one, what does it leave open.

Its own inputs apply, and not those of SSM-SessionManagerRunShell (Systems Manager User Guide, session-manager-schema).
"""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.denials import in_words
from ssmtui.checks.doubt import unknown
from ssmtui.checks.subjects import the_document
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot
from ssmtui.model.document_parameters import parameter_words
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.preferences import PORT, PreferencesDocument, SessionPreferences, parameter_in
from ssmtui.model.scope import Scope
from ssmtui.model.standing import RunningNode

_ABSENT, _WRONG, _BYPASSES = "document-invalid", "document-wrong-type", "custom-document-bypasses"
_SOURCE = "ssm:GetDocument"


@check(link=Link.PREFERENCES, causes=(_ABSENT, _WRONG, _BYPASSES), subject=the_document)
def session_document_is_one(
    running: RunningNode,  # noqa: ARG001 - only a node that runs has sessions
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences | Moot,
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
            settings=in_words(names),
        )
        return (unknown(_BYPASSES, document, summary, _sources_of(preferences)),)
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
                source=parameter_words(parameter_in(value) or "", preferences.parameters),
            ),
            _SOURCE,
        )
        for setting, value in preferences.taken
    )


def _fails(scope: Scope, cause: str, summary: str, evidence: Evidence) -> Finding:
    return Finding(cause, Status.FAIL, Confidence.PROVED, the_document(scope), summary, (evidence,))
