"""Get facts: wired by annotations, read once, stored for each scope."""

from __future__ import annotations
