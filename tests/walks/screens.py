"""Which screens ssmtui has, as the code says: what joins it joins whoever asks this."""

from __future__ import annotations

from textual.screen import Screen

from ssmtui.ui.screens.screen_requests import all_screens


def screens() -> set[str]:
    """The screens of ssmtui: its classes of which no other is made, and the two that are shown as they are, too."""
    all_screens()
    kinds, left = set[type](), list[type]([Screen])
    while left:
        kind = left.pop()
        left.extend(kind.__subclasses__())
        if kind.__module__.startswith("ssmtui.") and (
            not kind.__subclasses__() or kind.__name__ in ("TextDialog", "PaletteDialog")
        ):
            kinds.add(kind)
    return {kind.__name__ for kind in kinds}
