"""Fixes of roles, instance profiles and default host management."""

from __future__ import annotations
