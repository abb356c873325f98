"""The two themes of ssmtui; Textual's own can be chosen in the command palette."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

from ssmtui.ui.state.kept_habits import KeptHabits

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


def theme_names() -> tuple[str, ...]:
    """The names of the themes that can be chosen: ours, then Textual's."""
    return (DARK.name, LIGHT.name, *sorted(BUILTIN_THEMES))


def kept_theme(habits: KeptHabits) -> str | None:
    """The theme that was chosen last, where it is still there."""
    return habits.current.theme if habits.current.theme in theme_names() else None
