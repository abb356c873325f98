"""What a change would do to the nodes: two rows of verdicts compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ssmtui.checks.check import Check
from ssmtui.model.fleet import Verdict, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link, LinkState
from ssmtui.model.plan import Forecast

_BADNESS = {VerdictStatus.OK: 0, VerdictStatus.WARN: 1, VerdictStatus.UNKNOWN: 2, VerdictStatus.FAIL: 3}


def compare(
    before: Mapping[NodeKey, Verdict], after: Mapping[NodeKey, Verdict], last_resorts: Collection[str] = ()
) -> Forecast:
    """The forecast in two rows of verdicts of the same nodes.

    Nodes that stay stopped are in none of its lists, nor are those that are red for what the change does not touch.

    `last_resorts` are causes that say no more than that the agent is away: a node that only these keep red awaits it.
    One that would fail further on once the agent is back stays red; of one that cannot be told further on, nothing is.
    """
    green, warn, worse, red, awaiting = [], [], [], [], []
    for key in sorted(after, key=lambda each: each.id):
        was, then = before[key], after[key]
        if then.status is VerdictStatus.STOPPED:
            continue
        if then.root_cause in last_resorts and was.root_cause not in last_resorts:
            beyond = then.links[Link.AGENT.position + 1 :]
            if LinkState.FAIL in beyond:
                red.append(key.id)
            elif LinkState.UNKNOWN not in beyond:
                awaiting.append(key.id)
        elif was.status is not VerdictStatus.STOPPED and _BADNESS[then.status] > _BADNESS[was.status]:
            worse.append(key.id)
        elif then.status is VerdictStatus.FAIL:
            if (then.root_cause, then.finding_ids) != (was.root_cause, was.finding_ids):
                red.append(key.id)
        elif then.status is VerdictStatus.OK and was.status is not VerdictStatus.OK:
            green.append(key.id)
        elif then.status is VerdictStatus.WARN and was.status is not VerdictStatus.WARN:
            warn.append(key.id)
    held = {id_ for verdict in before.values() for id_ in verdict.finding_ids}
    new = {
        id_
        for verdict in after.values()
        for id_ in verdict.finding_ids
        if id_ not in held and id_.partition("@")[0] not in last_resorts
    }
    return Forecast(tuple(green), tuple(warn), tuple(worse), tuple(red), tuple(sorted(new)), tuple(awaiting))


def last_resorts(checks: Sequence[Check]) -> Collection[str]:
    """The causes that are only told where nothing else explains a node, whichever check tells them."""
    otherwise = {cause for check in checks if not check.last_resort for cause in check.causes}
    return {cause for check in checks if check.last_resort for cause in check.causes} - otherwise
