"""Of which nodes AWS is asked whether they are connected: it answers fifty such questions a second, one node each."""

from __future__ import annotations

from enum import Enum


class WhomToAsk(Enum):
    """`--connection`; the values are what is typed."""

    ALL = "all"
    SUSPECT = "suspect"
    NONE = "none"
