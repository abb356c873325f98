"""The interface of a diagnosis for screens and commands, and its read-only form for reports and snapshots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from ssmtui.model.access_denied import LookedUp
from ssmtui.model.choice import NOTHING_CHOSEN, Choices

if TYPE_CHECKING:
    from ssmtui.diagnosis.events import Event
    from ssmtui.model.access_denied import Denial
    from ssmtui.model.fact import Unreadable
    from ssmtui.model.node import NodeKey
    from ssmtui.model.plan import ChangeDelay, FixNotApplicable, Forecast, Plan
    from ssmtui.model.preferences import RegionPreferences
    from ssmtui.model.probe import ProbeOutcome
    from ssmtui.model.scope import Access, ScopeName
    from ssmtui.model.sessions import ListedSession, SessionState


@dataclass(frozen=True, slots=True)
class RawFact:
    """One fact of a node's path as it was read: for the raw view. `value` is plain JSON-like data as text."""

    name: str
    source: str
    value: str


class DiagnosisHandle(Protocol):
    """A diagnosis of some scopes that is under way on a thread of its own.

    Every method returns at once; what takes time comes as an event, or as a future that is fulfilled on the
    diagnosis' thread. Futures of scopes that could not be opened raise `LookupError`.
    """

    @property
    def events(self) -> SimpleQueue[Event]:
        """What has become known, in order. Drained by one reader."""

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes before the others, in this order."""

    def inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        """Examine these nodes further than the others, from now on: somebody points at them.

        Quietly: what was known stands until more is known. `LookedCloser` tells when that begins, and what it found.
        """

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds again and judge what depends on them. All facts, where none is named."""

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        """Know of a change that was made and has yet to show on these nodes.

        Until then they warn, with their end, where nothing but their not coming back would be said of them.
        """

    def stop_expecting(self, scope: ScopeName, change: str) -> None:
        """Know that a change was taken back: nothing has yet to show of it."""

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        """Know what a probe of a node met, and judge the node by that.

        It counts until something is changed or read anew that the node's sessions rest on.
        """

    def refresh_nodes(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds again that are on these nodes' paths, and list the nodes anew.

        All facts of their paths, where no kind is named: what a person asks for of one row. Quietly: what was known
        stands until it is known to be otherwise.
        """

    def refresh(self) -> None:
        """List the nodes again and read everything anew: what a person asks for who has mended something elsewhere."""

    def refresh_incrementally(self) -> None:
        """Take in what has changed by itself: to be called now and then, every minute or so, unasked.

        Quietly: what was known stands until it is known to be otherwise, and only what changed is told. The nodes are
        listed again; what stands behind findings is read again, the rest in turn (`diagnosis/scope_diagnosis.py`). Does
        nothing while it is still under way, and leaves alone a scope that is being looked at anyway.
        """

    def retry(self) -> None:
        """Come by credentials anew where AWS takes them no more, and open what could not be opened.

        What waited goes on where it was, and what could not be read meanwhile is read; what is well is left alone.
        """

    def accesses(self) -> Future[tuple[Access, ...]]:
        """By which credentials scopes can be opened, and where: those of this run, and the profiles of the AWS files.

        Nobody is asked for credentials for it.
        """

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Look at these scopes from now on, and at no others.

        Those that are looked at already stay as they are. What was told of the others is kept (`ScopeGone`): they are
        shown again at once when they are wanted again. Sessions and changes that are under way there go on.
        """

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        """The plan of a fix: for a finding, or for the Region's preferences where none is named.

        Where the fix must be told more first, the answer's `choices` say what; ask again with them made.
        """

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """What the checks say of the facts as they would be after plans of one scope, all of them made."""

    def region_facts(self, scope: ScopeName) -> Future[RegionPreferences]:
        """What the Region's preferences say and point at."""

    def facts_of(self, key: NodeKey) -> Future[tuple[RawFact, ...]]:
        """Everything that was read for one node, as it was read."""

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        """AWS's own word for refusals, as far as their texts carry ids; asked in the scope of each one's Region."""

    def sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """Read the sessions of a Region now; `told` is called for each page, on another thread.

        Gives why not all of them could be read. Cancelling the future ends the reading.
        """

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """The plans to end open sessions of a Region: one a node, more where it has too many for one."""

    def close(self) -> None:
        """End it: no event follows, every connection is closed."""


class ReadOnlyDiagnosis:
    """The part of an `DiagnosisHandle` that asks for more than was kept. `why_not` says why there is no more."""

    def __init__(self, why_not: str) -> None:
        self._why_not = why_not

    def inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        """What was not looked at closely then cannot be now."""

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        """Nothing can be read anew."""

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        """Nothing is changed."""

    def stop_expecting(self, scope: ScopeName, change: str) -> None:
        """Nothing is changed."""

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        """Nothing is probed."""

    def refresh_nodes(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """Nothing can be read anew."""

    def refresh(self) -> None:
        """Nothing can be read anew."""

    def refresh_incrementally(self) -> None:
        """Nothing can be read anew."""

    def retry(self) -> None:
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
