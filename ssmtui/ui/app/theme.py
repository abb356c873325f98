"""The themes of ssmtui, which stand beside Textual's own."""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

from ssmtui.ui.app.legible import AAA, KINDS, LEAST_CONTRAST, legible

DARK = Theme(
    name="ssmtui-dark",
    primary="#7aa8f0",
    secondary="#b48ee0",
    accent="#f0a858",
    warning="#e5c06a",
    error="#f0717a",
    success="#74c78c",
    foreground="#cdd5e3",
    background="#10141b",
    surface="#161b24",
    panel="#1f2632",
    dark=True,
    variables={
        "text-muted": "#97a3b8",
        "text-disabled": "#66738a",
        "footer-background": "#1f2632",
        "footer-key-foreground": "#f0a858",
        "footer-description-foreground": "#97a3b8",
        "border": "#3a4558",
        "border-blurred": "#2a3342",
        "scrollbar": "#323c4d",
        "scrollbar-background": "#161b24",
        "scrollbar-hover": "#46536a",
        "scrollbar-active": "#7aa8f0",
    },
)

LIGHT = Theme(
    name="ssmtui-light",
    primary="#1f5fbf",
    secondary="#7a3fb0",
    accent="#b3590a",
    warning="#8f6400",
    error="#b8232f",
    success="#1d7a3d",
    foreground="#22293a",
    background="#f5f6f8",
    surface="#ffffff",
    panel="#e4e8ee",
    dark=False,
    variables={
        "text-muted": "#4c5770",
        "text-disabled": "#7c879c",
        "footer-background": "#e4e8ee",
        "footer-key-foreground": "#b3590a",
        "footer-description-foreground": "#4c5770",
    },
)

CONTRAST = Theme(
    name="ssmtui-contrast",
    primary="#7fb5ff",
    secondary="#dcb3ff",
    accent="#ffc266",
    warning="#ffe066",
    error="#ff8f8f",
    success="#7dffa0",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={
        "text-muted": "#e6e6e6",
        "text-disabled": "#cccccc",
        "footer-background": "#1c1c1c",
        "footer-key-foreground": "#ffc266",
        "footer-description-foreground": "#ffffff",
        "border": "#ffffff",
        "border-blurred": "#b3b3b3",
        "scrollbar": "#b3b3b3",
        "scrollbar-background": "#000000",
        "scrollbar-hover": "#e6e6e6",
        "scrollbar-active": "#ffffff",
    },
)

TERMINAL = Theme(
    name="ssmtui-terminal",
    primary="ansi_default",
    secondary="ansi_magenta",
    accent="ansi_cyan",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    ansi=True,
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
        "footer-key-foreground": "ansi_cyan",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_default",
        "scrollbar-active": "ansi_default",
        "scrollbar-background": "ansi_default",
    },
)
"""The sixteen colours of the terminal, whichever they are: on a dark ground and on a light one."""

OURS = (DARK, LIGHT, CONTRAST, TERMINAL)

ON_THE_TERMINALS_GROUND = {
    "row-cursor": "ansi_default",
    "row-cursor-blurred": "ansi_default",
    "row-hover": "ansi_default",
    "text-muted": "ansi_default",
    "text-disabled": "ansi_bright_black",
    "text-code": "ansi_cyan",
    "foreground-disabled": "ansi_bright_black",
    "surface-active": "ansi_default",
    **{f"{kind}-muted": "ansi_default" for kind in KINDS},
}
"""What themes of the terminal's colours go by besides: of these there are no shades, so rows are shown reversed."""


def variables_of(theme: Theme, generated: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of a theme, so that every text can be read."""
    if theme.ansi:
        return {**generated, **ON_THE_TERMINALS_GROUND}
    return {**generated, **legible(generated, AAA if theme is CONTRAST else LEAST_CONTRAST)}
