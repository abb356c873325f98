"""Run As: the operating system user that shells run as instead of ssm-user."""

from __future__ import annotations

from dataclasses import dataclass

TAG = "SSMSessionRunAs"
"""The tag on an IAM user or role that overrides the preferences (User Guide, session-preferences-run-as)."""


@dataclass(frozen=True, slots=True)
class RunAsSetting:
    """Run As is on. `default_user` is empty where the preferences name nobody."""

    default_user: str


@dataclass(frozen=True, slots=True)
class RunAsTag:
    """The user that a tag on the caller names, and the call that told it."""

    user: str
    source: str
