"""How many examples of a property are tried: fewer where the answer is wanted at once (`make quick`)."""

from __future__ import annotations

from hypothesis import settings

_QUICK = "quick"
_SHARE = 10


def examples(count: int) -> int:
    """So many of what a property is shown by, or a tenth of them."""
    return max(count // _SHARE, _SHARE) if settings.get_current_profile_name() == _QUICK else count
