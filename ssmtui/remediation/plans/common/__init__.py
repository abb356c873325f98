"""What all fixes share."""

from __future__ import annotations
