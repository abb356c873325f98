"""What every screen works with: the board, the diagnosis, and the desks: of changes, of sessions (none: read-only)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ssmtui.language import marked, say
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.ui.state.board import EVENTS_A_TICK, Board, Changes
from ssmtui.ui.state.delays import Awaited, Delays
from ssmtui.ui.state.kept_habits import KeptHabits
from ssmtui.ui.state.kept_of_aws import why_not_by_report, why_not_by_snapshot
from ssmtui.ui.state.places import Places
from ssmtui.ui.state.pulse_history import PulseHistory
from ssmtui.ui.state.timed_refresh import TimedRefresh

if TYPE_CHECKING:
    from ssmtui.changes.afterwards import Afterwards
    from ssmtui.changes.change import Change
    from ssmtui.changes.desk import ChangeDesk
    from ssmtui.changes.journal import Journal
    from ssmtui.diagnosis.inquiry import Inquiry
    from ssmtui.model.access import Access
    from ssmtui.model.node import NodeKey
    from ssmtui.model.plan import NotApplicable, Plan
    from ssmtui.model.scope import Scope, ScopeName
    from ssmtui.session.desk import Sessions
    from ssmtui.ui.state.probe_run import ProbeRun
    from ssmtui.ui.words.report_text import ReportShown
    from ssmtui.ui.words.snapshot_text import SnapshotShown

BUCKET_SWITCH = "toggle-s3-encryption"
LOG_GROUP_SWITCH = "toggle-cloudwatch-encryption"
SWITCHES = (BUCKET_SWITCH, LOG_GROUP_SWITCH)
"""The fixes behind the two toggles of the session preferences."""

READ_ONLY = marked("read-only: ssmtui was started with nothing that could write")

READ_ONLY_PROFILE = marked("read-only: the configuration says so of this profile")

NO_SESSIONS = marked("read-only: ssmtui was started with nothing that could open a session")

DEMO = "demo"
"""The label of a run on the simulated AWS."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _not_read_only(_scope: ScopeName) -> bool:
    return False


def no_colour(_scope: Scope) -> str:
    """Where the configuration gives none, no scope wears a colour."""
    return ""


