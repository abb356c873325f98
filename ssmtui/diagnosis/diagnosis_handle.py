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
    """A fact of a node's path for the raw view. `value` is plain JSON-like data as text."""

    name: str
    source: str
    value: str


class DiagnosisHandle(Protocol):
    """A diagnosis of some scopes that runs on its own thread.

    Every method returns at once; results come as events, or as futures that complete on the diagnosis's thread. Futures
    for scopes that could not be opened raise `LookupError`.
    """

    @property
    def events(self) -> SimpleQueue[Event]:
        """Return the queue of events, in order. Only one reader takes events from it."""

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        """Check these nodes first, in this order."""

    def inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        """Inspect these selected nodes deeply from now on.

        Earlier results stay until new results are known. `NodeInspected` reports the start and the result.
        """

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds again and repeat the checks that depend on them. No kinds: all facts."""

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        """Record a change whose effect must still show on these nodes.

        Until the delay ends, these nodes have a warning with its end if only their absence would be reported.
        """

    def stop_expecting(self, scope: ScopeName, change: str) -> None:
        """Record that a change was undone: its effect is not awaited any more."""

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        """Record the result of a probe, and use it for the verdict of the node.

        The result stays valid until something that the node's sessions depend on is changed or read again.
        """

    def refresh_nodes(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """Read the facts of these kinds on these nodes' paths again, and list the nodes again.

        No kinds: all facts of the paths, when a user refreshes a row. Earlier results stay until they are known to be
        different.
        """

    def refresh(self) -> None:
        """List the nodes again and read everything again, when a user has fixed something elsewhere."""

    def refresh_incrementally(self) -> None:
        """Detect changes made elsewhere: called automatically, about every minute.

        Earlier results stay until they are known to be different, and only changes are published. The nodes are listed
        again; facts behind findings are read again, the others in turn (`diagnosis/scope_diagnosis.py`). Does nothing
        while it is still running, and skips a scope that is being diagnosed.
        """

    def retry(self) -> None:
        """Obtain new credentials for scopes with rejected credentials, and open scopes that could not be opened.

        Waiting reads continue, and failed reads are repeated; other scopes do not change.
        """

    def accesses(self) -> Future[tuple[Access, ...]]:
        """Return the credentials that can open scopes, with their Regions.

        They are those of this run and of all profiles in the AWS files. This prompts nobody for credentials.
        """

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Switch to these scopes.

        Scopes that are already open stay as they are. The results of the others are stored (`ScopeClosed`): they are
        shown at once when the scope is selected again. Sessions and changes in these scopes continue.
        """

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        """Return the plan of a fix for a finding, or for the Region's preferences without a finding.

        If the fix needs choices, `choices` of the answer has them; call again with values.
        """

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        """Return the results of the checks on the facts after these plans of one scope."""

    def region_facts(self, scope: ScopeName) -> Future[RegionPreferences]:
        """Return the facts about the Region's preferences and their resources."""

    def facts_of(self, key: NodeKey) -> Future[tuple[RawFact, ...]]:
        """Return all facts of a node, as they were read."""

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        """Return AWS's details of refusals, as far as their texts have IDs, from the scopes of their Regions."""

    def sessions(
        self, scope: ScopeName, state: SessionState, on_page: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        """Read the sessions of a Region now; `on_page` is called for each page, on another thread.

        The result says why not all sessions could be read. Cancel the future to stop reading.
        """

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        """Return the plans that end open sessions of a Region: one per node, more if a node has too many."""

    def close(self) -> None:
        """Stop the diagnosis: no more events, and every connection is closed."""


class ReadOnlyDiagnosis:
    """The methods of a `DiagnosisHandle` that need more than the stored data. `why_not` says why there is no more."""

    def __init__(self, why_not: str) -> None:
        self._why_not = why_not

    def inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        """Do nothing: more cannot be inspected."""

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        """Do nothing: nothing can be read again."""

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        """Do nothing: nothing is changed."""

    def stop_expecting(self, scope: ScopeName, change: str) -> None:
        """Do nothing: nothing is changed."""

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        """Do nothing: nothing is probed."""

    def refresh_nodes(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """Do nothing: nothing can be read again."""

    def refresh(self) -> None:
        """Do nothing: nothing can be read again."""

    def refresh_incrementally(self) -> None:
        """Do nothing: nothing can be read again."""

    def retry(self) -> None:
        """Do nothing: nothing can be read again."""

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Do nothing: there are no other scopes."""

    def accesses(self) -> Future[tuple[Access, ...]]:
        """Return no credentials: no other scope can be opened."""
        nothing: Future[tuple[Access, ...]] = Future()
        nothing.set_result(())
        return nothing

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        """Return the refusals without details: AWS is not asked."""
        answer: Future[tuple[LookedUp, ...]] = Future()
        answer.set_result(tuple(LookedUp(each, why_not=self._why_not) for each in denials))
        return answer
