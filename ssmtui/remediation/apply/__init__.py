"""Apply and undo changes with one writer. The journal is written before AWS is changed."""

from __future__ import annotations
