"""Apply and undo changes: one writer, and a journal that is written first."""

from __future__ import annotations
