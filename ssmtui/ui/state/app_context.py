"""Hold what all screens of a running app share: fleet, diagnosis, changes, and sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ssmtui.language import say, translatable
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.node import NodeKey
from ssmtui.ui.state.fleet_view import EVENTS_PER_TICK, FleetChanges, FleetView, OverviewHistory
from ssmtui.ui.state.scheduling import AutoRefresh, DelayedChange, DelayTracker
from ssmtui.ui.state.ui_state import ScreenPositions, UiStateStore

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.model.plan import FixNotApplicable, Plan
    from ssmtui.model.scope import Access, Scope, ScopeName
    from ssmtui.model.sessions import Tunnel
    from ssmtui.remediation.apply.change import Change
    from ssmtui.remediation.apply.change_service import ChangeService
    from ssmtui.remediation.apply.follow_up import FollowUp
    from ssmtui.remediation.apply.journal import Journal
    from ssmtui.session.session_service import SessionService
    from ssmtui.ui.state.sessions import ProbeRun
    from ssmtui.ui.text.notices import OfflineReport, OfflineSnapshot


_NEEDS_AWS = frozenset(
    (
        *("probe", "recheck", "refresh_all", "shell", "timed_refresh", "switch_scopes", "tunnel", "undo", "log_in"),
        "apply",
    )
)
"""Actions that read anew, change or open something, each with what it is about."""

_NEEDS_FACTS = frozenset(("fix", "fix_marked", "fixes", "preferences", "raw", "switch_bucket", "switch_log_group"))
"""Actions that go by what was read: a report holds none of it, a snapshot all."""

_NAMED_SCREENS_NEEDING_AWS = frozenset({("sessions",), ("tunnels",)})
"""Screens that do."""


def why_not_in_report(report: OfflineReport | None, action: str, parameters: tuple[object, ...]) -> str:
    """Why an action cannot be used on a report; empty where it can."""
    if report is None:
        return ""
    return report.why_not if action in _NEEDS_FACTS or _needs_aws(action, parameters) else ""


def why_not_in_snapshot(snapshot: OfflineSnapshot | None, action: str, parameters: tuple[object, ...]) -> str:
    """Why an action cannot be used on a snapshot; empty where it can."""
    return snapshot.why_not if snapshot is not None and _needs_aws(action, parameters) else ""


def _needs_aws(action: str, parameters: tuple[object, ...]) -> bool:
    return action in _NEEDS_AWS or (action == "put_up" and parameters in _NAMED_SCREENS_NEEDING_AWS)


def change_to_undo(
    fleet_view: FleetView, change_service: ChangeService, change_id: str = ""
) -> tuple[Scope, Change] | None:
    """The change named, else the last one in a Region that is open; None where there is none."""
    return (
        find_change(fleet_view, change_service, change_id)
        if change_id
        else last_undoable_change(fleet_view, change_service)
    )


def find_change(fleet_view: FleetView, change_service: ChangeService, change_id: str) -> tuple[Scope, Change] | None:
    """A change of the journal with the open scope that it was made in; None where it or its Region is not there."""
    change = next((each for each in change_service.journal.changes() if each.id == change_id), None)
    scope = scope_of_change(fleet_view, change) if change else None
    return (scope, change) if change and scope else None


def scope_of_change(fleet_view: FleetView, change: Change) -> Scope | None:
    """The open scope that a change was made in, if its Region is open."""
    return next((scope for scope in fleet_view.scopes if change.is_of(scope)), None)


def last_undoable_change(fleet_view: FleetView, change_service: ChangeService) -> tuple[Scope, Change] | None:
    """The newest change that can be taken back, among the Regions that are open."""
    found = ((scope, change_service.undoable(scope)) for scope in fleet_view.scopes)
    known = [(scope, change) for scope, change in found if change is not None]
    return max(known, key=lambda each: each[1].id, default=None)


def all_tunnels(context: AppContext) -> Sequence[Tunnel]:
    """Every tunnel, the newest last; none where no session can be opened."""
    return context.sessions.tunnels() if context.sessions is not None else ()


def tunnel_node_name(context: AppContext, tunnel: Tunnel) -> str:
    """The Name of the node that a tunnel goes through; empty where it has none, or is not known."""
    scope = tunnel.request.scope
    node = context.fleet_view.state.nodes.get(NodeKey(scope.account, scope.region, tunnel.request.target))
    return node.name if node else ""


BUCKET_SWITCH = "toggle-s3-encryption"
LOG_GROUP_SWITCH = "toggle-cloudwatch-encryption"
SWITCHES = (BUCKET_SWITCH, LOG_GROUP_SWITCH)
"""The fixes behind the two toggles of the session preferences."""

READ_ONLY = translatable("read-only: ssmtui was started with nothing that could write")

READ_ONLY_PROFILE = translatable("read-only: the configuration says so of this profile")

NO_SESSIONS = translatable("read-only: ssmtui was started with nothing that could open a session")

DEMO_LABEL = "demo"
"""The label of a run on the simulated AWS."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _never_read_only(_scope: ScopeName) -> bool:
    return False


