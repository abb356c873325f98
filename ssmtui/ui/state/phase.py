"""The phases of a change on the screen, or of several that are made together."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """Where a change stands."""

    PREVIEW = "preview"
    MAKING = "making"
    MADE = "made"
    NOT_MADE = "not made"
