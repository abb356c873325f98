"""The log groups of an account in a Region: what can be chosen from."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.storage import LogGroup


@dataclass(frozen=True, slots=True)
class AccountLogGroups:
    """The first log groups, by name. `more` says that there are others."""

    groups: tuple[LogGroup, ...]
    more: bool
