"""What a node that somebody points at is examined for, besides what the whole fleet is."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.answers import Unreadable


@dataclass(frozen=True, slots=True)
class CloserLook:
    """One thing that was looked at: what it is, where it was read, and what was found, each in words.

    `unread` says why it could not be read; `moot` why there is nothing to look at on this node. `limits` is what the
    source does not hold, where somebody could take its silence for an answer.
    """

    what: str
    source: str
    found: str = ""
    unread: Unreadable | None = None
    moot: str = ""
    limits: str = ""
