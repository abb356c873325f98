"""Fixes of keys and log groups."""

from __future__ import annotations
