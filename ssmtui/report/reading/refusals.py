"""Why a text is not taken as a report, each a sentence's end: “FILE …”."""

from __future__ import annotations


class NotAReport(ValueError):
    """A text that is no report, or none that this version reads: nothing of it counts. Its text says why."""


class CutOff(ValueError):
    """A report that ends before its end: what came until then is right, what it lacks is unknown."""
