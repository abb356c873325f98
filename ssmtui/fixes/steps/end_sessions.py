"""`steps-end-sessions`: the sessions that one owner holds on a node are looked at and ended by hand."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import CrowdedSessions
from ssmtui.model.steps import Step, Steps, word

_SLUG = "steps-end-sessions"
_SHOWN = 20

_ASK = marked("Ask {owner} whether anything still works in them: nothing seen from outside tells that.")
_LOOK = marked("List what is open on the node now.")
_END = marked("End those that nobody uses, the oldest first. The newest may be the one in use.")
_MEND = marked("Have what opened them end them, also when it fails.")


@by_hand(_SLUG)
def end_sessions(scope: Scope, crowded: CrowdedSessions) -> Steps | NotApplicable:
    """All but the newest, the oldest first."""
    region = word(scope.region, "REGION")
    look = (
        f"aws ssm describe-sessions --region {region} --state Active \\\n"
        f"  --filters key=Target,value={word(crowded.node.id, 'NODE_ID')} \\\n"
        "  --query 'Sessions[].[SessionId,Owner,StartDate]' --output table"
    )
    end = "\n".join(
        f"aws ssm terminate-session --region {region} --session-id {word(each.id, 'SESSION_ID')}"
        for each in crowded.sessions[:-1][:_SHOWN]
    )
    return Steps(
        _SLUG,
        say("End the sessions that {owner} left on {node}", owner=crowded.owner_name, node=crowded.node.name),
        (Step(say(_ASK, owner=crowded.owner_name)), Step(say(_LOOK), look), Step(say(_END), end), Step(say(_MEND))),
    )
