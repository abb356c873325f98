"""Get facts: wired by annotations, read once each, stored for each scope."""

from __future__ import annotations
