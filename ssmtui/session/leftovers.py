"""What an earlier run left open because it was killed: ended by the next one, and told of."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssmtui.language import say, say_many
from ssmtui.model.plain_text import printable
from ssmtui.session.calls import SessionCalls, SessionProblem, SessionRefused
from ssmtui.session.ledger import Ledger, LedgerUnusable, OwnSession

if TYPE_CHECKING:
    from ssmtui.model.scope import Scope

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What was left open in a scope. `kept` could not be ended; `why` is what AWS said of the last of them."""

    ended: tuple[OwnSession, ...] = ()
    kept: tuple[OwnSession, ...] = ()
    why: str = ""

    @property
    def words(self) -> str:
        """What is to be said of it; empty where nothing was left open."""
        told = []
        if self.ended:
            told.append(
                say_many(
                    "An earlier run of ssmtui had left {count} session open ({nodes}): it is ended now.",
                    "An earlier run of ssmtui had left {count} sessions open ({nodes}): they are ended now.",
                    len(self.ended),
                    nodes=_nodes(self.ended),
                )
            )
        if self.kept:
            told.append(
                say(
                    "Sessions that an earlier run of ssmtui left open ({nodes}) could not be ended: {why}",
                    nodes=_nodes(self.kept),
                    why=printable(self.why),
                )
            )
        return " ".join(told)


def end_leftovers(ledger: Ledger, scope: Scope, calls: SessionCalls, endpoint_url: str | None) -> Leftovers:
    """End what was left open as whom a scope is open, and where that is. Blocks."""
    ended: list[OwnSession] = []
    kept: list[OwnSession] = []
    why = ""
    try:
        for each in ledger.left_open():
            if not each.is_of(scope, endpoint_url):
                continue
            try:
                calls.terminate(each.id)
            except SessionProblem as problem:
                kept.append(each)
                why = problem.text
                if isinstance(problem, SessionRefused):
                    # Asking again at every start would change nothing: AWS ends it when it has been idle.
                    ledger.ended(each.id)
                continue
            ended.append(each)
            ledger.ended(each.id)
    except LedgerUnusable as unusable:
        _log.warning("%s", unusable)
    return Leftovers(tuple(ended), tuple(kept), why)


def _nodes(sessions: tuple[OwnSession, ...]) -> str:
    return ", ".join(dict.fromkeys(printable(each.target) for each in sessions))
