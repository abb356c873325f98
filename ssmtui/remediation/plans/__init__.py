"""Plan fixes: pure functions from facts to plans, one module for each subject."""

from __future__ import annotations
