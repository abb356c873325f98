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
        *("apply", "redo", "run_own_command"),
    )
)
"""Actions that read from AWS, change something or open a session, each with its subject."""

_NEEDS_FACTS = frozenset(("fix", "fix_marked", "fixes", "preferences", "raw", "switch_bucket", "switch_log_group"))
"""Actions that need the facts read from AWS: a snapshot holds all of them, a report none."""

_NAMED_SCREENS_NEEDING_AWS = frozenset({("sessions",), ("tunnels",)})
"""Screens that need AWS."""


def why_not_in_report(report: OfflineReport | None, action: str, parameters: tuple[object, ...]) -> str:
    """Return why an action cannot be used on a report; empty if it can."""
    if report is None:
        return ""
    return report.why_not if action in _NEEDS_FACTS or _needs_aws(action, parameters) else ""


def why_not_in_snapshot(snapshot: OfflineSnapshot | None, action: str, parameters: tuple[object, ...]) -> str:
    """Return why an action cannot be used on a snapshot; empty if it can."""
    return snapshot.why_not if snapshot is not None and _needs_aws(action, parameters) else ""


def _needs_aws(action: str, parameters: tuple[object, ...]) -> bool:
    return action in _NEEDS_AWS or (action == "put_up" and parameters in _NAMED_SCREENS_NEEDING_AWS)


def change_to_undo(
    fleet_view: FleetView, change_service: ChangeService, change_id: str = ""
) -> tuple[Scope, Change] | None:
    """Return the change with this id, else the newest change that can be undone in an open Region; None if none is."""
    return (
        find_change(fleet_view, change_service, change_id)
        if change_id
        else last_undoable_change(fleet_view, change_service)
    )


def find_change(fleet_view: FleetView, change_service: ChangeService, change_id: str) -> tuple[Scope, Change] | None:
    """Return a change of the journal and its open scope; None if the journal or the open Regions do not have it."""
    change = next((each for each in change_service.journal.changes() if each.id == change_id), None)
    scope = scope_of_change(fleet_view, change) if change else None
    return (scope, change) if change and scope else None


def scope_of_change(fleet_view: FleetView, change: Change) -> Scope | None:
    """Return the open scope of a change, if its Region is open."""
    return next((scope for scope in fleet_view.scopes if change.is_of(scope)), None)


def last_undoable_change(fleet_view: FleetView, change_service: ChangeService) -> tuple[Scope, Change] | None:
    """Return the newest change that can be undone, among the Regions that are open."""
    found = ((scope, change_service.undoable(scope)) for scope in fleet_view.scopes)
    known = [(scope, change) for scope, change in found if change is not None]
    return max(known, key=lambda each: each[1].id, default=None)


def last_redoable_change(fleet_view: FleetView, change_service: ChangeService) -> tuple[Scope, Change] | None:
    """Return the change that was undone last and can be redone, among the Regions that are open."""
    change = change_service.redoable(fleet_view.scopes) if fleet_view.scopes else None
    scope = scope_of_change(fleet_view, change) if change else None
    return (scope, change) if change and scope else None


def all_tunnels(context: AppContext) -> Sequence[Tunnel]:
    """Return every tunnel, the newest last; no tunnels if no session can be opened."""
    return context.sessions.tunnels() if context.sessions is not None else ()


def tunnel_node_name(context: AppContext, tunnel: Tunnel) -> str:
    """Return the Name of the node at the end of a tunnel; empty if the node has no Name or is unknown."""
    scope = tunnel.request.scope
    node = context.fleet_view.state.nodes.get(NodeKey(scope.account, scope.region, tunnel.request.target))
    return node.name if node else ""


BUCKET_SWITCH = "toggle-s3-encryption"
LOG_GROUP_SWITCH = "toggle-cloudwatch-encryption"
SWITCHES = (BUCKET_SWITCH, LOG_GROUP_SWITCH)
"""The fixes behind the two toggles of the session preferences."""

READ_ONLY = translatable("read-only: changes are disabled in this run")

READ_ONLY_PROFILE = translatable("read-only: the configuration sets this profile to read-only")

NO_SESSIONS = translatable("read-only: sessions are disabled in this run")

