"""Whether the caller may open remote desktops to Windows nodes; a shell needs none of it, so that it is a note."""

from __future__ import annotations

from ssmtui.checks.caller.asking import steps_for
from ssmtui.checks.check import check
from ssmtui.checks.denials import actions_in_words, denial_evidence, fixes_for, least_sure
from ssmtui.checks.doubt import unread_evidence
from ssmtui.checks.subjects import the_caller
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.permissions import CallerDesktopPermissions
from ssmtui.model.scope import Scope
from ssmtui.model.standing import WindowsNode

_CAUSE = "caller-desktop-denied"


@check(
    link=Link.CALLER,
    causes=(_CAUSE,),
    subject=the_caller,
    after=("caller-may-change-preferences",),
    without={CallerDesktopPermissions: "a note at most"},
)
def caller_may_open_desktops(
    scope: Scope,
    windows: WindowsNode,  # noqa: ARG001 - a precondition
    permissions: CallerDesktopPermissions | Unreadable,
) -> Findings:
    """Whether the caller may open remote desktops in Fleet Manager."""
    caller = the_caller(scope)
    if isinstance(permissions, Unreadable):
        summary = say("Whether {caller} may open remote desktops could not be told.", caller=caller.name)
        evidence = unread_evidence(permissions)
        needs = (permissions.action,) if permissions.action else ()
        return (Finding(_CAUSE, Status.INFO, Confidence.POSSIBLE, caller, summary, evidence, needs=needs),)
    denials = permissions.denied()
    if not denials:
        return ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.INFO,
            # What AWS will call the session is not known before there is one.
            confidence=least_sure((*(each.confidence for each in denials), Confidence.LIKELY)),
            subject=caller,
            summary=say(
                "{caller} may not open remote desktops in Fleet Manager: it lacks {actions}.",
                caller=caller.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, steps_for(caller)),
        ),
    )
