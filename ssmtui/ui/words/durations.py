"""How long something took or has lasted, in two units at most: `45 s`, `12 min`, `3 h 05`, `9 d 4 h`."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.language import say

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def short_duration(duration: timedelta) -> str:
    """In words, whole seconds and rounded down; what is in the future counts as nothing."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < _MINUTE:
        return say("{seconds} s", seconds=seconds)
    if seconds < _HOUR:
        return say("{minutes} min", minutes=seconds // _MINUTE)
    if seconds < _DAY:
        return say("{hours} h {minutes:02d}", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)
    return say("{days} d {hours} h", days=seconds // _DAY, hours=seconds % _DAY // _HOUR)
