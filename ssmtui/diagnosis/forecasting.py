"""What a change would do to the nodes: two rows of verdicts compared."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.model.fleet import Verdict, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast

_BADNESS = {VerdictStatus.OK: 0, VerdictStatus.WARN: 1, VerdictStatus.UNKNOWN: 2, VerdictStatus.FAIL: 3}


def compare(before: Mapping[NodeKey, Verdict], after: Mapping[NodeKey, Verdict]) -> Forecast:
    """The forecast in two rows of verdicts of the same nodes. Stopped nodes are in none of its lists."""
    green, warn, worse, red = [], [], [], []
    for key in sorted(after, key=lambda each: each.id):
        was, then = before[key].status, after[key].status
        if then is VerdictStatus.STOPPED or was is VerdictStatus.STOPPED:
            continue
        if _BADNESS[then] > _BADNESS[was]:
            worse.append(key.id)
        elif then is VerdictStatus.FAIL:
            red.append(key.id)
        elif then is VerdictStatus.OK and was is not VerdictStatus.OK:
            green.append(key.id)
        elif then is VerdictStatus.WARN and was is not VerdictStatus.WARN:
            warn.append(key.id)
    held = {id_ for verdict in before.values() for id_ in verdict.finding_ids}
    new = {id_ for verdict in after.values() for id_ in verdict.finding_ids} - held
    return Forecast(tuple(green), tuple(warn), tuple(worse), tuple(red), tuple(sorted(new)))
