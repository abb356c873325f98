"""What an inquiry does that goes by what was kept, a report or a snapshot: nothing of it is read anew or changed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ssmtui.model.authorization import LookedUp

if TYPE_CHECKING:
    from ssmtui.model.access import Access
    from ssmtui.model.change_delay import ChangeDelay
    from ssmtui.model.denial import Denial
    from ssmtui.model.node import NodeKey
    from ssmtui.model.probe import ProbeOutcome
    from ssmtui.model.scope import ScopeName


class AtRest:
    """The part of an `Inquiry` that asks for more than was kept. `why_not` says why there is no more."""

    def __init__(self, why_not: str) -> None:
        self._why_not = why_not

    def look_closer(self, keys: Sequence[NodeKey]) -> None:
        """What was not looked at closely then cannot be now."""

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        """Nothing can be read anew."""

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        """Nothing is changed."""

    def expect_no_more(self, scope: ScopeName, change: str) -> None:
        """Nothing is changed."""

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        """Nothing is probed."""

    def look_again(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """Nothing can be read anew."""

    def refresh(self) -> None:
        """Nothing can be read anew."""

    def keep_fresh(self) -> None:
        """Nothing can be read anew."""

    def try_again(self) -> None:
        """Nothing can be read anew."""

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """What was kept is all there is."""

    def accesses(self) -> Future[tuple[Access, ...]]:
        """Nothing else can be looked at."""
        nothing: Future[tuple[Access, ...]] = Future()
        nothing.set_result(())
        return nothing

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        """AWS is not asked."""
        told: Future[tuple[LookedUp, ...]] = Future()
        told.set_result(tuple(LookedUp(each, why_not=self._why_not) for each in denials))
        return told
