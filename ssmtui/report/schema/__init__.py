"""The JSON Schemas of the printed documents, as files of the package: docs/interface.md §4, §5."""

from __future__ import annotations

from enum import Enum


class Schema(Enum):
    """A document that has a schema; the value is its name on the command line."""

    REPORT = "report"
    EXPLAIN = "explain"
    PROBE = "probe"

    @property
    def text(self) -> str:
        """Return the schema, JSON Schema 2020-12. The schema is closed: it allows no additional members."""
        from importlib.resources import files

        return (files(__name__) / f"{self.value}.json").read_text(encoding="utf-8")
