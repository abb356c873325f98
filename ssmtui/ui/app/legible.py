"""The colours of a theme, moved as far as it takes for every text to be read on every ground that it stands on.

Most themes were made for an editor: their red is no text, and their highlight hides it. A colour that is read already
stays as its theme has it (WCAG 2.2, success criterion 1.4.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.color import BLACK, WHITE, Color

LEAST_CONTRAST = 4.5
"""Of text and its ground, by WCAG's level AA; `AAA` is that of the theme of high contrast."""

AAA = 7.0

KINDS = ("primary", "secondary", "accent", "success", "warning", "error")
CURSOR_GROUNDS = ("row-cursor", "row-cursor-blurred", "row-hover")
GROUNDS = ("background", "surface", "panel", *CURSOR_GROUNDS)
"""What texts of any kind stand on."""

_STEPS = 40
_PANEL_STANDS_OUT = 1.35
_CURSOR_STANDS_OUT = 1.4
"""How far a ground may be from the one around it: beyond that, texts on it would lose their colours."""


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def legible(variables: Mapping[str, str], least: float = LEAST_CONTRAST) -> dict[str, str]:
    """What is to stand otherwise among the variables of a theme that has colours of its own (and no terminal's)."""
    given = {name: Color.parse(variables[name]) for name in ("background", "surface", "panel", "foreground", *KINDS)}
    background, surface = given["background"], given["surface"]
    away = WHITE if _luminance(background) < 0.18 else BLACK
    panel = _near(given["panel"], background, _PANEL_STANDS_OUT)
    cursor = _near(surface.blend(given["primary"], 0.35), surface, _CURSOR_STANDS_OUT)
    grounds = {
        "panel": panel,
        "row-cursor": cursor,
        "row-cursor-blurred": surface.blend(cursor, 0.5),
        "row-hover": surface.blend(cursor, 0.3),
    }
    everywhere = (background, surface, *grounds.values())
    foreground = _read_on(given["foreground"], everywhere, away, least)
    muted = _own(variables, "text-muted") or foreground.blend(background, 0.35)
    faint = _own(variables, "text-disabled") or foreground.blend(background, 0.5)
    told = {
        **grounds,
        "foreground": foreground,
        "text-muted": _read_on(muted, everywhere, away, least),
        "text-disabled": _read_on(faint, (background, surface, panel), away, least),
        "text-code": _read_on(given["accent"], everywhere, away, least),
    }
    for kind in KINDS:
        ground = _near(Color.parse(variables[f"{kind}-muted"]), background, _CURSOR_STANDS_OUT)
        told[f"{kind}-muted"] = ground
        told[f"text-{kind}"] = _read_on(Color.parse(variables[f"text-{kind}"]), (*everywhere, ground), away, least)
    footer = _near(Color.parse(variables["footer-background"]), background, _PANEL_STANDS_OUT)
    told["footer-background"] = footer
    for name, otherwise in (("footer-key-foreground", "accent"), ("footer-description-foreground", "foreground")):
        shown = _own(variables, name) or given[otherwise]
        told[name] = _read_on(shown, (footer, panel), away, least)
    return {name: colour.hex for name, colour in told.items()}


def _own(variables: Mapping[str, str], name: str) -> Color | None:
    """A colour that the theme names; what depends on its ground (`auto`), or lets it through, is none."""
    value = variables.get(name, "auto")
    colour = None if value.startswith("auto") else Color.parse(value)
    return colour if colour is not None and colour.a == 1 else None


def _near(ground: Color, around: Color, most: float) -> Color:
    """A ground, moved towards the one around it until it stands out by no more than that."""
    moved = (ground.blend(around, step / _STEPS) for step in range(_STEPS + 1))
    return next((each for each in moved if contrast(each, around) <= most), around)


def _read_on(text: Color, grounds: Iterable[Color], away: Color, least: float) -> Color:
    """A colour, moved away from its grounds until it can be read on each of them."""
    on = tuple(grounds)
    moved = (text.blend(away, step / _STEPS) for step in range(_STEPS + 1))
    # As it will be written: rounded to whole numbers.
    return next((each for each in moved if all(contrast(Color.parse(each.hex), under) >= least for under in on)), away)


def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(part / 255) for part in (colour.r, colour.g, colour.b))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
