"""Fixes of the session preferences."""

from __future__ import annotations
