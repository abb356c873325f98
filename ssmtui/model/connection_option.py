"""The values of `--connection`: which nodes AWS is asked about. AWS answers fifty such questions a second."""

from __future__ import annotations

from enum import Enum


class ConnectionOption(Enum):
    """`--connection`; the values are what is typed."""

    ALL = "all"
    SUSPECT = "suspect"
    NONE = "none"
