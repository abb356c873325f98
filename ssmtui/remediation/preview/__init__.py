"""Preview plans: what they would change, as text and values."""

from __future__ import annotations
