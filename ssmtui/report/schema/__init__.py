"""The JSON Schemas of what is printed, as files of the package: docs/interface.md §4, §5."""

from __future__ import annotations

from enum import Enum
from importlib.resources import files


class Schema(Enum):
    """A document that has a schema; the value is what the command line takes."""

    REPORT = "report"
    EXPLAIN = "explain"
    PROBE = "probe"

    @property
    def text(self) -> str:
        """The schema, JSON Schema 2020-12. It is closed: whatever has a key more is another document."""
        return (files(__name__) / f"{self.value}.json").read_text(encoding="utf-8")
