"""Whether the latest version of the session preferences is the default one."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_document
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope


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
