"""What cannot be done where AWS is not looked at, but what was kept of it: a report, or a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.ui.words.report_text import ReportShown
    from ssmtui.ui.words.snapshot_text import SnapshotShown

_NEEDS_AWS = frozenset(
    (
        *("probe", "recheck", "refresh_all", "shell", "timed_refresh", "switch_scopes", "tunnel", "undo", "log_in"),
        "apply",
    )
)
"""Actions that read anew, change or open something, each with what it is about."""

_NEEDS_FACTS = frozenset(("fix", "fix_marked", "fixes", "preferences", "raw", "switch_bucket", "switch_log_group"))
"""Actions that go by what was read: a report holds none of it, a snapshot all."""

_ASKS_AWS_BY_NAME = frozenset({("sessions",), ("tunnels",)})
"""Screens that do."""


def why_not_by_report(report: ReportShown | None, action: str, parameters: tuple[object, ...]) -> str:
    """Why an action cannot be used on a report; empty where it can."""
    if report is None:
        return ""
    return report.why_not if action in _NEEDS_FACTS or _asks_aws(action, parameters) else ""


def why_not_by_snapshot(snapshot: SnapshotShown | None, action: str, parameters: tuple[object, ...]) -> str:
    """Why an action cannot be used on a snapshot; empty where it can."""
    return snapshot.why_not if snapshot is not None and _asks_aws(action, parameters) else ""


def _asks_aws(action: str, parameters: tuple[object, ...]) -> bool:
    return action in _NEEDS_AWS or (action == "put_up" and parameters in _ASKS_AWS_BY_NAME)
