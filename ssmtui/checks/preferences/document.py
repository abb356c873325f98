"""Check the preferences document: existence, format, default version, and timeouts."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import READ_PARAMETER, the_document, unknown_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.preferences import PreferencesDocument, SessionPreferences, is_reference
from ssmtui.model.scope import DOCUMENT_NAME, Scope

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
                "The session preferences say two things: version {latest} is the latest, {default} the default.",
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


_CAUSE = "timeout-out-of-range"
# User Guide, session-preferences-timeout and session-preferences-max-timeout: minutes.
_IDLE_AT_MOST = 60
_DURATION_AT_MOST = 1440


@check(link=Link.PREFERENCES, causes=(_CAUSE,), subject=the_document, after=("preferences-are-well-formed",))
def timeouts_are_in_range(scope: Scope, preferences: SessionPreferences) -> Findings:
    """Whether the timeouts of sessions are in range."""
    asked = (
        ("idleSessionTimeout", preferences.idle_timeout.strip(), _IDLE_AT_MOST),
        ("maxSessionDuration", preferences.max_duration.strip(), _DURATION_AT_MOST),
    )
    wrong = [
        Evidence(
            say(
                "{name} is {value!r}; it is a number of minutes from 1 to {most}",
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
        summary = say("A timeout in the session preferences is not one that Session Manager takes.")
        document = the_document(scope)
        return (
            Finding(_CAUSE, Status.WARN, Confidence.PROVED, document, summary, tuple(wrong), ("edit-preferences",)),
        )
    references = [
        Evidence(say("{name} is a reference", name=name), _SOURCE) for name, value, _ in asked if is_reference(value)
    ]
    if references:
        summary = say("Whether the timeouts of sessions are in range could not be told: a parameter holds them.")
        return (unknown_finding(_CAUSE, the_document(scope), summary, tuple(references), (READ_PARAMETER,)),)
    return ()


def _fits(value: str, most: int) -> bool:
    return value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= most
