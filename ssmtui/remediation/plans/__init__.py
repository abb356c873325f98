"""Plan fixes: pure functions from facts to plans, by subject."""

from __future__ import annotations
