"""Changes that an earlier run left unfinished, named on standard error by whatever is started next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ssmtui.cli.printing import complain, print_lines
from ssmtui.language import say

if TYPE_CHECKING:
    from ssmtui.changes.change import Change
    from ssmtui.changes.desk import Lend
    from ssmtui.cli.run import Run
    from ssmtui.model.scope import ScopeName

_NAMED = 3
_PATIENCE = 10.0
"""Seconds within which AWS is to have shown what became of one."""


def name_unfinished(run: Run, open_scopes: Collection[ScopeName] | None = None, *, lend: Lend | None = None) -> None:
    """Name them, with what AWS shows of each now, and the commands that settle it.

    `lend` hands out the credentials of a diagnosis, in the scopes that it has opened; without it the profile of each
    change is gone through.
    """
    if run.replay is not None or not (run.journal / "changes.jsonl").exists():
        return
    from ssmtui.changes.journal import Journal, JournalUnusable
    from ssmtui.changes.unfinished import unfinished
    from ssmtui.report.change import unfinished_lines

    try:
        left = unfinished(Journal(run.journal))
    except JournalUnusable:
        return  # who makes or takes back a change is told why
    for change, shown in zip(left[:_NAMED], _shown(run, left[:_NAMED], open_scopes, lend), strict=True):
        first, *others = unfinished_lines(change, shown)
        complain(first)
        print_lines(others, err=True)
    if len(left) > _NAMED:
        complain(say("and {more} more: ssmtui undo --list", more=len(left) - _NAMED))


def _shown(
    run: Run, changes: Sequence[Change], open_scopes: Collection[ScopeName] | None, lend: Lend | None
) -> list[str]:
    """What AWS shows of each; empty where it is not asked."""
    desk = run.desk(lend=lend) if changes else None
    if desk is None:
        return [""] * len(changes)
    try:
        asked = [desk.aws_shows(each) if _can_be_asked(each.scope.name, open_scopes) else None for each in changes]
        return ["" if each is None else _answer(each) for each in asked]
    finally:
        desk.close(0)


def _can_be_asked(scope: ScopeName, open_scopes: Collection[ScopeName] | None) -> bool:
    return scope in open_scopes if open_scopes is not None else scope.role is None


def _answer(asked: Future[str]) -> str:
    try:
        return asked.result(timeout=_PATIENCE)
    except TimeoutError:
        return ""
