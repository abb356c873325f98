"""The keys of fixes, by their numbers."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from ssmtui.language import marked

_FIX = marked("Fix")
_FIXES = Binding.Group(_FIX, compact=True)

FIX_KEYS: tuple[BindingType, ...] = tuple(
    Binding(
        str(number), f"fix({number})", marked("Fix"), tooltip=marked("Preview the fix of that number"), group=_FIXES
    )
    for number in range(1, 10)
)
"""The keys of the fixes, for the screens on which a finding can be pointed at."""
