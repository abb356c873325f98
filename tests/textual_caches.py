"""Textual's caches as tests need them: an app lives for seconds, and the next one asks for the same again.

The styles are parsed once a process and a theme, where every app parses them anew, and every change of its theme. The
seven caches of each strip, made with it and hardly ever asked before the app ends, are one that keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.strip import Strip

_parse = Stylesheet._parse_rules
_known: dict[tuple[object, ...], list[RuleSet]] = {}


def suit_tests() -> None:
    """Have every app of this process go by them."""
    Stylesheet._parse_rules = _parsed_once  # type: ignore[assignment]
    Strip.__init__ = _made_without_caches  # type: ignore[method-assign, assignment]


def _parsed_once(sheet: Stylesheet, *text: Any, **told_of_it: Any) -> list[RuleSet]:
    """What `Stylesheet._parse_rules` makes of a text and its variables; rules are only read, Textual keeps them too."""
    key = (*text, *told_of_it.items(), *sheet._variables.items())
    if key not in _known:
        _known[key] = _parse(sheet, *text, **told_of_it)
    return _known[key]


class _KeepsNothing(FIFOCache[Any, Any]):
    __slots__ = ()

    def set(self, key: Any, value: Any) -> None:
        """Forget it."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forget it."""


_NOTHING = _KeepsNothing(1)


def _made_without_caches(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    strip._segments = list(segments)
    strip._cell_length = cell_length
    strip._divide_cache = strip._crop_cache = strip._style_cache = strip._filter_cache = _NOTHING
    strip._line_length_cache = strip._crop_extend_cache = strip._offsets_cache = _NOTHING
    strip._render_cache = strip._link_ids = strip._cell_count = None
