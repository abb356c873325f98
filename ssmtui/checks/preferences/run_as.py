"""Check which user shells run as when Run As is on, and whether the user is known."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import READ_PARAMETER, the_document, unknown_finding, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status
from ssmtui.model.identity import RUN_AS_TAG, RunAsSetting, RunAsTag
from ssmtui.model.node import PlatformFamily
from ssmtui.model.node_facts import ManagedNode
from ssmtui.model.preferences import is_reference
from ssmtui.model.scope import Scope

_UNSET = "run-as-user-unset"
_SOURCE = "ssm:GetDocument"


@check(link=Link.PREFERENCES, causes=(_UNSET,), subject=the_document, after=("role-may-write-to-bucket",))
def run_as_names_a_user(
    scope: Scope, managed: ManagedNode, setting: RunAsSetting, tag: RunAsTag | Absent | Unreadable
) -> Findings:
    """Whether Run As names a user for this caller."""
    if managed.registration.platform_family is PlatformFamily.WINDOWS:
        return ()  # Run As is for Linux and macOS
    document = the_document(scope)
    if isinstance(tag, RunAsTag) or setting.default_user:
        if not isinstance(tag, RunAsTag) and is_reference(setting.default_user):
            evidence = (Evidence(say("runAsDefaultUser is a reference"), _SOURCE),)
            summary = say("Whether Run As names a user could not be told: a parameter holds the name.")
            return (unknown_finding(_UNSET, document, summary, evidence, (READ_PARAMETER,)),)
        return ()
    if isinstance(tag, Unreadable):
        summary = say(
            "Run As is on without a default user; whether the caller has a tag {tag} could not be told.", tag=RUN_AS_TAG
        )
        return (unread_finding(_UNSET, document, summary, tag),)
    return (
        Finding(
            cause=_UNSET,
            status=Status.FAIL,
            # A tag of the session, set by an identity provider, is seen by nobody else.
            confidence=Confidence.LIKELY,
            subject=document,
            summary=say(
                "Run As is on, and neither the preferences nor a tag {tag} on the caller name a user.", tag=RUN_AS_TAG
            ),
            evidence=(
                Evidence(say("runAsEnabled is true, runAsDefaultUser is empty"), _SOURCE),
                Evidence(say("{what} does not exist", what=tag.what), tag.source),
            ),
            fixes=("edit-preferences",),
        ),
    )


@check(
    link=Link.PREFERENCES,
    causes=("run-as-user-absent",),
    subject=the_document,
    after=("run-as-names-a-user",),
    without={RunAsTag: "a note at most"},
)
def run_as_user_is_known(
    scope: Scope, managed: ManagedNode, setting: RunAsSetting, tag: RunAsTag | Absent | Unreadable
) -> Findings:
    """Whether it can be told that the Run As user exists."""
    user = tag.user if isinstance(tag, RunAsTag) else setting.default_user
    if managed.registration.platform_family is PlatformFamily.WINDOWS or not user or is_reference(user):
        return ()
    named, source = "runAsDefaultUser", _SOURCE
    if isinstance(tag, RunAsTag):
        named, source = say("the tag {tag} on the caller", tag=RUN_AS_TAG), tag.source
    return (
        Finding(
            cause="run-as-user-absent",
            status=Status.INFO,
            confidence=Confidence.POSSIBLE,
            subject=the_document(scope),
            summary=say("Shells run as {user}, who must exist on every node: that can only be tried.", user=user[:40]),
            evidence=(Evidence(say("{named} is {user}", named=named, user=user[:40]), source),),
            fixes=("edit-preferences",),
        ),
    )
