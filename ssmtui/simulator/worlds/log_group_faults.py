"""Worlds where the log group is missing, unencrypted, cannot be found or cannot be written to."""

from __future__ import annotations

from ssmtui.simulator.scenario import Scenario, fails, warns
from ssmtui.simulator.worlds.permissions import allow, node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, UNENCRYPTED_GROUPS, WEB, node, small_world

_D = DESTINATIONS


def log_group_missing() -> Scenario:
    """The preferences name a log group that is gone."""
    missing = fails("log-group-missing")
    return small_world(
        "log-group-missing",
        "The log group of the session preferences does not exist.",
        (node("web-1", missing), node("web-2", missing)),
        preferences=preferences(_D),
        log_groups=(),
    )


def log_group_unencrypted() -> Scenario:
    """Only encrypted log groups are wanted, and the group is not."""
    plain = fails("log-group-unencrypted")
    return small_world(
        "log-group-unencrypted",
        "Only encrypted log groups are wanted, and the group is not.",
        (node("web-1", plain), node("web-2", plain)),
        preferences=preferences(_D),
        log_groups=UNENCRYPTED_GROUPS,
    )


def log_group_unreadable() -> Scenario:
    """The group is encrypted, and one role may not find that out: its statement is scoped to the group."""
    lookup = allow("logs:DescribeLogGroups", *_D.log_group_arns)
    role = node_role("queue-worker", (*_D.key_use(), *_D.bucket_lookup(), *_D.bucket_write(), *_D.log_write(), lookup))
    return small_world(
        "log-group-unreadable",
        "One role may not find the log group, which is encrypted.",
        (node("queue-1", fails("log-group-unreadable"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
    )


def cloudwatch_logs_lost() -> Scenario:
    """One role may not write to the log group: sessions open, their logs vanish."""
    role = node_role("scheduler", (*_D.key_use(), *_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup()))
    return small_world(
        "cloudwatch-logs-lost",
        "One role may not write session logs to the log group.",
        (node("scheduler-1", warns("cloudwatch-logs-lost"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
    )