def no_colour(_scope: Scope) -> str:
    """Where the configuration gives none, no scope wears a colour."""
    return ""


@dataclass(slots=True)
class AppContext:
    """What the screens of one running app share. `handle` is None until the diagnosis has started.

    `read_only_journal` is the journal to show where nothing can be written. `report` is shown where no diagnosis runs,
    `snapshot` is read in place of AWS. `shown_once` are the questions that are asked once in a run, `probes` those that
    a screen shows. `is_user_busy` says whether refreshing unasked would disturb. `ui_state` is what was chosen, in this
    run or an earlier one. `unfinished` are the interrupted changes of the journal. `colour_of` gives the colour of a
    scope's header, `first_filter` is the filter of the nodes at the start.
    """

    change_service: ChangeService | None
    label: str = ""
    fleet_view: FleetView = field(default_factory=FleetView)
    handle: DiagnosisHandle | None = None
    now: Callable[[], datetime] = _utc_now
    writing: bool = False
    unfinished: tuple[Change, ...] = ()
    read_only_journal: Journal | None = None
    delays: DelayTracker = field(default_factory=DelayTracker)
    sessions: SessionService | None = None
    report: OfflineReport | None = None
    snapshot: OfflineSnapshot | None = None
    probes: list[ProbeRun] = field(default_factory=list)
    auto_refresh: AutoRefresh = field(default_factory=AutoRefresh)
    ui_state: UiStateStore = field(default_factory=UiStateStore)
    configured_columns: tuple[str, ...] = ()
    history: OverviewHistory = field(default_factory=OverviewHistory)
    is_user_busy: Callable[[], bool] = lambda: False
    screen_positions: ScreenPositions = field(default_factory=ScreenPositions)
    shown_once: set[str] = field(default_factory=set)
    leftovers: list[Future[str]] = field(default_factory=list)
    accesses: tuple[Access, ...] = ()
    is_read_only: Callable[[ScopeName], bool] = _never_read_only
    colour_of: Callable[[Scope], str] = no_colour
    first_filter: str = ""
    _looked_at: frozenset[ScopeName] | None = None
    _remembered: set[ScopeName] = field(default_factory=set)
    _asked: dict[tuple[ScopeName, str], Future[Plan | FixNotApplicable]] = field(default_factory=dict)
    _refresh_said: str = ""

    @property
    def wanted(self) -> frozenset[ScopeName]:
        """What is looked at, or is being opened to be."""
        if self._looked_at is not None:
            return self._looked_at
        return frozenset(name for name in (*self.fleet_view.state.scopes, *self.fleet_view.state.errors) if name.region)

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Look at these scopes from now on, and at no others."""
        if self.handle is not None:
            self._looked_at = frozenset(scopes)
            self.handle.look_at(scopes)

    def change_service_for(self, *scopes: ScopeName) -> ChangeService | None:
        """What makes changes there; None where nothing may be written."""
        return None if any(self.is_read_only(each) for each in scopes) else self.change_service

    @property
    def read_only(self) -> bool:
        """Whether nothing can be written."""
        return self.change_service is None

    @property
    def simulated(self) -> bool:
        """Whether AWS is: nothing that is opened there is real."""
        return self.label == DEMO_LABEL

    @property
    def journal(self) -> Journal | None:
        """What has been changed from this computer."""
        return self.change_service.journal if self.change_service is not None else self.read_only_journal

    def read_unfinished(self) -> None:
        """Take in which changes of the journal were interrupted: not while one is written, which looks like one."""
        from ssmtui.remediation.apply.follow_up import interrupted_changes
        from ssmtui.remediation.apply.journal import JournalUnusable

        if self.writing or self.journal is None:
            return
        try:
            found = interrupted_changes(self.journal)
        except JournalUnusable:
            found = ()
        if found != self.unfinished:
            self.unfinished = found
            self.fleet_view.changes.other = True

    def tick(self, events: int = EVENTS_PER_TICK) -> FleetChanges:
        """Take in what the diagnosis has told since the last tick, so many events at most."""
        if self.handle is None:
            changes, self.fleet_view.changes = self.fleet_view.changes, FleetChanges()
            return changes
        if self.report is not None:
            return self.fleet_view.drain(self.handle.events, events)
        now = self.now()
        self.fleet_view.look(now)
        self._refresh_in_time(now)
        changes = self.fleet_view.drain(self.handle.events, events)
        self.history.take(self.fleet_view, changes.nodes, now)
        for look in self.delays.due(self.fleet_view, now):
            self.handle.refresh_nodes(look.scope, look.nodes, look.stale)
        for name in self.fleet_view.state.settled & self.fleet_view.state.scopes.keys():
            self._ask_switches(name)
        for name in self.fleet_view.state.scopes.keys() - self._remembered:
            self._remember(self.fleet_view.state.scopes[name])
        return changes

    @property
    def refresh_words(self) -> str:
        """When everything is looked at again by itself; empty where it is not."""
        return self.auto_refresh.words

    def _refresh_in_time(self, now: datetime) -> None:
        at_rest = bool(self.fleet_view.state.scopes) and not self.fleet_view.pending
        is_due = self.auto_refresh.is_due(now, at_rest=at_rest, is_user_busy=self.writing or self.is_user_busy())
        if is_due and self.handle is not None:
            self.handle.refresh_incrementally()
        if self.auto_refresh.words != self._refresh_said:
            self._refresh_said = self.auto_refresh.words
            self.fleet_view.changes.progress = True

    @property
    def has_backlog(self) -> bool:
        """Whether the diagnosis has told more than was taken in."""
        return self.handle is not None and not self.handle.events.empty()

    def leftover_messages(self) -> tuple[str, ...]:
        """What is to be said of sessions that earlier runs left open: each sentence once, when they are ended."""
        done = [each for each in self.leftovers if each.done()]
        self.leftovers = [each for each in self.leftovers if each not in done]
        return tuple(
            words for each in done if not each.cancelled() and not each.exception() and (words := each.result())
        )

    def wait_for(self, after: FollowUp) -> DelayedChange | None:
        """Wait for a change to show, and no more for one that was taken back; what is waited for, if anything is.

        The diagnosis knows of it: till then the nodes of a change warn, and do not fail.
        """
        if after.ended_delay:
            self.delays.end(after.ended_delay)
            if self.handle is not None:
                self.handle.stop_expecting(after.scope, after.ended_delay)
        if (waits := after.waits) is None:
            return None
        delay = waits.delay
        awaited = DelayedChange(
            after.scope, waits.nodes, after.affected_facts, delay.until, delay.change, is_undo=waits.is_undo
        )
        self.delays.begin(awaited, delay.made)
        if self.handle is not None and waits.nodes and not waits.is_undo:
            self.handle.expect(after.scope, waits.nodes, delay)
        return awaited

    def recheck(self, scope: ScopeName, stale: tuple[type, ...] = ()) -> None:
        """Have facts read again; the fleet view knows that the scope is not settled until it says so."""
        if self.handle is None:
            return
        self._forget_switches(scope)
        self.fleet_view.refresh_nodes(scope)
        self.handle.recheck(scope, stale)

    def refresh_nodes(self, keys: Iterable[NodeKey]) -> None:
        """Have all facts of these nodes read anew, quietly: what is known of them stands meanwhile."""
        if self.handle is None:
            return
        by_scope: dict[ScopeName, list[NodeKey]] = {}
        for key in keys:
            if scope := self.fleet_view.scope_of(key):
                by_scope.setdefault(scope.name, []).append(key)
        for name, nodes in by_scope.items():
            self.handle.refresh_nodes(name, nodes, ())

    def refresh(self) -> None:
        """Have everything listed and read anew."""
        if self.handle is None:
            return
        for name in self.fleet_view.state.scopes:
            self._forget_switches(name)
            self.fleet_view.refresh_nodes(name)
        self.handle.refresh()

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        """The plan of a fix; not applicable where the diagnosis has not started."""
        if self.handle is None:
            from ssmtui.model.plan import FixNotApplicable

            answer: Future[Plan | FixNotApplicable] = Future()
            answer.set_result(FixNotApplicable(fix, say("the diagnosis has not started yet")))
            return answer
        return self.handle.plan(scope, fix, finding_id, choices)

    def why_not_without_aws(self, action: str, parameters: tuple[object, ...]) -> str:
        """Why an action cannot be used on a report or a snapshot; empty where it can, or AWS is looked at."""
        of_report = why_not_in_report(self.report, action, parameters)
        return of_report or why_not_in_snapshot(self.snapshot, action, parameters)

    @property
    def offline_source(self) -> OfflineReport | OfflineSnapshot | None:
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
        from ssmtui.model.plan import FixNotApplicable

        result = answer.result()
        return result.why if isinstance(result, FixNotApplicable) else ""

    def _remember(self, scope: Scope) -> None:
        """Wait for what was changed before this start, and has yet to show; the diagnosis knows of it by itself."""
        self._remembered.add(scope.name)
        if self.sessions is not None:
            self.leftovers.append(self.sessions.end_leftovers(scope))
        from ssmtui.remediation.apply.follow_up import running_delays
        from ssmtui.remediation.plans.registry import stale_after

        for expected in running_delays(self.journal, scope, self.now()) if self.journal is not None else ():
            delay = expected.delay
            awaited = DelayedChange(scope.name, expected.nodes, stale_after(delay.fix), delay.until, delay.change)
            self.delays.begin(awaited, self.now())

    def _ask_switches(self, scope: ScopeName) -> None:
        for fix in SWITCHES:
            if self.handle is not None and (scope, fix) not in self._asked:
                self._asked[scope, fix] = self.handle.plan(scope, fix, None)

    def _forget_switches(self, scope: ScopeName) -> None:
        for fix in SWITCHES:
            self._asked.pop((scope, fix), None)