DEMO_LABEL = "demo"
"""The label of a run on the simulated AWS."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _never_read_only(_scope: ScopeName) -> bool:
    return False


def no_colour(_scope: Scope) -> str:
    """Return no colour: the default if the configuration gives no scope a colour."""
    return ""


@dataclass(slots=True)
class AppContext:
    """The state that the screens of one running app share.

    `handle` is None until the diagnosis has started.
    `read_only_journal` is the journal to show if nothing can be written. `report` is shown if no diagnosis runs.
    `snapshot` is read instead of AWS. `shown_once` holds the questions that are asked once per run, `probes` the probes
    that a screen shows. `is_user_busy` says whether an automatic refresh would disturb the user. `ui_state` holds the
    user's choices from this run and earlier runs. `unfinished` holds the interrupted changes of the journal.
    `colour_of` returns the colour of a scope's header. `first_filter` is the filter of the nodes at the start.
    `why_no_own_command` says why a command of the configuration cannot run now, by its name.
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
    why_no_own_command: Callable[[str], str] = lambda _name: ""
    _looked_at: frozenset[ScopeName] | None = None
    _remembered: set[ScopeName] = field(default_factory=set)
    _asked: dict[tuple[ScopeName, str], Future[Plan | FixNotApplicable]] = field(default_factory=dict)
    _unanswered: set[tuple[ScopeName, str]] = field(default_factory=set)
    _refresh_said: str = ""

    @property
    def awaits_switches(self) -> bool:
        """Return whether it is not known yet which toggles of the preferences can be previewed."""
        return bool(self._unanswered)

    @property
    def wanted(self) -> frozenset[ScopeName]:
        """The scopes that are shown or are being opened."""
        if self._looked_at is not None:
            return self._looked_at
        return frozenset(name for name in (*self.fleet_view.state.scopes, *self.fleet_view.state.errors) if name.region)

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        """Show these scopes from now on, and no others."""
        if self.handle is not None:
            self._looked_at = frozenset(scopes)
            self.handle.look_at(scopes)

    def change_service_for(self, *scopes: ScopeName) -> ChangeService | None:
        """Return the service that makes changes there; None if changes are not allowed."""
        return None if any(self.is_read_only(each) for each in scopes) else self.change_service

    @property
    def read_only(self) -> bool:
        """Whether all changes are disabled."""
        return self.change_service is None

    @property
    def simulated(self) -> bool:
        """Whether AWS is simulated: nothing that is opened there is real."""
        return self.label == DEMO_LABEL

    @property
    def journal(self) -> Journal | None:
        """The journal of the changes made from this computer."""
        return self.change_service.journal if self.change_service is not None else self.read_only_journal

    def read_unfinished(self) -> None:
        """Read which changes of the journal were interrupted; not during a write, which would look interrupted."""
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
        """Apply the events that the diagnosis has sent since the last tick, up to a maximum number."""
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
        if answered := {each for each in self._unanswered if self._asked[each].done()}:
            self._unanswered -= answered
            changes.other = True  # the keys of the toggles can be dimmed now
        for name in self.fleet_view.state.scopes.keys() - self._remembered:
            self._remember(self.fleet_view.state.scopes[name])
        return changes

    @property
    def refresh_words(self) -> str:
        """When the next auto-refresh is due; empty if auto-refresh is off."""
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
        """Whether events of the diagnosis wait to be applied."""
        return self.handle is not None and not self.handle.events.empty()

    def leftover_messages(self) -> tuple[str, ...]:
        """Return messages about sessions that earlier runs left open: each once, after the session is ended."""
        done = [each for each in self.leftovers if each.done()]
        self.leftovers = [each for each in self.leftovers if each not in done]
        return tuple(
            words for each in done if not each.cancelled() and not each.exception() and (words := each.result())
        )

    def wait_for(self, after: FollowUp) -> DelayedChange | None:
        """Wait for a change to show, or stop waiting if the change was undone; return what is waited for, if anything.

        The diagnosis is told about the wait: until it ends, the nodes of the change warn instead of failing.
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
        """Have facts read again, and mark the scope as unsettled until it reports again."""
        if self.handle is None:
            return
        self._forget_switches(scope)
        self.fleet_view.refresh_nodes(scope)
        self.handle.recheck(scope, stale)

    def refresh_nodes(self, keys: Iterable[NodeKey]) -> None:
        """Have all facts of these nodes read again in the background: the known results stay until then."""
        if self.handle is None:
            return
        by_scope: dict[ScopeName, list[NodeKey]] = {}
        for key in keys:
            if scope := self.fleet_view.scope_of(key):
                by_scope.setdefault(scope.name, []).append(key)
        for name, nodes in by_scope.items():
            self.handle.refresh_nodes(name, nodes, ())

    def refresh(self) -> None:
        """Have the nodes of all scopes listed and read again."""
        if self.handle is None:
            return
        for name in self.fleet_view.state.scopes:
            self._forget_switches(name)
            self.fleet_view.refresh_nodes(name)
        self.handle.refresh()

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        """Return the plan of a fix; not applicable if the diagnosis has not started."""
        if self.handle is None:
            from ssmtui.model.plan import FixNotApplicable

            answer: Future[Plan | FixNotApplicable] = Future()
            answer.set_result(FixNotApplicable(fix, say("the diagnosis has not started yet")))
            return answer
        return self.handle.plan(scope, fix, finding_id, choices)

    def why_not_without_aws(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action cannot be used on a report or a snapshot; empty if it can, or if AWS itself is shown."""
        of_report = why_not_in_report(self.report, action, parameters)
        return of_report or why_not_in_snapshot(self.snapshot, action, parameters)

    @property
    def offline_source(self) -> OfflineReport | OfflineSnapshot | None:
        """The report or snapshot that is shown instead of AWS; None if AWS itself is shown."""
        return self.report or self.snapshot

    def why_no_switch(self, scope: Scope | None, fix: str) -> str:
        """Return why a toggle cannot be previewed now; empty if it can, or if that is not known yet."""
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
        """Wait for changes of earlier runs that do not show yet; the diagnosis reads them from the journal itself."""
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
                self._unanswered.add((scope, fix))

    def _forget_switches(self, scope: ScopeName) -> None:
        for fix in SWITCHES:
            self._asked.pop((scope, fix), None)
            self._unanswered.discard((scope, fix))
