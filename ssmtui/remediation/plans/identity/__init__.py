"""Fixes of roles, instance profiles and host management."""

from __future__ import annotations
