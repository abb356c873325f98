"""Find the changes of the journal that were interrupted and neither settled nor made again since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssmtui.model.plan import Call, Plan
from ssmtui.remediation.apply.change import Change, ChangeState
from ssmtui.remediation.apply.journal import Journal


def interrupted_changes(journal: Journal) -> tuple[Change, ...]:
    """The changes that were left planned or unsure, the newest first; of a change and its undo the undo alone.

    What a later change of the same fix and subject has made is not among them, nor what a run is still making.

    Raises:
        JournalUnusable: the journal cannot be read.

    """
    return tuple(each for each in _unfinished(journal.changes()) if not journal.is_being_made(each))


def made_beside(journal: Journal, plan: Plan) -> Change | None:
    """The change of a plan's subject that another run of ssmtui is making at the moment; None: there is none.

    Raises:
        JournalUnusable: the journal cannot be read.

    """
    return next(
        (
            each
            for each in journal.changes()
            if each.subject == plan.subject and each.is_of(plan.scope) and journal.is_made_elsewhere(each)
        ),
        None,
    )


def find_same_change(left: Sequence[Change], plan: Plan) -> Change | None:
    """The change among those left whose calls hold all that a plan of the same fix would make; None: there is none.

    What was chosen otherwise than then has other calls, and is a change of its own.
    """
    return next((each for each in left if not each.undoes and _is_rest_of(each, plan)), None)


def _is_rest_of(change: Change, plan: Plan) -> bool:
    alike = (change.fix, change.subject) == (plan.fix, plan.subject) and change.is_of(plan.scope)
    made = [_without_mark(call) for call in change.calls]
    return alike and all(_without_mark(call) in made for call in plan.calls)


def _without_mark(call: Call) -> tuple[object, ...]:
    """A call without the tags by which each change knows its own: they alone differ where the same is begun again."""
    parameters = {name: value for name, value in call.parameters.items() if name != "TagSpecifications"}
    return call.service, call.operation, parameters


def _unfinished(changes: Sequence[Change]) -> Iterator[Change]:
    made_since: set[tuple[object, ...]] = set()
    going_back = {each.undoes for each in changes if each.undoes and each.is_open}
    for change in changes:
        what = (change.scope.account, change.scope.region, change.fix, change.subject, bool(change.undoes))
        if change.is_open and change.id not in going_back and what not in made_since:
            yield change
        elif change.state is ChangeState.APPLIED:
            made_since.add(what)
