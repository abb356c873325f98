"""The sessions of one scope, for whoever looks at them: told as they are read; and the plans to end some of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from ssmtui.diagnosis.planning import with_caller_rights
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.evidence.readers.nodes.session_listing import tell_sessions
from ssmtui.fixes.nodes.ending_sessions import plans_to_end_picked
from ssmtui.model.answers import Unreadable
from ssmtui.model.listed_session import ListedSession, SessionState
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FactChange, Plan
from ssmtui.model.sessions import ActiveSession, ActiveSessions


async def sessions_told(
    diagnosis: ScopeDiagnosis, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
) -> Unreadable | None:
    """Tell the sessions of a scope; gives why not all of them could be told."""
    with diagnosis.in_time():
        return await tell_sessions(diagnosis.aws, state, told)


async def plans_to_end(diagnosis: ScopeDiagnosis, sessions: Sequence[ListedSession]) -> tuple[Plan, ...]:
    """The plans to end open sessions, one a node, the oldest session first; more, where a node has too many for one."""
    scope = diagnosis.scope
    ordered = sorted(sessions, key=lambda each: (each.target, each.started, each.id))
    plans: list[Plan] = []
    for target, of_node in groupby(ordered, key=lambda each: each.target):
        node = diagnosis.nodes.get(NodeKey(scope.account, scope.region, target))
        active = [ActiveSession(each.id, each.target, each.owner, each.started) for each in of_node]
        for plan in plans_to_end_picked(scope, target, (node.name if node else "") or target, active):
            with diagnosis.in_time():
                plans.append(await with_caller_rights(plan, diagnosis.journey(node)))
    # Two of them would leave two lists behind, of which none can be told to be the one afterwards.
    return (await _foreseen(diagnosis, plans[0], sessions),) if len(plans) == 1 else tuple(plans)


async def _foreseen(diagnosis: ScopeDiagnosis, plan: Plan, ended: Sequence[ListedSession]) -> Plan:
    """The plan with the sessions that are open afterwards, as far as they are known now."""
    found = (await diagnosis.journey(None).fact(ActiveSessions)).value
    if not isinstance(found, ActiveSessions):
        return plan
    ids = {each.id for each in ended}
    left = ActiveSessions(tuple(each for each in found.sessions if each.id not in ids))
    return replace(plan, facts_after=(FactChange(ActiveSessions, left, replaces=found),))
