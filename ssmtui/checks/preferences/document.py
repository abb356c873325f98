"""Check the Session documents: the preferences with their timeouts and Run As user, and other documents."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import READ_PARAMETER, join_words, the_document, unknown_finding, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status, Subject, SubjectKind
from ssmtui.model.identity import RUN_AS_TAG, RunAsSetting, RunAsTag
from ssmtui.model.node import PlatformFamily
from ssmtui.model.node_facts import ManagedNode, RunningNode
from ssmtui.model.preferences import (
    PORT,
    PreferencesDocument,
    SessionDocuments,
    SessionPreferences,
    describe_parameter,
    is_reference,
    parameter_name,
)
from ssmtui.model.scope import DOCUMENT_NAME, Scope

_SOURCE = "ssm:GetDocument"


@check(
    link=Link.PREFERENCES,
    causes=("preferences-absent",),
    subject=the_document,
    after=("session-document-is-one",),
    confirms=False,
)
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
                "No session preferences are saved in this Region: the AWS defaults apply, without logs or a key."
            ),
            evidence=(Evidence(say("the document {document} does not exist", document=DOCUMENT_NAME), _SOURCE),),
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
    """Whether the session preferences are valid."""
    if not preferences.faults:
        return ()
    return (
        Finding(
            cause="preferences-malformed",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_document(scope),
            summary=say(
                "SSM Agent drops session requests silently: it cannot read a value in the session preferences."
            ),
            evidence=tuple(Evidence(fault, _SOURCE) for fault in preferences.faults),
            fixes=("repair-preferences",),
        ),
    )


@check(link=Link.PREFERENCES, causes=("preferences-drift",), subject=the_document, after=("preferences-are-saved",))
def latest_preferences_are_the_default(scope: Scope, document: PreferencesDocument) -> Findings:
    """Whether the latest session preferences are the default version."""
    if document.latest_version == document.default_version or document.content.text == document.default_content:
        return ()
    latest, default = document.latest_version, document.default_version
    return (
        Finding(
            cause="preferences-drift",
            status=Status.WARN,
            confidence=Confidence.PROVED,
            subject=the_document(scope),
            summary=say(
                "The session preferences have two versions in use: {latest} is the latest version, {default} the "
                "default version.",
                latest=latest,
                default=default,
            ),
            evidence=(
                Evidence(
                    say("LatestVersion is {latest}, DefaultVersion is {default}", latest=latest, default=default),
                    "ssm:DescribeDocument",
                ),
                Evidence(say("the contents of the two versions differ"), "ssm:GetDocument"),
            ),
            fixes=("align-preferences-versions",),
        ),
    )


_TIMEOUT = "timeout-out-of-range"
# User Guide, session-preferences-timeout and session-preferences-max-timeout: minutes.
_IDLE_AT_MOST = 60
_DURATION_AT_MOST = 1440


@check(link=Link.PREFERENCES, causes=(_TIMEOUT,), subject=the_document, after=("preferences-are-well-formed",))
def timeouts_are_in_range(scope: Scope, preferences: SessionPreferences) -> Findings:
    """Whether the timeouts of sessions are in range."""
    asked = (
        ("idleSessionTimeout", preferences.idle_timeout.strip(), _IDLE_AT_MOST),
        ("maxSessionDuration", preferences.max_duration.strip(), _DURATION_AT_MOST),
    )
    wrong = [
        Evidence(
            say(
                "{name} is {value!r}; the value must be a number of minutes from 1 to {most}",
                name=name,
                value=value[:20],
                most=most,
            ),
            _SOURCE,
        )
        for name, value, most in asked
        if value and not is_reference(value) and not _fits(value, most)
    ]
    if wrong:
        summary = say("Session Manager does not accept a timeout in the session preferences.")
        document = the_document(scope)
        return (
            Finding(_TIMEOUT, Status.WARN, Confidence.PROVED, document, summary, tuple(wrong), ("edit-preferences",)),
        )
    references = [
        Evidence(say("{name} is a reference", name=name), _SOURCE) for name, value, _ in asked if is_reference(value)
    ]
    if references:
        summary = say("Cannot determine whether the session timeouts are valid: a parameter sets them.")
        return (unknown_finding(_TIMEOUT, the_document(scope), summary, tuple(references), (READ_PARAMETER,)),)
    return ()


def _fits(value: str, most: int) -> bool:
    return value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= most


_ABSENT, _WRONG, _BYPASSES = "document-invalid", "document-wrong-type", "custom-document-bypasses"


@check(link=Link.PREFERENCES, causes=(_ABSENT, _WRONG, _BYPASSES), subject=the_document)
def session_document_is_one(
    running: RunningNode,  # noqa: ARG001 - only a node that runs has sessions
    scope: Scope,
    document: PreferencesDocument | Absent,
    preferences: SessionPreferences | NotApplicable,
) -> Findings:
    """Whether the document for the sessions is a Session document and sets all values."""
    if isinstance(preferences, SessionPreferences):
        return _left_open(scope, preferences)
    if isinstance(document, Absent):
        summary = say(
            "The document {document} does not exist in this Region: StartSession rejects the name.",
            document=scope.document,
        )
        return (_fails(scope, _ABSENT, summary, Evidence(say("{what} does not exist", what=document.what), _SOURCE)),)
    summary = say(
        "{document} is a document of the type {type}: StartSession accepts only the type Session.",
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
            "Cannot determine the settings of sessions with {document}: {settings} comes from parameters that the "
            "caller sets.",
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
                "{document} is for port forwarding: such sessions use no session key, no logs and no Run As.",
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
    """Whether other Session documents use the logs and the key of the preferences."""
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
                        "A session with the document {document} does not use {settings}.",
                        document=each.name,
                        settings=join_words(lacking),
                    ),
                    evidence=(
                        Evidence(
                            say("{document} does not set {settings}", document=each.name, settings=join_words(lacking)),
                            "ssm:GetDocument",
                        ),
                    ),
                    fixes=("edit-preferences",),
                )
            )
    return tuple(findings)


_UNSET = "run-as-user-unset"


@check(link=Link.PREFERENCES, causes=(_UNSET,), subject=the_document, after=("role-may-write-to-bucket",))
def run_as_names_a_user(
    scope: Scope, managed: ManagedNode, setting: RunAsSetting, tag: RunAsTag | Absent | Unreadable
) -> Findings | NotApplicable:
    """Whether Run As names a user for this caller."""
    if managed.registration.platform_family is PlatformFamily.WINDOWS:
        return NotApplicable(say("Run As applies only to Linux and macOS"))
    document = the_document(scope)
    if isinstance(tag, RunAsTag) or setting.default_user:
        if not isinstance(tag, RunAsTag) and is_reference(setting.default_user):
            evidence = (Evidence(say("runAsDefaultUser is a reference"), _SOURCE),)
            summary = say("Cannot determine whether Run As has a user name: a parameter sets it.")
            return (unknown_finding(_UNSET, document, summary, evidence, (READ_PARAMETER,)),)
        return ()
    if isinstance(tag, Unreadable):
        summary = say(
            "Run As is on without a default user. Cannot determine whether the caller has the tag {tag}.",
            tag=RUN_AS_TAG,
        )
        return (unread_finding(_UNSET, document, summary, tag),)
    return (
        Finding(
            cause=_UNSET,
            status=Status.FAIL,
            # A session tag that an identity provider sets is not visible here.
            confidence=Confidence.LIKELY,
            subject=document,
            summary=say(
                "Run As is on, but there is no user name: the preferences do not set it and the caller has no tag "
                "{tag}.",
                tag=RUN_AS_TAG,
            ),
            evidence=(
                Evidence(say("runAsEnabled is true, runAsDefaultUser is empty"), _SOURCE),
                Evidence(say("{what} does not exist", what=tag.what), tag.source),
            ),
            fixes=("edit-preferences",),
        ),
    )


_ROOT = "root"


@check(
    link=Link.PREFERENCES,
    causes=("run-as-user-absent",),
    subject=the_document,
    after=("run-as-names-a-user",),
    without={RunAsTag: "a note at most without it"},
    confirms=False,
)
def run_as_user_is_known(
    scope: Scope, managed: ManagedNode, setting: RunAsSetting, tag: RunAsTag | Absent | Unreadable
) -> Findings:
    """Whether it is known that nodes accept the Run As user."""
    user = tag.user if isinstance(tag, RunAsTag) else setting.default_user
    if managed.registration.platform_family is PlatformFamily.WINDOWS or not user or is_reference(user):
        return ()
    named, source = "runAsDefaultUser", _SOURCE
    if isinstance(tag, RunAsTag):
        named, source = say("the tag {tag} of the caller", tag=RUN_AS_TAG), tag.source
    # A tag that was not read could name another user.
    if user == _ROOT and not isinstance(tag, Unreadable):
        return (
            Finding(
                cause="run-as-user-absent",
                status=Status.FAIL,
                # A session tag that an identity provider sets is not visible here.
                confidence=Confidence.LIKELY,
                subject=the_document(scope),
                summary=say("Shells run as root, which SSM Agent refuses."),
                evidence=(Evidence(say("{named} is {user}", named=named, user=user), source),),
                fixes=("edit-preferences",),
            ),
        )
    return (
        Finding(
            cause="run-as-user-absent",
            status=Status.INFO,
            confidence=Confidence.POSSIBLE,
            subject=the_document(scope),
            summary=say(
                "Shells run as {user}. This user must exist on every node; only a session can verify this.",
                user=user[:40],
            ),
            evidence=(Evidence(say("{named} is {user}", named=named, user=user[:40]), source),),
            fixes=("edit-preferences",),
        ),
    )
