"""Whether the caller may change the session preferences; it closes no session, and never decides a node's verdict."""

from __future__ import annotations

from ssmtui.checks.caller.asking import steps_for
from ssmtui.checks.check import check
from ssmtui.checks.denials import actions_in_words, denial_evidence, doubt_evidence, fixes_for, most_sure
from ssmtui.checks.doubt import unread_behind, unread_evidence
from ssmtui.checks.subjects import the_caller
from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.permissions import CallerPreferencesPermissions
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.scope import Scope

_CAUSE = "caller-preferences-denied"
_FIRST_TIME = "ssm:CreateDocument"


@check(
    link=Link.CALLER,
    causes=(_CAUSE,),
    subject=the_caller,
    after=("caller-may-make-data-keys",),
    without={PreferencesDocument: "a note at most", CallerPreferencesPermissions: "a note at most"},
)
def caller_may_change_preferences(
    scope: Scope,
    permissions: CallerPreferencesPermissions | Unreadable,
    document: PreferencesDocument | Absent | Unreadable,
) -> Findings:
    """Whether the caller may change the session preferences."""
    caller = the_caller(scope)
    if isinstance(permissions, Unreadable):
        summary = say("Whether {caller} may change the session preferences could not be told.", caller=caller.name)
        evidence = unread_evidence(permissions)
        needs = (permissions.action,) if permissions.action else ()
        return (Finding(_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, evidence, needs=needs),)
    there = isinstance(document, PreferencesDocument)
    denials = tuple(each for each in permissions.denied() if not (there and each.question.action == _FIRST_TIME))
    unsure = [each for each in permissions.undecided() if not (there and each.question.action == _FIRST_TIME)]
    if not denials and unsure:
        summary = say("Whether {caller} may change the session preferences depends on conditions.", caller=caller.name)
        doubts = tuple(doubt_evidence(each) for each in unsure)
        why, needed = unread_behind(*unsure)
        return (Finding(_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, (*doubts, *why), needs=needed),)
    if not denials:
        return ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.INFO,
            confidence=most_sure(each.confidence for each in denials),
            subject=caller,
            summary=say(
                "{caller} may not change the session preferences: it lacks {actions}.",
                caller=caller.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, steps_for(caller)),
        ),
    )
