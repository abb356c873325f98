"""Steps that a person follows by hand."""

from __future__ import annotations
