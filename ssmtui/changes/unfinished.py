"""Changes that were interrupted: those of the journal that nobody has settled, or made again, since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ssmtui.changes.change import Change, ChangeState


def unfinished(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes that were left planned or unsure, the newest first; of a change and its undo the undo alone.

    What a later change of the same fix and subject has made is not among them.
    """
    return tuple(_unfinished(changes))


def _unfinished(changes: Sequence[Change]) -> Iterator[Change]:
    made_since: set[tuple[object, ...]] = set()
    going_back = {each.undoes for each in changes if each.undoes and each.is_open}
    for change in changes:
        what = (change.scope.account, change.scope.region, change.fix, change.subject, bool(change.undoes))
        if change.is_open and change.id not in going_back and what not in made_since:
            yield change
        elif change.state is ChangeState.APPLIED:
            made_since.add(what)