@dataclass(slots=True)
class Bench:
    """One running app's shared things. `inquiry` is None until the diagnosis has started.

    `kept` is the journal to show where nothing can be written, and so no desk has one. `report` is what is shown where
    no diagnosis runs, `snapshot` what a diagnosis goes by instead of AWS. `told_once` are warnings that have
    been told, `probes` those that a screen shows. `disturbs` says whether looking again unasked would get in somebody's
    way. `habits` are what was chosen, here or in an earlier run.
    `unfinished` are the changes of the journal that were interrupted. `colour_of` is the colour that a scope's header
    wears, `first_filter` what the nodes are filtered by at first.
    """

    desk: ChangeDesk | None
    label: str = ""
    board: Board = field(default_factory=Board)
    inquiry: Inquiry | None = None
    now: Callable[[], datetime] = _utc_now
    writing: bool = False
    unfinished: tuple[Change, ...] = ()
    kept: Journal | None = None
    delays: Delays = field(default_factory=Delays)
    sessions: Sessions | None = None
    report: ReportShown | None = None
    snapshot: SnapshotShown | None = None
    probes: list[ProbeRun] = field(default_factory=list)
    timed: TimedRefresh = field(default_factory=TimedRefresh)
    habits: KeptHabits = field(default_factory=KeptHabits)
    configured_columns: tuple[str, ...] = ()
    history: PulseHistory = field(default_factory=PulseHistory)
    disturbs: Callable[[], bool] = lambda: False
    places: Places = field(default_factory=Places)
    told_once: set[str] = field(default_factory=set)
    leftovers: list[Future[str]] = field(default_factory=list)
    accesses: tuple[Access, ...] = ()
    is_read_only: Callable[[ScopeName], bool] = _not_read_only
    colour_of: Callable[[Scope], str] = no_colour
    first_filter: str = ""
    _looked_at: frozenset[ScopeName] | None = None
    _remembered: set[ScopeName] = field(default_factory=set)
    _asked: dict[tuple[ScopeName, str], Future[Plan | NotApplicable]] = field(default_factory=dict)
    _refresh_said: str = ""

    @property
    def wanted(self) -> frozenset[ScopeName]:
        """What is looked at, or is being opened to be."""
        if self._looked_at is not None:
            return self._looked_at
        return frozenset(name for name in (*self.board.state.scopes, *self.board.state.errors) if name.region)

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Look at these scopes from now on, and at no others."""
        if self.inquiry is not None:
            self._looked_at = frozenset(scopes)
            self.inquiry.look_at(scopes)

    def desk_for(self, *scopes: ScopeName) -> ChangeDesk | None:
        """What makes changes there; None where nothing may be written."""
        return None if any(self.is_read_only(each) for each in scopes) else self.desk

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written."""
        return self.desk is None

    @property
    def simulated(self) -> bool:
        """Whether AWS is: nothing that is opened there is real."""
        return self.label == DEMO

    @property
    def journal(self) -> Journal | None:
        """What has been changed from this computer."""
        return self.desk.journal if self.desk is not None else self.kept

    def read_unfinished(self) -> None:
        """Take in which changes of the journal were interrupted: not while one is written, which looks like one."""
        from ssmtui.changes.journal import JournalUnusable
        from ssmtui.changes.unfinished import unfinished

        if self.writing or self.journal is None:
            return
        try:
            found = unfinished(self.journal)
        except JournalUnusable:
            found = ()
        if found != self.unfinished:
            self.unfinished = found
            self.board.changes.other = True

    def tick(self, events: int = EVENTS_A_TICK) -> Changes:
        """Take in what the diagnosis has told since the last tick, so many events at most."""
        if self.inquiry is None:
            changes, self.board.changes = self.board.changes, Changes()
            return changes
        if self.report is not None:
            return self.board.drain(self.inquiry.events, events)
        now = self.now()
        self.board.look(now)
        self._refresh_in_time(now)
        changes = self.board.drain(self.inquiry.events, events)
        self.history.take(self.board, changes.nodes, now)
        for look in self.delays.due(self.board, now):
            self.inquiry.look_again(look.scope, look.nodes, look.stale)
        for name in self.board.state.settled & self.board.state.scopes.keys():
            self._ask_switches(name)
        for name in self.board.state.scopes.keys() - self._remembered:
            self._remember(self.board.state.scopes[name])
        return changes

    @property
    def refresh_words(self) -> str:
        """When everything is looked at again by itself; empty where it is not."""
        return self.timed.words

    def _refresh_in_time(self, now: datetime) -> None:
        at_rest = bool(self.board.state.scopes) and not self.board.pending
        is_due = self.timed.is_due(now, at_rest=at_rest, disturbs=self.writing or self.disturbs())
        if is_due and self.inquiry is not None:
            self.inquiry.keep_fresh()
        if self.timed.words != self._refresh_said:
            self._refresh_said = self.timed.words
            self.board.changes.progress = True

    @property
    def is_behind(self) -> bool:
        """Whether the diagnosis has told more than was taken in."""
        return self.inquiry is not None and not self.inquiry.events.empty()

    def told_of_leftovers(self) -> tuple[str, ...]:
        """What is to be said of sessions that earlier runs left open: each sentence once, when they are ended."""
        done = [each for each in self.leftovers if each.done()]
        self.leftovers = [each for each in self.leftovers if each not in done]
        return tuple(
            words for each in done if not each.cancelled() and not each.exception() and (words := each.result())
        )

    def wait_for(self, after: Afterwards) -> Awaited | None:
        """Wait for a change to show, and no more for one that was taken back; what is waited for, if anything is.

        The diagnosis knows of it: till then the nodes of a change warn, and do not fail.
        """
        if after.waits_no_more:
            self.delays.end(after.waits_no_more)
            if self.inquiry is not None:
                self.inquiry.expect_no_more(after.scope, after.waits_no_more)
        if (waits := after.waits) is None:
            return None
        delay = waits.delay
        awaited = Awaited(
            after.scope, waits.nodes, after.concerns, delay.until, delay.change, goes_back=waits.goes_back
        )
        self.delays.begin(awaited, delay.made)
        if self.inquiry is not None and waits.nodes and not waits.goes_back:
            self.inquiry.expect(after.scope, waits.nodes, delay)
        return awaited

    def recheck(self, scope: ScopeName, stale: tuple[type, ...] = ()) -> None:
        """Have facts read again; the board knows that the scope is not settled until it says so."""
        if self.inquiry is None:
            return
        self._forget_switches(scope)
        self.board.look_again(scope)
        self.inquiry.recheck(scope, stale)

    def look_again(self, keys: Iterable[NodeKey]) -> None:
        """Have all facts of these nodes read anew, quietly: what is known of them stands meanwhile."""
        if self.inquiry is None:
            return
        by_scope: dict[ScopeName, list[NodeKey]] = {}
        for key in keys:
            if scope := self.board.scope_of(key):
                by_scope.setdefault(scope.name, []).append(key)
        for name, nodes in by_scope.items():
            self.inquiry.look_again(name, nodes, ())

    def refresh(self) -> None:
        """Have everything listed and read anew."""
        if self.inquiry is None:
            return
        for name in self.board.state.scopes:
            self._forget_switches(name)
            self.board.look_again(name)
        self.inquiry.refresh()

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | NotApplicable]:
        """The plan of a fix; not applicable where the diagnosis has not started."""
        if self.inquiry is None:
            from ssmtui.model.plan import NotApplicable

            answer: Future[Plan | NotApplicable] = Future()
            answer.set_result(NotApplicable(fix, say("the diagnosis has not started yet")))
            return answer
        return self.inquiry.plan(scope, fix, finding_id, choices)

    def why_not_without_aws(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be used on a report or a snapshot; empty where it can, or AWS is looked at."""
        of_report = why_not_by_report(self.report, action, parameters)
        return of_report or why_not_by_snapshot(self.snapshot, action, parameters)

    @property
    def instead_of_aws(self) -> ReportShown | SnapshotShown | None:
        """What was kept of AWS and is looked at in its place; None where AWS itself is."""
        return self.report or self.snapshot

    def why_no_switch(self, scope: Scope | None, fix: str) -> str:
        """Why a toggle cannot be previewed now; empty where it can, or where that is not known yet."""
        if scope is None:
            return say("no Region is open yet")
        answer = self._asked.get((scope.name, fix))
        if answer is None or not answer.done():
            return ""
        if answer.cancelled() or answer.exception():
            return say("the preferences of this Region could not be read")
        from ssmtui.model.plan import NotApplicable

        result = answer.result()
        return result.why if isinstance(result, NotApplicable) else ""

    def _remember(self, scope: Scope) -> None:
        """Wait for what was changed before this start, and has yet to show; the diagnosis knows of it by itself."""
        self._remembered.add(scope.name)
        if self.sessions is not None:
            self.leftovers.append(self.sessions.end_leftovers(scope))
        from ssmtui.changes.windows import running_delays
        from ssmtui.fixes.frame.fix import stale_after

        for expected in running_delays(self.journal, scope, self.now()) if self.journal is not None else ():
            delay = expected.delay
            awaited = Awaited(scope.name, expected.nodes, stale_after(delay.fix), delay.until, delay.change)
            self.delays.begin(awaited, self.now())

    def _ask_switches(self, scope: ScopeName) -> None:
        for fix in SWITCHES:
            if self.inquiry is not None and (scope, fix) not in self._asked:
                self._asked[scope, fix] = self.inquiry.plan(scope, fix, None)

    def _forget_switches(self, scope: ScopeName) -> None:
        for fix in SWITCHES:
            self._asked.pop((scope, fix), None)
