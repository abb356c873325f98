"""Fixes of single nodes."""

from __future__ import annotations
