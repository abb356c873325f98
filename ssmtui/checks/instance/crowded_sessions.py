"""Whether one owner holds many sessions on the node, as programs do that open sessions and do not end them."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Moot, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.sessions import CrowdedSessions
from ssmtui.model.standing import ManagedNode

_CAUSE = "sessions-left-open"
_SOURCE = "ssm:DescribeSessions"


@check(
    link=Link.INSTANCE,
    causes=(_CAUSE,),
    subject=the_node,
    after=("node-has-watches-left",),
    without={CrowdedSessions: "it denies, and does not allow"},
)
def sessions_are_ended(managed: ManagedNode, crowded: CrowdedSessions | Moot | Unreadable) -> Findings:
    """Whether those who open sessions to the node end them."""
    node = managed.node
    if isinstance(crowded, Unreadable):
        # Those that are open for more than a day are asked for besides, and say what could not be read.
        return ()
    if isinstance(crowded, Moot):
        return ()
    return (
        Finding(
            cause=_CAUSE,
            status=Status.WARN,
            confidence=Confidence.POSSIBLE,
            subject=the_node(node),
            summary=say(
                "{owner} holds {count} sessions on {node} at once: a program may open them and not end them.",
                owner=crowded.owner_name,
                count=len(crowded.sessions),
                node=node.name,
            ),
            evidence=(
                Evidence(
                    say(
                        "{count} sessions of {owner} are open, the oldest since {since} UTC",
                        count=len(crowded.sessions),
                        owner=crowded.owner,
                        since=f"{crowded.sessions[0].started:%Y-%m-%d %H:%M}",
                    ),
                    _SOURCE,
                ),
            ),
            fixes=("steps-end-sessions",),
        ),
    )
